import PullcordCommit
import PullcordModel
import Testing

extension Scene {
    /// Gives `triage` an order, as a changed bridge file does.
    func order(_ order: DeliveryOrder, isNumbered: Bool = false) async throws {
        _ = try await store.register(subscriptions: [
            SubscriptionRegistration(
                SubscriptionName("triage"), order: order, isNumbered: isNumbered),
            SubscriptionRegistration(SubscriptionName("audit")),
        ])
    }

    /// The state of each delivery to `triage`, by the name of its event.
    func states() async throws -> [String: DeliveryState] {
        let query = DeliveryQuery(subscription: SubscriptionName("triage"), limit: 1000)
        return Dictionary(
            try await store.deliveries(query).map {
                (String($0.event.text.dropFirst(4)), $0.state)
            }
        ) { first, _ in first }
    }
}

extension StoreConformance {
    static let orderCases: [StoreCase] = [
        StoreCase("fifo hands out one delivery after the other, whatever its record") { scene in
            try await scene.order(.fifo)
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "2")], to: [scene.triage])
            let first = try await scene.claim()
            #expect(first.names == ["a"])
            try await scene.settle(first[0], .retry(at: Scene.time(2000)))
            #expect(try await scene.claim().isEmpty)
            try await scene.settle(try await scene.claim(at: 2000)[0], .dead)
            let second = try await scene.claim()
            #expect(second.names == ["b"])
            #expect(second[0].gap == EventID("evt_a"))
        },
        StoreCase("without order nothing waits, not even for its own record") { scene in
            try await scene.order(.none)
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "1")], to: [scene.triage])
            try await scene.send([Scene.event("c", key: "1")], to: [scene.triage])
            let all = try await scene.claim()
            #expect(all.names == ["a", "b", "c"])
            try await scene.settle(all[0], .dead)
            try await scene.send([Scene.event("d", key: "1")], to: [scene.triage])
            #expect(try await scene.claim().first?.gap == nil)
        },
        StoreCase("latest leaves out what waits when a newer state is committed") { scene in
            try await scene.order(.latest)
            for name in ["a", "b", "c"] {
                try await scene.send([Scene.event(name, key: "1")], to: [scene.triage])
            }
            try await scene.send([Scene.event("x", key: "2")], to: [scene.triage])
            #expect(try await scene.claim().names == ["c", "x"])
            #expect(
                try await scene.states() == [
                    "a": .superseded, "b": .superseded, "c": .ready, "x": .ready,
                ])
            let summary = try #require(try await scene.summary())
            #expect(summary.backlog == 2 && summary.superseded == 2)
        },
        StoreCase("latest never takes a delivery out of somebody's hands") { scene in
            try await scene.order(.latest)
            try await scene.send([Scene.event("a", key: "1")], to: [scene.triage])
            let held = try await scene.claim()
            #expect(held.names == ["a"])
            for name in ["b", "c"] {
                try await scene.send([Scene.event(name, key: "1")], to: [scene.triage])
            }
            // In order within the record: the newest waits for the one that is in the air.
            #expect(try await scene.claim().isEmpty)
            try await scene.settle(held[0], .delivered)
            #expect(try await scene.claim().names == ["c"])
            #expect(
                try await scene.states() == ["a": .delivered, "b": .superseded, "c": .ready])
        },
        StoreCase("latest gives up a failed delivery when a newer one waits") { scene in
            try await scene.order(.latest)
            for (index, verdict) in [Settlement.Verdict.retry(at: Scene.time(9)), .dead]
                .enumerated()
            {
                let key = "\(index)"
                try await scene.send([Scene.event("old\(key)", key: key)], to: [scene.triage])
                let held = try await scene.claim()
                try await scene.send([Scene.event("new\(key)", key: key)], to: [scene.triage])
                try await scene.settle(held[0], verdict)
                let next = try await scene.claim()
                #expect(next.names == ["new\(key)"] && next[0].gap == nil)
                #expect(try await scene.states()["old\(key)"] == .superseded)
            }
            // Without a newer one it is tried again.
            try await scene.send([Scene.event("only", key: "9")], to: [scene.triage])
            try await scene.settle(try await scene.claim()[0], .retry(at: Scene.time(9)))
            #expect(try await scene.states()["only"] == .ready)
        },
        StoreCase("an order counts for the events that are committed after it") { scene in
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "1")], to: [scene.triage])
            try await scene.order(.latest)
            #expect(try await scene.states() == ["a": .ready, "b": .blocked])
            try await scene.send([Scene.event("c", key: "1")], to: [scene.triage])
            #expect(try await scene.claim().names == ["c"])
        },
        StoreCase("claims and commits that race never send what was left out") { scene in
            try await scene.order(.latest)
            let sent = try await withThrowingTaskGroup(of: [String].self) { group in
                group.addTask {
                    for number in 0..<300 {
                        try await scene.send(
                            [Scene.event("\(number)", key: "\(number % 3)")], to: [scene.triage])
                    }
                    return []
                }
                for _ in 0..<4 {
                    group.addTask {
                        var names: [String] = []
                        for _ in 0..<150 {
                            let claimed = try await scene.claim(3)
                            names += claimed.names
                            try await scene.store.settle(
                                claimed.map { Scene.settlement($0, .delivered) })
                        }
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let states = try await scene.states()
            #expect(sent.count == Set(sent).count)
            #expect(sent.allSatisfy { states[$0] == .delivered })
            #expect(states.values.count { $0 == .delivered } == sent.count)
            for number in 297..<300 { #expect(states["\(number)"] != .superseded) }
        },
        StoreCase("the next of a record carries the id of a dead one, once") { scene in
            try await scene.send(
                [
                    Scene.event("a", key: "1"), Scene.event("b", key: "1"),
                    Scene.event("c", key: "1"), Scene.event("x", key: "2"),
                ], to: [scene.triage])
            let first = try await scene.claim()
            #expect(first.names == ["a", "x"])
            try await scene.settle(first[0], .dead)
            try await scene.settle(first[1], .dead)
            let second = try await scene.claim()
            #expect(second.names == ["b"] && second[0].gap == EventID("evt_a"))
            try await scene.settle(second[0], .delivered)
            let third = try await scene.claim()
            #expect(third.names == ["c"] && third[0].gap == nil)
            // Nothing waited behind the other: the next that is committed tells of it.
            try await scene.send(
                [Scene.event("y", key: "2"), Scene.event("z", key: "2")], to: [scene.triage])
            let fourth = try await scene.claim()
            #expect(fourth.names == ["y"] && fourth[0].gap == EventID("evt_x"))
            try await scene.settle(fourth[0], .delivered)
            #expect(try await scene.claim()[0].gap == nil)
        },
        StoreCase("numbers have no gaps, and each names the event before") { scene in
            try await scene.send([Scene.event("before")], to: [scene.triage, scene.audit])
            try await scene.order(.perRecord, isNumbered: true)
            for number in 1...3 {
                try await scene.send(
                    [
                        Scene.event("\(number)a", key: "\(number)a"),
                        Scene.event("\(number)b", key: "\(number)b"),
                    ], to: number == 2 ? [scene.audit, scene.triage] : [scene.triage])
            }
            let all = try await scene.claim()
            #expect(all.map(\.sequence) == [nil, 1, 2, 3, 4, 5, 6])
            #expect(
                all.map(\.previous?.text) == [
                    nil, nil, "evt_1a", "evt_1b", "evt_2a", "evt_2b", "evt_3a",
                ])
            #expect(try await scene.claim(for: scene.audit).allSatisfy { $0.sequence == nil })
        },
        StoreCase("what the file no longer names is kept and said to be so") { scene in
            try await scene.send([Scene.event("a")], to: [scene.triage, scene.audit])
            _ = try await scene.store.register(subscriptions: [SubscriptionName("audit")])
            _ = try await scene.store.register(streams: [Scene.users])
            #expect(try await scene.summary()?.isInFile == false)
            #expect(try await scene.summary()?.backlog == 1)
            #expect(try await scene.summary("audit")?.isInFile == true)
            #expect(try await scene.state()?.isInFile == false)
            try await scene.order(.perRecord)
            _ = try await scene.store.register(streams: [Scene.orders, Scene.users])
            #expect(try await scene.summary()?.isInFile == true)
            #expect(try await scene.state()?.isInFile == true)
        },
    ]
}
