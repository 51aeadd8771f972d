import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordStoreConformance
import Testing

@Suite
struct SQLiteStoreTests {
    let place: TemporaryStore

    init() throws { place = try TemporaryStore() }

    @Test(arguments: StoreConformance.cases)
    func `it behaves as every store does`(_ storeCase: StoreCase) async throws {
        try await storeCase.run(place)
    }

    // MARK: The file

    @Test func `a new store is readable for its owner only`() async throws {
        let store = try place.store()
        _ = try await store.register(streams: [orders])
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(place.status(suffix)?.mode == 0o600, "\(suffix)")
        }
        await store.close()
    }

    @Test func `a closed store has no log left`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        try await store.commit(
            CommitBatch(stream: stream, time: TemporaryStore.now, records: records(0..<1000)))
        #expect(try #require(place.status("-wal")).size > 0)
        await store.close()
        #expect(place.status("-wal") == nil)
    }

    @Test func `a record with a key of ten bytes takes at most 64 bytes on disk`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        let count = 30_000
        for number in stride(from: 0, to: count, by: 1000) {
            // The thousands come in a scattered order, and so do the keys within them.
            let start = number * 7 % count
            try await store.commit(
                CommitBatch(
                    stream: stream, time: TemporaryStore.now,
                    records: records(start..<start + 1000).shuffled()))
        }
        await store.close()
        let size = try #require(place.status()).size
        // What an empty store takes is no record's.
        let empty = try TemporaryStore()
        await (try empty.store()).close()
        let overhead = try #require(empty.status()).size
        #expect(size - overhead <= count * 64)
    }

    @Test func `a store that lost its lock file is fenced when another takes it over`()
        async throws
    {
        let first = try place.store()
        let stream = try await first.register(streams: [orders])[0].id
        place.remove(".lock")
        let second = try place.store()
        let batch = CommitBatch(stream: stream, time: TemporaryStore.now, cursor: "x")
        await #expect(throws: StoreError.self) { try await first.commit(batch) }
        #expect(await code { try await first.commit(batch) } == .fenced)
        #expect(await code { _ = try await first.streams() } == .fenced)
        try await second.commit(batch)
        #expect(try await second.streams().map(\.cursor) == ["x"])
        await first.close()
        await second.close()
    }

    @Test(arguments: [false, true])
    func `a file that is deleted or replaced under a store stops it`(
        _ isReplaced: Bool
    ) async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        let batch = CommitBatch(stream: stream, time: TemporaryStore.now, cursor: "x")
        place.remove("")
        if isReplaced { place.write([], to: place.path) }
        #expect(await code { try await store.commit(batch) } == .io)
        #expect(await code { try await store.commit(batch) } == .io)
        #expect(await code { _ = try await store.streams() } == .io)
        await store.close()
    }

    @Test func `questions, look-ups and claims do not wait for a writer`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        let subscription = try await store.register(
            subscriptions: [SubscriptionName("triage")])[0]
        try await store.commit(
            CommitBatch(stream: stream, time: TemporaryStore.now, records: records(0..<3)))
        // Holds the one place of a writer while the store is asked.
        let writer = try ForeignWriter(place.path)
        #expect(try await store.streams().map(\.liveCount) == [3])
        #expect(try await store.known(KeyList(), of: stream).isEmpty)
        let unseen = try await store.unseen(
            of: stream, seen: SeenSet(), after: nil, limit: 2)
        #expect(unseen.count == 2)
        let now = TemporaryStore.now
        #expect(try await store.claim(for: subscription, limit: 1, now: now).isEmpty)
        try writer.end()
        try await store.commit(CommitBatch(stream: stream, time: now, cursor: "x"))
        await store.close()
    }

    @Test func `a full disk refuses what does not fit and goes on with more room`() async throws {
        // A bound of the database raises the very error of a full disk.
        let store = try SQLiteStore.open(
            path: place.path, now: TemporaryStore.now, fileBytesMax: 400_000)
        let stream = try await store.register(streams: [orders])[0].id
        var committed = 0
        var refusal: StoreError.Code?
        while committed < 100, refusal == nil {
            let range = committed * 1000..<(committed + 1) * 1000
            refusal = await code {
                try await store.commit(
                    CommitBatch(
                        stream: stream, time: TemporaryStore.now, records: records(range)))
            }
            if refusal == nil { committed += 1 }
        }
        #expect(refusal == .full && committed > 0)
        #expect(try await store.streams()[0].liveCount == committed * 1000)
        await store.close()
        let roomy = try place.store()
        try await roomy.commit(
            CommitBatch(
                stream: stream, time: TemporaryStore.now,
                records: records(committed * 1000..<(committed + 1) * 1000)))
        #expect(try await roomy.streams()[0].liveCount == (committed + 1) * 1000)
        await roomy.close()
    }
}

/// The code of the store's error that `body` throws; nil if it throws none.
func code(_ body: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
