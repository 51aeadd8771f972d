import HeapModule
package import PullcordModel

/// Which streams are due, and when each is due next: a pure machine.
///
/// Instants are durations since the process started, on the monotonic clock, so that a wall
/// clock set forwards or back neither piles up polls nor stops them. A stream that is being
/// polled is not due, however long that takes; runs missed meanwhile are skipped.
package struct Schedule: Sendable {
    struct Entry: Sendable {
        var timetable: Timetable
        var due: Duration
        /// What the wall clock is to show when the stream is due; nil where it does not matter.
        var wallDue: Timestamp?
        var failures: Int
        var isRunning = false
        /// Whether it is to be due again as soon as its run has ended.
        var isHastened = false
        /// Where in its interval the second turn of a new stream lies, 0…1; nil from then on.
        var spread: Double?
        /// Told from the turns still in the queue for an earlier due time.
        var turn = 0
        /// Not started by itself until it is resumed.
        var isPaused = false
        /// To be started at once, whatever the timetable says, and though it may be paused.
        var isHurried = false
        /// How many keep it from being started at all.
        var holds = 0
        /// Forgotten as soon as its run has ended.
        var isRemoved = false

        /// Where the distance to the next turn is counted from.
        var start: Duration {
            guard let spread else { return due }
            return due - timetable.interval * min(max(1 - spread, 0), 1)
        }
    }

    private struct Turn: Comparable, Sendable {
        let due: Duration
        let stream: StreamID
        let number: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.due, left.stream.number) < (right.due, right.stream.number)
        }
    }

    var entries: [StreamID: Entry] = [:]
    private var queue = Heap<Turn>()
    private var turns = 0

    package init() {}

    /// Takes up a stream, due after `delay` from `now`; ``Resumption`` says how long after a
    /// restart.
    ///
    /// `spread` is where in its interval the second turn lies, 0…1, so that thousands of streams
    /// that start together do not stay together; nil keeps the distance from the first turn on.
    package mutating func add(
        _ stream: StreamID, _ timetable: Timetable, failures: Int, now: Duration, wall: Timestamp,
        delay: Duration, spread: Double? = nil
    ) {
        precondition(timetable.interval > .zero, "an interval is longer than nothing")
        // One that was removed and is still being polled is the same again.
        if entries[stream]?.isRunning == true {
            entries[stream]?.isRemoved = false
            entries[stream]?.timetable = timetable
            return
        }
        let due = timetable.opening(now + max(.zero, delay), now: now, wall: wall)
        entries[stream] = Entry(
            timetable: timetable, due: due,
            wallDue: timetable.isByCalendar ? wall + (due - now) : nil, failures: failures,
            spread: spread)
        enqueue(stream, now: now)
    }

    /// The streams to poll now, the longest due first, at most `limit`; they count as running.
    package mutating func start(now: Duration, wall: Timestamp, limit: Int) -> [StreamID] {
        var started: [StreamID] = []
        while started.count < limit, let turn = queue.min, turn.due <= now {
            queue.removeMin()
            guard isCurrent(turn) else { continue }
            // The wall clock may have been set back since, or this is a look in between.
            if let wallDue = entries[turn.stream]?.wallDue, wallDue > wall {
                entries[turn.stream]?.due = now + (wallDue - wall)
                enqueue(turn.stream, now: now)
                continue
            }
            entries[turn.stream]?.isRunning = true
            entries[turn.stream]?.isHurried = false
            started.append(turn.stream)
        }
        return started
    }

    /// Makes a stream due now, or when its run has ended, unless it fails or rests outside of its
    /// windows.
    package mutating func hasten(_ stream: StreamID, now: Duration, wall: Timestamp) {
        guard let entry = entries[stream], entry.failures == 0,
            entry.timetable.opening(now, now: now, wall: wall) == now
        else { return }
        guard !entry.isRunning else {
            entries[stream]?.isHastened = true
            return
        }
        guard entry.due > now else { return }
        entries[stream]?.due = now
        entries[stream]?.wallDue = nil
        enqueue(stream, now: now)
    }

    /// When a running stream is due next, should its run end like this now; changes nothing.
    ///
    /// `jitter` is a random number in 0…1 that spreads the retries of failed polls.
    package func decide(
        _ stream: StreamID, _ outcome: RunOutcome, now: Duration, wall: Timestamp, jitter: Double
    ) -> Decision {
        guard let entry = entries[stream] else {
            return Decision(due: now, wall: wall, failures: 0)
        }
        let timetable = entry.timetable
        let due: Duration
        var failures = 0
        switch outcome {
        case .succeeded(let notBefore):
            let turn = timetable.turn(after: entry.start, now: now, wall: wall)
            due = max(turn, now + (notBefore ?? .zero))
        case .behind(let notBefore):
            let turn = timetable.hurriedTurn(after: entry.start, now: now, wall: wall)
            due = max(turn, now + (notBefore ?? .zero))
        case .failed(let notBefore):
            failures = min(entry.failures + 1, 1_000_000)
            let pause = Backoff.pause(
                interval: timetable.interval, failures: failures, jitter: jitter)
            due = now + max(pause, notBefore ?? .zero)
        }
        let opening = timetable.opening(due, now: now, wall: wall)
        return Decision(due: opening, wall: wall + (opening - now), failures: failures)
    }

    /// Ends a run as decided; the stream may be started again from then on.
    package mutating func finish(_ stream: StreamID, _ decision: Decision, now: Duration) {
        guard let entry = entries[stream], entry.isRunning else { return }
        guard !entry.isRemoved else {
            entries[stream] = nil
            return
        }
        entries[stream]?.isRunning = false
        entries[stream]?.due = entry.isHurried ? now : decision.due
        entries[stream]?.wallDue =
            entry.timetable.isByCalendar && !entry.isHurried ? decision.wall : nil
        entries[stream]?.failures = decision.failures
        entries[stream]?.spread = nil
        if entry.isHastened, decision.failures == 0 {
            entries[stream]?.due = min(decision.due, now)
            entries[stream]?.wallDue = nil
        }
        entries[stream]?.isHastened = false
        enqueue(stream, now: now)
    }

    /// When the next stream is due; nil if none waits.
    package mutating func nextDue() -> Duration? {
        while let turn = queue.min {
            if isCurrent(turn) { return turn.due }
            queue.removeMin()
        }
        return nil
    }

    /// How long the wall clock is left unwatched while a stream waits for a time of it.
    private static let lookMax: Duration = .seconds(600)

    mutating func enqueue(_ stream: StreamID, now: Duration) {
        guard var entry = entries[stream] else { return }
        turns += 1
        entry.turn = turns
        entries[stream] = entry
        let due = entry.wallDue == nil ? entry.due : min(entry.due, now + Self.lookMax)
        queue.insert(Turn(due: due, stream: stream, number: entry.turn))
    }

    private func isCurrent(_ turn: Turn) -> Bool {
        guard let entry = entries[turn.stream] else { return false }
        let isWanted = !entry.isPaused || entry.isHurried
        return entry.turn == turn.number && !entry.isRunning && isWanted && entry.holds == 0
    }
}

