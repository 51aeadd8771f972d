package import PullcordModel

/// What operators and changes of the configuration do to streams that are scheduled already.
extension Schedule {
    /// Forgets a stream; a run under way comes to its end first.
    package mutating func remove(_ stream: StreamID) {
        guard let entry = entries[stream] else { return }
        if entry.isRunning {
            entries[stream]?.isRemoved = true
        } else {
            entries[stream] = nil
        }
    }

    /// Takes a start back: nothing has run.
    package mutating func abandon(_ stream: StreamID, now: Duration) {
        guard let entry = entries[stream], entry.isRunning else { return }
        guard !entry.isRemoved else {
            entries[stream] = nil
            return
        }
        entries[stream]?.isRunning = false
        enqueue(stream, now: now)
    }

    /// Gives a stream another timetable; it is due no later than that says, and one that was
    /// failing at once: the change may have mended it.
    package mutating func replace(
        _ stream: StreamID, _ timetable: Timetable, now: Duration, wall: Timestamp
    ) {
        precondition(timetable.interval > .zero, "an interval is longer than nothing")
        guard let entry = entries[stream] else { return }
        entries[stream]?.timetable = timetable
        guard !entry.isRunning else { return }
        let turn = timetable.turn(after: now, now: now, wall: wall)
        let due: Duration
        if entry.failures > 0 {
            due = timetable.opening(now, now: now, wall: wall)
        } else if timetable.isByCalendar || entry.timetable.isByCalendar {
            due = turn
        } else {
            due = min(entry.due, turn)
        }
        setDue(stream, due, now: now, wall: wall)
    }

    /// Gives a stream another distance between turns, which counts from its next turn on.
    package mutating func pace(_ stream: StreamID, _ interval: Duration) {
        guard let timetable = entries[stream]?.timetable else { return }
        entries[stream]?.timetable = timetable.paced(interval)
    }

    /// Makes a failing stream due at once: what was wrong may have been mended.
    package mutating func retryIfFailing(_ stream: StreamID, now: Duration, wall: Timestamp) {
        guard let entry = entries[stream], !entry.isRunning, entry.failures > 0 else { return }
        setDue(
            stream, entry.timetable.opening(now, now: now, wall: wall), now: now, wall: wall)
    }

    /// Starts no run of a stream until it is resumed.
    package mutating func pause(_ stream: StreamID) { entries[stream]?.isPaused = true }

    /// Starts a paused stream again, at once if its turn has come meanwhile.
    package mutating func resume(_ stream: StreamID, now: Duration) {
        guard entries[stream]?.isPaused == true else { return }
        entries[stream]?.isPaused = false
        enqueue(stream, now: now)
    }

    /// Makes a stream due now, once, though it may be paused; after the run under way if there
    /// is one.
    package mutating func hurry(_ stream: StreamID, now: Duration) {
        guard let entry = entries[stream], !entry.isRemoved else { return }
        entries[stream]?.isHurried = true
        guard !entry.isRunning else { return }
        entries[stream]?.due = now
        entries[stream]?.wallDue = nil
        enqueue(stream, now: now)
    }

    /// Keeps a stream from being started until ``letGo(_:now:)`` was called as often.
    package mutating func hold(_ stream: StreamID) { entries[stream]?.holds += 1 }

    package mutating func letGo(_ stream: StreamID, now: Duration) {
        guard let entry = entries[stream], entry.holds > 0 else { return }
        entries[stream]?.holds -= 1
        enqueue(stream, now: now)
    }

    package func isRunning(_ stream: StreamID) -> Bool { entries[stream]?.isRunning == true }

    /// Pauses what is not due by `instant`.
    package mutating func pauseAll(after instant: Duration) {
        for (stream, entry) in entries where entry.due > instant {
            entries[stream]?.isPaused = true
        }
    }

    /// Whether nothing runs, and everything is paused.
    package var isStill: Bool {
        entries.values.allSatisfy { !$0.isRunning && $0.isPaused && !$0.isHurried }
    }

    private mutating func setDue(
        _ stream: StreamID, _ due: Duration, now: Duration, wall: Timestamp
    ) {
        guard let entry = entries[stream] else { return }
        entries[stream]?.due = due
        entries[stream]?.wallDue = entry.timetable.isByCalendar ? wall + (due - now) : nil
        enqueue(stream, now: now)
    }
}
