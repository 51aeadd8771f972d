import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// Random work, checked step by step against a model; a failure names the seed to repeat.
    static let modelCases: [StoreCase] = (1...6).map { seed in
        StoreCase(restarting: "random deliveries follow their model, seed \(seed)") { place in
            var run = try await ModelRun(place, seed: UInt64(seed))
            for _ in 0..<250 { try await run.step() }
            try await run.finish()
        }
    }
}

/// A store, and what it should hold, under a random sequence of calls.
private struct ModelRun {
    /// The unsettled deliveries of one record for one subscription, the first one first.
    struct Lane: Hashable {
        let subscription: SubscriptionID
        let key: String
    }

    struct Pending {
        let event: String
        var due: Int64
        var attempts = 0
    }

    let place: any StorePlace
    var scene: Scene
    var random: SplitMix
    var now: Int64 = 0
    var sent = 0
    var lanes: [Lane: [Pending]] = [:]
    var claimed: [Lane: Delivery] = [:]
    var settled: [SubscriptionID: (delivered: Int, dead: Int)] = [:]

    init(_ place: any StorePlace, seed: UInt64) async throws {
        self.place = place
        scene = try await Scene(place)
        random = SplitMix(state: seed)
    }

    mutating func step() async throws {
        now += Int64.random(in: 0...3, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: try await send()
        case 30..<60: try await claim(limit: Int.random(in: 1...6, using: &random))
        case 60..<90: try await settle()
        case 90..<97: try await release()
        default: try await restart()
        }
    }

    private mutating func send() async throws {
        var events: [OutgoingEvent] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let key = "k\(Int.random(in: 0..<5, using: &random))"
            let receivers = [scene.triage, scene.audit].filter { _ in Bool.random(using: &random) }
            let name = "\(sent)"
            sent += 1
            for receiver in receivers {
                let lane = Lane(subscription: receiver, key: key)
                lanes[lane, default: []].append(Pending(event: name, due: now))
            }
            events.append(
                OutgoingEvent(event: Scene.event(name, key: key), subscriptions: receivers))
        }
        try await scene.store.commit(
            CommitBatch(stream: scene.orders, time: Scene.time(now), events: events))
    }

    private mutating func claim(limit: Int) async throws {
        let subscription = Bool.random(using: &random) ? scene.triage : scene.audit
        let free = lanes.filter { $0.key.subscription == subscription && claimed[$0.key] == nil }
        let heads = free.compactMap { $0.value.first }
        let nextDue = try await scene.store.nextDue(for: subscription)
        #expect(nextDue == heads.map { Scene.time($0.due) }.min())
        let deliveries = try await scene.claim(limit, for: subscription, at: now)
        #expect(deliveries.count == min(limit, heads.count { $0.due <= now }))
        for delivery in deliveries {
            let lane = Lane(subscription: subscription, key: delivery.event.key.text)
            let head = try #require(free[lane]?.first)
            #expect("evt_\(head.event)" == delivery.event.id.text && head.due <= now)
            #expect(head.attempts == delivery.attempts)
            claimed[lane] = delivery
        }
    }

    private mutating func settle() async throws {
        var settlements: [Settlement] = []
        for (lane, delivery) in claimed.sorted(by: { $0.value.id < $1.value.id })
        where Bool.random(using: &random) {
            claimed[lane] = nil
            let verdict: Settlement.Verdict
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let due = now + Int64.random(in: 0...9, using: &random)
                verdict = .retry(at: Scene.time(due))
                lanes[lane]?[0].due = due
                lanes[lane]?[0].attempts += 1
            case 1:
                verdict = .dead
                settled[lane.subscription, default: (0, 0)].dead += 1
            default:
                verdict = .delivered
                settled[lane.subscription, default: (0, 0)].delivered += 1
            }
            if verdict == .dead || verdict == .delivered { finish(lane) }
            settlements.append(Scene.settlement(delivery, verdict, at: now))
        }
        try await scene.store.settle(settlements)
    }

    private mutating func finish(_ lane: Lane) {
        lanes[lane]?.removeFirst()
        // When the next one was due at is the store's to say, as long as it is not later.
        if let due = lanes[lane]?.first?.due { lanes[lane]?[0].due = min(due, now) }
    }

    private mutating func release() async throws {
        // Sorted, because the order of a dictionary differs from run to run.
        let first = claimed.sorted { $0.value.id < $1.value.id }.randomElement(using: &random)
        guard let lane = first?.key, let delivery = claimed.removeValue(forKey: lane) else {
            return
        }
        try await scene.store.release([delivery.id])
    }

    private mutating func restart() async throws {
        await scene.store.close()
        scene = try await Scene(place)
        claimed = [:]
    }

    /// Delivers all that is left and compares the counts.
    mutating func finish() async throws {
        try await restart()
        now += 1000
        var left = lanes.values.reduce(0) { $0 + $1.count }
        while left > 0 {
            let before = left
            for subscription in [scene.triage, scene.audit] {
                let deliveries = try await scene.claim(for: subscription, at: now)
                try await scene.store.settle(
                    deliveries.map { Scene.settlement($0, .delivered, at: now) })
                settled[subscription, default: (0, 0)].delivered += deliveries.count
                left -= deliveries.count
            }
            try #require(left < before, "what is left is never handed out")
        }
        for summary in try await scene.store.subscriptions() {
            let expected = settled[summary.id] ?? (0, 0)
            #expect(summary.backlog == 0 && summary.oldestBacklog == nil)
            #expect(summary.delivered == expected.delivered && summary.dead == expected.dead)
        }
        await scene.store.close()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
