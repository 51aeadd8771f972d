import Glibc

/// What one run of a program took, by the kernel's own accounts (`wait4`(2)).
struct ChildUsage: Sendable {
    let status: Int32
    let cpuSeconds: Double
    /// Megabytes of resident memory at the highest point.
    let peakMegabytes: Double
    /// What the program printed.
    let output: String

    /// Runs a program to its end; throws if it did not end well.
    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> ChildUsage {
        let child = try Child(path, arguments, environment: environment)
        let output = child.readAll()
        let usage = child.wait(output: output)
        guard usage.status == 0 else {
            throw BenchError("\(path) \(arguments.joined(separator: " ")) failed\n\(output)")
        }
        return usage
    }
}

/// A program that runs beside this one; its standard input is a pipe, which ends with us.
final class Child {
    let id: pid_t
    private let input: Int32
    private let output: Int32
    private var hasEnded = false

    /// Starts a program whose standard output, or standard error instead, can be read.
    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:],
        readsErrors: Bool = false
    ) throws {
        var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard unsafe pipe(&toChild) == 0, unsafe pipe(&fromChild) == 0 else {
            throw BenchError("there is no pipe left")
        }
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], readsErrors ? 2 : 1)
        unsafe posix_spawn_file_actions_addopen(
            &actions, readsErrors ? 1 : 2, "/dev/null", O_WRONLY, 0)
        let words = unsafe ([path] + arguments).map { unsafe strdup($0) }
        defer { unsafe words.forEach { unsafe free($0) } }
        for (name, value) in environment { unsafe setenv(name, value, 1) }
        var child: pid_t = 0
        let result = unsafe posix_spawn(&child, path, &actions, nil, words + [nil], environ)
        close(toChild[0])
        close(fromChild[1])
        guard result == 0 else { throw BenchError("\(path) cannot be started: run make bench") }
        id = child
        input = toChild[1]
        output = fromChild[0]
    }

    deinit {
        if !hasEnded {
            kill(id, SIGKILL)
            _ = wait(output: "")
        }
        close(input)
        close(output)
    }

    /// The next piece of what the program prints; empty at its end.
    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe Glibc.read(output, $0.baseAddress, $0.count)
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    func readAll() -> String {
        var text = ""
        while true {
            let piece = read()
            if piece.isEmpty { return text }
            text += piece
        }
    }

    /// Reads until the program has printed `text` so many times more.
    func awaitOutput(_ text: String, times: Int) throws {
        var (found, rest) = (0, "")
        while found < times {
            let piece = read()
            guard !piece.isEmpty else { throw BenchError("the program ended too early\n\(rest)") }
            rest += piece
            let lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
            found += lines.dropLast().count { $0.contains(text) }
            rest = String(lines.last ?? "")
        }
    }

    func terminate() -> ChildUsage {
        kill(id, SIGTERM)
        let output = readAll()
        return wait(output: output)
    }

    func wait(output: String) -> ChildUsage {
        var status: Int32 = 0
        var usage = rusage()
        _ = unsafe wait4(id, &status, 0, &usage)
        hasEnded = true
        return ChildUsage(
            status: status, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMegabytes: Double(usage.ru_maxrss) / 1024, output: output)
    }

    /// CPU seconds so far, to a hundredth (proc(5), `stat`).
    var cpuSeconds: Double {
        let text = Self.read(file: "/proc/\(id)/stat")
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Bytes that went to the disk or will (proc(5), `io`).
    var bytesWritten: Double {
        let line = Self.read(file: "/proc/\(id)/io").split(separator: "\n")
            .first { $0.hasPrefix("write_bytes") }
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? .nan
    }

    /// Megabytes of resident memory now or, with `VmHWM`, at the highest point.
    func megabytes(_ name: String = "VmRSS") -> Double { Self.megabytes(of: "\(id)", name) }

    static func megabytes(of process: String, _ name: String) -> Double {
        let lines = read(file: "/proc/\(process)/status").split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name) }?.split(separator: " ") ?? []
        return line.dropFirst().compactMap { Double($0) }.first.map { $0 / 1024 } ?? .nan
    }

    private static func read(file: String) -> String {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

/// CPU seconds of this process.
func ownCPUSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

private func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
}
