import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ComparisonRulesTests {
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
        (before: "", after: ", normalize: { .value: number }"),
        (before: ", ignore: [.seen]", after: ", transform: 'del(.seen)'"),
        (before: "", after: ", tombstone: '.value == \"gone\"'"),
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
            #expect(report.outcome == "rebaselined")
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
            #expect(try await bridge.poll().outcome == "rebaselined")
            #expect(try await bridge.changes() == ["created 1 v1"])
        }
    }

    @Test(arguments: ["key: .value", "key: .id, when: \".id > 1\"", "key: [.id, .value]"])
    func `another key or filter makes a new baseline, without a storm and without deletes`(
        rules: String
    ) async throws {
        let folder = try TemporaryFolder()
        let body =
            "[" + (1...30).map { #"{"id":\#($0),"value":"v\#($0)"}"# }.joined(separator: ",") + "]"
        let api = try ChangingAPI(body)
        var text = try BridgeText(api, folder: folder)
        text.stream = "{ request: /orders, records: ., key: .id }"
        try await Bridge.with(text) { try await $0.poll() }
        text.stream = "{ request: /orders, records: ., \(rules) }"
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().outcome == "rebaselined")
            #expect(try await bridge.changes() == [])
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(body.replacing(#"{"id":30,"value":"v30"}"#, with: #"{"id":31,"value":"v31"}"#))
            try await bridge.poll()
            #expect(try await bridge.events().map(\.kind) == [.created, .deleted])
        }
    }

    @Test func `a change that comes while new rules are taken over in pieces is told as resync`()
        async throws
    {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI { request in
            .reply(
                text: request.number("page") == 1
                    ? #"[{"id":1,"value":"a","seen":1}]"#
                    : request.number("page") == 2 ? #"[{"id":2,"value":"a","seen":1}]"# : "[]")
        }
        var text = try BridgeText(api, folder: folder)
        text.adapter = "retry: { attempts: 1 }"
        let paged =
            #"request: { path: /orders, query: { page: "${page.number}" } }, pages: { number: 1 }"#
        text.stream = "{ \(paged), records: ., key: .id }"
        try await Bridge.with(text) { try await $0.poll() }
        text.stream = "{ \(paged), records: ., key: .id, ignore: [.seen] }"
        try await Bridge.with(text) { bridge in
            api.set { request in
                request.number("page") == 1
                    ? .reply(text: #"[{"id":1,"value":"a","seen":2}]"#) : .reply(status: 500)
            }
            #expect(try await bridge.poll().outcome == "status")
            #expect(try await bridge.changes() == [])
            api.set { request in
                .reply(
                    text: request.number("page") == 1
                        ? #"[{"id":1,"value":"b","seen":2}]"#
                        : request.number("page") == 2 ? #"[{"id":2,"value":"a","seen":2}]"# : "[]")
            }
            try await bridge.poll()
            let events = try await bridge.events()
            #expect(events.allSatisfy { $0.kind == .updated && $0.origin == .resync })
            #expect(events.contains { $0.key.text == "1" })
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }
}
