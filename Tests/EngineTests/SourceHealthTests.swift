import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Testing

/// Sources that fall silent, and records that begin to look otherwise, as events.
@Suite(.timeLimit(.minutes(10))) struct SourceHealthTests {
    private static func text(
        _ api: ChangingAPI, _ subscriber: Subscriber, _ time: ManualTime, source: String
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time)
        text.subscriptions = [(subscriber, "events: [\"pullcord.*\"]")]
        text.sources = [source]
        return text
    }

    private static func news(_ bridge: RunningBridge) async throws -> [String] {
        try await bridge.events(of: "pullcord").map { "\($0.kind.rawValue) \($0.key)" }
    }

    private static let stalled = "stalled shop0/orders"
    private static let recovered = "recovered shop0/orders"

    @Test func `a source that is silent for too long is told of once, and its return too`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...3))
        let subscriber = try Subscriber(time: time)
        let source = "every: 60s, stalled_after: 10m"
        try await RunningBridge.with(Self.text(api, subscriber, time, source: source)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            let start = bridge.time.wall()
            api.set { _ in .reply(status: 500) }
            // Time must not run away from the first poll that fails.
            try await bridge.advance { bridge.log.lines("poll").count > 1 }
            try await bridge.advance { try await Self.news(bridge).contains(Self.stalled) }
            await bridge.log.wait(for: "source stalled", count: 1)
            // From when the next poll was due; how far time goes meanwhile is up to the machine.
            let silence = bridge.time.wall() - start
            #expect(silence > .seconds(660))
            let sight = try #require(bridge.runtime.poll.watch.sights.first)
            #expect(sight.isStalled)
            #expect(sight.isUp == false)
            #expect(sight.lastSuccess == start)
            let end = bridge.time.wall() + .seconds(1200)
            try await bridge.advance { bridge.time.wall() > end }
            #expect(try await Self.news(bridge) == [Self.stalled])
            let states = try await bridge.store.streams()
            #expect(StalledMark.read(states).count == 1)
            #expect(states.contains { $0.lastSuccess == start })

            api.set(orders(1...3))
            try await bridge.advance { try await Self.news(bridge).contains(Self.recovered) }
            #expect(try await Self.news(bridge) == [Self.stalled, Self.recovered])
            #expect(StalledMark.read(try await bridge.store.streams()).isEmpty)
            await bridge.log.wait(for: "attempt", count: 2)
            let texts = subscriber.webhooks.map(\.text)
            let first = try #require(texts.first)
            #expect(texts.count == 2 && first.contains(#""reason":"stalled""#))
            #expect(first.contains("no poll has ended well since"))
        }
    }

    @Test func `time that nothing ran or that it was paused does not count`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...3))
        let subscriber = try Subscriber(time: time)
        let text = try Self.text(
            api, subscriber, time, source: "every: 60s, stalled_after: 10m")
        try await RunningBridge.with(text) { await $0.log.wait(for: "poll", count: 1) }
        time.advance(by: .seconds(86_400))
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            _ = try await bridge.perform("pause", ["name": "shop0", "source": "shop0"])
            let end = time.wall() + .seconds(3600)
            try await bridge.advance { time.wall() > end }
            #expect(try await Self.news(bridge) == [])
        }
    }

    @Test func `a source that fails before a restart goes on failing after it`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...3))
        let subscriber = try Subscriber(time: time)
        let text = try Self.text(api, subscriber, time, source: "every: 60s, stalled_after: 10m")
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set { _ in .reply(status: 500) }
            try await bridge.advance { bridge.polls(of: "shop0") > 2 }
        }
        time.advance(by: .seconds(700))
        try await RunningBridge.with(text) { bridge in
            try await bridge.advance { try await Self.news(bridge) == [Self.stalled] }
            api.set(orders(1...3))
            try await bridge.advance {
                try await Self.news(bridge) == [Self.stalled, Self.recovered]
            }
        }
    }

    @Test func `records that look otherwise are told of by their members, without their values`()
        async throws
    {
        let time = ManualTime()
        let list = { @Sendable (record: (Int) -> String) in
            "[" + (1...24).map(record).joined(separator: ",") + "]"
        }
        let api = try ChangingAPI(
            list { #"{"id":\#($0),"price":12,"owner":{"mail":"confidential\#($0)"}}"# })
        let subscriber = try Subscriber(time: time)
        try await RunningBridge.with(
            Self.text(api, subscriber, time, source: "every: 60s")
        ) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set(list { #"{"id":\#($0),"price":"12.00","tax":"confidential\#($0)"}"# })
            try await bridge.advance { try await !Self.news(bridge).isEmpty }
            #expect(try await Self.news(bridge) == ["schema_changed shop0/orders"])
            await bridge.log.wait(for: "attempt", count: 1)
            let webhook = try #require(subscriber.webhooks.first)
            #expect(webhook.type == "pullcord.source.schema_changed")
            #expect(!webhook.text.contains("confidential"))
            let record = try JSONValue(parsing: webhook.body)["data"]?["record"]
            #expect(record?["is_breaking"] == .bool(true))
            #expect(
                record?["message"]
                    == .string("/owner is gone, /price was number and is string, /tax is new"))
            guard case .array(let changes)? = record?["changes"] else {
                Issue.record("no changes in \(webhook.text)")
                return
            }
            #expect(changes.count == 3)
            #expect(
                changes.contains {
                    $0["path"] == .string("/price") && $0["change"] == .string("type")
                        && $0["before"] == .array([.string("number")])
                        && $0["after"] == .array([.string("string")])
                })
            let state = try await bridge.store.state(
                of: StreamAddress(source: SourceName("shop0"), stream: StreamName("orders")))
            #expect(SchemaMark(state)?.text.hasPrefix("/owner is gone") == true)
            // Polls that find nothing new tell nothing, and what was told is not told again.
            let polls = bridge.polls(of: "shop0")
            try await bridge.advance { bridge.polls(of: "shop0") > polls + 2 }
            api.set(list { #"{"id":\#($0),"price":"13.00","tax":"confidential\#($0)"}"# })
            try await bridge.advance {
                try await bridge.changes(of: "shop0").contains { $0.hasSuffix("v3") }
            }
            #expect(try await Self.news(bridge).count == 1)
        }
    }
}
