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

    package func sleep(until instant: Duration) async throws {
        try await ContinuousClock().sleep(until: Self.origin + instant)
    }

    private static let origin = ContinuousClock().now
}
