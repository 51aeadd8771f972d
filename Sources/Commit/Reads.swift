package import PullcordModel

/// One subscription at a glance.
package struct SubscriptionSummary: Sendable, Equatable {
    package let id: SubscriptionID
    package let name: SubscriptionName
    /// Deliveries that are ready or blocked.
    package let backlog: Int
    package let delivered: Int
    package let dead: Int
    /// Deliveries that a newer state of their record made needless.
    package let superseded: Int
    /// Whether the bridge file names the subscription; if not, its deliveries wait.
    package let isInFile: Bool
    /// When the oldest delivery of the backlog was committed.
    package let oldestBacklog: Timestamp?
    /// When a delivery last succeeded.
    package let lastDelivered: Timestamp?
    /// Why the subscription is stopped; nil if it is not.
    package let disabledReason: String?
    /// How its endpoint fares, as ``EndpointHealth/stored`` wrote it; nil if nothing was kept.
    package var health: String?
    /// The last attempt of a delivery that waits for its next; nil if none does.
    package let failure: Failure?

    /// An attempt that failed, in short.
    package struct Failure: Sendable, Equatable {
        package let outcome: String
        package let reason: String
        package let at: Timestamp

        package init(outcome: String, reason: String, at: Timestamp) {
            self.outcome = outcome
            self.reason = reason
            self.at = at
        }
    }

    package init(
        id: SubscriptionID, name: SubscriptionName, backlog: Int, delivered: Int, dead: Int,
        oldestBacklog: Timestamp?, lastDelivered: Timestamp?, disabledReason: String?,
        health: String? = nil, failure: Failure? = nil, superseded: Int = 0, isInFile: Bool = true
    ) {
        self.id = id
        self.name = name
        self.backlog = backlog
        self.delivered = delivered
        self.dead = dead
        self.oldestBacklog = oldestBacklog
        self.lastDelivered = lastDelivered
        self.disabledReason = disabledReason
        self.health = health
        self.failure = failure
        self.superseded = superseded
        self.isInFile = isInFile
    }
}

/// Which subscriptions to list, by name.
package struct SubscriptionQuery: Sendable, Equatable {
    /// Only names behind this one, by their bytes.
    package var after: SubscriptionName?
    /// Only names that contain this, in whatever case.
    package var search: String?
    package var limit: Int
    /// Whether ``SubscriptionSummary/oldestBacklog`` and ``SubscriptionSummary/failure`` are left
    /// out, which take a look-up each.
    package var isBrief: Bool

    package init(
        after: SubscriptionName? = nil, search: String? = nil, limit: Int = .max,
        isBrief: Bool = false
    ) {
        self.after = after
        self.search = search
        self.limit = limit
        self.isBrief = isBrief
    }
}

/// Which sources to list, by name.
package struct SourceQuery: Sendable, Equatable {
    /// Only names behind this one, by their bytes.
    package var after: SourceName?
    /// Only names that contain this, in whatever case.
    package var search: String?
    package var limit: Int

    package init(after: SourceName? = nil, search: String? = nil, limit: Int) {
        self.after = after
        self.search = search
        self.limit = limit
    }
}

/// How the streams of one source fare, in short.
package struct SourceSummary: Sendable, Equatable {
    package let name: SourceName
    /// How many there are.
    package let streams: Int
    /// Whether the last poll of one of them failed.
    package let isFailing: Bool
    /// Whether one of them was ever polled.
    package let isPolled: Bool
    package let isQuarantined: Bool
    /// Since when an operator has it paused; nil if it is not.
    package let pausedSince: Timestamp?

    package init(
        name: SourceName, streams: Int, isFailing: Bool, isPolled: Bool, isQuarantined: Bool,
        pausedSince: Timestamp?
    ) {
        self.name = name
        self.streams = streams
        self.isFailing = isFailing
        self.isPolled = isPolled
        self.isQuarantined = isQuarantined
        self.pausedSince = pausedSince
    }
}

