import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let readCases: [StoreCase] = [
        StoreCase("a store with nothing in it answers every question", emptyStore),
        StoreCase("every filter of events finds its events, the newest first", eventFilters),
        StoreCase("one subscription and the streams of one source are what all are") { scene in
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage])
            let store = scene.store
            for summary in try await store.subscriptions() {
                #expect(try await store.subscription(summary.name) == summary)
                #expect(try await store.subscription(summary.id) == summary)
            }
            #expect(try await store.subscription(SubscriptionName("nobody")) == nil)
            #expect(try await store.subscription(SubscriptionID(4711)) == nil)
            let all = try await store.streams()
            for source in Set(all.map(\.address.source)) {
                let own = try await store.streams(of: source)
                #expect(own == all.filter { $0.address.source == source })
                #expect(!own.isEmpty)
            }
            #expect(try await store.streams(of: SourceName("nothing")).isEmpty)
        },
        StoreCase("an event tells how its deliveries stand") { scene in
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage, scene.audit])
            try await scene.send([Scene.event("b", key: "a")], to: [scene.triage])
            try await scene.settle(try await scene.claim()[0], .delivered)
            try await scene.settle(try await scene.claim(for: scene.audit)[0], .dead)
            let found = try await scene.store.events(EventQuery())
            #expect(found.map(\.pending) == [1, 0])
            #expect(found.map(\.delivered) == [0, 1])
            #expect(found.map(\.dead) == [0, 1])
        },
        StoreCase("changes are counted by source and hour, within two places of the log") {
            scene in
            // Seconds from the beginning of an hour.
            let first = (Scene.time(0).milliseconds + 3_599_999) / 3_600_000
            let start = (first * 3_600_000 - Scene.time(0).milliseconds) / 1000
            for (index, second) in [0, 3599, 3600, 3601].enumerated() {
                let event = Scene.event("e\(index)", key: "k\(index)", at: start + Int64(second))
                try await scene.send([event], to: [scene.triage])
            }
            let end = try await scene.store.logEnd()
            func counts(_ after: Int64, _ upTo: Int64) async throws -> [String] {
                try await scene.store.changeCounts(after: after, upTo: upTo).map {
                    "\($0.source) \($0.hour) \($0.count)"
                }
            }
            let name = Scene.orders.source
            #expect(try await counts(0, end) == ["\(name) \(first) 2", "\(name) \(first + 1) 2"])
            #expect(try await counts(end - 1, end) == ["\(name) \(first + 1) 1"])
            #expect(try await counts(0, end - 3) == ["\(name) \(first) 1"])
            #expect(try await counts(end, end).isEmpty)
        },
        StoreCase("every filter of deliveries finds its deliveries, the newest first") { scene in
            let events = [
                Scene.event("a1", key: "a", kind: .deleted), Scene.event("a2", key: "a"),
                Scene.event("b1", key: "b"), Scene.event("c1", key: "c"),
            ]
            try await scene.send(events, to: [scene.triage, scene.audit], at: 3)
            let claimed = try await scene.claim()
            #expect(claimed.names == ["a1", "b1", "c1"])
            try await scene.settle(claimed[1], .delivered)
            try await scene.settle(claimed[2], .dead)
            func find(_ query: DeliveryQuery) async throws -> [String] {
                try await scene.store.deliveries(query).map {
                    "\($0.subscription) \($0.event.text.dropFirst(4)) \($0.state.rawValue)"
                }
            }
            let triage = SubscriptionName("triage")
            #expect(
                try await find(DeliveryQuery(subscription: triage)) == [
                    "triage c1 dead", "triage b1 delivered", "triage a2 blocked",
                    "triage a1 ready",
                ])
            for state in [DeliveryState.ready, .blocked, .delivered, .dead] {
                let found = try await find(DeliveryQuery(subscription: triage, state: state))
                #expect(found.count == 1 && found[0].hasSuffix(" \(state.rawValue)"))
            }
            #expect(try await find(DeliveryQuery(state: .blocked)).count == 2)
            #expect(try await find(DeliveryQuery(state: .ready)).count == 4)
            #expect(
                try await find(DeliveryQuery(event: EventID("evt_b1"))).sorted() == [
                    "audit b1 ready", "triage b1 delivered",
                ])
            #expect(try await find(DeliveryQuery(event: EventID("evt_x"))).isEmpty)
            #expect(try await find(DeliveryQuery(subscription: SubscriptionName("x"))).isEmpty)
            #expect(try await find(DeliveryQuery(limit: 3)).count == 3)
            #expect(try await find(DeliveryQuery(limit: 0)).isEmpty)
            let all = try await scene.store.deliveries(DeliveryQuery())
            #expect(all.map(\.id) == all.map(\.id).sorted(by: >))
            let oldest = try #require(all.last)
            #expect(oldest.type == "orders.deleted" && oldest.address == Scene.orders)
            #expect(oldest.key.text == "a" && oldest.committed == Scene.time(3))
            #expect(oldest.due == Scene.time(3))
            let settled = all.filter { $0.state == .delivered || $0.state == .dead }
            #expect(settled.map(\.due) == [nil, nil])
        },
        StoreCase("a subscription's numbers follow its deliveries") { scene in
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage], at: 10)
            try await scene.send(
                [Scene.event("b", key: "a"), Scene.event("c", key: "c")], to: [scene.triage],
                at: 20)
            var summary = try await scene.summary()
            #expect(summary?.backlog == 3 && summary?.oldestBacklog == Scene.time(10))
            let claimed = try await scene.claim()
            summary = try await scene.summary()
            #expect(summary?.backlog == 3)
            try await scene.settle(claimed[1], .retry(at: Scene.time(900)), at: 25)
            try await scene.settle(claimed[0], .delivered, at: 30)
            summary = try await scene.summary()
            #expect(summary?.backlog == 2 && summary?.oldestBacklog == Scene.time(20))
            #expect(summary?.delivered == 1 && summary?.dead == 0)
            #expect(summary?.lastDelivered == Scene.time(30) + .milliseconds(250))
            #expect(try await scene.summary("audit") == emptySummary(scene.audit, "audit"))
        },
    ]

    @Sendable
    private static func emptyStore(_ scene: Scene) async throws {
        let store = scene.store
        #expect(try await store.events(EventQuery()).isEmpty)
        #expect(try await store.deliveries(DeliveryQuery()).isEmpty)
        let summaries = try await store.subscriptions()
        #expect(
            summaries == [
                emptySummary(scene.audit, "audit"), emptySummary(scene.triage, "triage"),
            ])
        let streams = try await store.streams()
        #expect(streams.map(\.address) == [Scene.users, Scene.orders])
    }

    private static func emptySummary(_ id: SubscriptionID, _ name: String) -> SubscriptionSummary {
        SubscriptionSummary(
            id: id, name: SubscriptionName(name), backlog: 0, delivered: 0, dead: 0,
            oldestBacklog: nil, lastDelivered: nil, disabledReason: nil)
    }

    @Sendable
    private static func eventFilters(_ scene: Scene) async throws {
        try await scene.send(
            [
                Scene.event("a", key: "1", at: 10),
                Scene.event("b", key: "2", kind: .updated, at: 20, origin: .backfill),
                Scene.event(
                    "c", key: "1", kind: .deleted, at: 30, origin: .resync, record: nil),
            ], to: [])
        let other = Scene.event("d", key: "1", address: Scene.users, at: 40, origin: .replay)
        try await scene.store.commit(
            CommitBatch(
                stream: scene.users, time: Scene.time(40),
                events: [OutgoingEvent(event: other, subscriptions: [])]))
        func find(_ query: EventQuery) async throws -> String {
            try await scene.store.events(query).map { $0.event.id.text.dropFirst(4) }.joined()
        }
        let table: [(EventQuery, String)] = [
            (EventQuery(), "dcba"), (EventQuery(limit: 2), "dc"), (EventQuery(limit: 0), ""),
            (EventQuery(limit: -1), ""), (EventQuery(id: EventID("evt_b")), "b"),
            (EventQuery(id: EventID("evt_x")), ""), (EventQuery(source: SourceName("shop")), "cba"),
            (EventQuery(source: SourceName("x")), ""),
            (EventQuery(stream: StreamName("users")), "d"),
            (EventQuery(source: SourceName("shop"), stream: StreamName("users")), ""),
            (EventQuery(key: RecordKey("1")), "dca"), (EventQuery(key: RecordKey("3")), ""),
            (EventQuery(stream: StreamName("orders"), key: RecordKey("1"), limit: 1), "c"),
            (EventQuery(kind: .created), "da"), (EventQuery(kind: .updated), "b"),
            (EventQuery(since: Scene.time(20)), "dcb"), (EventQuery(since: Scene.time(41)), ""),
            (EventQuery(key: RecordKey("1"), kind: .deleted, since: Scene.time(30)), "c"),
            (
                EventQuery(
                    id: EventID("evt_b"), source: SourceName("shop"),
                    stream: StreamName("orders"), key: RecordKey("2"), kind: .updated,
                    since: Scene.time(0), limit: 5), "b"
            ),
        ]
        for (query, expected) in table {
            #expect(try await find(query) == expected, "\(query)")
        }
        let origins = try await scene.store.events(EventQuery()).map(\.event.origin)
        #expect(origins == [.replay, .resync, .backfill, .live])
    }
}
