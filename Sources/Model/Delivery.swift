/// One event on its way to one subscription.
package struct Delivery: Sendable, Equatable {
    package let id: DeliveryID
    package let subscription: SubscriptionID
    package let event: Event
    /// How many attempts were made before this one.
    package let attempts: Int
    /// When the delivery was committed.
    package let committed: Timestamp
    /// The event before this one in the same order that was given up; nil if none was.
    package let gap: EventID?
    /// The number among the subscription's deliveries; nil unless it asked for numbers.
    package let sequence: Int64?
    /// The event that got the number before; nil for the first and where there are no numbers.
    package let previous: EventID?
    /// The replay that sends the event again; nil for a delivery of its own time.
    package let replay: ReplayID?

    package init(
        id: DeliveryID, subscription: SubscriptionID, event: Event, attempts: Int,
        committed: Timestamp, gap: EventID? = nil, sequence: Int64? = nil,
        previous: EventID? = nil, replay: ReplayID? = nil
    ) {
        self.id = id
        self.subscription = subscription
        self.event = event
        self.attempts = attempts
        self.committed = committed
        self.gap = gap
        self.sequence = sequence
        self.previous = previous
        self.replay = replay
    }
}

/// Where a delivery stands.
package enum DeliveryState: String, Sendable, CaseIterable {
    /// May be sent as soon as it is due.
    case ready
    /// Waits for an earlier delivery of the same record to the same subscription.
    case blocked
    /// Was answered with a success.
    case delivered
    /// Was given up; `pullcord deliveries` shows why.
    case dead
    /// Was left out, because a newer state of the record took its place (`order: latest`).
    case superseded
    /// Was taken out of the queue with the replay that it belonged to.
    case cancelled
}

/// One POST of a delivery and what came of it.
package struct Attempt: Sendable, Equatable {
    /// 1 for the first.
    package let number: Int
    package let started: Timestamp
    package let duration: Duration
    /// The HTTP status; nil if no complete answer came.
    package let status: Int?
    /// One word for machines, such as `delivered`, `status`, `redirect`, `timeout`, `dns` or `tls`.
    package let outcome: String
    /// The reason in words, for people; empty after a success.
    package let reason: String
    /// The beginning of the reply, at most ``Limits/replyBytesKept`` bytes, made valid UTF-8.
    package let reply: String
    /// The `traceparent` that went out with it; nil without one.
    package let trace: String?

    package init(
        number: Int, started: Timestamp, duration: Duration, status: Int?, outcome: String,
        reason: String, reply: String, trace: String? = nil
    ) {
        self.trace = trace
        self.number = number
        self.started = started
        self.duration = duration
        self.status = status
        self.outcome = outcome
        self.reason = reason
        self.reply = reply
    }
}

/// What is decided about a delivery after an attempt.
package struct Settlement: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        case delivered
        case retry(at: Timestamp)
        case dead
    }

    package let delivery: DeliveryID
    package let attempt: Attempt
    package let verdict: Verdict

    package init(delivery: DeliveryID, attempt: Attempt, verdict: Verdict) {
        self.delivery = delivery
        self.attempt = attempt
        self.verdict = verdict
    }
}
