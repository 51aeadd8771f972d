import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import Testing

/// What must not stay behind in a store of many years.
@Suite
struct UpkeepTests {
    let place: TemporaryStore

    init() throws { place = try TemporaryStore() }

    private static func time(_ seconds: Int64) -> Timestamp {
        TemporaryStore.now + .seconds(seconds)
    }

    /// Commits a page of so many events, at a second of its own.
    private func page(
        _ number: Int, events: Int, _ stream: StreamID, _ store: SQLiteStore
    ) async throws {
        let outgoing = (0..<events).map { index in
            let event = Event(
                id: EventID("evt_\(number)_\(index)"), address: orders,
                key: RecordKey("\(number)-\(index)"), kind: .created, version: 1,
                fingerprint: nil, time: Self.time(Int64(number * 10 + index)), origin: .live,
                record: [])
            return OutgoingEvent(event: event, subscriptions: [])
        }
        let origin = PageOrigin(
            pollStarted: Self.time(0), number: number, look: 1, url: nil, status: 200,
            records: events, readAt: Self.time(0))
        try await store.commit(
            CommitBatch(
                stream: stream, time: Self.time(Int64(number)), events: outgoing, page: origin))
    }

    @Test func `a page goes with the last of its events, and not before`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        for (number, events) in [2, 1, 3].enumerated() {
            try await page(number + 1, events: events, stream, store)
        }
        #expect(try place.count("page") == 3)
        func prune(upTo seconds: Int64) async throws {
            let cutoffs = RetentionCutoffs(
                payloads: nil, dead: Self.time(seconds), attempts: Self.time(seconds))
            _ = try await store.pruneEvents(cutoffs, after: 0)
        }
        // The first event of the first page; one of the second; two of the third's three.
        try await prune(upTo: 10)
        #expect(try place.count("page") == 3)
        try await prune(upTo: 25)
        #expect(try place.count("page") == 1)
        try await prune(upTo: 31)
        #expect(try place.count("page") == 1)
        #expect(try await store.provenance(of: EventID("evt_3_2"))?.page?.number == 3)
        try await prune(upTo: 99)
        #expect(try place.count("page") == 0)
        await store.close()
    }

    @Test func `pages that an older version left behind go with the first start`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        try await page(1, events: 1, stream, store)
        await store.close()
        try place.execute(
            """
            INSERT INTO page SELECT id + 1, stream, poll_started, number, look, url, status,
                records, read_at FROM page;
            DROP INDEX event_of_stream;
            DROP INDEX replay_running;
            PRAGMA user_version = \(Schema.version - 1);
            """)
        let again = try place.store()
        #expect(try place.count("page") == 1)
        #expect(try await again.provenance(of: EventID("evt_1_0"))?.page?.number == 1)
        await again.close()
    }

    @Test func `a purge takes away what is kept by record, a bounded part at a time`() async throws
    {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id.number
        _ = try await store.register(streams: [])
        let count = Limits.pruneRowsMax * 2 + 1
        try place.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < \(count))
            INSERT INTO kept SELECT (\(stream) << 40) + i, 1, x'00' FROM n;
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < \(count))
            INSERT INTO missing SELECT \(stream), 'k' || i, 1, 0 FROM n;
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < \(count))
            INSERT INTO parent (stream, key, fields, mark, is_gone, is_first)
                SELECT \(stream), 'k' || i, x'', 1, 0, 1 FROM n;
            INSERT INTO kept VALUES ((\(stream) + 1) << 40, 1, x'00');
            """)
        var steps = 0
        while case .more(let gone) = try await store.purge(source: orders.source) {
            #expect((1...Limits.pruneRowsMax).contains(gone))
            steps += 1
        }
        #expect(steps == 9)
        // What another stream keeps stays.
        let left = [
            try place.count("missing"), try place.count("parent"), try place.count("stream"),
            try place.count("kept"),
        ]
        #expect(left == [0, 0, 0, 1])
        await store.close()
    }

    @Test func `a probe writes to the disk what it takes away again`() async throws {
        let store = try place.store()
        try await store.probe()
        let log = try #require(place.status("-wal")).size
        #expect(log > Limits.probeBytes)
        #expect(try place.count("probe") == 0)
        await store.close()
    }

    @Test func `replays that are done are forgotten beyond a bound, and no others`() async throws {
        let store = try place.store()
        _ = try await store.register(subscriptions: [SubscriptionName("triage")])
        func make() async throws -> ReplayID? {
            try await store.makeReplay(
                ReplayQuery(), to: SubscriptionName("triage"), rate: 1, request: nil,
                at: TemporaryStore.now)?.id
        }
        let first = try #require(try await make())
        try place.execute("UPDATE replay SET upper = 9")
        let second = try #require(try await make())
        try place.execute("UPDATE sqlite_sequence SET seq = \(Limits.replaysKept + 1)")
        let third = try #require(try await make())
        // The first still runs.
        #expect(try await store.replays(limit: 9).map(\.id) == [third, first])
        #expect(second != third)
        await store.close()
    }
}
