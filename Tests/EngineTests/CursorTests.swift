import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// An API that answers what was changed at or after `since`, in the order of changing.
private final class ChangeList: Sendable {
    private let orders = Mutex<[(id: Int, at: Int)]>([])

    func set(_ list: [(id: Int, at: Int)]) { orders.withLock { $0 = list } }

    func body(since: Int) -> String {
        let due = orders.withLock { orders in
            orders.filter { $0.at >= since }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        }
        return "[" + due.map { #"{"id":\#($0.id),"at":\#($0.at)}"# }.joined(separator: ",") + "]"
    }
}

@Suite(.timeLimit(.minutes(10))) struct CursorTests {
    private static func stream(overlap: Int = 0, more: String = "") -> String {
        """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
        cursor: { from: .at, format: integer, overlap: \(overlap), initial: "0"\(more) } }
        """
    }

    private static let pagedRequest =
        #"request: { path: /orders, query: { since: "${cursor}", page: "${page.number}" } }"#

    private static func paged(isAscending: Bool) -> String {
        """
        { \(pagedRequest), records: ., key: .id, pages: { number: 1 }, \
        cursor: { from: .at, format: integer, initial: "0", ascending: \(isAscending) } }
        """
    }

    private static func bridge(
        _ stream: String, _ list: ChangeList
    ) throws -> (BridgeText, ChangingAPI) {
        let api = try ChangingAPI { .reply(text: list.body(since: $0.number("since") ?? 0)) }
        var text = try BridgeText(api)
        text.stream = stream
        return (text, api)
    }

    @Test func `a record that ties with the cursor is found, and its neighbour is no news`()
        async throws
    {
        let list = ChangeList()
        list.set([(1, 4), (2, 5)])
        let (text, api) = try Self.bridge(Self.stream(), list)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            list.set([(1, 4), (2, 5), (3, 5)])
            #expect(try await bridge.poll().created == 1)
            #expect(try await bridge.changes() == ["created 3 v1"])
            #expect(api.requests.map { $0.query("since") } == ["0", "5"])
        }
    }

    @Test func `what the overlap reads again is no event, and what came late in it is one`()
        async throws
    {
        let list = ChangeList()
        list.set([(1, 3), (2, 5)])
        let (text, api) = try Self.bridge(Self.stream(overlap: 2), list)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let report = try await bridge.poll()
            #expect(report.outcome == "unchanged")
            #expect(report.records == 2)
            list.set([(1, 3), (7, 4), (2, 5)])
            try await bridge.poll()
            #expect(try await bridge.changes() == ["created 7 v1"])
            #expect(api.requests.map { $0.query("since") } == ["0", "3", "3"])
        }
    }

    @Test func `an incremental stream takes what it does not see for unchanged, not for gone`()
        async throws
    {
        let list = ChangeList()
        list.set([(1, 4), (2, 5)])
        let (text, _) = try Self.bridge(Self.stream(), list)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            list.set([])
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.state().liveCount == 2)
        }
    }

    @Test(arguments: [[(id: 9, at: 3)], []])
    func `the cursor never goes back`(later: [(id: Int, at: Int)]) async throws {
        let list = ChangeList()
        list.set([(1, 4), (2, 5)])
        let (text, api) = try Self.bridge(Self.stream(), list)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { _ in
                .reply(
                    text: "[" + later.map { #"{"id":\#($0.id),"at":\#($0.at)}"# }.joined() + "]")
            }
            try await bridge.poll()
            #expect(try await bridge.state().cursor == "integer 5")
            try await bridge.poll()
            #expect(api.requests.last?.query("since") == "5")
        }
    }

    @Test(arguments: [(isAscending: false, cursor: "integer 5"), (true, "integer 7")])
    func `a poll that failed at its second page moves the cursor only where order is promised`(
        isAscending: Bool, cursor: String
    ) async throws {
        let api = try ChangingAPI { request in
            .reply(text: request.number("page") == 1 ? #"[{"id":1,"at":5}]"# : "[]")
        }
        var text = try BridgeText(api)
        text.stream = Self.paged(isAscending: isAscending)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                request.number("page") == 1 && request.query("since") != "7"
                    ? .reply(text: #"[{"id":2,"at":6},{"id":3,"at":7}]"#) : .reply(status: 500)
            }
            #expect(try await bridge.poll().outcome == "status")
            #expect(try await bridge.state().cursor == cursor)
            #expect(try await bridge.changes() == ["created 2 v1", "created 3 v1"])
            api.set { request in
                .reply(
                    text: request.number("page") == 1
                        ? #"[{"id":3,"at":7},{"id":4,"at":8}]"# : "[]")
            }
            #expect(try await bridge.poll().created == 1)
            #expect(try await bridge.state().cursor == "integer 8")
            #expect(try await bridge.events().count == 3)
        }
    }

    @Test func `a page that breaks the promise of order does not move the cursor by itself`()
        async throws
    {
        let api = try ChangingAPI { request in
            .reply(text: request.number("page") == 1 ? #"[{"id":1,"at":5}]"# : "[]")
        }
        var text = try BridgeText(api)
        text.stream = Self.paged(isAscending: true)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                request.number("page") == 1
                    ? .reply(text: #"[{"id":3,"at":9},{"id":2,"at":8}]"#) : .reply(status: 500)
            }
            #expect(try await bridge.poll().outcome == "status")
            #expect(try await bridge.state().cursor == "integer 5")
        }
    }

    @Test func `a cursor kept in another format is not used`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI(#"[{"id":1,"at":1769851800}]"#)
        var text = try BridgeText(api, folder: folder)
        text.stream = Self.stream()
        try await Bridge.with(text) { try await $0.poll() }
        text.stream = Self.stream().replacing("format: integer", with: "format: epoch_seconds")
        try await Bridge.with(text) { try await $0.poll() }
        #expect(api.requests.map { $0.query("since") } == ["0", "0"])
    }

    @Test func `a record from the far future does not stop the stream`() async throws {
        let api = try ChangingAPI { _ in
            .reply(text: #"[{"id":1,"at":1767225000},{"id":2,"at":4102444800}]"#)
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at, format: epoch_seconds } }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let cursor = try #require(
                try await bridge.state().cursor.flatMap {
                    CursorValue(stored: $0, format: .epochSeconds)
                })
            #expect(cursor.position <= text.time.wall().milliseconds)
            try await bridge.poll()
            #expect(api.requests.last?.query("since") == cursor.description)
        }
    }
}
