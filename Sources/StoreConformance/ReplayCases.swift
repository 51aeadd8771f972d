import PullcordCommit
import PullcordModel
import Testing

extension Scene {
    func makeReplay(
        _ query: ReplayQuery = ReplayQuery(), request: Int64? = nil
    ) async throws -> ReplayJob {
        let job = try await store.makeReplay(
            query, to: SubscriptionName("triage"), rate: 50, request: request, at: Self.time(10))
        return try #require(job)
    }

    /// Puts what is left of a replay into the queue, all that fits of each part.
    func advance(_ job: ReplayJob, limit: Int = 2) async throws -> [Int64] {
        var sent: [Int64] = []
        var position = job.position
        while position < job.upper {
            let page = try await store.candidates(
                for: job.query, after: position, upTo: job.upper, limit: limit)
            let events = page.candidates.filter(\.hasPayload).map(\.sequence)
            let step = ReplayStep(
                job: job.id, from: position, to: page.position, events: events,
                withoutPayload: page.candidates.count - events.count)
            guard try await store.advance(step, at: Self.time(11)) else { break }
            sent += events
            position = page.position
        }
        return sent
    }

    func replay() async throws -> ReplayJob {
        try #require(try await store.replays(limit: 1).first)
    }
}

extension StoreConformance {
    static let replayCases: [StoreCase] = [
        StoreCase("a replay sends the events of its time again, with their ids") { scene in
            try await scene.send(
                (0..<5).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.triage])
            try await scene.store.settle(
                try await scene.claim().map { Scene.settlement($0, .delivered) })
            let job = try await scene.makeReplay()
            try await scene.send([Scene.event("later", key: "9")], to: [scene.audit])
            #expect(try await scene.store.runningReplays() == [job])
            #expect(try await scene.advance(job).count == 5)
            #expect(try await scene.store.runningReplays().isEmpty)
            let deliveries = try await scene.claim()
            #expect(deliveries.names == ["0", "1", "2", "3", "4"])
            #expect(deliveries.allSatisfy { $0.replay == job.id && $0.event.origin == .replay })
            #expect(try await scene.replay().state == .sending)
            try await scene.store.settle(
                deliveries.map {
                    Scene.settlement($0, $0.event.id.text == "evt_0" ? .dead : .delivered)
                })
            let done = try await scene.replay()
            #expect(done.state == .done && done.delivered == 4 && done.dead == 1)
            #expect(try await scene.summary()?.backlog == 0)
        },
        StoreCase("a step of a replay is written once, and one request makes one replay") { scene in
            try await scene.send([Scene.event("a")], to: [scene.audit])
            let job = try await scene.makeReplay(request: 7)
            #expect(try await scene.makeReplay(request: 7) == job)
            let step = ReplayStep(
                job: job.id, from: 0, to: job.upper, events: [job.upper], withoutPayload: 0)
            #expect(try await scene.store.advance(step, at: Scene.time(11)))
            let again = try await scene.store.advance(step, at: Scene.time(11))
            #expect(!again)
            #expect(try await scene.claim().names == ["a"])
            #expect(
                try await scene.store.makeReplay(
                    ReplayQuery(), to: SubscriptionName("nobody"), rate: 1, request: nil,
                    at: Scene.time(0)) == nil)
        },
        StoreCase("a request that comes again after a day makes another replay") { scene in
            let query = ReplayQuery()
            let target = SubscriptionName("triage")
            func make(at seconds: Int64) async throws -> ReplayID? {
                let job = try await scene.store.makeReplay(
                    query, to: target, rate: 1, request: -7, at: Scene.time(seconds))
                return job?.id
            }
            let first = try await make(at: 0)
            #expect(try await make(at: 86_399) == first)
            let second = try await make(at: 86_400)
            #expect(first != nil && second != nil && second != first)
            #expect(try await make(at: 86_401) == second)
            let jobs = try await scene.store.replays(before: second, limit: 9)
            #expect(jobs.map(\.id) == [first])
        },
        StoreCase("events that are named, and those of a key, are found however long the log is") {
            scene in
            for start in stride(from: 0, to: 6000, by: 2000) {
                try await scene.send(
                    (start..<start + 2000).map { Scene.event("\($0)", key: "\($0 % 3000)") },
                    to: [])
            }
            let end = try await scene.store.logEnd()
            func find(_ query: ReplayQuery) async throws -> ([String], Int64) {
                let page = try await scene.store.candidates(
                    for: query, after: 0, upTo: end, limit: 10)
                let names = page.candidates.map { String($0.event.id.text.dropFirst(4)) }
                return (names, page.position)
            }
            let ids = ["evt_5999", "evt_3", "evt_nothing", "evt_\"'", ""].map { EventID($0) }
            #expect(try await find(ReplayQuery(events: ids)) == (["3", "5999"], end))
            #expect(try await find(ReplayQuery(key: RecordKey("7"))) == (["7", "3007"], end))
            #expect(
                try await find(ReplayQuery(source: SourceName("crm"), key: RecordKey("7"))) == (
                    [], end
                ))
        },
        StoreCase("live deliveries neither wait for a replay nor stand behind it") { scene in
            try await scene.send(
                [Scene.event("old1", key: "1"), Scene.event("old2", key: "1")], to: [scene.audit])
            _ = try await scene.advance(try await scene.makeReplay())
            try await scene.send([Scene.event("new", key: "1")], to: [scene.triage], at: 20)
            let claimed = try await scene.claim(9)
            // In its own order the replay keeps that of the record.
            #expect(claimed.names == ["new", "old1"])
            try await scene.store.release(claimed.map(\.id))
            let few = try await scene.store.claim(
                for: scene.triage, limit: 9, replays: 0, now: Scene.time(1000))
            #expect(few.names == ["new"])
            #expect(
                try await scene.store.nextDue(for: scene.triage, replays: false) == nil)
            #expect(
                try await scene.store.nextDue(for: scene.triage, replays: true) == Scene.time(11))
        },
        StoreCase("a cancelled replay takes out what waits and leaves what is in the air") {
            scene in
            try await scene.send(
                (0..<4).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.audit])
            let job = try await scene.makeReplay()
            _ = try await scene.advance(job)
            let held = try await scene.claim(1)
            #expect(try await scene.store.cancelReplay(job.id, at: Scene.time(12)))
            let again = try await scene.store.cancelReplay(job.id, at: Scene.time(12))
            #expect(!again)
            #expect(try await scene.claim().isEmpty)
            try await scene.settle(held[0], .retry(at: Scene.time(13)))
            #expect(try await scene.claim().isEmpty)
            let after = try await scene.replay()
            #expect(after.state == .cancelled && after.cancelled == 4 && after.waiting == 0)
            #expect(try await scene.summary()?.backlog == 0)
            #expect(try await scene.states().values.allSatisfy { $0 == .cancelled })
        },
        StoreCase("dead letters are sent again once, and stay in the log") { scene in
            try await scene.send(
                [Scene.event("a", key: "a"), Scene.event("b", key: "b")], to: [scene.triage])
            let claimed = try await scene.claim()
            try await scene.settle(claimed[0], .dead)
            try await scene.settle(claimed[1], .delivered)
            let query = ReplayQuery(subscription: SubscriptionName("triage"), isDeadOnly: true)
            let job = try await scene.makeReplay(query)
            #expect(try await scene.advance(job).count == 1)
            #expect(try await scene.claim().names == ["a"])
            #expect(try await scene.advance(try await scene.makeReplay(query)).isEmpty)
            let dead = try await scene.store.deliveries(DeliveryQuery(state: .dead))
            #expect(dead.map(\.event.text) == ["evt_a"] && dead[0].replayedBy == job.id)
        },
        StoreCase("a replay finds what its query says and nothing else") { scene in
            try await scene.send(
                [
                    Scene.event("a", key: "1", at: 1),
                    Scene.event("b", key: "2", kind: .updated, at: 2),
                ], to: [scene.triage])
            try await scene.send([Scene.event("c", key: "1", at: 3)], to: [scene.audit], at: 3)
            let end = try await scene.store.logEnd()
            let rows: [(ReplayQuery, [String])] = [
                (ReplayQuery(), ["a", "b", "c"]),
                (ReplayQuery(events: [EventID("evt_b"), EventID("evt_x")]), ["b"]),
                (ReplayQuery(subscription: SubscriptionName("triage")), ["a", "b"]),
                (ReplayQuery(subscription: SubscriptionName("nobody")), []),
                (
                    ReplayQuery(source: SourceName("shop"), stream: StreamName("orders")),
                    ["a", "b", "c"]
                ),
                (ReplayQuery(source: SourceName("crm")), []),
                (ReplayQuery(key: RecordKey("1")), ["a", "c"]),
                (ReplayQuery(kind: .updated), ["b"]),
                (ReplayQuery(since: Scene.time(2)), ["b", "c"]),
                (ReplayQuery(until: Scene.time(2)), ["a"]),
                (ReplayQuery(subscription: SubscriptionName("triage"), isDeadOnly: true), []),
            ]
            for (query, expected) in rows {
                let page = try await scene.store.candidates(
                    for: query, after: 0, upTo: end, limit: 10)
                let names = page.candidates.map { String($0.event.id.text.dropFirst(4)) }
                #expect(names == expected, "\(query)")
                #expect(page.position == end)
            }
        },
        StoreCase(restarting: "a replay goes on after a restart where it was") { place in
            let scene = try await Scene(place)
            try await scene.send(
                (0..<4).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.audit])
            let job = try await scene.makeReplay()
            let page = try await scene.store.candidates(
                for: job.query, after: 0, upTo: job.upper, limit: 2)
            let step = ReplayStep(
                job: job.id, from: 0, to: page.position,
                events: page.candidates.map(\.sequence), withoutPayload: 0)
            #expect(try await scene.store.advance(step, at: Scene.time(11)))
            await scene.store.close()
            let again = try await Scene(place)
            let rest = try #require(try await again.store.runningReplays().first)
            #expect(rest.position == page.position && rest.queued == 2)
            #expect(try await again.advance(rest).count == 2)
            #expect(try await again.claim().names == ["0", "1", "2", "3"])
            await again.store.close()
        },
    ]
}
