import PullcordModel

/// How long to wait before each attempt of a delivery.
package struct RetrySchedule: Sendable, Equatable {
    /// 0, 5 s, 30 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: eleven attempts in a good three
    /// days, so that an endpoint that breaks on a Friday evening loses nothing until Monday.
    package static let standard = RetrySchedule(delays: [
        .zero, .seconds(5), .seconds(30), .seconds(300), .seconds(1800), .seconds(2 * 3600),
        .seconds(5 * 3600), .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600),
        .seconds(24 * 3600),
    ])

    /// The wait before each attempt, counted from the end of the one before; the first is zero.
    package let delays: [Duration]

    /// A delivery gets one attempt at least; a negative wait counts as none.
    package init(delays: [Duration]) {
        self.delays = delays.isEmpty ? [.zero] : delays.map { max($0, .zero) }
    }

    /// The wait after `attempts` attempts were made; nil when there is none left.
    ///
    /// The longer of the schedule's wait and `retryAfter` (capped to ``Limits/retryAfterMax``)
    /// counts. `random`, any 64 bits, lengthens it by 0 to 20 %: never early, and deliveries that
    /// failed together do not come back together.
    package func delay(
        afterAttempts attempts: Int, retryAfter: Duration = .zero, random: UInt64
    ) -> Duration? {
        guard attempts < delays.count else { return nil }
        let base = max(delays[max(0, attempts)], min(retryAfter, Limits.retryAfterMax))
        let range = UInt64(clamping: base.wholeMilliseconds / 5)
        let jitter = range.multipliedFullWidth(by: random).high
        return base + .milliseconds(Int64(clamping: jitter))
    }
}
