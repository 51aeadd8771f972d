import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let steeringCases: [StoreCase] = [
        StoreCase("a paused source stays paused until it is resumed") { scene in
            let (shop, crm) = (SourceName("shop"), SourceName("crm"))
            try await scene.store.setPaused(true, shop, at: Scene.time(1))
            try await scene.store.setPaused(true, shop, at: Scene.time(2))
            try await scene.store.setPaused(true, crm, at: Scene.time(3))
            #expect(
                try await scene.store.pausedSources() == [
                    PausedSource(source: crm, since: Scene.time(3)),
                    PausedSource(source: shop, since: Scene.time(1)),
                ])
            try await scene.store.setPaused(false, shop, at: Scene.time(4))
            try await scene.store.setPaused(false, shop, at: Scene.time(5))
            #expect(try await scene.store.pausedSources().map(\.source) == [crm])
        },
        StoreCase("a source that is purged is paused no more") { scene in
            let shop = SourceName("shop")
            try await scene.store.setPaused(true, shop, at: Scene.time(1))
            _ = try await scene.store.register(streams: [Scene.users])
            while case .more = try await scene.store.purge(source: shop) {}
            #expect(try await scene.store.pausedSources().isEmpty)
        },
        StoreCase("a cursor that is set is where the next poll begins, and nothing else changes") {
            scene in
            try await scene.commit([("1", Scene.known(0))])
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.orders, time: Scene.time(0), cursor: "integer 7",
                    validators: .set(
                        Validators(
                            entityTag: "x", lastModified: nil, request: Scene.fingerprint(3))),
                    ending: PollEnding(
                        report: Scene.report("baseline"), nextPoll: Scene.time(60),
                        isSuccess: true, rules: Scene.fingerprint(1))))
            var expected = try await scene.state()
            let users = try await scene.state(Scene.users)
            expected?.cursor = "resync integer 3"
            expected?.validators = nil
            try await scene.store.setCursor(
                "resync integer 3", forgetsBaseline: false, of: scene.orders)
            #expect(try await scene.state() == expected)
            expected?.cursor = nil
            expected?.hasBaseline = false
            expected?.rules = nil
            try await scene.store.setCursor(nil, forgetsBaseline: true, of: scene.orders)
            #expect(try await scene.state() == expected)
            #expect(try await scene.state(Scene.users) == users)
            // What is known stays known.
            let known = try await scene.store.known(
                KeyList([RecordKey("1")]), of: scene.orders)
            #expect(known == [Scene.known(0)])
        },
        StoreCase("a cursor of a stream that nobody knows is refused") { scene in
            await #expect(throws: StoreError.self) {
                try await scene.store.setCursor(nil, forgetsBaseline: false, of: StreamID(99))
            }
        },
    ]
}
