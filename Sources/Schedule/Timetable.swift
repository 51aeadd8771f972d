package import PullcordModel

/// When a stream is to be polled: at a distance or by the calendar, in some hours or in all.
package struct Timetable: Sendable {
    package enum Rhythm: Sendable, Equatable {
        /// From the start of one poll to the start of the next.
        case every(Duration)
        /// At times of the calendar.
        case cron(CronExpression)
    }

    package let rhythm: Rhythm
    /// Where the calendar and the windows are meant.
    package let zone: any ZoneRules
    /// The hours in which polls start; empty for all.
    package let windows: [TimeWindow]
    /// How much later than its time a stream's turn comes: the same each time, another for
    /// each stream.
    package let delay: Duration
    /// The distance between turns while the stream is behind; nil for the ordinary one.
    package let catchUp: Duration?

    package init(
        _ rhythm: Rhythm, zone: any ZoneRules = UniversalTime(), windows: [TimeWindow] = [],
        delay: Duration = .zero, catchUp: Duration? = nil
    ) {
        self.catchUp = catchUp
        self.rhythm = rhythm
        self.zone = zone
        self.windows = windows
        self.delay = delay
    }

    /// A timetable of a distance alone.
    package init(every interval: Duration) { self.init(.every(interval)) }

    /// The same with another distance between turns.
    package func paced(_ interval: Duration) -> Timetable {
        Timetable(.every(interval), zone: zone, windows: windows, delay: delay, catchUp: catchUp)
    }

    /// What the pauses after failures begin with.
    package var interval: Duration {
        switch rhythm {
        case .every(let interval): interval
        case .cron: .seconds(60)
        }
    }

    /// Whether turns are meant by the wall clock, which may be set while a stream waits.
    package var isByCalendar: Bool {
        if case .cron = rhythm { return true }
        return !windows.isEmpty
    }

    /// The next turn after one that was due at `due`; runs missed since then are skipped.
    package func turn(after due: Duration, now: Duration, wall: Timestamp) -> Duration {
        let turn: Duration
        switch rhythm {
        case .every(let interval):
            let missed = now - due >= interval ? Int64((now - due) / interval) : 0
            turn = due + interval * (missed + 1)
        case .cron(let expression):
            // The turn that has just been is not to come again because it was late.
            let next = expression.next(after: wall - delay, in: zone) ?? .distantFuture
            turn = now + (next - wall) + delay
        }
        return opening(turn, now: now, wall: wall)
    }

    /// The next turn of a stream that is behind: at the faster pace, yet never later than its turn.
    package func hurriedTurn(after due: Duration, now: Duration, wall: Timestamp) -> Duration {
        let turn = turn(after: due, now: now, wall: wall)
        guard let catchUp else { return turn }
        return opening(min(turn, max(now, due + catchUp)), now: now, wall: wall)
    }

    /// The first moment from `due` on that lies in a window.
    package func opening(_ due: Duration, now: Duration, wall: Timestamp) -> Duration {
        guard !windows.isEmpty else { return due }
        let time = wall + (due - now)
        let opens = TimeWindow.opening(of: windows, at: time, in: zone)
        return opens > time ? due + (opens - time) + delay : due
    }
}

extension Timestamp {
    /// The end of the year 9999; a schedule that never comes is refused before.
    fileprivate static let distantFuture = Timestamp(milliseconds: 253_402_300_799_000)
}
