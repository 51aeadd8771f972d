import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SteeringTests {
    private static let cursored = """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
        cursor: { from: .at, format: integer } }
        """

    private static func open(
        _ api: ChangingAPI, _ time: ManualTime, stream: String? = nil
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time)
        if let stream { text.stream = stream }
        return text
    }

    @Test func `a paused source is not polled, not even after a restart, until it is resumed`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        var text = try Self.open(api, time)
        text.sources.append("every: 10s")
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 2)
            #expect(try await bridge.perform("pause", ["source": "shop0"]).isDone)
            let polls = bridge.polls(of: "shop0")
            try await bridge.advance { bridge.polls(of: "shop1") > 20 }
            #expect(bridge.polls(of: "shop0") == polls)
        }
        try await RunningBridge.with(text) { bridge in
            try await bridge.advance { bridge.polls(of: "shop1") > 10 }
            #expect(bridge.polls(of: "shop0") == 0)
            // Asked for by name it is polled once, and stays paused.
            #expect(try await bridge.perform("poll", ["source": "shop0"]).isDone)
            try await bridge.advance { bridge.polls(of: "shop0") == 1 }
            try await bridge.advance { bridge.polls(of: "shop1") > 30 }
            #expect(bridge.polls(of: "shop0") == 1)
            #expect(try await bridge.store.pausedSources().map(\.source.text) == ["shop0"])
            #expect(try await bridge.perform("resume", ["source": "shop0"]).isDone)
            try await bridge.advance { bridge.polls(of: "shop0") > 2 }
            #expect(try await bridge.store.pausedSources().isEmpty)
        }
    }

    @Test func `polling now does not wait for the turn`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        var text = try Self.open(api, time)
        text.sources = ["every: 6h"]
        try await RunningBridge.with(text) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            let answer = try await bridge.perform(
                "poll", ["source": "shop0", "stream": "orders"])
            #expect(answer.isDone)
            await bridge.log.wait(for: "poll", count: 2)
            #expect(time.monotonic() < .seconds(60))
        }
    }

    @Test func `a rewound stream tells only what it has missed, as resync`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(#"[{"id":1,"at":10},{"id":2,"at":20}]"#)
        try await RunningBridge.with(Self.open(api, time, stream: Self.cursored)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            // Changed without a new stamp: nobody would ever ask for it again.
            api.set(#"[{"id":1,"at":10,"late":true},{"id":2,"at":20}]"#)
            let answer = try await bridge.perform("rewind", ["source": "shop0", "to": "5"])
            #expect(answer.isDone, "\(answer.text)")
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            #expect(api.requests[1].query("since") == "5")
            #expect(try await bridge.changes(of: "shop0") == ["updated 1 v2"])
            #expect(try await bridge.events(of: "shop0").map(\.origin) == [.resync])
            try await bridge.advance { bridge.polls(of: "shop0") > 2 }
            #expect(api.requests[2].query("since") == "20")
            #expect(try await bridge.changes(of: "shop0").count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `a reset stream is read whole; what it tells depends on what is to be forgotten`(
        forgets: Bool
    ) async throws {
        let time = ManualTime()
        let api = try ChangingAPI(#"[{"id":1,"at":10},{"id":2,"at":20}]"#)
        try await RunningBridge.with(Self.open(api, time, stream: Self.cursored)) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            api.set(#"[{"id":1,"at":10,"late":true},{"id":2,"at":20},{"id":3,"at":1}]"#)
            var arguments = ["source": "shop0"]
            if forgets { arguments["forget"] = "yes" }
            #expect(try await bridge.perform("reset", arguments).isDone)
            try await bridge.advance { bridge.polls(of: "shop0") > 1 }
            #expect(api.requests[1].query("since") == nil)
            let told = forgets ? [] : ["updated 1 v2", "created 3 v1"]
            #expect(try await bridge.changes(of: "shop0") == told)
            api.set(#"[{"id":2,"at":30}]"#)
            // A poll under way may have asked before.
            try await bridge.advance {
                try await bridge.changes(of: "shop0").count > told.count
            }
            #expect(try await bridge.changes(of: "shop0") == told + ["updated 2 v2"])
        }
    }

    @Test(
        arguments: [
            ("pause", ["source": "nobody"]), ("pause", [:]), ("resume", ["source": "shop9"]),
            ("poll", ["source": "shop0", "stream": "nothing"]), ("poll", ["source": "nobody"]),
            ("rewind", ["source": "shop0"]), ("rewind", ["source": "shop0", "to": "soon"]),
            ("rewind", ["source": "shop1", "to": "5"]), ("reset", ["source": "nobody"]),
            ("reset", ["source": "shop0", "stream": "nothing"]),
        ])
    func `what cannot be steered is refused in words`(
        kind: String, arguments: [String: String]
    ) async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        try await RunningBridge.with(
            Self.open(api, time, stream: kind == "rewind" ? nil : Self.cursored)
        ) { bridge in
            let answer = try await bridge.perform(kind, arguments)
            #expect(!answer.isDone && answer.text.contains("["))
        }
    }

    @Test(arguments: 0...3)
    func `a source that is named again while it is purged begins anew`(steps: Int) async throws {
        let api = try ChangingAPI(orders([(1, "a"), (2, "a"), (3, "a")]))
        try await Bridge.with(try BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "b"), (2, "a"), (3, "a")]))
            try await bridge.poll()
            let address = bridge.assembly.streams[0].address
            _ = try await bridge.store.register(streams: [])
            for _ in 0..<steps { _ = try await bridge.store.purge(source: address.source) }
            _ = try await bridge.store.register(streams: [address])
            guard steps > 0, steps < 3 else {
                // Nothing has gone, or all has.
                #expect(try await bridge.state().hasBaseline == (steps == 0))
                return
            }
            api.set(orders([(1, "c"), (2, "a"), (4, "a")]))
            #expect(try await bridge.poll().outcome == "baseline")
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.state().liveCount == 3)
            api.set(orders([(1, "c"), (4, "a")]))
            #expect(try await bridge.poll().deleted == 1)
        }
    }
}
