import Glibc

/// Another process that holds a lock, as a Pullcord of its own would.
final class LockHolder {
    private let process: pid_t

    /// Returns once the lock is held.
    init(_ path: String) throws {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw TemporaryStore.SystemFailure(number: errno) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
        // flock(1) runs the shell in its own place, so the lock ends with that one process.
        let words = ["flock", "--no-fork", path, "sh", "-c", "echo held; exec sleep 600"]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process = pid_t()
        let result = unsafe posix_spawnp(&process, "flock", &actions, nil, &arguments, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard result == 0 else { throw TemporaryStore.SystemFailure(number: result) }
        self.process = process
        var byte: UInt8 = 0
        guard unsafe read(ends[0], &byte, 1) == 1 else {
            throw TemporaryStore.SystemFailure(number: errno)
        }
    }

    /// Kills the process as `kill -9` does, and waits until it is gone.
    func kill() {
        Glibc.kill(process, SIGKILL)
        _ = waitpid(process, nil, 0)
    }
}
