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
}
