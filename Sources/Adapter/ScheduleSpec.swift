package import PullcordModel

/// When a source is polled.
package struct ScheduleSpec: Sendable, Equatable {
    package enum Rhythm: Sendable, Equatable {
        /// The time from the start of one poll to the start of the next.
        case every(Duration)
        /// Times of the calendar.
        case cron(CronExpression)
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
