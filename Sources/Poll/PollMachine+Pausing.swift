import PullcordAdapter
import PullcordModel

/// How a request that failed is asked for again.
extension PollMachine {
    /// Waits out a limit that was reached in the middle of a poll, and asks for the same page.
    ///
    /// It takes more patience than a failure: reading all pages anew would reach the limit again.
    mutating func standBack(_ error: PollError, jitter: Double) -> Step {
        let spread = 1 + 0.2 * min(max(jitter, 0), 1)
        let backoff = Duration.seconds(1 << min(limitRefusals, 6)) * spread
        let pause = max(backoff, error.retryAfter ?? .zero)
        limitRefusals += 1
        guard limitRefusals <= Limits.limitRefusalsMax, pause <= Limits.limitPauseMax else {
            return finish(.failed(error))
        }
        again = error
        state = .pausing
        return .wait(pause)
    }

    mutating func retry(_ error: PollError, jitter: Double) -> Step {
        let backoff =
            Duration.seconds(1 << min(attempt - 1, 6)) * (1 + 0.2 * min(max(jitter, 0), 1))
        let pause = max(backoff, error.retryAfter ?? .zero)
        guard attempt < plan.adapter.retry.attempts, pause <= Self.pauseMax else {
            return finish(.failed(error))
        }
        attempt += 1
        again = error
        state = .pausing
        return .wait(pause)
    }
}
