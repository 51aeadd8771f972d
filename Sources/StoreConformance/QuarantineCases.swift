import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let quarantineCases: [StoreCase] = [
        StoreCase("a finding comes back as it was committed, with the stream marked") { scene in
            #expect(try await scene.store.quarantines().isEmpty)
            #expect(try await scene.store.quarantine(of: scene.orders) == nil)
            try await scene.find(finding(), at: 5)
            let stored = try await scene.store.quarantine(of: scene.orders)
            #expect(
                stored
                    == Quarantine(
                        address: Scene.orders, finding: finding(), since: Scene.time(5),
                        lastSeen: Scene.time(5), polls: 1))
            #expect(try await scene.state()?.isQuarantined == true)
            #expect(try await scene.state(Scene.users)?.isQuarantined == false)
            let listed = try await scene.store.quarantines()
            #expect(listed.map(\.address) == [Scene.orders])
            #expect(listed.first?.finding.sample.isEmpty == true)
        },
        StoreCase("a finding that is found again keeps when it began") { scene in
            try await scene.find(finding(), at: 5)
            try await scene.find(finding(affected: 31), at: 9)
            // The same batch once more is the same poll.
            try await scene.find(finding(affected: 31), at: 9)
            let stored = try await scene.store.quarantine(of: scene.orders)
            #expect(stored?.since == Scene.time(5))
            #expect(stored?.lastSeen == Scene.time(9))
            #expect(stored?.polls == 2)
            #expect(stored?.finding == finding(affected: 31))
        },
        StoreCase("another reason takes the place of the first, with its decision") { scene in
            try await scene.find(finding(), at: 5)
            #expect(try await scene.decide(.rejected))
            try await scene.find(finding(.massChange), at: 9)
            let stored = try await scene.store.quarantine(of: scene.orders)
            #expect(stored?.since == Scene.time(9))
            #expect(stored?.polls == 1)
            #expect(stored?.decision == QuarantineDecision.none)
            #expect(stored?.decidedAt == nil)
        },
        StoreCase("a rejection stays, an acceptance is used up when it is found again") { scene in
            for decision in [QuarantineDecision.rejected, .accepted] {
                try await scene.find(finding(), at: 5)
                #expect(try await scene.decide(decision))
                let decided = try await scene.store.quarantine(of: scene.orders)
                #expect(decided?.decision == decision)
                #expect(decided?.decidedAt == Scene.time(7))
                try await scene.find(finding(), at: 9)
                let stored = try await scene.store.quarantine(of: scene.orders)
                #expect(
                    stored?.decision
                        == (decision == .rejected ? .rejected : QuarantineDecision.none))
                #expect((stored?.decidedAt == nil) == (decision == .accepted))
            }
        },
        StoreCase("a finding that was announced stays so") { scene in
            try await scene.find(finding(isAnnounced: true), at: 5)
            try await scene.find(finding(isAnnounced: false), at: 9)
            let stored = try await scene.store.quarantine(of: scene.orders)
            #expect(stored?.finding.isAnnounced == true)
        },
        StoreCase("what heals leaves nothing behind, and nothing else is touched by it") { scene in
            try await scene.find(finding(), at: 5)
            try await scene.store.commit(CommitBatch(stream: scene.users, time: Scene.time(6)))
            #expect(try await scene.state()?.isQuarantined == true)
            var batch = CommitBatch(stream: scene.orders, time: Scene.time(7))
            batch.quarantine = .clear
            try await scene.store.commit(batch)
            #expect(try await scene.store.quarantine(of: scene.orders) == nil)
            #expect(try await scene.state()?.isQuarantined == false)
            #expect(try await scene.decide(.accepted) == false)
            try await scene.find(finding(sample: []), at: 9)
            let again = try await scene.store.quarantine(of: scene.orders)
            #expect(again?.finding.sample.isEmpty == true)
            #expect(again?.since == Scene.time(9))
        },
        StoreCase("a batch and those alongside of it are committed together or not at all") {
            scene in
            var batch = CommitBatch(stream: scene.orders, time: Scene.time(5))
            batch.quarantine = .set(finding())
            let event = Scene.event("h", address: Scene.users)
            batch.alongside = [
                CommitBatch(
                    stream: scene.users, time: Scene.time(5),
                    records: [(key: RecordKey("h"), state: Scene.known(0))],
                    events: [
                        OutgoingEvent(event: event, subscriptions: [SubscriptionID(999)])
                    ])
            ]
            #expect(await storeErrorCode { try await scene.store.commit(batch) } == .fault)
            #expect(try await scene.store.quarantines().isEmpty)
            batch.alongside[0].events = [
                OutgoingEvent(event: event, subscriptions: [scene.triage])
            ]
            try await scene.store.commit(batch)
            #expect(try await scene.claim().map(\.event) == [event])
            #expect(try await scene.state(Scene.users)?.liveCount == 1)
            #expect(try await scene.store.quarantines().count == 1)
        },
        StoreCase("a delivery with a due time of its own is not claimed before it") { scene in
            let events = ["a", "b"].map { Scene.event($0, key: $0) }
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.orders, time: Scene.time(0),
                    events: [
                        OutgoingEvent(
                            event: events[0], subscriptions: [scene.triage], due: Scene.time(60)),
                        OutgoingEvent(event: events[1], subscriptions: [scene.triage]),
                    ]))
            #expect(try await scene.claim(at: 59).names == ["b"])
            #expect(try await scene.store.nextDue(for: scene.triage) == Scene.time(60))
            #expect(try await scene.claim(at: 60).names == ["a"])
        },
        StoreCase("scans that miss a record in a row are counted, once each", countedScans),
    ]

    @Sendable
    private static func countedScans(_ scene: Scene) async throws {
        let keys = ["a", "b", "é"].map { RecordKey($0) }
        func miss(_ chosen: [RecordKey], _ poll: Int64, isEnd: Bool = false) async throws {
            var batch = CommitBatch(stream: scene.orders, time: Scene.time(poll))
            batch.missing = MissingUpdate(poll: Scene.time(poll), keys: chosen, isEnd: isEnd)
            #expect(batch.isWorthWriting)
            try await scene.store.commit(batch)
        }
        func scans() async throws -> [Int] {
            try await scene.store.scansMissed(keys, of: scene.orders)
        }
        #expect(try await scans() == [0, 0, 0])
        try await miss([keys[0], keys[2]], 1)
        try await miss([keys[0], keys[2]], 1)
        try await miss([], 1, isEnd: true)
        #expect(try await scans() == [1, 0, 1])
        try await miss([keys[0]], 2)
        try await miss([], 2, isEnd: true)
        #expect(try await scans() == [2, 0, 0])
        #expect(try await scene.store.scansMissed(keys, of: scene.users) == [0, 0, 0])
        try await miss([], 3, isEnd: true)
        #expect(try await scans() == [0, 0, 0])
    }

    private static func finding(
        _ reason: QuarantineReason = .massDelete, affected: Int = 30,
        sample: [SampledRecord]? = nil, isAnnounced: Bool = true
    ) -> Finding {
        let records = [
            SampledRecord(
                key: RecordKey("é"), version: 7, before: Scene.fingerprint(1), after: nil,
                record: nil),
            SampledRecord(
                key: RecordKey("b"), version: 0, before: nil, after: Scene.fingerprint(2),
                previous: "old", record: #"{"id":"b"}"#),
        ]
        return Finding(
            reason: reason, message: "so many are gone", affected: affected, known: 100,
            sample: sample ?? records, excerpt: reason == .massChange ? "<html>" : nil,
            isAnnounced: isAnnounced)
    }
}

extension Scene {
    fileprivate func find(_ finding: Finding, at seconds: Int64) async throws {
        var batch = CommitBatch(stream: orders, time: Self.time(seconds))
        batch.quarantine = .set(finding)
        #expect(batch.isWorthWriting)
        try await store.commit(batch)
    }

    fileprivate func decide(_ decision: QuarantineDecision) async throws -> Bool {
        try await store.decide(decision, for: Self.orders, at: Self.time(7))
    }
}
