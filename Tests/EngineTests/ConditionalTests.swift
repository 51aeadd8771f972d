import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConditionalTests {
    /// Answers with a tag, and 304 to whoever knows it.
    private static func tagged(_ tag: String, _ body: String) -> ScriptedServer.Handler {
        { request in
            request.header("If-None-Match") == tag
                ? .reply(status: 304)
                : .reply(headers: [("ETag", tag)], body: Array(body.utf8))
        }
    }

    private static func tags(_ api: ChangingAPI) -> [String?] {
        api.requests.map { $0.header("If-None-Match") }
    }

    @Test func `304 keeps everything, and the tag is sent again`() async throws {
        let api = try ChangingAPI(Self.tagged("\"a\"", orders(1...3)))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            for _ in 1...2 { #expect(try await bridge.poll().outcome == "not_modified") }
            #expect(Self.tags(api) == [nil, "\"a\"", "\"a\""])
            let state = try await bridge.state()
            #expect(state.liveCount == 3)
            #expect(state.failures == 0)
            api.set(Self.tagged("\"b\"", orders(1...4)))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["created 4 v1"])
            #expect(try await bridge.poll().outcome == "not_modified")
            #expect(Self.tags(api).last == "\"b\"")
        }
    }

    @Test func `no tag is sent before there is a baseline`() async throws {
        let incomplete = #"{"total":9,"data":\#(orders(1...3))}"#
        let api = try ChangingAPI(Self.tagged("\"a\"", incomplete))
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: .data, \
            key: .id, pages: { number: 1, size: 100, stop: short, total: .total } }
            """
        try await Bridge.with(text) { bridge in
            for _ in 1...3 {
                let report = try await bridge.poll()
                #expect(report.outcome == "incomplete")
            }
            #expect(Self.tags(api) == [nil, nil, nil])
            #expect(try await !bridge.state().hasBaseline)
        }
    }

    @Test func `a 304 to other rules of comparison is not asked for`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(Self.tagged("\"a\"", orders(1...3)))
        var text = try BridgeText(api, folder: folder)
        try await Bridge.with(text) { try await $0.poll() }
        text.stream = "{ request: /orders, records: ., key: .id, ignore: [.seen] }"
        try await Bridge.with(text) { try await $0.poll() }
        #expect(Self.tags(api) == [nil, nil])
    }

    @Test func `a stream that does without sends no tag`() async throws {
        let api = try ChangingAPI(Self.tagged("\"a\"", orders(1...3)))
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: ., key: .id, conditional: false }"
        try await Bridge.with(text) { bridge in
            for _ in 1...2 { try await bridge.poll() }
            #expect(Self.tags(api) == [nil, nil])
        }
    }

    @Test func `no tag is kept of a list of several pages`() async throws {
        let api = try ChangingAPI { request in
            let pages = [1: orders(1...2), 2: orders(3...3)]
            let body = pages[request.number("page") ?? 0] ?? "[]"
            return .reply(headers: [("ETag", "\"a\"")], body: Array(body.utf8))
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 } }
            """
        try await Bridge.with(text) { bridge in
            for _ in 1...2 { try await bridge.poll() }
            #expect(Self.tags(api).allSatisfy { $0 == nil })
        }
    }

    /// The list goes from A to B and back, and the poll that saw B ends badly.
    ///
    /// Its changes were committed by then, so a 304 for A would hide the way back.
    @Test func `a tag is not trusted once a poll after it has stored changes and failed`()
        async throws
    {
        let api = try ChangingAPI(Self.tagged("\"a\"", orders(1...50)))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(Self.tagged("\"b\"", orders([(1, "changed")])))
            #expect(try await bridge.poll().outcome == "mass_delete")
            api.set(Self.tagged("\"a\"", orders(1...50)))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["updated 1 v2", "updated 1 v3"])
        }
    }

    @Test func `a tag is not trusted once a poll after it has stored changes and crashed`()
        async throws
    {
        struct Crash: Error {}
        let api = try ChangingAPI(Self.tagged("\"a\"", orders(1...3)))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(Self.tagged("\"b\"", orders([(1, "x"), (2, "new"), (3, "new")])))
            await #expect(throws: Crash.self) {
                try await bridge.poll { batch in if batch.ending != nil { throw Crash() } }
            }
            api.set(Self.tagged("\"a\"", orders(1...3)))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["updated 1 v2", "updated 1 v3"])
        }
    }
}
