package import Glibc
import Synchronization

/// A program that a test runs, started with `posix_spawn`(3).
///
/// It starts with no signal blocked, whatever thread starts it. (Foundation's `Process` hands its
/// thread's mask on, and crashes beside tests that have thousands of sockets open.)
package final class ChildProcess: Sendable {
    /// Where standard output and error go; standard input is empty.
    package enum Output: Sendable {
        case nothing
        /// To the end of this file.
        case file(String)
        /// Into a pipe that ``readAvailable()`` reads.
        case pipe
    }

    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    package let identifier: pid_t
    private let reading: Int32
    private let state: Shared
    private let waiter: pthread_t

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// Starts a program: its path, or a name that is looked for in `PATH`.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil,
        directory: String? = nil, output: Output = .nothing
    ) throws {
        var ends: [Int32] = [-1, -1]
        if case .pipe = output {
            guard unsafe Glibc.pipe(&ends) == 0 else { throw TestSupportError.system("pipe") }
            for end in ends { Sockets.closeOnExec(end) }
        }
        defer { if ends[1] >= 0 { close(ends[1]) } }
        reading = ends[0]
        // `env -C` changes the folder before it becomes the program.
        let words = (directory.map { ["env", "-C", $0] } ?? []) + [program] + arguments
        let process = try Self.spawn(words, environment, output, pipe: ends[1])
        identifier = process
        let shared = Shared()
        state = shared
        guard let waiter = PosixThread.start({ Self.wait(for: process, shared) }) else {
            kill(process, SIGKILL)
            throw TestSupportError.system("pthread_create")
        }
        self.waiter = waiter
    }

    deinit {
        if reading >= 0 { close(reading) }
        pthread_detach(waiter)
    }

    package var isRunning: Bool { state.state.withLock { $0.status == nil } }

    package func signal(_ number: Int32) { if isRunning { kill(identifier, number) } }

    /// The status that it ended with; for a signal, the signal's number.
    package func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// The same, for code that cannot suspend.
    @discardableResult
    package func waitUntilEnd() -> Int32 {
        while true {
            if let status = state.state.withLock({ $0.status }) { return status }
            sched_yield()
        }
    }

    /// What it has written since the last call; waits for the first byte, empty at the end.
    package func readAvailable() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(reading, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    private static func wait(for process: pid_t, _ shared: Shared) {
        var raw: Int32 = 0
        while unsafe waitpid(process, &raw, 0) < 0, errno == EINTR {}
        // The macros of wait.h: the low seven bits are the signal, the next eight the status.
        let status = raw & 0x7F != 0 ? raw & 0x7F : (raw >> 8) & 0xFF
        let waiters = shared.state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    private static func spawn(
        _ words: [String], _ environment: [String: String]?, _ output: Output, pipe: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        switch output {
        case .nothing:
            unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            unsafe posix_spawn_file_actions_addopen(
                &actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case .pipe:
            unsafe posix_spawn_file_actions_adddup2(&actions, pipe, 1)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var variables =
            unsafe (environment ?? [:]).map { unsafe strdup("\($0.key)=\($0.value)") }
            + [nil]
        defer { unsafe variables.forEach { unsafe free($0) } }
        var process = pid_t()
        let code =
            environment == nil
            ? unsafe posix_spawnp(&process, words[0], &actions, &attributes, &arguments, environ)
            : unsafe posix_spawnp(
                &process, words[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw TestSupportError.system("posix_spawn \(words[0])") }
        return process
    }
}
