import Glibc
import PullcordModel
import PullcordTransfer
import Synchronization

/// A program that is about to run: its file, its environment, and a folder of its own.
struct Program: Sendable {
    /// The file in its folder that a program may write its next cursor to.
    private static let cursorName = "cursor"

    let call: ProgramCall
    let folder: PrivateFolder
    private let path: String
    private let directory: String
    private let variables: [String]
    private let mark: String
    /// How long the last run took.
    private let elapsed = Elapsed()

    private final class Elapsed: Sendable {
        let duration = Mutex(Duration.zero)
    }

    /// `environment` is this process's own; `parent` is where the folder is made.
    init(
        _ call: ProgramCall, environment: [String: String], parent: String
    ) throws(ProgramFailure) {
        self.call = call
        let search =
            call.environment["PATH"] ?? environment["PATH"] ?? ProgramFile.pathDefault
        switch ProgramFile.find(call.command.first ?? "", from: call.folder, path: search) {
        case .found(let file): path = file
        case .missing(let reason): throw ProgramFailure(reason)
        }
        directory = ProgramFile.absolute(call.directory ?? ".", from: call.folder)
        folder = try PrivateFolder(in: ProgramFile.absolute(parent, from: "."))
        var all = ["PATH": search, "LANG": environment["LANG"] ?? "C.UTF-8"]
        all["HOME"] = environment["HOME"]
        all["TMPDIR"] = folder.path
        let cursor = "\(folder.path)/\(Self.cursorName)"
        all["PULLCORD_CURSOR_FILE"] = cursor
        mark = "PULLCORD_CURSOR_FILE=\(cursor)"
        all.merge(call.environment) { $1 }
        variables = all.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// What it is called in messages.
    private var name: String { call.command.first ?? "" }

    /// Runs it with more arguments; nil if it says that nothing is new.
    func run(
        _ arguments: [String], _ request: HTTPRequest, mayBeUnchanged: Bool = true,
        _ sink: @escaping @Sendable () -> any OutputSink
    ) async throws(ProgramFailure) -> Gathered? {
        let launch = Launch(
            path: path, arguments: call.command + arguments, variables: variables, mark: mark,
            folder: directory, input: call.input ?? [], memoryBytes: call.memoryBytes,
            timeout: request.deadlines.total)
        let (end, gathered) = try await Self.watch(launch, sink)
        elapsed.duration.withLock { $0 = end.elapsed }
        try checkCut(end, launch.timeout)
        switch end.ending {
        case .exited(ProgramExchange.done): return try gathered.get()
        case .exited(ProgramExchange.unchanged) where mayBeUnchanged:
            guard try gathered.get().isEmpty else {
                throw failure("ended with status 99, which says that nothing is new, after records")
            }
            guard !call.wantsAll else {
                throw failure(
                    "ended with status 99, which says that nothing is new, when asked for all",
                    hint: "PULLCORD_FULL=1 tells a program that everything is wanted")
            }
            return nil
        case .exited(ProgramExchange.busy):
            throw failure("ended with status 75: later, it says", end, code: .busy)
        case .exited(let status): throw failure("ended with status \(status)", end)
        case .killed(let signal):
            throw failure(
                "was killed by signal \(signal)", end,
                hint: call.memoryBytes == nil ? "" : "did it need more than `exec.memory_max`?")
        }
    }

    /// The answer that a run's output makes.
    func page(_ gathered: Gathered, _ headers: [HTTPField]) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: HTTPHeaders(headers), body: gathered.body, file: gathered.file,
            timings: Timings(total: elapsed.duration.withLock { $0 }))
    }

    /// Where the next run starts, if the program has written it down.
    func statedCursor() throws(ProgramFailure) -> String? {
        guard let bytes = try folder.read(Self.cursorName, limit: Limits.cursorBytesMax) else {
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("wrote a cursor that is not UTF-8")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count <= 1 else { throw failure("wrote a cursor of several lines") }
        return lines.first.map { String($0) }
    }

    func failure(
        _ words: String, _ end: ProgramEnd? = nil, code: ProgramFailure.Code = .failed,
        hint: String = ""
    ) -> ProgramFailure {
        let said = end?.errors.lastLines ?? ""
        return ProgramFailure(
            "`\(name)` \(words)" + (said.isEmpty ? "" : ": \(said)"), code: code, hint: hint)
    }

    private func checkCut(
        _ end: ProgramEnd, _ timeout: Duration
    ) throws(ProgramFailure) {
        switch end.cut {
        case nil: return
        case .timeout:
            throw failure(
                "was not done after \(timeout.components.seconds) s", end,
                hint: "raise `exec.timeout`, or see what it waits for")
        case .stopped: throw ProgramFailure("the poll was stopped", code: .stopped)
        case .refused(let refusal):
            throw ProgramFailure(
                "`\(name)`: \(refusal.message)", code: refusal.code, hint: refusal.hint)
        case .heldOpen:
            throw failure(
                "has ended, but something that it started still holds its output open, so nobody "
                    + "knows whether that is all", end,
                hint: "let it wait for what it starts")
        }
    }

    /// Runs on a thread until the program has ended, or the task is cancelled.
    private static func watch(
        _ launch: Launch, _ sink: @escaping @Sendable () -> any OutputSink
    ) async throws(ProgramFailure) -> (ProgramEnd, Result<Gathered, ProgramFailure>) {
        let stop = StopSwitch()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isStarted = WorkThread.start {
                    continuation.resume(returning: blocking(launch, stop, sink))
                }
                guard !isStarted else { return }
                continuation.resume(
                    returning: .failure(ProgramFailure("no thread could be made for it")))
            }
        } onCancel: {
            stop.stop()
        }
        return try outcome.get()
    }

    private static func blocking(
        _ launch: Launch, _ stop: StopSwitch, _ makeSink: () -> any OutputSink
    ) -> Result<(ProgramEnd, Result<Gathered, ProgramFailure>), ProgramFailure> {
        do throws(ProgramFailure) {
            let watch = try ProgramWatch(launch, stop: stop)
            var sink = makeSink()
            let end = watch.run(&sink)
            do throws(ProgramFailure) {
                return .success((end, .success(try sink.finish())))
            } catch {
                return .success((end, .failure(error)))
            }
        } catch {
            return .failure(error)
        }
    }
}
