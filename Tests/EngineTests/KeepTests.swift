import PullcordCommit
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Testing

/// Streams with `keep: record`, and where events say they came from.
@Suite(.timeLimit(.minutes(10))) struct KeepTests {
    private static let keeping = "{ request: /orders, records: ., key: .id, keep: record }"

    private static func text(
        _ api: ChangingAPI, _ stream: String = keeping, folder: TemporaryFolder? = nil
    ) throws -> BridgeText {
        var text = try BridgeText(api, folder: folder)
        text.stream = stream
        return text
    }

    private func told(_ event: Event?) -> [String?] {
        let difference = event?.difference
        return [difference?.previous, difference?.changed, difference?.patch].map { bytes in
            bytes.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func `a number or time that is only written otherwise is none of what has changed`()
        async throws
    {
        let stream =
            "{ request: /orders, key: .id, keep: record, normalize: { .p: number, .t: time } }"
        let record = { (price: String, time: String, note: String) in
            #"[{"id":1,"p":"\#(price)","t":"\#(time)","n":"\#(note)"}]"#
        }
        let api = try ChangingAPI(record("1.50", "2026-01-01T00:00:00Z", "a"))
        try await Bridge.with(Self.text(api, stream)) { bridge in
            try await bridge.poll()
            api.set(record("1.5", "2026-01-01T01:00:00+01:00", "b"))
            try await bridge.poll()
            #expect(told(try await bridge.events().last)[1] == #"["/n"]"#)
        }
    }

    @Test func `what means nothing in every element of an array is no change`() async throws {
        let stream =
            "{ request: /orders, key: .id, keep: record, ignore: ['.lines[].seen', '.by[].at'] }"
        let record = { (seen: Int, count: Int) in
            #"[{"id":1,"lines":[{"seen":\#(seen),"n":\#(count)},{"seen":2}],"by":{"a":{"at":\#(seen)}}}]"#
        }
        let api = try ChangingAPI(record(1, 1))
        try await Bridge.with(Self.text(api, stream)) { bridge in
            try await bridge.poll()
            api.set(record(5, 1))
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(record(7, 2))
            try await bridge.poll()
            #expect(told(try await bridge.events().last)[1] == #"["/lines/0/n"]"#)
        }
    }

    @Test func `an update tells what was before, what has changed and how`() async throws {
        let api = try ChangingAPI(#"[{"id":1,"total":1.50,"tags":["a"]},{"id":2}]"#)
        try await Bridge.with(Self.text(api)) { bridge in
            try await bridge.poll()
            #expect(try await bridge.state().kept == .all)
            api.set(#"[{"id":1,"total":1.5,"tags":["a","b"],"note":"n"},{"id":2}]"#)
            try await bridge.poll()
            #expect(
                told(try await bridge.events().last) == [
                    #"{"id":1,"total":1.50,"tags":["a"]}"#, #"["/tags","/note"]"#,
                    #"[{"op":"add","path":"/tags/1","value":"b"},"#
                        + #"{"op":"add","path":"/note","value":"n"}]"#,
                ])
            api.set(#"[{"id":1,"total":1.5,"tags":["a","b"],"note":"n"}]"#)
            try await bridge.poll()
            let deleted = try #require(try await bridge.events().last)
            #expect(deleted.kind == .deleted && deleted.record == nil)
            #expect(told(deleted) == [#"{"id":2}"#, nil, nil])
            api.set(#"[{"id":1,"total":1.5,"tags":["a","b"],"note":"n"},{"id":2}]"#)
            try await bridge.poll()
            let again = try #require(try await bridge.events().last)
            #expect(again.kind == .created && again.difference == nil)
        }
    }

    @Test func `without keep nothing is kept and nothing is told`() async throws {
        let api = try ChangingAPI(orders([(1, "a")]))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "b")]))
            try await bridge.poll { #expect($0.kept == .nothing) }
            #expect(try await bridge.events().map(\.difference) == [nil])
            #expect(try await bridge.state().kept == KeptRecords.none)
        }
    }

    @Test func `what means nothing is in the patch, and not among what has changed`() async throws {
        let stream = "{ request: /orders, records: ., key: .id, keep: record, ignore: [.seen] }"
        let name = String(repeating: "long ", count: 40)
        let body = { (v: Int, seen: Int) in
            #"{"id":1,"v":\#(v),"seen":\#(seen),"name":"\#(name)"}"#
        }
        let api = try ChangingAPI("[\(body(1, 1))]")
        try await Bridge.with(Self.text(api, stream)) { bridge in
            try await bridge.poll()
            api.set("[\(body(1, 2))]")
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set("[\(body(2, 3))]")
            try await bridge.poll()
            let event = try #require(try await bridge.events().last)
            #expect(told(event)[0...1] == [body(1, 1), #"["/v"]"#])
            #expect(told(event)[2]?.contains("/seen") == true)
        }
    }

    @Test func `switched on later, the next poll keeps every record without an event`()
        async throws
    {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(orders([(1, "a"), (2, "b")]))
        api.set { request in
            request.header("if-none-match") == nil
                ? .reply(
                    headers: [("Content-Type", "application/json"), ("ETag", "\"1\"")],
                    text: orders([(1, "a"), (2, "b")]))
                : .reply(status: 304)
        }
        let plain = "{ request: /orders, records: ., key: .id }"
        try await Bridge.with(Self.text(api, plain, folder: folder)) { bridge in
            try await bridge.poll()
            #expect(try await bridge.poll().outcome == "not_modified")
        }
        try await Bridge.with(Self.text(api, folder: folder)) { bridge in
            // Answered in full, though the server would have said that nothing has changed.
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.state().kept == .all)
            #expect(try await bridge.poll().outcome == "not_modified")
            api.set(orders([(1, "A"), (2, "b")]))
            try await bridge.poll()
            #expect(told(try await bridge.events().last)[0] == #"{"id":1,"value":"a"}"#)
        }
        try await Bridge.with(Self.text(api, plain, folder: folder)) { bridge in
            try await bridge.poll()
            let state = try await bridge.state()
            #expect(state.kept == KeptRecords.none)
            let known = try await bridge.store.known(
                KeyList([RecordKey("1"), RecordKey("2")]), of: state.id)
            let kept = try await bridge.store.kept(
                known.compactMap { $0 }, of: state.id, bytesMax: .max)
            #expect(kept == [nil, nil])
        }
    }

    @Test func `what a poll that was not believed has read is kept by the next`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(orders(1...100, value: "old"))
        let plain = "{ request: /orders, records: ., key: .id }"
        try await Bridge.with(Self.text(api, plain, folder: folder)) { try await $0.poll() }
        try await Bridge.with(Self.text(api, folder: folder)) { bridge in
            api.set(orders(1...95, value: "new"))
            #expect(try await bridge.poll().outcome == "mass_change")
            api.set(orders(1...100, value: "old"))
            try await bridge.poll()
            api.set(orders((1...100).map { (id: $0, value: $0 == 1 ? "A" : "old") }))
            try await bridge.poll()
            #expect(told(try await bridge.events().last)[0] == #"{"id":1,"value":"old"}"#)
        }
    }

    @Test func `new rules change what is kept without a word`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(#"[{"id":1,"v":1,"seen":1}]"#)
        try await Bridge.with(Self.text(api, folder: folder)) { try await $0.poll() }
        let stream = "{ request: /orders, records: ., key: .id, keep: record, ignore: [.seen] }"
        api.set(#"[{"id":1,"v":1,"seen":2}]"#)
        try await Bridge.with(Self.text(api, stream, folder: folder)) { bridge in
            #expect(try await bridge.poll().outcome == "rebaselined")
            api.set(#"[{"id":1,"v":2,"seen":2}]"#)
            try await bridge.poll()
            #expect(
                told(try await bridge.events().last) == [
                    #"{"id":1,"v":1,"seen":2}"#, #"["/v"]"#,
                    #"[{"op":"replace","path":"/v","value":2}]"#,
                ])
        }
    }

    @Test func `a record over the bound is not kept, and its events go without`() async throws {
        let long = String(repeating: "x", count: Limits.recordBytesKept)
        let api = try ChangingAPI(#"[{"id":1,"v":"a"},{"id":2,"v":"\#(long)"}]"#)
        try await Bridge.with(Self.text(api)) { bridge in
            try await bridge.poll()
            api.set(#"[{"id":1,"v":"\#(long)"},{"id":2,"v":"b"}]"#)
            #expect(try await bridge.poll().updated == 2)
            #expect(try await bridge.events().map(\.difference) == [nil, nil])
            api.set(#"[{"id":1,"v":"c"},{"id":2,"v":"c"}]"#)
            try await bridge.poll()
            let events = try await bridge.events().suffix(2)
            #expect(events.map { told($0)[0] } == [nil, #"{"id":2,"v":"b"}"#])
        }
    }

    @Test func `an event tells its page, without secrets, and a delete both looks`() async throws {
        let api = try ChangingAPI { request in
            let pages = [1: orders(1...2), 2: orders(3...4)]
            return .reply(text: pages[request.number("page") ?? 0] ?? "[]")
        }
        var text = try Self.text(
            api,
            """
            { request: { path: /orders, query: { page: "${page.number}", key: "${params.token}" } }, \
            records: ., key: .id, pages: { number: 1 } }
            """)
        text.environment = ["TOKEN": "hush-hush-1234"]
        text.sources = [#"every: 60s, with: { token: "${env.TOKEN}" }"#]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                let pages = [1: orders(1...2), 2: orders([(4, "changed")])]
                return .reply(text: pages[request.number("page") ?? 0] ?? "[]")
            }
            bridge.time.advance(by: .seconds(60))
            try await bridge.poll()
            let events = try await bridge.events()
            #expect(events.map(\.kind) == [.updated, .deleted])
            let updated = try #require(try await bridge.store.provenance(of: events[0].id))
            let page = try #require(updated.page)
            #expect((page.number, page.look, page.status, page.records) == (2, 1, 200, 1))
            #expect(page.url == api.server.url("/orders"))
            #expect(page.pollStarted == bridge.time.wall())
            #expect(updated.before != nil && updated.before != events[0].fingerprint)
            let deleted = try #require(try await bridge.store.provenance(of: events[1].id)?.page)
            #expect((deleted.number, deleted.look, deleted.records) == (0, 2, 3))
            #expect(deleted.url == nil && deleted.status == nil)
        }
    }
}
