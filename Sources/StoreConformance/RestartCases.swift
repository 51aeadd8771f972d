import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let restartCases: [StoreCase] = [
        StoreCase(restarting: "everything is still there after a restart") { place in
            let scene = try await Scene(place)
            try await scene.commit([("a", Scene.known(0)), ("b", Scene.deleted(1))])
            try await scene.send([Scene.event("a")], to: [scene.triage, scene.audit])
            try await scene.settle(try await scene.claim()[0], .retry(at: Scene.time(5)))
            try await scene.store.setDisabled("gone", for: scene.audit, at: Scene.time(1))
            let streams = try await scene.store.streams()
            let subscriptions = try await scene.store.subscriptions()
            let events = try await scene.store.events(EventQuery())
            let deliveries = try await scene.store.deliveries(DeliveryQuery())
            await scene.store.close()

            let again = try await Scene(place)
            #expect(again.orders == scene.orders && again.users == scene.users)
            #expect(again.triage == scene.triage && again.audit == scene.audit)
            #expect(try await again.store.streams() == streams)
            #expect(try await again.store.subscriptions() == subscriptions)
            #expect(try await again.store.events(EventQuery()) == events)
            #expect(try await again.store.deliveries(DeliveryQuery()) == deliveries)
            let known = try await again.store.known(
                KeyList([RecordKey("a"), RecordKey("b")]), of: again.orders)
            #expect(known == [Scene.known(0), Scene.deleted(1)])
            await again.store.close()
        },
        StoreCase(restarting: "what was claimed before a restart is free after it") { place in
            let scene = try await Scene(place)
            try await scene.send(
                [
                    Scene.event("a", key: "a"), Scene.event("b", key: "b"),
                    Scene.event("c", key: "a"),
                ], to: [scene.triage])
            let first = try await scene.claim()
            #expect(first.names == ["a", "b"])
            await scene.store.close()
            let again = try await Scene(place)
            #expect(try await again.claim() == first)
            await again.store.close()
        },
        StoreCase(restarting: "numbers go on after a restart") { place in
            let scene = try await Scene(place)
            try await scene.send([Scene.event("a", key: "a")], to: [scene.triage])
            let before = try await scene.claim()
            await scene.store.close()
            let again = try await Scene(place)
            try await again.send([Scene.event("b", key: "b")], to: [again.triage])
            let after = try await again.claim()
            #expect(after.names == ["a", "b"])
            #expect(before[0].id < after[1].id)
            await again.store.close()
        },
        StoreCase(restarting: "nothing can be asked of a store that is closed") { place in
            let scene = try await Scene(place)
            await scene.store.close()
            await scene.store.close()
            let store = scene.store
            let batch = CommitBatch(stream: scene.orders, time: Scene.time(0))
            let calls: [@Sendable () async throws -> Void] = [
                { try await store.commit(batch) },
                { _ = try await store.streams() },
                { _ = try await store.subscriptions() },
                { _ = try await store.events(EventQuery()) },
                { _ = try await store.deliveries(DeliveryQuery()) },
                { _ = try await store.register(streams: []) },
                { _ = try await store.register(subscriptions: []) },
                {
                    _ = try await store.known(KeyList(), of: scene.orders)
                },
                {
                    _ = try await store.unseen(
                        of: scene.orders, seen: SeenSet(), after: nil, limit: 1)
                },
                {
                    _ = try await store.claim(
                        for: scene.triage, limit: 1, now: Scene.time(0))
                },
                {
                    _ = try await store.nextDue(for: scene.triage)
                },
                { try await store.release([]) },
                {
                    try await store.setDisabled(nil, for: scene.triage, at: Scene.time(0))
                },
            ]
            for (index, call) in calls.enumerated() {
                #expect(await storeErrorCode(call) == .closed, "call \(index)")
            }
        },
        StoreCase(restarting: "a write that waits when the store is closed is not lost") { place in
            let scene = try await Scene(place)
            let committed = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let records = [("\(number)", Scene.known(Int64(number)))]
                        return (try? await scene.commit(records)) != nil
                    }
                }
                group.addTask {
                    await scene.store.close()
                    return false
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let again = try await Scene(place)
            #expect(try await again.state()?.liveCount == committed)
            await again.store.close()
        },
    ]
}
