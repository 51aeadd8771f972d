package import PullcordModel

/// Everything that one page, or the end of one poll, changes: it is written whole or not at all.
package struct CommitBatch: Sendable, Equatable {
    package let stream: StreamID
    /// When the batch was made: stamp of its events' deliveries.
    package let time: Timestamp
    /// New states of records, by key; a nil fingerprint marks the record as deleted.
    package var records: [(key: RecordKey, state: KnownRecord)]
    package var events: [OutgoingEvent]
    /// The page that the events were found on; nil if that is not known.
    package var page: PageOrigin?
    package var kept: KeptUpdate
    /// nil leaves the stored cursor as it is.
    package var cursor: String?
    package var validators: ValidatorsUpdate
    /// Rules of comparison that the records of the batch are the first to be compared by.
    package var pendingRules: Fingerprint?
    /// Set by the batch that ends a poll, nil in those before it.
    package var ending: PollEnding?
    package var quarantine = QuarantineUpdate.keep
    package var missing: MissingUpdate?
    package var fanOut = FanOutUpdate()
    /// Records to forget altogether: not deleted, but as if they had never been known.
    package var forgotten: [RecordKey] = []
    /// Named texts of the stream, see ``StreamState/marks``; an empty one is taken away.
    package var marks: [String: String] = [:]
    /// Batches of other streams that belong to the same moment: events of health.
    package var alongside: [CommitBatch] = []

    package init(
        stream: StreamID, time: Timestamp, records: [(key: RecordKey, state: KnownRecord)] = [],
        events: [OutgoingEvent] = [], cursor: String? = nil,
        validators: ValidatorsUpdate = .keep,
        pendingRules: Fingerprint? = nil, ending: PollEnding? = nil,
        page: PageOrigin? = nil, kept: KeptUpdate = .nothing
    ) {
        self.page = page
        self.kept = kept
        self.stream = stream
        self.time = time
        self.records = records
        self.events = events
        self.cursor = cursor
        self.validators = validators
        self.pendingRules = pendingRules
        self.ending = ending
    }

    /// Whether the batch would change anything in the store.
    package var isWorthWriting: Bool {
        !records.isEmpty || !events.isEmpty || cursor != nil || validators != .keep
            || ending != nil || quarantine != .keep || missing != nil || kept != .nothing
            || !forgotten.isEmpty || !marks.isEmpty || fanOut != FanOutUpdate()
    }

    /// The events of the batch and of those alongside.
    package var allEvents: [OutgoingEvent] { alongside.reduce(events) { $0 + $1.allEvents } }

    package static func == (left: Self, right: Self) -> Bool {
        left.stream == right.stream && left.time == right.time && left.events == right.events
            && left.pendingRules == right.pendingRules && left.cursor == right.cursor
            && left.validators == right.validators
            && left.ending == right.ending && left.quarantine == right.quarantine
            && left.missing == right.missing && left.alongside == right.alongside
            && left.page == right.page && left.kept == right.kept
            && left.forgotten == right.forgotten && left.marks == right.marks
            && left.fanOut == right.fanOut
            && left.records.elementsEqual(right.records) {
                $0.key == $1.key && $0.state == $1.state
            }
    }
}

/// What a batch does to the stored validators.
package enum ValidatorsUpdate: Sendable, Equatable {
    case keep
    case clear
    case set(Validators)
}

/// How a poll ended, and when the next one is due.
package struct PollEnding: Sendable, Equatable {
    package let report: PollReport
    package let nextPoll: Timestamp?
    /// Whether the poll read everything it set out to read; a failed one counts as a failure
    /// and does not make a baseline.
    package let isSuccess: Bool
    /// The rules of comparison that every page was compared by; nil if some were not read.
    package let rules: Fingerprint?

    package init(
        report: PollReport, nextPoll: Timestamp?, isSuccess: Bool, rules: Fingerprint? = nil
    ) {
        self.report = report
        self.nextPoll = nextPoll
        self.isSuccess = isSuccess
        self.rules = rules
    }
}

/// An event with the subscriptions that are to receive it; none is fine.
package struct OutgoingEvent: Sendable, Equatable {
    package let event: Event
    package let subscriptions: [SubscriptionID]
    /// When the first attempts are due; nil for at once.
    package var due: Timestamp?
    /// The record's fingerprint before the change; nil where no record was.
    package let before: Fingerprint?
    /// Since when the change could be heard of; nil where nobody knows.
    ///
    /// It is measured, not stored.
    package var moment: ChangeMoment?

    package init(
        event: Event, subscriptions: [SubscriptionID], due: Timestamp? = nil,
        before: Fingerprint? = nil
    ) {
        self.before = before
        self.event = event
        self.subscriptions = subscriptions
        self.due = due
    }
}

/// When a change happened, as far as can be known.
package enum ChangeMoment: Sendable, Equatable {
    /// The record itself says so.
    case stated(Timestamp)
    /// Some time after the last poll that did not find it began.
    case after(Timestamp)
}
