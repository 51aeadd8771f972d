import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Streams that go on where the API itself says: by a link, a URL or a token that it hands out.
@Suite(.timeLimit(.minutes(10))) struct KeptLinkTests {
    private static func bridge(
        _ stream: String, adapter: String = "", _ handler: @escaping ScriptedServer.Handler
    ) throws -> (BridgeText, ChangingAPI) {
        let api = try ChangingAPI(handler)
        var text = try BridgeText(api)
        text.stream = stream
        if !adapter.isEmpty { text.adapter += "\n" + adapter }
        return (text, api)
    }

    // MARK: Microsoft Graph

    private static let graph = """
        { request: { path: /users/delta, query: { "$select": "id,name" } }, records: .value, \
        key: .id, pages: { next_url: '.["@odata.nextLink"]' }, \
        cursor: { url: '.["@odata.deltaLink"]' }, \
        answers: [ { status: 410, then: resync }, \
        { status: 400, when: '.error.code == "syncStateNotFound"', then: resync } ] }
        """

    private static func graphAnswer(_ request: ReceivedRequest) -> ScriptedReply {
        switch request.target {
        case "/users/delta?%24select=id%2Cname":
            .reply(
                text:
                    #"{"value":[{"id":"a","name":"A"}],"@odata.nextLink":"/users/delta?$skiptoken=2"}"#
            )
        case "/users/delta?$skiptoken=2":
            .reply(
                text:
                    #"{"value":[{"id":"b","name":"B"}],"@odata.deltaLink":"/users/delta?$deltatoken=1"}"#
            )
        case "/users/delta?$deltatoken=1":
            .reply(
                text:
                    #"{"value":[{"id":"b","name":"Bee"}],"@odata.deltaLink":"/users/delta?$deltatoken=2"}"#
            )
        default:
            .reply(text: #"{"value":[],"@odata.deltaLink":"/users/delta?$deltatoken=2"}"#)
        }
    }

    @Test func `Graph's delta link is kept from the last page and begins the next poll`()
        async throws
    {
        let (text, api) = try Self.bridge(Self.graph) { Self.graphAnswer($0) }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            try await bridge.poll()
            #expect(try await bridge.changes() == ["updated b v2"])
            #expect(
                api.requests.map(\.target) == [
                    "/users/delta?%24select=id%2Cname", "/users/delta?$skiptoken=2",
                    "/users/delta?$deltatoken=1", "/users/delta?$deltatoken=2",
                ])
        }
    }

    @Test(arguments: [(410, "{}"), (400, #"{"error":{"code":"syncStateNotFound"}}"#)])
    func `a delta link that has expired leads to a labelled resync`(
        status: Int, body: String
    ) async throws {
        let (text, api) = try Self.bridge(Self.graph) { Self.graphAnswer($0) }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                if request.target.contains("deltatoken=1") {
                    return .reply(status: status, text: body)
                }
                return .reply(
                    text: #"""
                        {"value":[{"id":"a","name":"A"},{"id":"b","name":"Bea"}],
                        "@odata.deltaLink":"/users/delta?$deltatoken=9"}
                        """#)
            }
            #expect(try await bridge.poll().outcome == "changed")
            #expect(try await bridge.events().map(\.origin) == [.resync])
            try await bridge.poll()
            #expect(api.requests.last?.target == "/users/delta?$deltatoken=9")
            #expect(try await bridge.events().count == 1)
        }
    }

    @Test func `a delta link to another host is refused, and nothing is kept of it`() async throws {
        let (text, _) = try Self.bridge(Self.graph) { _ in
            .reply(text: #"{"value":[{"id":"a"}],"@odata.deltaLink":"https://evil.example/d"}"#)
        }
        try await Bridge.with(text) { bridge async throws in
            #expect(try await bridge.poll().outcome == "foreign_host")
            #expect(try await bridge.state().cursor == nil)
        }
    }

    @Test func `a last page that does not say where to go on is an error`() async throws {
        let (text, _) = try Self.bridge(Self.graph) { _ in .reply(text: #"{"value":[{"id":1}]}"#) }
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "cursor")
            #expect(report.reason.contains("`cursor.url`"))
        }
    }

    @Test func `a poll that fails before the last page keeps the link of the one before it`()
        async throws
    {
        let (text, api) = try Self.bridge(Self.graph) { Self.graphAnswer($0) }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                request.target.contains("deltatoken")
                    ? .reply(
                        text:
                            #"{"value":[{"id":"c"}],"@odata.nextLink":"/users/delta?$skiptoken=7"}"#
                    )
                    : .reply(status: 500)
            }
            #expect(try await bridge.poll().outcome == "status")
            api.set { Self.graphAnswer($0) }
            try await bridge.poll()
            #expect(api.requests.last?.target == "/users/delta?$deltatoken=1")
        }
    }

    @Test func `a kept link is not followed to a host that the adapter has left`() async throws {
        let folder = try TemporaryFolder()
        let api = try ChangingAPI { Self.graphAnswer($0) }
        var old = try BridgeText(try ChangingAPI { Self.graphAnswer($0) }, folder: folder)
        old.stream = Self.graph
        try await Bridge.with(old) { try await $0.poll() }
        // The same adapter, moved to another port: the link names the old one in full.
        var new = try BridgeText(api, folder: folder)
        new.stream = Self.graph
        try await Bridge.with(new) { bridge async throws in
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(api.requests.first?.target == "/users/delta?%24select=id%2Cname")
            #expect(try await bridge.changes() == [])
        }
    }

    // MARK: Google Calendar

    @Test func `Google's sync token is kept from the last page, and 410 begins anew`()
        async throws
    {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /events, query: { pageToken: "${page.token}", \
            syncToken: "${cursor}" } }, records: .items, key: .id, \
            pages: { token: .nextPageToken }, cursor: { token: .nextSyncToken }, \
            answers: [ { status: 410, then: resync } ] }
            """
        ) { request in
            if request.query("syncToken") == "s1" {
                return .reply(
                    text: #"{"items":[{"id":"b","status":"cancelled"}],"nextSyncToken":"s2"}"#)
            }
            if request.query("syncToken") == "s2" { return .reply(status: 410, text: "{}") }
            return request.query("pageToken") == nil
                ? .reply(text: #"{"items":[{"id":"a"}],"nextPageToken":"p2"}"#)
                : .reply(text: #"{"items":[{"id":"b"}],"nextSyncToken":"s1"}"#)
        }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            #expect(try await bridge.changes() == ["updated b v2"])
            try await bridge.poll()
            #expect(try await bridge.events().map(\.origin) == [.live, .resync])
            #expect(
                api.requests.map { $0.query("syncToken") ?? "" } == ["", "", "s1", "s2", "", ""])
            #expect(try await bridge.state().cursor == "token s1")
        }
    }

    // MARK: Okta

    private static let okta = """
        { request: { path: /logs, query: { since: "2026-01-01T00:00:00Z", limit: "2" } }, \
        key: .uuid, pages: { link: next, stop: empty }, \
        cursor: { link: next, each_page: true } }
        """

    /// Events 1 to `count`, two a page, and always a link to what comes next.
    private static func okta(_ request: ReceivedRequest, count: Int) -> ScriptedReply {
        let start = request.number("after") ?? 0
        let ids = (start + 1)..<max(start + 1, min(start + 3, count + 1))
        let last = ids.last ?? start
        return .reply(
            headers: [("Link", "</logs?after=\(last)>; rel=\"next\"")],
            body: Array(
                ("[" + ids.map { #"{"uuid":"\#($0)"}"# }.joined(separator: ",") + "]").utf8))
    }

    @Test func `Okta's next link ends a poll at an empty page and is kept`() async throws {
        let (text, api) = try Self.bridge(Self.okta) { Self.okta($0, count: 3) }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            #expect(api.requests.map { $0.query("after") ?? "" } == ["", "2", "3"])
            api.set { Self.okta($0, count: 5) }
            #expect(try await bridge.poll().created == 2)
            #expect(
                api.requests.map { $0.query("after") ?? "" } == ["", "2", "3", "3", "5"])
            let cursor = try #require(try await bridge.state().cursor)
            #expect(cursor.hasSuffix("/logs?after=5"))
        }
    }

    @Test func `where each page's link may be kept, a poll that is cut short goes on behind it`()
        async throws
    {
        let (text, api) = try Self.bridge(Self.okta) { request in
            request.query("after") == "4" ? .reply(status: 500) : Self.okta(request, count: 9)
        }
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().outcome == "status")
            api.set { Self.okta($0, count: 9) }
            try await bridge.poll()
            // The last page that was read comes once more: its link was kept with it.
            #expect(api.requests[3].query("after") == "2")
            #expect(try await bridge.state().liveCount == 9)
            #expect(try await bridge.changes() == [])
        }
    }

    // MARK: CouchDB

    @Test func `CouchDB's last_seq begins the next page and the next poll`() async throws {
        let last = Mutex(3)
        let (text, api) = try Self.bridge(
            """
            { request: { path: /db/_changes, query: { limit: "2", since: "${page.token}" } }, \
            records: .results, key: .id, first: emit, \
            pages: { token: { from: .last_seq, start: "${cursor}" }, stop: empty }, \
            cursor: { token: .last_seq, initial: "0", each_page: true } }
            """
        ) { request in
            let since = Int(request.query("since")?.prefix { $0 != "-" } ?? "") ?? 0
            let ids = (since + 1)..<max(since + 1, min(since + 3, last.withLock { $0 } + 1))
            let list = ids.map { #"{"id":"d\#($0)","seq":"\#($0)-g"}"# }
            return .reply(
                text:
                    #"{"results":[\#(list.joined(separator: ","))],"last_seq":"\#(ids.last ?? since)-g"}"#
            )
        }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            #expect(api.requests.map { $0.query("since") } == ["0", "2-g", "3-g"])
            last.withLock { $0 = 4 }
            #expect(try await bridge.poll().created == 1)
            #expect(api.requests.suffix(2).map { $0.query("since") } == ["3-g", "4-g"])
            #expect(try await bridge.state().cursor == "token 4-g")
        }
    }

    // MARK: Several cursors

    @Test func `several cursors are sent by name and stored together`() async throws {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /orders, query: { since: "${cursor.changed}", seq: "${cursor.seq}", \
            id: "${cursor.id}" } }, records: .items, key: .id, \
            cursors: { changed: { from: .at, format: integer }, seq: { token: { header: X-Seq } }, \
            id: { from: .id, format: integer, initial: "0" } } }
            """
        ) { _ in
            .reply(
                headers: [("X-Seq", "a b/c=")],
                body: Array(#"{"items":[{"id":7,"at":3},{"id":2,"at":5}]}"#.utf8))
        }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            let sent = api.requests.map { request in
                ["since", "seq", "id"].map { request.query($0) ?? "" }
            }
            #expect(sent == [["", "", "0"], ["5", "a%20b%2Fc%3D", "7"]])
            let stored = try #require(try await bridge.state().cursor)
            #expect(
                CursorMarks.shown(stored: stored) == "changed: 5, seq: a token of 6 bytes, id: 7")
        }
    }

    @Test func `a cursor that moves with time does so when nothing was found`() async throws {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /orders, query: { since: "${cursor}", until: "${cursor.until}" } }, \
            key: .id, cursor: { moves: with_time, format: epoch_seconds, settle: 10s } }
            """
        ) { _ in .reply(text: "[]") }
        try await Bridge.with(text) { bridge in
            for _ in 1...3 {
                try await bridge.poll()
                bridge.time.advance(by: .seconds(60))
            }
            let start = 1_767_225_600
            #expect(api.requests.map { $0.number("since") } == [nil, start - 10, start + 50])
            #expect(
                api.requests.map { $0.number("until") } == [start - 10, start + 50, start + 110])
        }
    }
}
