import PullcordCommit
import PullcordEngine
import PullcordMetrics
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct MetersTests {
    private static let created = Meters.ChangeClass(kind: .created, origin: .live)
    private static let updated = Meters.ChangeClass(kind: .updated, origin: .live)
    private static let delivered = Meters.DeliveryClass(outcome: .delivered, word: "2xx")

    @Test func `polls, changes and deliveries of a running bridge are counted`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let subscriber = try Subscriber(time: time)
        var text = try BridgeText(api, time: time)
        text.subscriptions = [(subscriber, "")]
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set(orders([(1, "b"), (2, "new")]))
            await bridge.time.advanceToNextSleeper()
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            await bridge.log.wait(for: "attempt", count: 2)
            let figures = bridge.meters.snapshot
            #expect(figures.polls[.baseline] == 1 && figures.polls[.changed] == 1)
            #expect(figures.records == 3 && figures.pages >= 2)
            #expect(figures.changes[Self.created] == 1)
            #expect(figures.changes[Self.updated] == 1)
            #expect(figures.deliveries[Self.delivered] == 2)
            #expect(figures.posts == 2 && figures.deliveryLag.count == 2)
            // Without a time in the record, since the start of the poll before.
            #expect(figures.statedLag.count == 0 && figures.assumedLag.count == 2)
            #expect(figures.assumedLag.sum >= 120)
            #expect(figures.violations.isEmpty)
        }
    }

    @Test func `the lag counts from the time that a record states`() async throws {
        let time = ManualTime()
        let record = { @Sendable (id: Int, when: Timestamp) in #"{"id":\#(id),"at":"\#(when)"}"# }
        let start = time.wall()
        let api = try ChangingAPI("[\(record(1, start))]")
        var text = try BridgeText(api, time: time)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at } }
            """
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set("[\(record(2, start + .seconds(20)))]")
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            let figures = bridge.meters.snapshot
            #expect(figures.statedLag.count == 1 && figures.assumedLag.count == 0)
            let event = try #require(try await bridge.events(of: "shop0").first)
            let age = (event.time - start - .seconds(20)) / .seconds(1)
            #expect(figures.statedLag.sum >= age && age >= 40)
        }
    }

    private static func delivery(_ id: Int64, _ key: String, at time: Timestamp) -> Delivery {
        Delivery(
            id: DeliveryID(id), subscription: SubscriptionID(1),
            event: Event(
                id: EventID("evt_\(id)"),
                address: StreamAddress(source: SourceName("s"), stream: StreamName("t")),
                key: RecordKey(key), kind: .created, version: 1, fingerprint: nil, time: time,
                origin: .live, record: nil),
            attempts: 0, committed: time)
    }

    @Test(
        arguments: [
            (DeliveryOrder.perRecord, [(1, "a"), (2, "b")], nil),
            (.perRecord, [(1, "a"), (2, "a")], "order_broken"),
            (.none, [(1, "a"), (2, "a")], nil),
            (.none, [(1, "a"), (1, "a")], "delivery_sent_twice"),
            (.fifo, [(1, "a"), (2, "b")], "order_broken"),
            (.latest, [(1, "a"), (2, "a")], "order_broken"),
        ] as [(DeliveryOrder, [(Int64, String)], String?)])
    func `what goes out together is watched`(
        order: DeliveryOrder, posts: [(Int64, String)], broken: String?
    ) {
        let start = Timestamp(milliseconds: 1000)
        var flight = InFlight(order: order, since: start)
        #expect(flight.start([Self.delivery(posts[0].0, posts[0].1, at: start)]) == nil)
        #expect(flight.start([Self.delivery(posts[1].0, posts[1].1, at: start)]) == broken)
        // What came before may have been put into another order.
        var old = InFlight(order: order, since: start + .seconds(1))
        #expect(old.start([Self.delivery(1, "a", at: start)]) == nil)
        #expect(old.start([Self.delivery(2, "a", at: start)]) == nil)
        // And after an answer, the next may go.
        var next = InFlight(order: order, since: start)
        let first = [Self.delivery(1, "a", at: start)]
        #expect(next.start(first) == nil)
        next.answered(first)
        #expect(next.start(first) == nil && next.count == 2)
    }
}
