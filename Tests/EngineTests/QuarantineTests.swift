import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct QuarantineTests {
    private static let pages = """
        { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
        key: .id, pages: { number: 1 } }
        """

    /// Orders in pages of 50, all of one value but for those in `others`.
    private static func paged(_ ids: ClosedRange<Int>, value: String) -> ScriptedServer.Handler {
        { request in
            let number = request.number("page") ?? 1
            return .reply(text: orders(ids.dropFirst((number - 1) * 50).prefix(50), value: value))
        }
    }

    private static func quarantine(_ bridge: Bridge) async throws -> Quarantine? {
        try await bridge.store.quarantine(of: bridge.assembly.streams[0].id)
    }

    @Test(arguments: [100, 3000])
    func `a change of all records is held back until it is accepted`(count: Int) async throws {
        let api = try ChangingAPI(Self.paged(1...count, value: "old"))
        var text = try BridgeText(api)
        text.stream = Self.pages
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(Self.paged(1...count, value: "new"))
            for polls in 1...2 {
                bridge.time.advance(by: .seconds(60))
                let report = try await bridge.poll()
                #expect(report.outcome == "mass_change")
                #expect(report.updated == 0)
                #expect(report.reason.contains("\(count) of \(count)"))
                let quarantine = try #require(try await Self.quarantine(bridge))
                #expect(quarantine.polls == polls)
                #expect(quarantine.finding.sample.count == Limits.sampledRecordsMax)
                let record = try #require(quarantine.finding.sample.first)
                #expect(
                    record.before != nil && record.after != nil && record.before != record.after)
                #expect(record.record?.contains("new") == true)
            }
            #expect(try await bridge.changes() == [])
            #expect(try await bridge.news() == ["quarantined shop0/orders"])
            let address = bridge.assembly.streams[0].address
            #expect(
                try await bridge.store.decide(.accepted, for: address, at: bridge.time.wall()))
            #expect(try await bridge.poll().updated == count)
            let events = try await bridge.events()
            #expect(events.count == count && events.allSatisfy { $0.kind == .updated })
            #expect(try await Self.quarantine(bridge) == nil)
            #expect(
                try await bridge.news() == ["quarantined shop0/orders", "recovered shop0/orders"])
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test(arguments: [30, 300])
    func `records that come with a mass delete do not make it believable`(
        strangers: Int
    ) async throws {
        let api = try ChangingAPI(orders(1...60))
        try await Bridge.with(try BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders(Array(1...10) + Array(1000..<1000 + strangers)))
            for _ in 1...4 {
                bridge.time.advance(by: .seconds(60))
                #expect(try await bridge.poll().outcome == "mass_delete")
            }
            #expect(try await bridge.events().allSatisfy { $0.kind == .created })
            // So many strangers are another list: nothing of it is taken over.
            if strangers > 240 { #expect(try await bridge.state().liveCount == 60) }
            api.set(orders(1...60))
            bridge.time.advance(by: .seconds(60))
            #expect(try await bridge.state().liveCount >= 60)
            #expect(try await bridge.poll().outcome != "mass_change")
        }
    }

    @Test func `an acceptance that comes while a poll is under way counts for the next`()
        async throws
    {
        let api = try ChangingAPI(Self.paged(1...100, value: "old"))
        var text = try BridgeText(api)
        text.stream = Self.pages
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(Self.paged(1...100, value: "new"))
            #expect(try await bridge.poll().outcome == "mass_change")
            let address = bridge.assembly.streams[0].address
            let (store, time) = (bridge.store, bridge.time)
            time.advance(by: .seconds(60))
            try await bridge.poll { batch in
                guard batch.ending != nil else { return }
                time.advance(by: .milliseconds(5))
                _ = try await store.decide(.accepted, for: address, at: time.wall())
            }
            time.advance(by: .seconds(60))
            #expect(try await bridge.poll().updated == 100)
        }
    }

    @Test func `a change of all records heals when the records come as they were`() async throws {
        let api = try ChangingAPI(Self.paged(1...3000, value: "old"))
        var text = try BridgeText(api)
        text.stream = Self.pages
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(Self.paged(1...3000, value: "new"))
            #expect(try await bridge.poll().outcome == "mass_change")
            let requests = api.requests.count
            api.set(Self.paged(1...3001, value: "old"))
            #expect(try await bridge.poll().outcome == "changed")
            // A list that is calm is read once.
            #expect(api.requests.count - requests == 62)
            #expect(try await bridge.changes() == ["created 3001 v1"])
            #expect(try await Self.quarantine(bridge) == nil)
        }
    }

    @Test func `nine in ten of a long list are read twice and believed if one more is allowed`()
        async throws
    {
        let api = try ChangingAPI(Self.paged(1...2000, value: "old"))
        var text = try BridgeText(api)
        text.stream = Self.pages
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let requests = api.requests.count
            api.set { request in
                let number = request.number("page") ?? 1
                let ids = (1...2000).dropFirst((number - 1) * 50).prefix(50)
                return .reply(
                    text: orders(ids.map { (id: $0, value: $0 <= 1790 ? "new" : "old") }))
            }
            #expect(try await bridge.poll().updated == 1790)
            #expect(api.requests.count - requests == 82)
            #expect(Set(try await bridge.events().map(\.id)).count == 1790)
            #expect(try await Self.quarantine(bridge) == nil)
        }
    }

    @Test func `an acceptance covers what was shown and a tenth more`() async throws {
        let api = try ChangingAPI(orders(1...100))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            let address = bridge.assembly.streams[0].address
            api.set(orders(1...60))
            #expect(try await bridge.poll().outcome == "mass_delete")
            #expect(try await Self.quarantine(bridge)?.finding.affected == 40)
            _ = try await bridge.store.decide(.accepted, for: address, at: bridge.time.wall())
            api.set(orders(1...55))
            #expect(try await bridge.poll().outcome == "mass_delete")
            let larger = try await Self.quarantine(bridge)
            #expect(larger?.decision == QuarantineDecision.none)
            #expect(larger?.finding.affected == 45)
            #expect(larger?.finding.sample.first?.key == RecordKey("100"))
            _ = try await bridge.store.decide(.accepted, for: address, at: bridge.time.wall())
            api.set(orders(1...51))
            #expect(try await bridge.poll().deleted == 49)
            #expect(try await Self.quarantine(bridge) == nil)
        }
    }

    @Test func `a rejection is told once and keeps what is stored`() async throws {
        let api = try ChangingAPI(orders(1...100))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders(1...60))
            try await bridge.poll()
            let address = bridge.assembly.streams[0].address
            _ = try await bridge.store.decide(.rejected, for: address, at: bridge.time.wall())
            for _ in 1...3 { #expect(try await bridge.poll().outcome == "mass_delete") }
            #expect(try await Self.quarantine(bridge)?.decision == .rejected)
            #expect(try await bridge.news() == ["quarantined shop0/orders"])
            #expect(try await bridge.state().liveCount == 100)
            api.set("{}")
            #expect(try await bridge.poll().outcome == "key_missing")
            api.set(orders(1...100))
            try await bridge.poll()
            #expect(
                try await bridge.news() == [
                    "quarantined shop0/orders", "quarantined shop0/orders",
                    "recovered shop0/orders",
                ])
            #expect(try await bridge.changes() == [])
        }
    }

    @Test(arguments: [
        (#"{"error":"try later, SECRETWORD"}"#, "records_missing"), ("<html>", "json_unexpected"),
        (#"{"data":[{"name":"x"}]}"#, "key_missing"),
    ])
    func `what cannot be read is kept, told once, and heals`(
        answer: String, outcome: String
    ) async throws {
        let good = #"{"data":\#(orders(1...3))}"#
        let api = try ChangingAPI(good)
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: .data, key: .id }"
        text.sources = ["every: 60s, with: { token: \"${env.TOKEN}\" }"]
        text.environment = ["TOKEN": "SECRETWORD"]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(answer)
            for _ in 1...2 { #expect(try await bridge.poll().outcome == outcome) }
            let quarantine = try #require(try await Self.quarantine(bridge))
            #expect(quarantine.finding.reason.text == outcome)
            #expect(!quarantine.finding.reason.isDecidable)
            #expect(
                quarantine.finding.excerpt == answer.replacing("SECRETWORD", with: "***"))
            #expect(try await bridge.news() == ["quarantined shop0/orders"])
            api.set { _ in .reply(status: 500) }
            try await bridge.poll()
            #expect(try await Self.quarantine(bridge) != nil)
            api.set(good)
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await Self.quarantine(bridge) == nil)
        }
    }

    @Test func `failures of the network and a first poll quarantine nothing`() async throws {
        let api = try ChangingAPI("{}")
        try await Bridge.with(BridgeText(api)) { bridge in
            #expect(try await bridge.poll().outcome == "key_missing")
            #expect(try await Self.quarantine(bridge) == nil)
            api.set(orders(1...3))
            try await bridge.poll()
            api.set { _ in .script(.close) }
            #expect(try await bridge.poll().outcome == "transfer")
            api.set { _ in .reply(status: 401) }
            try await bridge.poll()
            #expect(try await Self.quarantine(bridge) == nil)
            #expect(try await bridge.news() == [])
        }
    }

    @Test func `another list altogether is neither created nor deleted`() async throws {
        let api = try ChangingAPI(orders(1...40))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders(101...140))
            #expect(try await bridge.poll().outcome == "mass_delete")
            #expect(try await bridge.changes() == [])
            #expect(try await bridge.state().liveCount == 40)
            #expect(try await bridge.poll(acceptsDeletes: true).deleted == 40)
            #expect(try await bridge.events().count == 80)
        }
    }

    @Test func `new rules are no mass change, and a raised share is none either`() async throws {
        for (stream, isHeld) in [("", true), (", max_change: 100%", false)] {
            let api = try ChangingAPI(orders(1...40))
            var text = try BridgeText(api)
            text.stream = "{ request: /orders, records: ., key: .id\(stream) }"
            try await Bridge.with(text) { bridge in
                try await bridge.poll()
                api.set(orders(1...40, value: "other"))
                #expect(try await bridge.poll().outcome == (isHeld ? "mass_change" : "changed"))
                if isHeld { #expect(try await bridge.poll(acceptsChanges: true).updated == 40) }
            }
        }
    }

    @Test func `health goes to those who ask for it by name, and to no others`() async throws {
        let api = try ChangingAPI(orders(1...50))
        let time = ManualTime()
        let all = try Subscriber("all", time: time)
        let health = try Subscriber("health", time: time)
        let other = try Subscriber("other", time: time)
        var text = try BridgeText(api, time: time)
        text.sources = ["every: 60s", "every: 60s"]
        text.subscriptions = [
            (all, ""), (health, "events: [pullcord.source.*], sources: [shop0]"),
            (other, "events: [\"pullcord.*\"], sources: [shop1]"),
        ]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders(1...5))
            try await bridge.poll()
            api.set(orders(1...50))
            try await bridge.poll()
            try await bridge.delivering { _ in await bridge.log.wait(for: "attempt", count: 2) }
            #expect(all.webhooks.isEmpty && other.webhooks.isEmpty)
            #expect(
                health.webhooks.map(\.type)
                    == ["pullcord.source.quarantined", "pullcord.source.recovered"])
            #expect(health.webhooks.map(\.change) == ["shop0/orders v1", "shop0/orders v2"])
            let first = try #require(health.webhooks.first)
            #expect(first.text.contains(#""reason":"mass_delete""#))
            #expect(first.text.contains(#""affected":45"#))
            #expect(first.isVerified)
        }
    }
}
