import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeliveryTests {
    /// A bridge over an API whose records are events from the first poll on.
    static func bridge(
        _ api: ChangingAPI, _ subscriber: Subscriber, _ time: ManualTime, more: String = ""
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit }"
        text.subscriptions = [(subscriber, more)]
        return text
    }

    /// Gives record 1 the versions 1 to 3, and record 2 one.
    static func makeHistory(_ api: ChangingAPI, _ bridge: Bridge) async throws {
        for value in ["a", "b", "c"] {
            api.set(orders([(1, value), (2, "x")]))
            try await bridge.poll()
        }
    }

    @Test func `changes of a record stay in order while attempts fail; others pass`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time) { webhook in
            .reply(status: webhook.key == "1" && webhook.attempt <= 2 ? 500 : 204)
        }
        try await Bridge.with(Self.bridge(api, subscriber, time)) { bridge in
            try await Self.makeHistory(api, bridge)
            try await bridge.delivering { _ in
                var attempts = 2
                for _ in 1...3 {
                    // Twice in vain, and then with success, at which the next version goes.
                    await bridge.log.wait(for: "attempt", count: attempts)
                    await time.advanceToNextSleeper()
                    await bridge.log.wait(for: "attempt", count: attempts + 1)
                    await time.advanceToNextSleeper()
                    attempts += 3
                }
                await bridge.log.wait(for: "attempt", count: 10)
            }
            #expect(
                subscriber.changes(of: "1")
                    == ["1 v1", "1 v1", "1 v1", "1 v2", "1 v2", "1 v2", "1 v3", "1 v3", "1 v3"])
            #expect(subscriber.changes(of: "2") == ["2 v1"])
            #expect(subscriber.webhooks.prefix(2).contains { $0.key == "2" })
            #expect(subscriber.webhooks.allSatisfy { $0.isVerified })
            #expect(try await bridge.deliveries().allSatisfy { $0.state == .delivered })
        }
    }

    @Test func `after the last attempt a delivery is dead, and the next of its record goes`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time) { webhook in
            .reply(status: webhook.version == 1 ? 500 : 204)
        }
        let text = try Self.bridge(api, subscriber, time, more: "retry: [5s, 30s]")
        try await Bridge.with(text) { bridge in
            for value in ["a", "b"] {
                api.set(orders([(1, value)]))
                try await bridge.poll()
            }
            try await bridge.delivering { _ in
                for count in 1...2 {
                    await bridge.log.wait(for: "attempt", count: count)
                    await time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "attempt", count: 4)
            }
            #expect(subscriber.changes(of: "1") == ["1 v1", "1 v1", "1 v1", "1 v2"])
            let deliveries = try await bridge.deliveries()
            #expect(deliveries.map(\.state) == [.dead, .delivered])
            #expect(deliveries.map(\.attempts.count) == [3, 1])
            #expect(deliveries[0].attempts.map(\.status) == [500, 500, 500])
            let summary = try await bridge.store.subscriptions()[0]
            #expect((summary.dead, summary.delivered, summary.backlog) == (1, 1, 0))
        }
    }

    @Test func `attempts keep to the designed schedule: never early, at most a fifth late`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...1))
        let subscriber = try Subscriber(time: time) { _ in .reply(status: 500) }
        try await Bridge.with(Self.bridge(api, subscriber, time)) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                for count in 1...10 {
                    await bridge.log.wait(for: "attempt", count: count)
                    await time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "attempt", count: 11)
            }
            let times = subscriber.webhooks.map(\.time)
            let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
            let hour = 3600
            let designed = [
                5, 30, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour,
            ]
            #expect(times.first == .zero)
            #expect(pauses.count == designed.count)
            for (pause, designed) in zip(pauses, designed) {
                #expect(pause >= .seconds(designed))
                #expect(pause <= .seconds(designed) * 1.2)
            }
            // Signed anew each time: the last is three days younger than the first.
            #expect(subscriber.webhooks.allSatisfy { $0.isVerified })
            #expect(Set(subscriber.webhooks.map(\.id)).count == 1)
            #expect(Set(subscriber.webhooks.map(\.body)).count == 1)
            let delivery = try #require(try await bridge.deliveries().first)
            #expect(delivery.state == .dead)
            #expect(delivery.attempts.map(\.number) == Array(1...11))
            #expect(delivery.due == nil)
        }
    }

    @Test func `a wait that a reply asks for holds for the whole endpoint`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...20))
        let subscriber = try Subscriber(time: time) { _ in
            time.monotonic() < .seconds(120)
                ? .reply(status: 503, headers: [("Retry-After", "120")]) : .reply(status: 204)
        }
        try await Bridge.with(Self.bridge(api, subscriber, time)) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: Limits.inFlightPerEndpoint)
                #expect(await time.advanceToNextSleeper() == .seconds(120))
                // The twelve that were never tried go first; the others have their own wait.
                await bridge.log.wait(for: "attempt", count: 20)
                time.advance(by: .seconds(24))
                await bridge.log.wait(for: "attempt", count: 28)
            }
            let times = subscriber.webhooks.map(\.time)
            #expect(times.count { $0 == .zero } == Limits.inFlightPerEndpoint)
            #expect(times.allSatisfy { $0 == .zero || $0 >= .seconds(120) })
            #expect(Set(subscriber.webhooks.map(\.id)).count == 20)
            #expect(try await bridge.deliveries().allSatisfy { $0.state == .delivered })
        }
    }

    @Test func `410 stops the subscription and keeps its events; started again it goes on`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time) { _ in .reply(status: 410) }
        let text = try Self.bridge(api, subscriber, time)
        try await Bridge.with(text) { bridge in
            api.set(orders([(1, "a")]))
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "subscription stopped", count: 1)
            }
            for value in ["b", "c"] {
                api.set(orders([(1, value)]))
                try await bridge.poll()
            }
        }
        // Neither the same process nor the next one sends anything to it.
        try await Bridge.with(text) { bridge in
            time.advance(by: .seconds(86_400))
            try await bridge.serving { _ in
                await bridge.log.wait(for: "poll", count: 1)
                await time.advanceToNextSleeper()
                await bridge.log.wait(for: "poll", count: 2)
            }
            #expect(subscriber.changes(of: "1") == ["1 v1"])
            let summary = try await bridge.store.subscriptions()[0]
            #expect(summary.disabledReason?.contains("410") == true)
            #expect(summary.backlog == 3)
            try await bridge.store.setDisabled(nil, for: summary.id, at: time.wall())
        }
        subscriber.set { _ in .reply(status: 204) }
        try await Bridge.with(text) { bridge in
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 3)
            }
            #expect(subscriber.changes(of: "1") == ["1 v1", "1 v1", "1 v2", "1 v3"])
            #expect(Set(subscriber.webhooks.prefix(2).map(\.id)).count == 1)
            #expect(try await bridge.store.subscriptions()[0].backlog == 0)
        }
    }

    @Test func `an endpoint that never answers does not hold up another`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...60))
        let dead = try Subscriber("dead", time: time) { _ in .script(.never) }
        let alive = try Subscriber("alive", time: time)
        var text = try Self.bridge(api, dead, time)
        text.subscriptions = [(dead, ""), (alive, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.cutting(bridge.services().deliver) {
                await dead.server.waitForRequests(Limits.inFlightPerEndpoint)
                await bridge.log.wait(for: "attempt", count: 60)
            }
            #expect(Set(alive.webhooks.map(\.key)) == Set((1...60).map(String.init)))
            #expect(dead.webhooks.count == Limits.inFlightPerEndpoint)
            let summaries = try await bridge.store.subscriptions()
                .sorted { $0.id.number < $1.id.number }
            #expect(summaries.map(\.delivered) == [0, 60])
            #expect(summaries.map(\.backlog) == [60, 0])
        }
    }

    @Test func `a restart sends again what was not settled, with the same id and body`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...3))
        let subscriber = try Subscriber(time: time) { webhook in
            webhook.key == "2" ? .script(.never) : .reply(status: 204)
        }
        let text = try Self.bridge(api, subscriber, time)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.cutting(bridge.services().deliver) {
                await bridge.log.wait(for: "attempt", count: 2)
                await subscriber.server.waitForRequests(3)
            }
        }
        subscriber.set { _ in .reply(status: 204) }
        time.advance(by: .seconds(3600))
        try await Bridge.with(text) { bridge in
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            #expect(try await bridge.deliveries().allSatisfy { $0.state == .delivered })
        }
        #expect(subscriber.webhooks.count == 4)
        let twice = subscriber.webhooks.filter { $0.key == "2" }
        #expect(twice.count == 2)
        #expect(Set(twice.map(\.id)).count == 1)
        #expect(Set(twice.map(\.body)).count == 1)
        #expect(twice.allSatisfy { $0.isVerified })
    }

    @Test func `an event that is committed while the lane sleeps goes out at once`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...1))
        let subscriber = try Subscriber(time: time) { webhook in
            .reply(status: webhook.key == "1" ? 500 : 204)
        }
        let text = try Self.bridge(api, subscriber, time, more: "retry: [10h]")
        try await Bridge.with(text) { bridge in
            try await bridge.serving { _ in
                await bridge.log.wait(for: "attempt", count: 1)
                await bridge.log.wait(for: "poll", count: 1)
                api.set(orders(1...2))
                time.advance(by: .seconds(60))
                await bridge.log.wait(for: "attempt", count: 2)
            }
            let webhook = try #require(subscriber.webhooks.first { $0.key == "2" })
            let poll = try #require(try await bridge.events().last)
            #expect(webhook.origin == "live")
            #expect(ManualTime().wall() + webhook.time == poll.time)
            #expect(webhook.time == .seconds(60))
        }
    }
}
