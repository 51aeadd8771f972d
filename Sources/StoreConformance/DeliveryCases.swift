import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let deliveryCases: [StoreCase] = [
        StoreCase("every subscription gets its own delivery of an event") { scene in
            let event = Scene.event("a")
            try await scene.send([event], to: [scene.triage, scene.audit], at: 7)
            let first = try await scene.claim(for: scene.triage)
            let second = try await scene.claim(for: scene.audit)
            #expect(first.map(\.event) == [event] && second.map(\.event) == [event])
            #expect(first.map(\.subscription) == [scene.triage])
            #expect(second.map(\.subscription) == [scene.audit])
            #expect(first.first?.id != second.first?.id)
            #expect(first.first?.committed == Scene.time(7) && first.first?.attempts == 0)
        },
        StoreCase("the changes of one record become ready one after the other") { scene in
            try await scene.send(
                [
                    Scene.event("a1", key: "a"), Scene.event("b1", key: "b"),
                    Scene.event("a2", key: "a"),
                ], to: [scene.triage, scene.audit])
            try await scene.send([Scene.event("a3", key: "a")], to: [scene.triage])
            let first = try await scene.claim()
            #expect(first.names == ["a1", "b1"])
            #expect(try await scene.claim().isEmpty)
            try await scene.settle(first[0], .delivered)
            let second = try await scene.claim()
            #expect(second.names == ["a2"])
            try await scene.settle(second[0], .delivered)
            #expect(try await scene.claim().names == ["a3"])
            // The other subscription's order is its own.
            #expect(try await scene.claim(for: scene.audit).names == ["a1", "b1"])
        },
        StoreCase("records of one key in two streams do not wait for each other") { scene in
            try await scene.send([Scene.event("a", key: "1")], to: [scene.triage])
            let other = Scene.event("b", key: "1", address: Scene.users)
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.users, time: Scene.time(0),
                    events: [OutgoingEvent(event: other, subscriptions: [scene.triage])]))
            #expect(try await scene.claim().names == ["a", "b"])
        },
        StoreCase("what is claimed is not handed out again until it is released") { scene in
            try await scene.send(
                (0..<5).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.triage])
            let first = try await scene.claim(2)
            #expect(first.names == ["0", "1"])
            #expect(try await scene.claim(2).names == ["2", "3"])
            try await scene.store.release([first[1].id])
            #expect(try await scene.claim(9).names == ["1", "4"])
            #expect(try await scene.claim(9).isEmpty)
            try await scene.store.release([])
            try await scene.store.release([DeliveryID(999), first[0].id])
            #expect(try await scene.claim(9).names == ["0"])
        },
        StoreCase("a limit of nothing claims nothing") { scene in
            try await scene.send([Scene.event("a")], to: [scene.triage])
            #expect(try await scene.claim(0).isEmpty)
            #expect(try await scene.claim(1).count == 1)
        },
        StoreCase("what is not due is not claimed, and nextDue tells when it is") { scene in
            #expect(try await scene.store.nextDue(for: scene.triage) == nil)
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage], at: 50)
            try await scene.send([Scene.event("b", key: "b")], to: [scene.triage], at: 20)
            #expect(try await scene.store.nextDue(for: scene.triage) == Scene.time(20))
            #expect(try await scene.claim(at: 19).isEmpty)
            #expect(try await scene.claim(at: 20).names == ["b"])
            #expect(try await scene.store.nextDue(for: scene.triage) == Scene.time(50))
            #expect(try await scene.claim(at: 50).names == ["a"])
            #expect(try await scene.store.nextDue(for: scene.triage) == nil)
            #expect(try await scene.store.nextDue(for: scene.audit) == nil)
        },
        StoreCase("what is due and in nobody's hands is counted, up to a limit") { scene in
            let store = scene.store
            for (index, key) in ["a", "b", "c"].enumerated() {
                try await scene.send(
                    [Scene.event(key, key: key), Scene.event(key + "2", key: key)],
                    to: [scene.triage], at: Int64(index) * 10)
            }
            let count = { (limit: Int, second: Int64) in
                try await store.countDue(
                    for: scene.triage, limit: limit, now: Scene.time(second))
            }
            #expect(try await count(9, 10) == 2)
            #expect(try await count(9, 99) == 3)
            #expect(try await count(2, 99) == 2)
            #expect(try await count(0, 99) == 0)
            #expect(try await scene.claim(1, at: 99).names == ["a"])
            #expect(try await count(9, 99) == 2)
            try await store.setDisabled("holidays", for: scene.triage, at: Scene.time(99))
            #expect(try await count(9, 99) == 0)
        },
        StoreCase("the first due is claimed first, and the older among equals") { scene in
            try await scene.send([Scene.event("late", key: "1")], to: [scene.triage], at: 30)
            try await scene.send(
                [Scene.event("x", key: "2"), Scene.event("y", key: "3")], to: [scene.triage],
                at: 10)
            try await scene.send([Scene.event("mid", key: "4")], to: [scene.triage], at: 20)
            #expect(try await scene.claim().names == ["x", "y", "mid", "late"])
        },
        StoreCase("callers that claim at once never get the same delivery") { scene in
            let count = 400
            try await scene.send(
                (0..<count).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.triage])
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        var names: [String] = []
                        while true {
                            let deliveries = try await scene.claim(7)
                            if deliveries.isEmpty { return names }
                            names += deliveries.names
                            try await scene.store.settle(
                                deliveries.map { Scene.settlement($0, .delivered) })
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == count && Set(claimed).count == count)
            #expect(try await scene.summary()?.delivered == count)
            #expect(try await scene.summary()?.backlog == 0)
        },
        StoreCase("a stopped subscription hands out nothing and keeps everything") { scene in
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage, scene.audit])
            try await scene.store.setDisabled(
                "answered 410", for: scene.triage, at: Scene.time(1))
            try await scene.send([Scene.event("b", key: "b")], to: [scene.triage])
            #expect(try await scene.claim().isEmpty)
            #expect(try await scene.store.nextDue(for: scene.triage) == nil)
            #expect(try await scene.summary()?.disabledReason == "answered 410")
            #expect(try await scene.summary()?.backlog == 2)
            #expect(try await scene.summary("audit")?.disabledReason == nil)
            #expect(try await scene.claim(for: scene.audit).names == ["a"])
            try await scene.store.setDisabled(nil, for: scene.triage, at: Scene.time(2))
            #expect(try await scene.summary()?.disabledReason == nil)
            #expect(try await scene.claim().names == ["a", "b"])
        },
        StoreCase("what is kept of an endpoint's health is that subscription's alone") { scene in
            #expect(try await scene.summary()?.health == nil)
            try await scene.store.setHealth("open until=7 reason=d\u{F6}wn", for: scene.triage)
            #expect(try await scene.summary()?.health == "open until=7 reason=d\u{F6}wn")
            #expect(try await scene.summary("audit")?.health == nil)
            try await scene.store.setHealth(nil, for: scene.triage)
            #expect(try await scene.summary()?.health == nil)
        },
        StoreCase("a subscription that nobody registered is refused") { scene in
            let stranger = SubscriptionID(999)
            let store = scene.store
            #expect(
                await storeErrorCode {
                    _ = try await store.claim(for: stranger, limit: 1, now: Scene.time(0))
                } == .fault)
            #expect(
                await storeErrorCode { _ = try await store.nextDue(for: stranger) } == .fault)
            #expect(
                await storeErrorCode {
                    try await store.setDisabled("x", for: stranger, at: Scene.time(0))
                } == .fault)
        },
    ]
}