/// Which events to list; nil means any.
package struct EventQuery: Sendable, Equatable {
    package var id: EventID?
    package var source: SourceName?
    package var stream: StreamName?
    package var key: RecordKey?
    package var kind: EventKind?
    package var since: Timestamp?
    package var limit: Int
    /// Only events before this place of the log.
    package var before: Int64?
    /// Only events after this place of the log, and then the oldest first.
    package var after: Int64?
    /// Whether records and what was before them are left out, which may be large.
    package var isBrief: Bool

    package init(
        id: EventID? = nil, source: SourceName? = nil, stream: StreamName? = nil,
        key: RecordKey? = nil, kind: EventKind? = nil, since: Timestamp? = nil, limit: Int = 20,
        before: Int64? = nil, after: Int64? = nil, isBrief: Bool = false
    ) {
        self.isBrief = isBrief
        self.before = before
        self.after = after
        self.id = id
        self.source = source
        self.stream = stream
        self.key = key
        self.kind = kind
        self.since = since
        self.limit = limit
    }
}

/// An event and how its deliveries stand.
package struct EventSummary: Sendable, Equatable {
    package let event: Event
    /// Where the event stands in the log.
    package let sequence: Int64
    package let pending: Int
    package let delivered: Int
    package let dead: Int

    package init(
        event: Event, sequence: Int64, pending: Int, delivered: Int, dead: Int
    ) {
        self.event = event
        self.sequence = sequence
        self.pending = pending
        self.delivered = delivered
        self.dead = dead
    }
}

/// Which deliveries to list; nil means any.
package struct DeliveryQuery: Sendable, Equatable {
    package var event: EventID?
    package var subscription: SubscriptionName?
    package var state: DeliveryState?
    package var limit: Int
    /// Only deliveries before this one.
    package var before: DeliveryID?
    package var id: DeliveryID?
    /// Only those with this trace, as 32 hexadecimal digits.
    package var trace: String?

    package init(
        event: EventID? = nil, subscription: SubscriptionName? = nil,
        state: DeliveryState? = nil, limit: Int = 20, before: DeliveryID? = nil,
        id: DeliveryID? = nil
    ) {
        self.before = before
        self.id = id
        self.event = event
        self.subscription = subscription
        self.state = state
        self.limit = limit
    }
}

/// A delivery with all its attempts.
package struct DeliverySummary: Sendable, Equatable {
    package let id: DeliveryID
    package let subscription: SubscriptionName
    package let event: EventID
    package let type: String
    package let address: StreamAddress
    package let key: RecordKey
    package let state: DeliveryState
    package let committed: Timestamp
    /// When the next attempt is due; nil once delivered or dead.
    package let due: Timestamp?
    package let attempts: [Attempt]
    /// The replay that the delivery belongs to; nil for one of its own time.
    package let replay: ReplayID?
    /// The replay that has sent a dead delivery again.
    package let replayedBy: ReplayID?

    package init(
        id: DeliveryID, subscription: SubscriptionName, event: EventID, type: String,
        address: StreamAddress, key: RecordKey, state: DeliveryState, committed: Timestamp,
        due: Timestamp?, attempts: [Attempt], replay: ReplayID? = nil,
        replayedBy: ReplayID? = nil
    ) {
        self.id = id
        self.subscription = subscription
        self.event = event
        self.type = type
        self.address = address
        self.key = key
        self.state = state
        self.committed = committed
        self.due = due
        self.attempts = attempts
        self.replay = replay
        self.replayedBy = replayedBy
    }
}

/// Changes of one source within one hour.
package struct ChangeCount: Sendable, Equatable {
    package let source: SourceName
    /// Whole hours since 1970.
    package let hour: Int64
    package let count: Int

    package init(source: SourceName, hour: Int64, count: Int) {
        self.source = source
        self.hour = hour
        self.count = count
    }
}
