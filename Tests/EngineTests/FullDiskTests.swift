import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FullDiskTests {
    @Test func `a full store stops polling, and polling goes on by itself`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders((0..<12_000).map { ($0, "a") }))
        var text = try BridgeText(api, time: time)
        text.sources = ["every: 1s"]
        let configuration = try text.load()
        let bytes = 640_000
        let store = try SQLiteStore.open(
            path: configuration.storePath, now: time.wall(), fileBytesMax: bytes)
        // What fills the disk, and can be removed again.
        let ballast = SubscriptionName("ballast")
        let other = StreamAddress(source: SourceName("x"), stream: StreamName("y"))
        let stream = try await store.register(streams: [other])[0]
        let ids = try await store.register(subscriptions: [ballast])
        let event = Event(
            id: EventID("evt_ballast"), address: other, key: RecordKey("1"), kind: .created,
            version: 1, fingerprint: nil, time: time.wall(), origin: .live,
            record: [UInt8](repeating: 0x20, count: 400_000))
        try await store.commit(
            CommitBatch(
                stream: stream.id, time: time.wall(),
                events: [OutgoingEvent(event: event, subscriptions: ids)]))
        let bridge = try await Bridge.over(store, text)
        let services = bridge.services()
        try await withThrowingTaskGroup { group in
            group.addTask { try await services.poll.run() }
            await bridge.log.wait(for: "polling stopped", count: 1)
            #expect(services.readiness.state != .ready)
            let asked = api.server.requests.count
            for _ in 0..<5 { await time.advanceToNextSleeper() }
            #expect(api.server.requests.count == asked)
            #expect(try await bridge.state().liveCount == 0)
            // Less than before, so that there is room for it however much the purge gave back.
            api.set(orders((0..<100).map { ($0, "a") }))
            while case .more = try await store.purge(source: other.source) {}
            while bridge.log.lines("poll").isEmpty {
                try Task.checkCancellation()
                await time.advanceToNextSleeper()
            }
            #expect(services.readiness.state == .ready)
            #expect(try await bridge.state().liveCount == 100)
            group.cancelAll()
        }
        await bridge.close()
    }

    @Test func `a store whose file was replaced stops everything`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let text = try BridgeText(api, time: time)
        let bridge = try await Bridge.open(text)
        try text.folder.replace("store.db")
        await #expect(throws: StoreError.self) { try await bridge.poll() }
        // Nothing is written any more, though the file might be good again.
        await #expect(throws: StoreError.self) { try await bridge.store.probe() }
        await bridge.close()
    }
}