/// When a stream is due next, and how many failures in a row led to that.
package struct Decision: Sendable, Equatable {
    package let due: Duration
    /// What the wall clock shows then.
    package let wall: Timestamp
    package let failures: Int
}

/// How a run ended, as far as the schedule cares.
package enum RunOutcome: Sendable, Equatable {
    /// `notBefore`: the API asked to be left alone for so long; nil if it did not.
    case succeeded(notBefore: Duration? = nil)
    /// It ended before the end of what there is to read.
    case behind(notBefore: Duration? = nil)
    case failed(notBefore: Duration? = nil)

    /// For how long the API asked to be left alone; nil if it did not.
    package var notBefore: Duration? {
        switch self {
        case .succeeded(let pause), .behind(let pause), .failed(let pause): pause
        }
    }
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
    /// longest pause that the schedule itself could have decided on. A time that passed while
    /// nothing ran is made up for at once, however many there were.
    ///
    /// `lastStart` is when the last poll began, should it have ended well: the timetable may be
    /// another one since, and holds from that poll on, but for a pause that the API asked for
    /// until `notBefore`.
    package static func delay(
        _ timetable: Timetable, nextPoll: Timestamp?, lastStart: Timestamp? = nil,
        notBefore: Timestamp? = nil, now: Timestamp
    ) -> Duration {
        guard let nextPoll, nextPoll > now else { return .zero }
        let turn = timetable.turn(after: .zero, now: .zero, wall: now)
        let longest = max(max(turn, Backoff.pauseMax) * 1.2, Limits.retryAfterMax)
        let left = nextPoll - now
        guard left <= longest else { return timetable.isByCalendar ? turn : .zero }
        guard let lastStart, lastStart <= now else { return left }
        let own =
            timetable.isByCalendar ? turn : max(.zero, timetable.interval - (now - lastStart))
        let asked = notBefore.map { max(.zero, $0 - now) } ?? .zero
        return min(left, max(own, asked))
    }
}
