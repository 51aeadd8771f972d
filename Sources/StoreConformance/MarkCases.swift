import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// What streams remember by name, and what they forget.
    static let markCases: [StoreCase] = [
        StoreCase("marks are kept by name and stream, and an empty one is taken away") { scene in
            try await scene.mark(["a": "1", "b": "é\nx"])
            try await scene.mark(["a": "2"])
            #expect(try await scene.state()?.marks == ["a": "2", "b": "é\nx"])
            #expect(try await scene.store.state(of: Scene.orders).marks["a"] == "2")
            #expect(try await scene.state(Scene.users)?.marks == [:])
            try await scene.mark(["b": "", "none": ""])
            #expect(try await scene.state()?.marks == ["a": "2"])
        },
        StoreCase(restarting: "marks survive a restart") { place in
            var scene = try await Scene(place)
            try await scene.mark(["a": "1"])
            await scene.store.close()
            scene = try await Scene(place)
            #expect(try await scene.store.state(of: Scene.orders).marks == ["a": "1"])
            await scene.store.close()
        },
        StoreCase("a record that is forgotten is as if it had never been known") { scene in
            try await scene.commit([("1", Scene.known(0)), ("2", Scene.known(1))])
            try await scene.commit([("3", Scene.known(2)), ("3", Scene.deleted(2))])
            try await scene.keep([(0, 1, [0x31]), (1, 1, [0x32])])
            var batch = CommitBatch(stream: scene.orders, time: Scene.time(1))
            batch.forgotten = [RecordKey("1"), RecordKey("3"), RecordKey("9")]
            try await scene.store.commit(batch)
            let keys = KeyList(["1", "2", "3"].map { RecordKey($0) })
            #expect(
                try await scene.store.known(keys, of: scene.orders) == [nil, Scene.known(1), nil])
            #expect(try await scene.kept([Scene.known(0), Scene.known(1)]) == [nil, [0x32]])
            let state = try #require(try await scene.state())
            #expect(state.liveCount == 1)
            #expect(state.nextOrdinal == 3)
            // It comes back as a new one.
            try await scene.commit([("1", Scene.known(3))])
            #expect(try await scene.state()?.liveCount == 2)
        },
    ]
}

extension Scene {
    fileprivate func mark(_ marks: [String: String]) async throws {
        var batch = CommitBatch(stream: orders, time: Self.time(1))
        batch.marks = marks
        try await store.commit(batch)
    }
}
