import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// What a poll asks the store of its pages tells whether they were read.
@Suite(.timeLimit(.minutes(10))) struct PageMemoryTests {
    private static let pages = """
        { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
        key: .id, pages: { number: 1 } }
        """

    /// Two pages, of which a test changes the second.
    private static func paged(_ second: String) -> ScriptedServer.Handler {
        { request in
            switch request.number("page") ?? 1 {
            case 1: .reply(text: orders(1...3))
            case 2: .reply(text: second)
            default: .reply(text: "[]")
            }
        }
    }

    private static func bridge(_ api: ChangingAPI) throws -> BridgeText {
        var text = try BridgeText(api)
        text.stream = pages
        return text
    }

    @Test func `a page that came as it was is not read a third time`() async throws {
        let api = try ChangingAPI(Self.paged(orders(4...6)))
        try await Bridge.with(Self.bridge(api)) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            let asked = bridge.pagesRead
            let report = try await bridge.poll()
            #expect(bridge.pagesRead == asked)
            #expect(report.outcome == "unchanged")
            #expect(report.records == 6)
            #expect(report.pages == 3)
            #expect(try await bridge.state().liveCount == 6)
        }
    }

    @Test func `a page is read again where a record of it was changed elsewhere meanwhile`()
        async throws
    {
        let api = try ChangingAPI(Self.paged(orders(4...6)))
        try await Bridge.with(Self.bridge(api)) { bridge in
            for _ in 1...3 { try await bridge.poll() }
            // Record 3 shows up on the second page with another value, and so is what it was on
            // the first page a change.
            api.set(Self.paged(orders([(id: 3, value: "other")])))
            try await bridge.poll(acceptsDeletes: true)
            #expect(try await bridge.changes().prefix(1) == ["updated 3 v2"])
            api.set(Self.paged(orders(4...6)))
            try await bridge.poll()
            #expect(try await bridge.changes().contains("updated 3 v3"))
        }
    }

    @Test func `a record that leaves a page is gone, and comes back with its page`() async throws {
        let api = try ChangingAPI(Self.paged(orders(4...6)))
        try await Bridge.with(Self.bridge(api)) { bridge in
            for _ in 1...3 { try await bridge.poll() }
            api.set(Self.paged(orders(4...5)))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["deleted 6 v2"])
            // The bytes of this page are those of the page that was remembered.
            api.set(Self.paged(orders(4...6)))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["deleted 6 v2", "created 6 v3"])
            #expect(try await bridge.state().liveCount == 6)
        }
    }

    @Test func `a change that could not be written is found again`() async throws {
        let api = try ChangingAPI(Self.paged(orders(4...6)))
        try await Bridge.with(Self.bridge(api)) { bridge in
            for _ in 1...3 { try await bridge.poll() }
            api.set(Self.paged(orders(4...6, value: "other")))
            await #expect(throws: Refused.self) {
                try await bridge.poll { batch in
                    if !batch.records.isEmpty { throw Refused() }
                }
            }
            #expect(try await bridge.changes() == [])
            try await bridge.poll()
            #expect(try await bridge.changes().count == 3)
        }
    }

    private struct Refused: Error {}

    @Test func `a program that asks for the time has every page read`() async throws {
        let api = try ChangingAPI(Self.paged(orders(4...6)))
        var text = try Self.bridge(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 }, when: "now > 0" }
            """
        try await Bridge.with(text) { bridge in
            for _ in 1...3 { try await bridge.poll() }
            #expect(bridge.pagesRead == 9)
        }
    }
}
