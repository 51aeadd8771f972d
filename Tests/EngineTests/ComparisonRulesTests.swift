import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ComparisonRulesTests {
    private static func text(
        _ api: ChangingAPI, _ folder: TemporaryFolder, _ rules: String
    ) throws -> BridgeText {
        var text = try BridgeText(api, folder: folder)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit\(rules) }"
        return text
    }

    private static func body(_ value: String, seen: Int) -> String {
        #"[{"id":1,"value":"\#(value)","seen":\#(seen),"tags":["x","y"]}]"#
    }

    @Test(arguments: [
        (before: "", after: ", ignore: [.seen]"), (before: ", ignore: [.seen]", after: ""),
        (before: ", only: [.value]", after: ", only: [.value, .tags]"),
        (before: "", after: ", unordered: [.tags]"),
    ])
    func `changed rules make a new baseline in silence, and lose no change after it`(
        before: String, after: String
    ) async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(Self.body("a", seen: 1))
        try await Bridge.with(Self.text(api, folder, before)) { bridge in
            try await bridge.poll()
            #expect(try await bridge.changes() == ["created 1 v1"])
        }
        try await Bridge.with(Self.text(api, folder, after)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "unchanged")
            #expect(try await bridge.changes() == ["created 1 v1"])
            api.set(Self.body("b", seen: 1))
            try await bridge.poll()
            #expect(try await bridge.events().map(\.kind) == [.created, .updated])
        }
    }

    @Test func `what is ignored is no change, and goes out with the change of another`()
        async throws
    {
        let api = try ChangingAPI(Self.body("a", seen: 1))
        try await Bridge.with(Self.text(api, TemporaryFolder(), ", ignore: [.seen]")) { bridge in
            try await bridge.poll()
            api.set(Self.body("a", seen: 2))
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(Self.body("b", seen: 3))
            #expect(try await bridge.poll().updated == 1)
            let record = try #require(try await bridge.events().last?.record)
            #expect(String(decoding: record, as: UTF8.self).contains(#""seen":3"#))
        }
    }

    @Test func `a poll that fails does not take over the new rules`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(Self.body("a", seen: 1))
        try await Bridge.with(Self.text(api, folder, "")) { try await $0.poll() }
        try await Bridge.with(Self.text(api, folder, ", ignore: [.seen]")) { bridge in
            api.set { _ in .reply(status: 500) }
            let report = try await bridge.poll()
            #expect(report.outcome == "status")
            api.set(Self.body("a", seen: 1))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.changes() == ["created 1 v1"])
        }
    }
}
