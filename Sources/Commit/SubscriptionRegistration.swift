package import PullcordModel

/// What the store has to know of a subscription to queue its deliveries.
package struct SubscriptionRegistration: Sendable, Equatable {
    package let name: SubscriptionName
    /// Counts for the events that are committed from now on.
    package let order: DeliveryOrder
    /// Whether each delivery gets the subscription's next number and the event before it.
    package let isNumbered: Bool

    package init(
        _ name: SubscriptionName, order: DeliveryOrder = .perRecord, isNumbered: Bool = false
    ) {
        self.name = name
        self.order = order
        self.isNumbered = isNumbered
    }
}
