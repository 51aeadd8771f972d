import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let settlementCases: [StoreCase] = [
        StoreCase("a delivery that is retried keeps its place and comes back when it is due") {
            scene in
            try await scene.send(
                [Scene.event("a1", key: "a"), Scene.event("a2", key: "a")], to: [scene.triage])
            let first = try await scene.claim()
            try await scene.settle(first[0], .retry(at: Scene.time(30)))
            #expect(try await scene.claim(at: 29).isEmpty)
            #expect(try await scene.store.nextDue(for: scene.triage) == Scene.time(30))
            let second = try await scene.claim(at: 30)
            #expect(second.names == ["a1"] && second[0].attempts == 1)
            #expect(second[0].id == first[0].id)
            try await scene.settle(second[0], .delivered, at: 30)
            #expect(try await scene.claim(at: 31).names == ["a2"])
        },
        StoreCase("retries are claimed in the order in which they are due") { scene in
            try await scene.send(
                (0..<4).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.triage])
            let claimed = try await scene.claim()
            for (delivery, due) in zip(claimed, [40, 10, 30, 20] as [Int64]) {
                try await scene.settle(delivery, .retry(at: Scene.time(due)))
            }
            #expect(try await scene.claim(2, at: 100).names == ["1", "3"])
            #expect(try await scene.claim(2, at: 35).names == ["2"])
            #expect(try await scene.claim(2, at: 100).names == ["0"])
        },
        StoreCase("what fails is told with its reason until it is delivered") { scene in
            try await scene.send(
                [Scene.event("a1", key: "a"), Scene.event("b1", key: "b")], to: [scene.triage])
            #expect(try await scene.summary()?.failure == nil)
            let claimed = try await scene.claim()
            try await scene.settle(claimed[0], .retry(at: Scene.time(50)))
            let failure = try await scene.summary()?.failure
            #expect(failure?.outcome.isEmpty == false)
            #expect(failure?.at == Scene.settlement(claimed[0], .dead).attempt.started)
            try await scene.settle(claimed[1], .delivered)
            let again = try #require(try await scene.claim(2, at: 100).first)
            try await scene.settle(again, .delivered)
            #expect(try await scene.summary()?.failure == nil)
        },
        StoreCase("a dead delivery lets the next of its record go") { scene in
            try await scene.send(
                [Scene.event("a1", key: "a"), Scene.event("a2", key: "a")], to: [scene.triage])
            try await scene.settle(try await scene.claim()[0], .dead)
            #expect(try await scene.claim().names == ["a2"])
            let summary = try await scene.summary()
            #expect(summary?.dead == 1 && summary?.delivered == 0 && summary?.backlog == 1)
            #expect(summary?.lastDelivered == nil)
        },
        StoreCase("an event that comes after all were settled is ready at once") { scene in
            try await scene.send([Scene.event("a1", key: "a")], to: [scene.triage])
            try await scene.settle(try await scene.claim()[0], .delivered)
            try await scene.send([Scene.event("a2", key: "a")], to: [scene.triage])
            #expect(try await scene.claim().names == ["a2"])
        },
        StoreCase("many settlements of many records are written together") { scene in
            let keys = ["a", "b", "c"]
            for round in 0..<3 {
                try await scene.send(
                    keys.map { Scene.event("\($0)\(round)", key: $0) }, to: [scene.triage])
            }
            for round in 0..<3 {
                let claimed = try await scene.claim()
                #expect(claimed.names == keys.map { "\($0)\(round)" })
                try await scene.store.settle(
                    claimed.map { Scene.settlement($0, .delivered, at: Int64(round)) })
            }
            try await scene.store.settle([])
            let summary = try await scene.summary()
            #expect(summary?.delivered == 9 && summary?.backlog == 0)
            #expect(summary?.lastDelivered == Scene.time(2) + .milliseconds(250))
            #expect(summary?.oldestBacklog == nil)
        },
        StoreCase("settlements of which one is wrong leave nothing behind") { scene in
            try await scene.send(
                [Scene.event("a", key: "a"), Scene.event("b", key: "a")], to: [scene.triage])
            let claimed = try await scene.claim()
            let listed = try await scene.store.deliveries(DeliveryQuery())
            let blocked = try #require(listed.first)
            let good = Scene.settlement(claimed[0], .delivered)
            for id in [DeliveryID(999), blocked.id] {
                let bad = Settlement(delivery: id, attempt: good.attempt, verdict: .dead)
                let wrong = id == blocked.id ? [bad, good] : [good, bad]
                #expect(await storeErrorCode { try await scene.store.settle(wrong) } == .fault)
            }
            #expect(try await scene.store.deliveries(DeliveryQuery()) == listed)
            #expect(try await scene.summary()?.delivered == 0)
            // What could not be settled is still in its claimer's hands.
            #expect(try await scene.claim().isEmpty)
            try await scene.store.settle([good])
            #expect(await storeErrorCode { try await scene.store.settle([good]) } == .fault)
            #expect(try await scene.summary()?.delivered == 1)
        },
        StoreCase("the log of attempts is kept whole and in order") { scene in
            try await scene.send([Scene.event("a")], to: [scene.triage])
            var attempts: [Attempt] = []
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            for (index, status) in ([nil, 301, 503] as [Int?]).enumerated() {
                let delivery = try #require(try await scene.claim().first)
                #expect(delivery.attempts == index)
                let attempt = Attempt(
                    number: index + 1, started: Scene.time(Int64(index)),
                    duration: .milliseconds(15_001), status: status, outcome: "outcome\(index)",
                    reason: index == 0 ? "" : "because \u{1F600}\u{0} of \"it\"",
                    reply: String(repeating: "r\n", count: index * Limits.replyBytesKept / 4),
                    trace: index == 0 ? nil : "00-\(trace)-00f067aa0ba902b\(index)-01")
                attempts.append(attempt)
                let verdict: Settlement.Verdict = index == 2 ? .dead : .retry(at: Scene.time(9))
                try await scene.store.settle([
                    Settlement(delivery: delivery.id, attempt: attempt, verdict: verdict)
                ])
            }
            let listed = try await scene.store.deliveries(DeliveryQuery())
            #expect(listed.map(\.attempts) == [attempts])
            #expect(listed.map(\.state) == [.dead])
            for (asked, count) in [(trace, 1), (String(trace.reversed()), 0)] {
                var query = DeliveryQuery()
                query.trace = asked
                #expect(try await scene.store.deliveries(query).count == count)
            }
        },
    ]
}
