import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReloadTests {
    private static func open(
        _ api: ChangingAPI, _ subscriber: Subscriber, _ time: ManualTime,
        stream: String = "{ request: /orders, records: ., key: .id }"
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time)
        text.subscriptions = [(subscriber, "")]
        text.stream = stream
        return text
    }

    @Test func `sources and subscriptions come, change and go, and the rest does not notice`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let triage = try Subscriber(time: time)
        let audit = try Subscriber("audit", time: time)
        try await RunningBridge.with(Self.open(api, triage, time)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            let added = try await bridge.reload {
                $0.sources.append("every: 10s")
                $0.subscriptions.append((audit, ""))
            }
            #expect(added.sources == .init(added: ["shop1"], unchanged: ["shop0"]))
            #expect(added.subscriptions == .init(added: ["audit"], unchanged: ["triage"]))
            // The new one is polled at once, the old one not before its time.
            await bridge.log.wait(for: "poll", count: 2)
            #expect(bridge.polls(of: "shop1") == 1 && bridge.polls(of: "shop0") == 1)

            api.set(orders([(1, "b")]))
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            await bridge.log.wait(for: "attempt", count: 4)
            #expect(Set(audit.webhooks.map(\.id)) == Set(triage.webhooks.map(\.id)))

            let removed = try await bridge.reload {
                $0.sources[1] = "every: 20s"
                $0.subscriptions.removeLast()
            }
            #expect(removed.sources == .init(changed: ["shop1"], unchanged: ["shop0"]))
            #expect(removed.subscriptions == .init(removed: ["audit"], unchanged: ["triage"]))
            let quiet = try await bridge.reload { _ in }
            #expect(quiet.isQuiet && quiet.text == "nothing has changed")
        }
    }

    @Test func `what needs a restart is named at each reload, until it is as it was`() async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        var text = try Self.open(api, subscriber, time)
        text.more = "api: { listen: 127.0.0.1:7000, max_body: 1MiB }"
        try await RunningBridge.with(text) { bridge in
            let moved = try await bridge.reload {
                $0.more = "api: { listen: 127.0.0.1:7001, max_body: 2MiB, rate: 5/s }"
            }
            #expect(moved.atNextStart == ["api.listen", "api.max_body"])
            #expect(
                moved.text == "nothing has changed; not before a restart: api.listen, api.max_body")
            #expect(try await bridge.reload { $0.more = "" }.atNextStart == ["api"])
            let back = try await bridge.reload {
                $0.more = "api: { listen: 127.0.0.1:7000, max_body: 1MiB, rate: 5/s }"
            }
            #expect(back.atNextStart.isEmpty && back.text == "nothing has changed")
        }
    }

    @Test func `what moves in the file is the same, and what its secret says counts`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        let text = try Self.open(api, subscriber, time)
        try await RunningBridge.with(text) { bridge in
            let moved = try await bridge.reload { $0.adapter = "# a word\n\n" + $0.adapter }
            #expect(moved.isQuiet)
            let secret = try await bridge.reload {
                $0.sources = ["every: 60s, with: { token: \"${env.TOKEN}\" }"]
                $0.environment["TOKEN"] = "first-token"
            }
            #expect(secret.sources.changed == ["shop0"])
            let renewed = try await bridge.reload { $0.environment["TOKEN"] = "second-token" }
            #expect(renewed.sources.changed == ["shop0"])
        }
    }

    @Test func `a file with a mistake changes nothing, and the log says where it is`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let subscriber = try Subscriber(time: time)
        try await RunningBridge.with(Self.open(api, subscriber, time)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            await #expect(throws: Problem.self) {
                try await bridge.reload { $0.sources = ["evry: 60s", "every: 1s"] }
            }
            let reasons = bridge.log.lines("configuration refused").compactMap {
                $0.facts["reason"]
            }
            #expect(reasons.contains { $0.contains("pullcord.yaml:4:") && $0.contains("evry") })
            #expect(bridge.log.lines("reload failed").count == 1)
            #expect(try await bridge.store.streams().count { $0.isInFile } == 3)
            api.set(orders([(1, "b")]))
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            #expect(try await bridge.changes(of: "shop0") == ["updated 1 v2"])
        }
    }

    @Test func `a source that was taken out goes on where it was when it is back`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a"), (2, "a")]))
        let subscriber = try Subscriber(time: time)
        var text = try Self.open(api, subscriber, time)
        text.sources.append("every: 60s")
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 2)
            try await bridge.reload { $0.sources.removeLast() }
            #expect(try await bridge.store.streams().count { !$0.isInFile } == 1)
            api.set(orders([(1, "a"), (2, "b")]))
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            #expect(bridge.polls(of: "shop1") == 1)
            try await bridge.reload { $0.sources.append("every: 60s") }
            try await bridge.advance { bridge.polls(of: "shop1") > 1 }
            #expect(try await bridge.changes(of: "shop1") == ["updated 2 v2"])
        }
    }

    @Test func `an edited adapter fires nothing of what is known`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a"), (2, "a")]))
        let subscriber = try Subscriber(time: time)
        try await RunningBridge.with(Self.open(api, subscriber, time)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            for stream in [
                "{ request: /orders, records: ., key: .id, ignore: [.other] }",
                "{ request: { path: /orders, query: { all: 1 } }, records: ., key: .id }",
                "{ request: /orders, records: ., key: [.id, .value] }",
            ] {
                let polls = bridge.polls(of: "shop0")
                try await bridge.reload { $0.stream = stream }
                try await bridge.advance { bridge.polls(of: "shop0") > polls + 1 }
                #expect(try await bridge.changes(of: "shop0").isEmpty)
            }
        }
    }

    @Test func `a poll under way ends as it began, and its stream is not polled twice at once`()
        async throws
    {
        let time = ManualTime()
        let gate = try Gate()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        var text = try Self.open(api, subscriber, time)
        text.sources.append("every: 60s")
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 2)
            api.set { _ in
                ScriptedReply(
                    steps: [.wait(gate)] + ScriptedReply.reply(text: orders([(1, "a")])).steps)
            }
            let asked = api.requests.count
            try await bridge.advance { api.requests.count == asked + 2 }
            // Away and back while the answer is being waited for.
            try await bridge.reload { $0.sources.removeLast() }
            let purge = try await bridge.perform("purge", ["name": "shop1"])
            #expect(!purge.isDone && purge.text.contains("purge_held"))
            try await bridge.reload { $0.sources.append("every: 10s") }
            #expect(api.requests.count == asked + 2)
            api.set(orders([(1, "a"), (2, "a")]))
            gate.open()
            try await bridge.advance { bridge.polls(of: "shop1") > 2 }
            #expect(try await bridge.changes(of: "shop1") == ["created 1 v1", "created 2 v1"])
        }
    }

    @Test func `a webhook goes to the new place when the old one has answered`() async throws {
        let time = ManualTime()
        let gate = try Gate()
        let api = try ChangingAPI("[]")
        let old = try Subscriber(time: time) { _ in
            ScriptedReply(steps: [.wait(gate)] + ScriptedReply.reply(status: 410).steps)
        }
        let new = try Subscriber(time: time)
        try await RunningBridge.with(Self.open(api, old, time)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set(orders([(1, "a")]))
            try await bridge.advance { !old.webhooks.isEmpty }
            try await bridge.reload { $0.subscriptions = [(new, "")] }
            api.set(orders([(1, "a"), (2, "a")]))
            try await bridge.advance { bridge.polls(of: "shop0") > 2 }
            #expect(new.webhooks.isEmpty)
            gate.open()
            try await bridge.advance { new.webhooks.count > 1 }
            #expect(Set(new.webhooks.map(\.key)) == ["1", "2"])
            #expect(try await bridge.store.subscriptions()[0].disabledReason == nil)
        }
    }
}
