import Glibc
package import PullcordModel

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package func wall() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func monotonic() -> Duration {
        ContinuousClock().now - Self.origin
    }

    /// Microseconds of the clock that the service manager means, CLOCK_MONOTONIC.
    package static func uptime() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    package func sleep(until instant: Duration) async throws {
        try await ContinuousClock().sleep(until: Self.origin + instant)
    }

    private static let origin = ContinuousClock().now
}
