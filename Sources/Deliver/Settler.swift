package import PullcordModel

/// Decides what becomes of a delivery after an attempt.
package enum Settler {
    /// What to tell the store.
    package enum Decision: Sendable, Equatable {
        /// Write the attempt and the verdict.
        case settle(Settlement)
        /// Give the delivery back as if it had not been taken.
        case release(DeliveryID)
    }

    /// `now` is when the attempt ended, `random` any 64 bits for the jitter.
    ///
    /// A delivery that was answered with 410 is not given up: it waits, due at once, for the
    /// subscription to be started again.
    package static func decide(
        _ result: AttemptResult, schedule: RetrySchedule, random: UInt64, now: Timestamp
    ) -> Decision {
        let verdict: Settlement.Verdict
        switch result.outcome {
        case .abandoned:
            return .release(result.delivery)
        case .delivered:
            verdict = .delivered
        case .gone:
            verdict = .retry(at: now)
        case .throttled(let wait):
            verdict = next(result, schedule, retryAfter: wait, random, now)
        case .redirect, .failed, .unreachable, .unauthorized, .unmade:
            verdict = next(result, schedule, retryAfter: .zero, random, now)
        }
        return .settle(
            Settlement(delivery: result.delivery, attempt: result.attempt, verdict: verdict))
    }

    private static func next(
        _ result: AttemptResult, _ schedule: RetrySchedule, retryAfter: Duration,
        _ random: UInt64, _ now: Timestamp
    ) -> Settlement.Verdict {
        let delay = schedule.delay(
            afterAttempts: result.attempt.number, retryAfter: retryAfter, random: random)
        guard let delay else { return .dead }
        return .retry(at: now + delay)
    }
}
