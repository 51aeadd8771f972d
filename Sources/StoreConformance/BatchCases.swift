import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let batchCases: [StoreCase] = [
        StoreCase("a batch of which one part fails leaves nothing behind") { scene in
            let batch = CommitBatch(
                stream: scene.orders, time: Scene.time(0),
                records: [(key: RecordKey("a"), state: Scene.known(0))],
                events: [
                    OutgoingEvent(event: Scene.event("a"), subscriptions: [scene.triage]),
                    OutgoingEvent(
                        event: Scene.event("b"), subscriptions: [SubscriptionID(999)]),
                ],
                cursor: "integer 9",
                ending: PollEnding(
                    report: Scene.report("changed"), nextPoll: nil, isSuccess: true))
            let before = try await scene.state()
            #expect(await storeErrorCode { try await scene.store.commit(batch) } == .fault)
            #expect(try await scene.state() == before)
            #expect(try await scene.store.events(EventQuery()).isEmpty)
            #expect(try await scene.claim().isEmpty)
            #expect(try await scene.summary()?.backlog == 0)
            let known = try await scene.store.known(
                KeyList([RecordKey("a")]), of: scene.orders)
            #expect(known == [nil])
        },
        StoreCase("a batch for a stream that nobody registered is refused") { scene in
            let batch = CommitBatch(stream: StreamID(999), time: Scene.time(0))
            #expect(await storeErrorCode { try await scene.store.commit(batch) } == .fault)
        },
        StoreCase("an event of another stream than its batch is refused") { scene in
            let batch = CommitBatch(
                stream: scene.users, time: Scene.time(0),
                events: [OutgoingEvent(event: Scene.event("a"), subscriptions: [])])
            #expect(await storeErrorCode { try await scene.store.commit(batch) } == .fault)
        },
        StoreCase("a batch that is committed twice is committed once") { scene in
            let batch = CommitBatch(
                stream: scene.orders, time: Scene.time(0),
                records: [
                    (key: RecordKey("a"), state: Scene.known(0)),
                    (key: RecordKey("b"), state: Scene.deleted(1)),
                ],
                events: [
                    OutgoingEvent(
                        event: Scene.event("a"), subscriptions: [scene.triage, scene.audit]),
                    OutgoingEvent(event: Scene.event("b", key: "2"), subscriptions: []),
                ],
                cursor: "integer 1", validators: .clear,
                ending: PollEnding(
                    report: Scene.report("changed"), nextPoll: Scene.time(9), isSuccess: true))
            try await scene.store.commit(batch)
            let first = try await Snapshot(scene)
            try await scene.store.commit(batch)
            #expect(try await Snapshot(scene) == first)
            #expect(first.deliveries.count == 2 && first.events.count == 2)
        },
        StoreCase("an event that is known does not keep a new one from being delivered") { scene in
            try await scene.send([Scene.event("a", key: "1")], to: [scene.triage])
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "2")], to: [scene.triage])
            #expect(try await scene.claim().names == ["a", "b"])
        },
        StoreCase("batches that wait together are all committed, and a bad one alone fails") {
            scene in
            let callers = 64
            let failed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        let address = caller == 13 ? Scene.users : Scene.orders
                        let event = Scene.event("\(caller)", key: "\(caller)", address: address)
                        let batch = CommitBatch(
                            stream: scene.orders, time: Scene.time(0),
                            records: [
                                (
                                    key: RecordKey("\(caller)"),
                                    state: Scene.known(Int64(caller))
                                )
                            ],
                            events: [
                                OutgoingEvent(event: event, subscriptions: [scene.triage])
                            ])
                        return await storeErrorCode { try await scene.store.commit(batch) } != nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(failed == 1)
            #expect(try await scene.state()?.liveCount == callers - 1)
            #expect(try await scene.summary()?.backlog == callers - 1)
            let names = Set(try await scene.claim().names)
            #expect(names == Set((0..<callers).filter { $0 != 13 }.map { "\($0)" }))
        },
        StoreCase("a record's bytes come back as they were sent", recordBytes),
    ]

    @Sendable
    private static func recordBytes(_ scene: Scene) async throws {
        let records: [[UInt8]?] = [
            Array(" {\t\"a\" :\r\n1.0e+00 , \"b\":\"\\u00e9\u{E9}\\/\" } \n".utf8),
            Array(#"{"n":12345678901234567890.0000000000000000001}"#.utf8), [], nil,
            [0xFF, 0x00, 0xC3], [0x00], Array("\"\u{1F600}\"".utf8),
            [UInt8](repeating: 0x20, count: 300_000),
        ]
        let events = records.enumerated().map {
            Scene.event(
                "\($0)", key: "k\($0)", kind: $1 == nil ? .deleted : .updated, record: $1)
        }
        try await scene.send(events, to: [scene.triage])
        let claimed = try await scene.claim()
        #expect(claimed.map(\.event) == events)
        let listed = try await scene.store.events(EventQuery())
        #expect(listed.map(\.event) == events.reversed())
    }
}

/// All that can be asked of a scene's store.
private struct Snapshot: Equatable {
    let streams: [StreamState]
    let subscriptions: [SubscriptionSummary]
    let events: [EventSummary]
    let deliveries: [DeliverySummary]

    init(_ scene: Scene) async throws {
        streams = try await scene.store.streams()
        subscriptions = try await scene.store.subscriptions()
        events = try await scene.store.events(EventQuery(limit: 1000))
        deliveries = try await scene.store.deliveries(DeliveryQuery(limit: 1000))
    }
}
