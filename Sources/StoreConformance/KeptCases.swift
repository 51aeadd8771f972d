import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let keptCases: [StoreCase] = [
        StoreCase("a record that is kept comes back in its version, until it is deleted") { scene in
            let bytes = Array(#"{"id":1,"n":1.50,"s":"é \u00e9"}"#.utf8)
            try await scene.keep([(0, 1, bytes), (1, 1, []), (2, 7, Self.large)])
            let all = [Scene.known(0), Scene.known(1), Scene.known(2, version: 7)]
            #expect(try await scene.kept(all) == [bytes, [], Self.large])
            #expect(
                try await scene.kept([Scene.known(0, version: 2), Scene.known(9)]) == [nil, nil])
            try await scene.keep([(0, 2, [0x31]), (2, 8, nil)])
            #expect(
                try await scene.kept([
                    Scene.known(0), Scene.known(0, version: 2), Scene.known(2, version: 7),
                ]) == [nil, [0x31], nil])
            #expect(
                try await scene.store.kept(
                    [Scene.known(1)], of: scene.users, bytesMax: .max) == [nil])
        },
        StoreCase("kept records are read up to a bound and no further") { scene in
            try await scene.keep(
                (0..<4).map { (Int64($0), 1, [UInt8](repeating: 0x20, count: 100)) })
            let records = (0..<4).map { Scene.known($0) }
            for (bound, count) in [(0, 0), (99, 0), (100, 1), (250, 2), (400, 4)] {
                let found = try await scene.store.kept(
                    records, of: scene.orders, bytesMax: bound)
                #expect(found.count == 4 && found.prefix(count).allSatisfy { $0 != nil })
                #expect(found.dropFirst(count).allSatisfy { $0 == nil })
            }
        },
        StoreCase("a batch that fails keeps no record", failedBatch),
        StoreCase("what is kept is marked, and dropped in bounded pieces") { scene in
            try await scene.keep((0..<5).map { (Int64($0), 1, [0x31]) })
            #expect(try await scene.state()?.kept == .some)
            try await scene.update(KeptUpdate(isComplete: true))
            try await scene.keep([(5, 1, [0x32])])
            #expect(try await scene.state()?.kept == .all)
            try await scene.update(KeptUpdate(dropLimit: 4))
            #expect(try await scene.state()?.kept == .some)
            let records = (0..<6).map { Scene.known($0) }
            #expect(try await scene.kept(records).count { $0 != nil } == 2)
            try await scene.update(KeptUpdate(dropLimit: 4))
            #expect(try await scene.state()?.kept == KeptRecords.none)
            #expect(try await scene.kept(records).allSatisfy { $0 == nil })
            #expect(try await scene.state(Scene.users)?.kept == KeptRecords.none)
        },
        StoreCase(restarting: "what is kept survives a restart") { place in
            var scene = try await Scene(place)
            try await scene.keep([(3, 2, Self.large)])
            try await scene.update(KeptUpdate(isComplete: true))
            await scene.store.close()
            scene = try await Scene(place)
            #expect(try await scene.kept([Scene.known(3, version: 2)]) == [Self.large])
            #expect(try await scene.state()?.kept == .all)
            await scene.store.close()
        },
        StoreCase("what an event tells of before comes back as it was committed") { scene in
            let differences: [RecordDifference?] = [
                nil, RecordDifference(previous: []), RecordDifference(previous: Self.large),
                RecordDifference(
                    previous: Array(#"{"a":1.0}"#.utf8), changed: Array(#"["/a"]"#.utf8),
                    patch: Array(#"[{"op":"remove","path":"/a"}]"#.utf8)),
            ]
            let events = differences.enumerated().map {
                Scene.event("\($0)", key: "\($0)", kind: .updated, difference: $1)
            }
            try await scene.send(events, to: [scene.triage])
            #expect(try await scene.claim().map(\.event) == events)
            let listed = try await scene.store.events(EventQuery())
            #expect(listed.map(\.event) == events.reversed())
        },
        StoreCase("an event knows the page and the fingerprint that it came from", provenance),
    ]

    private static let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }

    @Sendable
    private static func failedBatch(_ scene: Scene) async throws {
        let batch = CommitBatch(
            stream: scene.orders, time: Scene.time(0),
            events: [
                OutgoingEvent(
                    event: Scene.event("a"), subscriptions: [SubscriptionID(999)])
            ],
            kept: KeptUpdate(
                records: [.init(ordinal: 0, version: 1, bytes: [0x31])], isComplete: true))
        #expect(await storeErrorCode { try await scene.store.commit(batch) } == .fault)
        #expect(try await scene.kept([Scene.known(0)]) == [nil])
        #expect(try await scene.state()?.kept == KeptRecords.none)
    }

    @Sendable
    private static func provenance(_ scene: Scene) async throws {
        let page = PageOrigin(
            pollStarted: Scene.time(1), number: 3, look: 2, url: "https://x.example/?k=***",
            status: 200, records: 100, readAt: Scene.time(2))
        let scan = PageOrigin(
            pollStarted: Scene.time(4), number: 0, look: 2, url: nil, status: nil, records: 7,
            readAt: Scene.time(5))
        let before = Scene.fingerprint(77)
        func batch(
            _ id: String, _ page: PageOrigin?, _ before: Fingerprint?
        ) -> CommitBatch {
            let event = OutgoingEvent(
                event: Scene.event(id, key: id), subscriptions: [], before: before)
            return CommitBatch(
                stream: scene.orders, time: Scene.time(0), events: [event], page: page)
        }
        try await scene.store.commit(batch("a", page, before))
        try await scene.store.commit(batch("b", scan, nil))
        try await scene.store.commit(batch("c", nil, before))
        // What is known already stays as it is.
        try await scene.store.commit(batch("a", scan, nil))
        let found = { (id: String) in
            try await scene.store.provenance(of: EventID("evt_\(id)"))
        }
        #expect(try await found("a") == EventProvenance(page: page, before: before))
        #expect(try await found("b") == EventProvenance(page: scan, before: nil))
        #expect(try await found("c") == EventProvenance(page: nil, before: before))
        #expect(try await found("d") == nil)
    }
}

extension Scene {
    /// Commits records of `orders` that are kept whole: ordinal, version and bytes.
    func keep(_ records: [(Int64, Int64, [UInt8]?)]) async throws {
        try await update(
            KeptUpdate(
                records: records.map {
                    KeptUpdate.Record(ordinal: $0.0, version: $0.1, bytes: $0.2)
                }))
    }

    func update(_ kept: KeptUpdate) async throws {
        try await store.commit(CommitBatch(stream: orders, time: Self.time(0), kept: kept))
    }

    func kept(_ records: [KnownRecord]) async throws -> [[UInt8]?] {
        try await store.kept(records, of: orders, bytesMax: .max)
    }
}
