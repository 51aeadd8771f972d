import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// Records of one page that have one key.
@Suite(.timeLimit(.minutes(10))) struct RepeatedKeyTests {
    private static let two = #"[{"id":1,"v":"a","t":5},{"id":2,"t":5},{"id":1,"v":"b","t":5}]"#

    @Test func `a whole list with two records under one key is no list`() async throws {
        let api = try ChangingAPI(#"[{"id":1,"v":"a"},{"id":2}]"#)
        try await Bridge.with(try BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(Self.two)
            let report = try await bridge.poll()
            #expect(report.outcome == "key_repeated")
            #expect(report.reason.contains("records 1 and 3"))
            #expect(report.reason.contains("key: [.id, .line]"))
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.state().isQuarantined)
        }
    }

    @Test(arguments: [
        ("[{\"id\":1,\"v\":\"a\"},{\"v\":\"a\",\"id\":1}]", ""),
        (Self.two, ", ignore: [.v]"), (Self.two, ", key: [.id, .v // 0]"),
        (Self.two, ", detect: feed"), (Self.two, ", when: '.v != \"b\"'"),
    ])
    func `two that say the same are one, and a key may tell them apart`(
        body: String, more: String
    ) async throws {
        var text = try BridgeText(try ChangingAPI(body))
        let key = more.contains("key:") ? "" : ", key: .id"
        text.stream = "{ request: /orders\(key)\(more) }"
        try await Bridge.with(text) { bridge in
            let outcome = try await bridge.poll().outcome
            #expect(outcome == "baseline")
        }
    }

    @Test func `in a log the newer one counts, and the poll says that there were two`() async throws
    {
        var text = try BridgeText(try ChangingAPI(Self.two))
        text.stream = "{ request: /orders, key: .id, cursor: { from: .t, format: integer } }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "baseline")
            #expect(report.reason.hasPrefix("key_repeated: 1 record"))
            #expect(try await bridge.state().liveCount == 2)
        }
    }

    // MARK: On different pages

    /// A list of these pages, an empty one at its end.
    private static func pages(_ pages: [String]) -> ScriptedServer.Handler {
        { request in
            let page = request.number("page") ?? 1
            return .reply(text: page <= pages.count ? pages[page - 1] : "[]")
        }
    }

    private static let paged = """
        { request: { path: /orders, query: { page: "${page.number}" } }, key: .id, \
        pages: { number: 1 } }
        """
    private static let a = #"[{"id":1,"v":"a"},{"id":2}]"#
    private static let b = #"[{"id":1,"v":"b"},{"id":3}]"#

    @Test(arguments: [[a, b], [b, a], [a, #"[{"id":1,"v":"c"}]"#, b]])
    func `two records of two pages under one key are never changes of each other`(
        list: [String]
    ) async throws {
        let api = try ChangingAPI(Self.pages(list))
        var text = try BridgeText(api)
        text.stream = Self.paged
        try await Bridge.with(text) { bridge in
            let first = try await bridge.poll()
            #expect(first.outcome == "baseline")
            #expect(first.reason.hasPrefix("key_repeated: 1 record stood on two pages"))
            for _ in 1...2 {
                let report = try await bridge.poll()
                #expect(report.outcome == "key_repeated")
                #expect(report.reason.contains("records of two pages have the key `1` and differ"))
            }
            // In another order they are as much one list as before.
            api.set(Self.pages(list.reversed()))
            #expect(try await bridge.poll().outcome == "key_repeated")
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `once only one is left, its content counts by the poll after the next`() async throws
    {
        let api = try ChangingAPI(Self.pages([Self.a, Self.b]))
        var text = try BridgeText(api)
        text.stream = Self.paged
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            #expect(try await bridge.poll().outcome == "key_repeated")
            api.set(Self.pages([Self.a, #"[{"id":3}]"#]))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.state().marks[StreamMark.repeatedKeys] == nil)
            try await bridge.poll()
            #expect(try await bridge.changes() == ["updated 1 v3"])
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a record that moves to a later page and changes on its way is told once`()
        async throws
    {
        let api = try ChangingAPI(Self.pages([Self.a, #"[{"id":3}]"#]))
        var text = try BridgeText(api)
        text.stream = Self.paged
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(Self.pages([Self.a, Self.b]))
            #expect(try await bridge.poll().updated == 1)
            api.set(Self.pages([#"[{"id":2}]"#, Self.b]))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.changes() == ["updated 1 v2"])
        }
    }

    // MARK: More than are remembered

    private static let many = Array(1...Limits.repeatedKeysMax + 50)
    private static let others = many.map { (id: $0 + many.count, value: "a") }

    /// The many with one value, and as many other records behind them.
    private static func mixed(_ value: String) -> String {
        orders(many.map { (id: $0, value: value) } + others)
    }

    @Test func `a wrong key is found out however many records have it`() async throws {
        let list = [Self.mixed("a"), orders(Self.many, value: "b")]
        let api = try ChangingAPI(Self.pages(list))
        var text = try BridgeText(api)
        text.stream = Self.paged
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let mark = try #require(try await bridge.state().marks[StreamMark.repeatedKeys])
            #expect(mark.utf8.count < Limits.repeatedKeysMax * 64)
            for pages in [list, list, list.reversed()] {
                api.set(Self.pages(pages))
                #expect(try await bridge.poll().outcome == "key_repeated")
            }
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `of a list in which so much moves, every other poll is believed`() async throws {
        let api = try ChangingAPI(Self.pages([Self.mixed("a"), "[]"]))
        var text = try BridgeText(api)
        text.stream = Self.paged
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(Self.pages([Self.mixed("a"), orders(Self.many, value: "b")]))
            #expect(try await bridge.poll().updated == Self.many.count)
            api.set(Self.pages([orders(Self.others), orders(Self.many, value: "c")]))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.poll().updated == Self.many.count)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }
}
