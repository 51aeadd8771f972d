package import PullcordModel

/// When a source is polled.
package struct ScheduleSpec: Sendable, Equatable {
    package enum Rhythm: Sendable, Equatable {
        /// The time from the start of one poll to the start of the next.
        case every(Duration)
        /// Times of the calendar.
        case cron(CronExpression)
        /// By how often each stream changes, within a budget.
        case auto(AutoSpec)
    }

    /// How the distance between polls is found by itself.
    package struct AutoSpec: Sendable, Equatable {
        package var least: Duration = .seconds(30)
        package var most: Duration = .seconds(3600)
        /// Requests of all streams that share it; nil for a poll of each every five minutes.
        package var budget: BudgetSpec.Rate?
        /// Who shares the budget.
        package var share: BudgetSpec.Share = .source

        package init() {}
    }

    package var rhythm: Rhythm
    /// A name of the IANA database, as in `Europe/Berlin`, in which `cron` and the windows are
    /// meant.
    package var zone: String
    /// The hours in which polls start; empty for all.
    package var windows: [TimeWindow]
    /// Each stream's turns come later than their time by a share of this that is its own.
    package var jitter: Duration
    /// The interval while a stream is behind; nil for the ordinary one.
    package var catchUp: Duration?

    package init(
        _ rhythm: Rhythm, zone: String = "UTC", windows: [TimeWindow] = [],
        jitter: Duration = .zero
    ) {
        self.rhythm = rhythm
        self.zone = zone
        self.windows = windows
        self.jitter = jitter
    }
}
