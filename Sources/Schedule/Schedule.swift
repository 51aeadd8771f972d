import HeapModule
package import PullcordModel

/// Which streams are due, and when each is due next: a pure machine.
///
/// Instants are durations since the process started, on the monotonic clock, so that a wall
/// clock set forwards or back neither piles up polls nor stops them. A stream that is being
/// polled is not due, however long that takes; runs missed meanwhile are skipped.
package struct Schedule: Sendable {
    private struct Entry: Sendable {
        let interval: Duration
        var due: Duration
        var failures: Int
        var isRunning = false
        /// Told from the turns still in the queue for an earlier due time.
        var turn = 0
    }

    private struct Turn: Comparable, Sendable {
        let due: Duration
        let stream: StreamID
        let number: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.due, left.stream.number) < (right.due, right.stream.number)
        }
    }

    private var entries: [StreamID: Entry] = [:]
    private var queue = Heap<Turn>()

    package init() {}

    /// Takes up a stream, due after `delay` from `now`; ``Resumption`` says how long after a restart.
    package mutating func add(
        _ stream: StreamID, every interval: Duration, failures: Int, now: Duration,
        delay: Duration
    ) {
        precondition(interval > .zero, "an interval is longer than nothing")
        entries[stream] = Entry(
            interval: interval, due: now + max(.zero, delay), failures: failures)
        enqueue(stream)
    }

    /// The streams to poll now, the longest due first, at most `limit`; they count as running.
    package mutating func start(now: Duration, limit: Int) -> [StreamID] {
        var started: [StreamID] = []
        while started.count < limit, let turn = queue.min, turn.due <= now {
            queue.removeMin()
            guard isCurrent(turn) else { continue }
            entries[turn.stream]?.isRunning = true
            started.append(turn.stream)
        }
        return started
    }

    /// When a running stream is due next, should its run end like this now; changes nothing.
    ///
    /// `jitter` is a random number in 0…1 that spreads the retries of failed polls.
    package func decide(
        _ stream: StreamID, _ outcome: RunOutcome, now: Duration, jitter: Double
    ) -> Decision {
        guard let entry = entries[stream] else { return Decision(due: now, failures: 0) }
        switch outcome {
        case .succeeded(let notBefore):
            let turn = Self.nextTurn(after: entry.due, every: entry.interval, now: now)
            return Decision(due: max(turn, now + (notBefore ?? .zero)), failures: 0)
        case .failed(let notBefore):
            let failures = min(entry.failures + 1, 1_000_000)
            let pause = Backoff.pause(
                interval: entry.interval, failures: failures, jitter: jitter)
            return Decision(due: now + max(pause, notBefore ?? .zero), failures: failures)
        }
    }

    /// Ends a run as decided; the stream may be started again from then on.
    package mutating func finish(_ stream: StreamID, _ decision: Decision) {
        guard entries[stream]?.isRunning == true else { return }
        entries[stream]?.isRunning = false
        entries[stream]?.due = decision.due
        entries[stream]?.failures = decision.failures
        enqueue(stream)
    }

    /// When the next stream is due; nil if none waits.
    package mutating func nextDue() -> Duration? {
        while let turn = queue.min {
            if isCurrent(turn) { return turn.due }
            queue.removeMin()
        }
        return nil
    }

    private mutating func enqueue(_ stream: StreamID) {
        guard var entry = entries[stream] else { return }
        entry.turn += 1
        entries[stream] = entry
        queue.insert(Turn(due: entry.due, stream: stream, number: entry.turn))
    }

    private func isCurrent(_ turn: Turn) -> Bool {
        guard let entry = entries[turn.stream] else { return false }
        return entry.turn == turn.number && !entry.isRunning
    }

    /// The first instant after `now` that lies a whole number of intervals after `due`.
    private static func nextTurn(
        after due: Duration, every interval: Duration, now: Duration
    ) -> Duration {
        guard due + interval <= now else { return due + interval }
        let missed = Int64((now - due) / interval)
        return due + interval * (missed + 1)
    }
}

/// When a stream is due next, and how many failures in a row led to that.
package struct Decision: Sendable, Equatable {
    package let due: Duration
    package let failures: Int
}

/// How a run ended, as far as the schedule cares.
package enum RunOutcome: Sendable, Equatable {
    /// `notBefore`: the API asked to be left alone for so long; nil if it did not.
    case succeeded(notBefore: Duration? = nil)
    case failed(notBefore: Duration? = nil)
}

/// How long a stream rests after failures: its interval, doubled with each, up to five minutes.
///
/// An API that is back after a night should be heard of within minutes.
package enum Backoff {
    package static let pauseMax: Duration = .seconds(300)

    /// Never shorter than the interval, jitter only upward by up to 20 %.
    package static func pause(interval: Duration, failures: Int, jitter: Double) -> Duration {
        let doubled = interval * (1 << min(max(failures - 1, 0), 20))
        return max(interval, min(doubled, pauseMax)) * (1 + 0.2 * min(max(jitter, 0), 1))
    }
}

/// When a stream is due after a restart.
package enum Resumption {
    /// The delay from now: what is left until the stored due time.
    ///
    /// The wall clock may have moved while nothing ran, so the delay is never longer than the
    /// longest pause that the schedule itself could have decided on.
    package static func delay(
        interval: Duration, nextPoll: Timestamp?, now: Timestamp
    ) -> Duration {
        guard let nextPoll, nextPoll > now else { return .zero }
        let longest = max(max(interval, Backoff.pauseMax) * 1.2, Limits.retryAfterMax)
        let left = nextPoll - now
        return left <= longest ? left : .zero
    }
}
