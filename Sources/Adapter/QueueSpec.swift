package import PullcordModel

/// How the deliveries of a subscription wait for each other.
package struct QueueSpec: Sendable, Equatable {
    package var order: DeliveryOrder
    /// Whether each delivery carries the subscription's next number and the event before it.
    package var isNumbered: Bool
    /// Several events in one POST; nil for one each.
    package var batch: BatchSize?

    package init(
        order: DeliveryOrder = .perRecord, isNumbered: Bool = false, batch: BatchSize? = nil
    ) {
        self.order = order
        self.isNumbered = isNumbered
        self.batch = batch
    }
}

/// How long what is finished is kept; nil keeps it for ever.
package struct RetentionSpec: Sendable, Equatable {
    /// Payloads of delivered events: seven days unless the file says otherwise.
    package var payloads: Duration?
    /// Events with a dead delivery: thirty days.
    package var dead: Duration?
    /// All other events with their deliveries and attempts: thirty days.
    package var attempts: Duration?

    package init(
        payloads: Duration? = .seconds(7 * 86_400), dead: Duration? = .seconds(30 * 86_400),
        attempts: Duration? = .seconds(30 * 86_400)
    ) {
        self.payloads = payloads
        self.dead = dead
        self.attempts = attempts
    }
}
