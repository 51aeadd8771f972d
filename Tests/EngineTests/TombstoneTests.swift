import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct TombstoneTests {
    /// `id at state` each.
    private static func list(_ rows: [(Int, Int, String)]) -> String {
        let records = rows.map { id, at, state in
            state == "removed"
                ? #"{"id":\#(id),"@removed":{"reason":"deleted"}}"#
                : #"{"id":\#(id),"at":\#(at),"state":"\#(state)"}"#
        }
        return "[\(records.joined(separator: ","))]"
    }

    private static func text(
        _ api: ChangingAPI, _ tombstone: String, _ more: String = ""
    ) throws -> BridgeText {
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at, format: integer }, tombstone: '\(tombstone)'\(more) }
            """
        return text
    }

    @Test(arguments: [
        (#"has("@removed")"#, "removed"), (#".state == "gone""#, "gone"),
        (#".["@removed"]"#, "removed"),
    ])
    func `a record that is marked as deleted is deleted, and comes back as another version`(
        tombstone: String, state: String
    ) async throws {
        let api = try ChangingAPI(Self.list([(1, 1, "here"), (2, 1, "here"), (3, 1, state)]))
        try await Bridge.with(Self.text(api, tombstone, ", keep: record")) { bridge in
            try await bridge.poll()
            #expect(try await bridge.state().liveCount == 2)
            // One that nobody knew is nothing.
            api.set(Self.list([(2, 2, state), (9, 2, state)]))
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(Self.list([(2, 3, "again")]))
            #expect(try await bridge.poll().created == 1)
            #expect(try await bridge.changes() == ["deleted 2 v2", "created 2 v3"])
            let first = try #require(try await bridge.events().first)
            let previous = first.difference.map { String(decoding: $0.previous, as: UTF8.self) }
            #expect(previous?.contains(#""state":"here""#) == true)
            #expect(first.record == nil)
            #expect(try await bridge.state().liveCount == 2)
        }
    }

    @Test func `a tombstone counts whatever else would leave it out`() async throws {
        let api = try ChangingAPI(Self.list([(1, 1, "here"), (2, 1, "here")]))
        let more = ", when: '.state == \"here\"'"
        try await Bridge.with(Self.text(api, #"has("@removed")"#, more)) { bridge in
            try await bridge.poll()
            api.set(Self.list([(1, 2, "removed"), (2, 2, "elsewhere")]))
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `of two lines for one record on a page the later one counts`() async throws {
        let api = try ChangingAPI(Self.list([(1, 1, "here")]))
        try await Bridge.with(Self.text(api, #"has("@removed")"#)) { bridge in
            try await bridge.poll()
            api.set(Self.list([(1, 0, "removed"), (1, 2, "anew")]))
            #expect(try await bridge.poll().updated == 1)
            api.set(Self.list([(1, 3, "late"), (1, 0, "removed")]))
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `deletes that the API states are believed, but for a list that is all of them`()
        async throws
    {
        let gone = { (ids: ClosedRange<Int>) in
            Self.list((1...100).map { ($0, 1, ids.contains($0) ? "gone" : "here") })
        }
        let api = try ChangingAPI(gone(0...0))
        var text = try BridgeText(api)
        text.stream = """
            { request: /orders, records: ., key: .id, tombstone: '.state == "gone"' }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            // More than `max_delete`, and told of one by one.
            api.set(gone(1...60))
            #expect(try await bridge.poll().deleted == 60)
            api.set(gone(1...100))
            #expect(try await bridge.poll().outcome == "mass_change")
            #expect(try await bridge.state().liveCount == 40)
            #expect(try await bridge.poll(acceptsChanges: true).deleted == 40)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a page of tombstones that comes again is read again`() async throws {
        let api = try ChangingAPI("[]")
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 }, tombstone: '.state == "gone"', max_delete: 100% }
            """
        let grave = Self.list([(1, 1, "gone")])
        let here = Self.list([(1, 1, "here")])
        let other = Self.list([(2, 1, "here")])
        func set(_ pages: [String]) {
            api.set { request in
                let page = (request.number("page") ?? 1) - 1
                return .reply(text: pages.indices.contains(page) ? pages[page] : "[]")
            }
        }
        try await Bridge.with(text) { bridge in
            set([here, other])
            try await bridge.poll()
            set([grave, other])
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.poll().outcome == "unchanged")
            set([here, other])
            #expect(try await bridge.poll().created == 1)
            set([grave, other])
            #expect(try await bridge.poll().deleted == 1)
        }
    }
}
