import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// Requests, purging and what is forgotten in time.
    static let keepingCases: [StoreCase] = [
        StoreCase("what was done is in the audit, the newest first") { scene in
            #expect(try await scene.store.openRequests().isEmpty)
            for number in 1...3 {
                try await scene.store.answer(
                    nil, OperatorAnswer(isDone: true, text: "done"),
                    audit: AuditEntry(
                        time: Scene.time(Int64(number)), action: "enable", subject: "triage",
                        detail: "\(number)"))
            }
            #expect(try await scene.store.audit(limit: 2).map(\.detail) == ["3", "2"])
        },
        StoreCase("there is room while there is room") { scene in
            try await scene.store.probe()
        },
        StoreCase("a subscription that is not in the file can be purged") { scene in
            let name = SubscriptionName("triage")
            try await scene.send(
                (0..<5).map { Scene.event("\($0)", key: "\($0 / 2)") },
                to: [scene.triage, scene.audit])
            let claimed = try await scene.claim()
            try await scene.settle(claimed[0], .dead)
            try await scene.store.release(claimed.map(\.id))
            #expect(try await scene.store.purge(subscription: name) == .inFile)
            #expect(
                try await scene.store.purge(subscription: SubscriptionName("x")) == .unknown)
            _ = try await scene.store.register(subscriptions: [SubscriptionName("audit")])
            var gone = 0
            while case .more(let count) = try await scene.store.purge(subscription: name) {
                gone += count
            }
            #expect(gone == 5)
            #expect(try await scene.summary() == nil)
            #expect(try await scene.store.purge(subscription: name) == .unknown)
            #expect(try await scene.claim(for: scene.audit).names == ["0", "2", "4"])
            // The name can be used again, and begins anew.
            let ids = try await scene.store.register(subscriptions: [name])
            try await scene.send([Scene.event("new", key: "n")], to: ids)
            #expect(try await scene.claim(for: ids[0]).names == ["new"])
            #expect(try await scene.summary()?.dead == 0)
        },
        StoreCase("a source that is not in the file can be purged, but not out of a hand") {
            scene in
            try await scene.commit([("1", Scene.known(0)), ("2", Scene.known(1))])
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "2")], to: [scene.triage])
            let source = Scene.orders.source
            #expect(try await scene.store.purge(source: source) == .inFile)
            _ = try await scene.store.register(streams: [Scene.users])
            let held = try await scene.claim(1)
            #expect(try await scene.store.purge(source: source) == .more(1))
            #expect(try await scene.store.purge(source: source) == .held)
            try await scene.settle(held[0], .delivered)
            #expect(try await scene.store.purge(source: source) == .more(1))
            #expect(try await scene.store.purge(source: source) == .more(2))
            #expect(try await scene.store.purge(source: source) == .done)
            #expect(try await scene.store.purge(source: source) == .unknown)
            #expect(try await scene.store.streams().map(\.address) == [Scene.users])
            #expect(try await scene.summary()?.backlog == 0)
            #expect(try await scene.store.events(EventQuery()).isEmpty)
        },
        StoreCase("a source that is named again while it is purged begins anew", purgedHalf),
        StoreCase("payloads go when everybody has had them long enough, and nothing else") {
            scene in
            try await scene.send(
                ["old", "dead", "waits"].map { Scene.event($0, key: $0) }, to: [scene.triage])
            try await scene.send([Scene.event("none", key: "n")], to: [])
            try await scene.send([Scene.event("new", key: "x", at: 500)], to: [scene.triage])
            for delivery in try await scene.claim() where delivery.event.id.text != "evt_waits" {
                let verdict: Settlement.Verdict =
                    delivery.event.id.text == "evt_dead" ? .dead : .delivered
                try await scene.settle(delivery, verdict, at: 10)
            }
            func prune(_ seconds: Int64) async throws -> PruneStep {
                try await scene.store.prunePayloads(
                    RetentionCutoffs(payloads: Scene.time(seconds), dead: nil, attempts: nil))
            }
            #expect(try await scene.store.kept().payloads == Scene.time(0))
            #expect(try await prune(100) == PruneStep(payloads: 2, events: 0, next: nil))
            #expect(try await prune(100).payloads == 0)
            #expect(try await scene.store.kept().payloads == Scene.time(500))
            let events = try await scene.store.events(EventQuery(limit: 10))
            let bare = events.filter { $0.event.record == nil }.map(\.event.id.text)
            #expect(Set(bare) == ["evt_old", "evt_none"])
            // What has no payload is not sent again, and is said to be so.
            let job = try await scene.makeReplay()
            _ = try await scene.advance(job, limit: 10)
            let replay = try await scene.replay()
            #expect(replay.withoutPayload == 2 && replay.queued == 3)
        },
        StoreCase("events go with all that belongs to them, dead ones by a time of their own") {
            scene in
            try await scene.send(
                ["old", "dead", "waits"].map { Scene.event($0, key: $0) }, to: [scene.triage])
            for delivery in try await scene.claim() where delivery.event.id.text != "evt_waits" {
                let verdict: Settlement.Verdict =
                    delivery.event.id.text == "evt_dead" ? .dead : .delivered
                try await scene.settle(delivery, verdict, at: 10)
            }
            func prune(dead: Int64?, attempts: Int64?) async throws -> [String] {
                _ = try await scene.store.pruneEvents(
                    RetentionCutoffs(
                        payloads: nil, dead: dead.map { Scene.time($0) },
                        attempts: attempts.map { Scene.time($0) }), after: 0)
                return try await scene.store.events(EventQuery()).map(\.event.id.text).sorted()
            }
            #expect(try await prune(dead: nil, attempts: nil).count == 3)
            #expect(try await prune(dead: 9, attempts: 9).count == 3)
            #expect(try await prune(dead: nil, attempts: 100) == ["evt_dead", "evt_waits"])
            #expect(try await prune(dead: 100, attempts: 100) == ["evt_waits"])
            #expect(try await scene.store.deliveries(DeliveryQuery()).count == 1)
        },
        StoreCase("a backlog of another order is not superseded by other records") { scene in
            try await scene.order(.fifo)
            try await scene.send(
                [Scene.event("a", key: "1"), Scene.event("b", key: "2")], to: [scene.triage])
            try await scene.order(.latest)
            let claimed = try await scene.claim()
            #expect(claimed.names == ["a"])
            try await scene.settle(claimed[0], .retry(at: Scene.time(20)), at: 10)
            #expect(try await scene.summary()?.superseded == 0)
        },
    ]

    /// What is left of it is known, but counts for nothing.
    @Sendable
    private static func purgedHalf(_ scene: Scene) async throws {
        try await scene.send([Scene.event("a")], to: [scene.triage])
        var batch = CommitBatch(
            stream: scene.orders, time: Scene.time(0),
            records: [(key: RecordKey("1"), state: Scene.known(0))], cursor: "integer 7",
            validators: .set(
                Validators(entityTag: "x", lastModified: nil, request: Scene.fingerprint(3))),
            ending: PollEnding(
                report: Scene.report("baseline"), nextPoll: Scene.time(60), isSuccess: true,
                rules: Scene.fingerprint(1)))
        batch.marks = ["a": "1"]
        batch.quarantine = .set(
            Finding(reason: .massDelete, message: "gone", affected: 1, known: 1))
        try await scene.store.commit(batch)
        var expected = try #require(try await scene.state())
        (expected.cursor, expected.validators, expected.rules) = (nil, nil, nil)
        (expected.hasBaseline, expected.isQuarantined, expected.marks) = (false, false, [:])
        func purgeOnce() async throws -> StreamState? {
            _ = try await scene.store.register(streams: [Scene.users])
            #expect(try await scene.store.purge(source: Scene.orders.source) == .more(1))
            _ = try await scene.store.register(streams: [Scene.orders, Scene.users])
            return try await scene.state()
        }
        #expect(try await purgeOnce() == expected)
        #expect(try await scene.store.quarantine(of: scene.orders) == nil)
        expected.liveCount = 0
        #expect(try await purgeOnce() == expected)
    }
}
