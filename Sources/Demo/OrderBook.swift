import FoundationEssentials
package import PullcordModel

/// The orders of the demonstration shop, and how they change.
///
/// It is a pure value: the same seed and the same ticks give the same orders.
package struct OrderBook: Sendable, Equatable {
    /// At this many orders a tick always adds one.
    package static let countMin = 8
    /// At this many orders a tick always removes one.
    package static let countMax = 60

    /// By id, the oldest first.
    package private(set) var orders: [Order] = []
    private var nextID = 1001
    private var random: SeededRandom

    /// A book with `count` orders of different age and status; `now` is the newest one's time.
    package init(seed: UInt64, count: Int = 24, now: Timestamp) {
        random = SeededRandom(state: seed)
        let count = min(max(count, Self.countMin), Self.countMax)
        for index in 0..<count {
            let age = Duration.seconds(Int64(count - 1 - index) * 900)
            var order = newOrder(now - age)
            let steps = Int.random(in: 0...min(4, (count - 1 - index) / 3), using: &random)
            for _ in 0..<steps { advance(&order, now - age + .seconds(60)) }
            orders.append(order)
        }
    }

    /// Changes one order: a new one is placed, one goes a step further, or one is removed.
    package mutating func tick(now: Timestamp) -> OrderChange {
        if orders.count <= Self.countMin { return place(now) }
        if orders.count >= Self.countMax { return remove() }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: return place(now)
        case 20..<30: return remove()
        default: return advanceOne(now)
        }
    }

    package func order(_ id: Int) -> Order? { orders.first { $0.id == id } }

    private mutating func place(_ now: Timestamp) -> OrderChange {
        let order = newOrder(now)
        orders.append(order)
        return OrderChange(id: order.id, kind: .created, what: "placed by \(order.customer.name)")
    }

    private mutating func advanceOne(_ now: Timestamp) -> OrderChange {
        let open = orders.indices.filter { orders[$0].status.next != nil }
        guard let index = open.randomElement(using: &random) else { return place(now) }
        var order = orders[index]
        advance(&order, now)
        orders[index] = order
        return OrderChange(id: order.id, kind: .updated, what: "is \(order.status.rawValue)")
    }

    /// A full book lets go of its oldest finished order, any other of one that is not packed yet.
    private mutating func remove() -> OrderChange {
        let isFull = orders.count >= Self.countMax
        let finished = orders.firstIndex { $0.status == .delivered }
        let open = orders.indices.filter { [.placed, .paid].contains(orders[$0].status) }
        let cancelled = open.randomElement(using: &random)
        let index = (isFull ? finished ?? cancelled : cancelled ?? finished) ?? orders.startIndex
        let order = orders.remove(at: index)
        let what = order.status == .delivered ? "is archived" : "was cancelled"
        return OrderChange(id: order.id, kind: .deleted, what: what)
    }

    private mutating func newOrder(_ now: Timestamp) -> Order {
        defer { nextID &+= 1 }
        let products = Catalogue.products.shuffled(using: &random)
        let lines = products.prefix(Int.random(in: 1...3, using: &random)).map { product in
            Order.Line(
                sku: product.sku, title: product.title,
                quantity: Int.random(in: 1...4, using: &random), unitCents: product.cents)
        }
        let buyer = Int.random(in: Catalogue.customers.indices, using: &random)
        return Order(
            id: nextID, status: .placed, customer: Catalogue.customers[buyer], lines: lines,
            placedAt: now.milliseconds, updatedAt: now.milliseconds, tracking: nil)
    }

    private mutating func advance(_ order: inout Order, _ now: Timestamp) {
        guard let next = order.status.next else { return }
        order.status = next
        order.updatedAt = max(now.milliseconds, order.updatedAt &+ 1)
        guard next == .shipped else { return }
        order.tracking = "TRK" + String(random.next() >> 20, radix: 36, uppercase: true)
    }
}

/// What one tick did, for a terminal.
package struct OrderChange: Sendable, Equatable {
    package let id: Int
    package let kind: ChangeKind
    /// Goes on after "order 1042", as in `is shipped`.
    package let what: String
}

extension OrderBook: Codable {
    private enum CodingKeys: String, CodingKey {
        case orders, nextID, random
    }

    /// The state as bytes, to go on from in a later run.
    package func encoded() throws(DemoError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return try Array(encoder.encode(self))
        } catch {
            throw DemoError(
                code: .badState, operation: "encode the order book", message: "\(error)",
                hint: "report this as a bug")
        }
    }

    /// Reads what ``encoded()`` wrote; a book with too many orders, or with ids out of order, is
    /// refused as much as text that is something else.
    package init(decoding bytes: [UInt8]) throws(DemoError) {
        guard let book = try? JSONDecoder().decode(OrderBook.self, from: Data(bytes)), book.isSound
        else {
            throw DemoError(
                code: .badState, operation: "read the order book",
                message: "these are not the orders of an earlier demonstration",
                hint: "delete the file: the demonstration then starts afresh")
        }
        self = book
    }

    private var isSound: Bool {
        orders.count <= Self.countMax && nextID > (orders.last?.id ?? 0) && nextID < 1 << 50
            && zip(orders, orders.dropFirst()).allSatisfy { $0.id < $1.id }
    }
}
