package import PullcordModel

/// The deliveries of one lane that are being sent: keeps watch over the promises that the store
/// keeps, that nothing goes out twice at a time and nothing overtakes what it has to wait for.
package struct InFlight {
    private struct Order: Hashable {
        let record: EventPlace?
        let replay: ReplayID?
    }

    private struct EventPlace: Hashable {
        let address: StreamAddress
        let key: RecordKey
    }

    let order: DeliveryOrder
    /// Deliveries that were committed before may have been put into another order.
    let since: Timestamp
    /// POSTs whose end is not written down.
    package private(set) var count = 0
    private var deliveries: Set<DeliveryID> = []
    private var orders: Set<Order> = []

    package init(order: DeliveryOrder, since: Timestamp) {
        self.order = order
        self.since = since
    }

    /// Takes up what goes out in one POST; the name of a promise that is broken, nil if none is.
    package mutating func start(_ post: [Delivery]) -> String? {
        count += 1
        var broken: String?
        for delivery in post {
            if !deliveries.insert(delivery.id).inserted { broken = "delivery_sent_twice" }
            guard let order = order(of: delivery) else { continue }
            // A batch of one order is one POST and keeps its own.
            if !orders.insert(order).inserted, broken == nil { broken = "order_broken" }
        }
        return broken
    }

    /// A POST has ended; from when that is written down, others may follow.
    package mutating func answered(_ post: [Delivery]) {
        for delivery in post {
            deliveries.remove(delivery.id)
            if let order = order(of: delivery) { orders.remove(order) }
        }
    }

    package mutating func settled() { count -= 1 }

    private func order(of delivery: Delivery) -> Order? {
        guard delivery.committed >= since else { return nil }
        return switch order {
        case .none: nil
        case .fifo: Order(record: nil, replay: delivery.replay)
        case .perRecord, .latest:
            Order(
                record: EventPlace(address: delivery.event.address, key: delivery.event.key),
                replay: delivery.replay)
        }
    }
}
