import CSpawn
import Glibc

/// A file descriptor that is closed when nobody has it any more.
struct Descriptor: ~Copyable {
    let number: CInt

    init(_ number: CInt) { self.number = number }

    deinit { if number >= 0 { close(number) } }
}

/// How a program is started; nothing is added to it.
struct Launch: Sendable {
    /// The program's file.
    let path: String
    /// The first is what the program is called.
    let arguments: [String]
    /// As in `NAME=value`.
    let variables: [String]
    /// The one of them that no other run has.
    let mark: String
    let folder: String
    /// What it reads from standard input, to its end.
    var input: [UInt8] = []
    /// Bytes of address space; nil for no bound.
    var memoryBytes: Int?
    let timeout: Duration
}

/// A program under way with all that it has started and that stays in its process group.
///
/// It ends with the thread that started it, also when that is killed (prctl(2),
/// `PR_SET_PDEATHSIG`), and inherits no descriptor but the three that are its own.
struct ChildGroup: ~Copyable {
    /// Of the program, and so of the group.
    let identifier: pid_t
    /// Readable once the program has ended.
    let ending: Descriptor

    /// What is read from and written to it; none of it blocks.
    struct Pipes: ~Copyable {
        let input: Descriptor
        let output: Descriptor
        let errors: Descriptor
    }

    struct Started: ~Copyable {
        let group: ChildGroup
        let pipes: Pipes
    }

    /// Starts a program.
    static func start(
        _ launch: borrowing Launch
    ) throws(ProgramFailure) -> Started {
        let input = try pipe()
        let output = try pipe()
        let errors = try pipe()
        var failure: [CInt] = [0, 0]
        let identifier = unsafe withTexts(launch.arguments) { arguments in
            unsafe withTexts(launch.variables) { variables in
                unsafe launch.path.withCString { path in
                    unsafe launch.folder.withCString { folder in
                        var start = unsafe pullcord_launch(
                            path: path, arguments: arguments, variables: variables,
                            folder: folder, input: input.reading.number,
                            output: output.writing.number, errors: errors.writing.number,
                            memory: UInt64(launch.memoryBytes ?? 0))
                        return unsafe pullcord_start(&start, &failure)
                    }
                }
            }
        }
        guard identifier > 0 else { throw refusal(failure, launch) }
        for number in [
            input.writing.number, output.reading.number, errors.reading.number,
        ] {
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
        }
        let group = ChildGroup(
            identifier: identifier, ending: Descriptor(pullcord_pidfd(identifier)))
        return Started(
            group: group,
            pipes: Pipes(input: input.writing, output: output.reading, errors: errors.reading))
    }

    /// Sends a signal to the program and what it has started.
    ///
    /// Only before ``reap()``: afterwards the number may be another group's.
    func signal(_ number: CInt) { kill(-identifier, number) }

    enum Ending: Sendable, Equatable {
        case exited(Int)
        case killed(signal: Int)
    }

    /// Takes the program's status, once it has ended.
    func reap() -> Ending {
        var status: CInt = 0
        while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return pullcord_exited(status) != 0
            ? .exited(Int(pullcord_status(status)))
            : .killed(signal: Int(pullcord_signal(status)))
    }

    private struct Pipe: ~Copyable {
        let reading: Descriptor
        let writing: Descriptor
    }

    private static func pipe() throws(ProgramFailure) -> Pipe {
        var ends: [CInt] = [-1, -1]
        guard unsafe pullcord_pipe(&ends) == 0 else { throw noPipe() }
        // The three standard descriptors are given out by number, so none of ours may be one.
        let moved = ends.map { end in
            guard end <= 2 else { return end }
            defer { close(end) }
            return fcntl(end, F_DUPFD_CLOEXEC, 3)
        }
        let pipe = Pipe(reading: Descriptor(moved[0]), writing: Descriptor(moved[1]))
        guard moved.allSatisfy({ $0 > 2 }) else { throw noPipe() }
        return pipe
    }

    private static func noPipe() -> ProgramFailure {
        ProgramFailure(
            "no pipe could be made: \(words(errno))", hint: "raise the limit of open files")
    }

    private static func refusal(
        _ failure: [CInt], _ launch: borrowing Launch
    ) -> ProgramFailure {
        let reason = words(failure[1])
        switch UInt32(failure[0]) {
        case PULLCORD_STAGE_FOLDER.rawValue:
            return ProgramFailure("its folder \(launch.folder) cannot be entered: \(reason)")
        case PULLCORD_STAGE_PROGRAM.rawValue:
            let isScript = failure[1] == ENOENT || failure[1] == ENOEXEC
            return ProgramFailure(
                "\(launch.path) cannot be run: \(reason)",
                hint: isScript ? "does its first line (#!…) name a program that is there?" : "")
        default: return ProgramFailure("no process could be made: \(reason)")
        }
    }

    static func words(_ number: CInt) -> String { unsafe String(cString: strerror(number)) }
}

/// Runs `body` with texts as C has them: a list that ends with null.
@unsafe private func withTexts<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(&pointers)
}
