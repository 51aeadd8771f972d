import Glibc

/// What one run of a program took, by the kernel's own accounts (`wait4`(2)).
struct ChildUsage: Sendable {
    let status: Int32
    let wallSeconds: Double
    let cpuSeconds: Double
    /// Kilobytes of resident memory at the highest point.
    let peakKilobytes: Int

    /// Runs a program to its end; its output goes nowhere.
    static func run(_ path: String, _ arguments: [String]) -> ChildUsage? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        let words = unsafe ([path] + arguments).map { unsafe strdup($0) }
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let start = ContinuousClock.now
        guard unsafe posix_spawn(&child, path, &actions, nil, words + [nil], environ) == 0 else {
            return nil
        }
        var status: Int32 = 0
        var usage = rusage()
        guard unsafe wait4(child, &status, 0, &usage) == child else { return nil }
        let wall = ContinuousClock.now - start
        return ChildUsage(
            status: status, wallSeconds: seconds(wall),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakKilobytes: usage.ru_maxrss)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
