package import PullcordModel

/// Which events of the log to send again; nil and empty mean any.
package struct ReplayQuery: Sendable, Equatable {
    package var events: [EventID]
    /// Only events that this subscription was sent, or was to be sent.
    package var subscription: SubscriptionName?
    package var source: SourceName?
    package var stream: StreamName?
    package var key: RecordKey?
    package var kind: EventKind?
    /// The earliest time of an event.
    package var since: Timestamp?
    /// The time before which an event must be.
    package var until: Timestamp?
    /// Only what is dead and was not sent again; needs a subscription.
    package var isDeadOnly: Bool
    /// A jq predicate over the webhook's body, which the store does not look at.
    package var filter: String?

    package init(
        events: [EventID] = [], subscription: SubscriptionName? = nil, source: SourceName? = nil,
        stream: StreamName? = nil, key: RecordKey? = nil, kind: EventKind? = nil,
        since: Timestamp? = nil, until: Timestamp? = nil, isDeadOnly: Bool = false,
        filter: String? = nil
    ) {
        self.events = events
        self.subscription = subscription
        self.source = source
        self.stream = stream
        self.key = key
        self.kind = kind
        self.since = since
        self.until = until
        self.isDeadOnly = isDeadOnly
        self.filter = filter
    }
}

/// An event that a replay may send.
package struct ReplayCandidate: Sendable, Equatable {
    /// Where the event stands in the log.
    package let sequence: Int64
    package let event: Event
    /// False once retention took the record away: the event cannot be sent again.
    package let hasPayload: Bool

    package init(sequence: Int64, event: Event, hasPayload: Bool) {
        self.sequence = sequence
        self.event = event
        self.hasPayload = hasPayload
    }
}

/// Candidates, and how far the log was read for them.
package struct ReplayPage: Sendable, Equatable {
    package let candidates: [ReplayCandidate]
    package let position: Int64

    package init(candidates: [ReplayCandidate], position: Int64) {
        self.candidates = candidates
        self.position = position
    }
}

/// A replay and how far it has come.
package struct ReplayJob: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Events are still to be put into the queue.
        case running
        /// All are in the queue, and some wait.
        case sending
        case done
        case cancelled
    }

    package let id: ReplayID
    package let query: ReplayQuery
    package let target: SubscriptionID
    package let targetName: SubscriptionName
    /// Events a second.
    package let rate: Int
    package let made: Timestamp
    /// The log's end when the replay was made: later events are not part of it.
    package let upper: Int64
    /// How far the log has been read.
    package let position: Int64
    /// Deliveries put into the queue.
    package let queued: Int
    package let delivered: Int
    package let dead: Int
    package let cancelled: Int
    /// Events that could not be sent, because their payload is gone.
    package let withoutPayload: Int
    package let isCancelled: Bool

    package init(
        id: ReplayID, query: ReplayQuery, target: SubscriptionID, targetName: SubscriptionName,
        rate: Int, made: Timestamp, upper: Int64, position: Int64, queued: Int = 0,
        delivered: Int = 0, dead: Int = 0, cancelled: Int = 0, withoutPayload: Int = 0,
        isCancelled: Bool = false
    ) {
        self.id = id
        self.query = query
        self.target = target
        self.targetName = targetName
        self.rate = rate
        self.made = made
        self.upper = upper
        self.position = position
        self.queued = queued
        self.delivered = delivered
        self.dead = dead
        self.cancelled = cancelled
        self.withoutPayload = withoutPayload
        self.isCancelled = isCancelled
    }

    package var waiting: Int { max(0, queued - delivered - dead - cancelled) }

    package var state: State {
        if isCancelled { return .cancelled }
        if position < upper { return .running }
        return waiting > 0 ? .sending : .done
    }
}

/// What one step of a replay puts into the queue.
package struct ReplayStep: Sendable, Equatable {
    package let job: ReplayID
    /// Where the step began to read: a step is written once only.
    package let from: Int64
    package let to: Int64
    /// Places in the log of the events to send.
    package let events: [Int64]
    package let withoutPayload: Int

    package init(job: ReplayID, from: Int64, to: Int64, events: [Int64], withoutPayload: Int) {
        self.job = job
        self.from = from
        self.to = to
        self.events = events
        self.withoutPayload = withoutPayload
    }
}

/// Questions about replays.
package protocol ReplayReader: Sendable {
    /// The place of the newest event of the log; 0 if it is empty.
    func logEnd() async throws -> Int64

    /// The next events that fit, at most `limit`, after one place of the log up to another.
    ///
    /// A bounded part of the log is read, so few or none may be found before the end.
    func candidates(
        for query: ReplayQuery, after: Int64, upTo: Int64, limit: Int
    ) async throws -> ReplayPage

    /// The newest first, at most `limit` of those before one; nil for all. Those that were done
    /// before the last ``Limits/replaysKept`` are forgotten.
    func replays(before: ReplayID?, limit: Int) async throws -> [ReplayJob]
}

extension ReplayReader {
    package func replays(limit: Int) async throws -> [ReplayJob] {
        try await replays(before: nil, limit: limit)
    }
}

/// What a replay changes.
package protocol ReplayStore: Sendable {
    /// Makes a replay of what is in the log now; asked twice by one request within
    /// ``Limits/keptAnswerAgeMax``, it makes one. Numbers below zero are requests that came with a
    /// key of their own. nil if there is no such target.
    func makeReplay(
        _ query: ReplayQuery, to target: SubscriptionName, rate: Int, request: Int64?,
        at time: Timestamp
    ) async throws(StoreError) -> ReplayJob?

    /// Those that still have events to put into the queue, the oldest first.
    func runningReplays() async throws(StoreError) -> [ReplayJob]

    /// Puts deliveries into the queue and moves the replay on, in one transaction; false if the
    /// replay is not where the step began, or was cancelled.
    func advance(_ step: ReplayStep, at time: Timestamp) async throws(StoreError) -> Bool

    /// Stops a replay and takes what waits of it out of the queue; false if there is none that
    /// could be stopped. Untyped as ``OperatorStore/purge(subscription:)`` is.
    func cancelReplay(_ job: ReplayID, at time: Timestamp) async throws -> Bool
}
