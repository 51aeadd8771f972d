import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// APIs that are known for their way of paging, each as its adapter would be written from the
/// documentation, against a server that answers as it does.
@Suite(.timeLimit(.minutes(10))) struct APIShapeTests {
    private static func bridge(
        _ stream: String, adapter: String = "", _ handler: @escaping ScriptedServer.Handler
    ) throws -> (BridgeText, ChangingAPI) {
        let api = try ChangingAPI(handler)
        var text = try BridgeText(api)
        text.stream = stream
        if !adapter.isEmpty { text.adapter += "\n" + adapter }
        return (text, api)
    }

    // MARK: Salesforce

    @Test func `Salesforce's query goes on by nextRecordsUrl until done`() async throws {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /query, query: { q: "SELECT Id, SystemModstamp FROM Case WHERE \
            SystemModstamp >= ${cursor} ORDER BY SystemModstamp" } }, records: .records, key: .Id, \
            pages: { next_url: .nextRecordsUrl, more: ".done | not", total: .totalSize }, \
            cursor: { from: .SystemModstamp, initial: "1970-01-01T00:00:00Z" } }
            """
        ) { request in
            let isSecond = request.target.hasPrefix("/query/01g")
            let record =
                #"{"Id":"\#(isSecond ? "500b" : "500a")","SystemModstamp":"2025-06-01T10:00:00Z"}"#
            let next =
                isSecond ? #""done":true"# : #""done":false,"nextRecordsUrl":"/query/01g-2000""#
            return .reply(text: #"{"totalSize":2,\#(next),"records":[\#(record)]}"#)
        }
        try await Bridge.with(text) { bridge async throws in
            #expect(try await bridge.poll().records == 2)
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(api.requests[0].target.contains("1970-01-01T00%3A00%3A00Z"))
            #expect(api.requests[2].target.contains("2025-06-01T10%3A00%3A00Z"))
        }
    }

    @Test func `Salesforce's deleted records are asked for up to the date that it covers`()
        async throws
    {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /deleted, query: { start: "${cursor}", end: "${cursor.until}" } }, \
            records: .deletedRecords, key: .id, first: emit, \
            cursor: { watermark: .latestDateCovered, format: "%Y-%m-%dT%H:%M:%S.000+0000", \
            sent: rfc3339, settle: 1m, initial: "2025-12-31T00:00:00.000+0000" } }
            """
        ) { request in
            let isFirst = request.query("start")?.hasPrefix("2025-12-31T00") == true
            return .reply(
                text: isFirst
                    ? #"{"deletedRecords":[{"id":"a"}],"latestDateCovered":"2025-12-31T22:00:00.000+0000"}"#
                    : #"{"deletedRecords":[],"latestDateCovered":"2025-12-31T23:00:00.000+0000"}"#)
        }
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            try await bridge.poll()
            let starts = api.requests.map { $0.query("start")?.prefix(13) ?? "" }
            // The date moves with a window that is empty, too.
            #expect(starts == ["2025-12-31T00", "2025-12-31T22", "2025-12-31T23"])
            #expect(api.requests[0].query("end") == "2025-12-31T23%3A59%3A00Z")
            #expect(try await bridge.changes() == ["created a v1"])
        }
    }

    // MARK: HubSpot

    /// At most 6 records for one filter, 2 a page.
    ///
    /// `stamps` are the records' times; their ids count from 1.
    private static func hubSpot(
        _ stamps: [Int64]
    ) throws -> (BridgeText, ChangingAPI) {
        try bridge(
            """
            { request: { method: POST, path: /search, body: { filterGroups: [ { filters: [ { \
            propertyName: hs_lastmodifieddate, operator: GTE, value: "${cursor}" } ] } ], \
            sorts: [ { propertyName: hs_lastmodifieddate, direction: ASCENDING } ], limit: 2, \
            after: "${page.token}" } }, records: .results, key: .id, first: emit, \
            pages: { token: .paging.next.after, cap: 6 }, \
            cursor: { from: .at, format: epoch_milliseconds, initial: "0", ascending: true } }
            """
        ) { request in
            let since = request.text.components(between: #""value":""#, and: "\"")
            let start = request.text.components(between: #""after":""#, and: "\"") ?? 0
            guard start < 6 else { return .reply(status: 400, text: "{}") }
            let all = stamps.enumerated().filter { $0.element >= since ?? 0 }
            let shown = all.dropFirst(Int(start)).prefix(min(2, 6 - Int(start)))
            let list = shown.map { #"{"id":"\#($0.offset + 1)","at":\#($0.element)}"# }
            let next =
                all.count > Int(start) + 2
                ? #","paging":{"next":{"after":"\#(start + 2)"}}"# : ""
            return .reply(
                text:
                    #"{"total":\#(all.count),"results":[\#(list.joined(separator: ","))]\#(next)}"#)
        }
    }

    @Test func `HubSpot's cap of results is passed by going on from the greatest value`()
        async throws
    {
        let stamps = (1...20).map { Int64($0 / 3) * 1000 + 1_700_000_000_000 }
        let (text, _) = try Self.hubSpot(stamps)
        try await Bridge.with(text) { bridge async throws in
            #expect(try await bridge.poll().created == 20)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `more records of one instant than HubSpot gives are an error, not a silence`()
        async throws
    {
        let (text, _) = try Self.hubSpot(Array(repeating: 1_700_000_000_000, count: 9))
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "result_cap")
            #expect(report.reason.contains("than it gives for one request"))
            #expect(report.created == 6)
        }
    }

    // MARK: Hacker News

    @Test func `Hacker News is read from the cursor to maxitem, and null items are none`()
        async throws
    {
        let newest = Mutex(12)
        let (text, api) = try Self.bridge(
            """
            { request: "/item/${page.number}.json", records: ". // empty", key: .id, \
            pages: { range: { to: /maxitem.json } }, \
            cursor: { from: .id, format: integer, overlap: 2, initial: "9", ascending: true } }
            """
        ) { request in
            let newest = newest.withLock { $0 }
            if request.target == "/maxitem.json" { return .reply(text: "\(newest)") }
            let id = request.target.dropFirst("/item/".count).dropLast(".json".count)
            return .reply(text: id == "11" && newest < 14 ? "null" : #"{"id":\#(id)}"#)
        }
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().records == 3)
            #expect(
                api.requests.map(\.target).prefix(3) == [
                    "/maxitem.json", "/item/9.json", "/item/10.json",
                ])
            newest.withLock { $0 = 14 }
            try await bridge.poll()
            // What was null before is found by the overlap.
            #expect(
                try await bridge.changes() == ["created 11 v1", "created 13 v1", "created 14 v1"])
            #expect(api.requests.count == 5 + 6)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test(arguments: ["null", "\"many\"", "{}", "<html>"])
    func `an end of the range that is no number is an error`(answer: String) async throws {
        let (text, _) = try Self.bridge(
            """
            { request: "/item/${page.number}.json", key: .id, \
            pages: { range: { to: /maxitem.json } }, cursor: { from: .id, format: integer } }
            """
        ) { _ in .reply(text: answer) }
        try await Bridge.with(text) { bridge async throws in
            #expect(try await bridge.poll().outcome == "next_page")
        }
    }

    // MARK: MediaWiki

    @Test func `MediaWiki's continuation is merged into the next request`() async throws {
        let (text, api) = try Self.bridge(
            """
            { request: { path: /api.php, query: { action: query, list: recentchanges, \
            format: json, rcdir: newer, rcstart: "${cursor}", continue: "" } }, \
            records: .query.recentchanges, key: .rcid, pages: { continue: .continue }, \
            cursor: { from: .timestamp, overlap: 1m, initial: "2025-12-01T00:00:00Z" }, \
            answers: [ { when: .error, then: fail, message: .error.info } ] }
            """
        ) { request in
            let isSecond = request.query("rccontinue") != nil
            let next =
                isSecond
                ? "" : #""continue":{"rccontinue":"20251201|17","continue":"-||info"},"#
            let id = isSecond ? 17 : 16
            return .reply(
                text:
                    #"{\#(next)"query":{"recentchanges":[{"rcid":\#(id),"timestamp":"2025-12-01T00:00:\#(id)Z"}]}}"#
            )
        }
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().records == 2)
            let second = api.requests[1]
            #expect(second.query("rccontinue") == "20251201%7C17")
            #expect(second.query("continue") == "-%7C%7Cinfo")
            #expect(second.query("action") == "query")
            #expect(second.target.split(separator: "continue=").count == 3)
            api.set { _ in .reply(text: #"{"error":{"code":"maxlag","info":"busy"}}"#) }
            let report = try await bridge.poll()
            #expect(report.outcome == "answer" && report.reason.contains("busy"))
        }
    }

    @Test func `a continuation goes into a JSON body in the place of what it replaces`()
        async throws
    {
        let (text, api) = try Self.bridge(
            """
            { request: { method: POST, path: /q, body: { state: start, size: 2 } }, \
            records: .items, key: .id, pages: { continue: .more } }
            """
        ) { request in
            request.text.contains("start")
                ? .reply(text: #"{"items":[{"id":1}],"more":{"state":{"at":[1,2.50]},"seed":7}}"#)
                : .reply(text: #"{"items":[{"id":2}],"more":{}}"#)
        }
        try await Bridge.with(text) { bridge async throws in
            #expect(try await bridge.poll().records == 2)
            #expect(
                api.requests.map(\.text)
                    == [
                        #"{"state":"start","size":2}"#,
                        #"{"size":2,"state":{"at":[1,2.50]},"seed":7}"#,
                    ])
        }
    }

    // MARK: GraphQL

    @Test func `a GraphQL variable carries the token, and is left out on the first page`()
        async throws
    {
        let (text, api) = try Self.bridge(
            """
            { request: { method: POST, path: /graphql, body: { query: "query($after:String)", \
            variables: { first: 2, after: "${page.token}" } } }, records: .data.issues.nodes, \
            key: .id, pages: { token: .data.issues.pageInfo.endCursor, \
            more: .data.issues.pageInfo.hasNextPage }, \
            answers: [ { when: .errors, then: fail, message: ".errors[0].message" } ] }
            """
        ) { request in
            let isSecond = request.text.contains(#""after":"Y2==""#)
            return .reply(
                text: """
                    {"data":{"issues":{"nodes":[{"id":\(isSecond ? 2 : 1)}],"pageInfo":\
                    {"endCursor":"Y\(isSecond ? 3 : 2)==","hasNextPage":\(!isSecond)}}}}
                    """)
        }
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().records == 2)
            #expect(
                api.requests.map(\.text)
                    == [
                        #"{"query":"query($after:String)","variables":{"first":2}}"#,
                        #"{"query":"query($after:String)","variables":{"first":2,"after":"Y2=="}}"#,
                    ])
            api.set { _ in .reply(text: #"{"data":null,"errors":[{"message":"too costly"}]}"#) }
            let reason = try await bridge.poll().reason
            #expect(reason.contains("too costly"))
        }
    }
}

extension String {
    /// The number between two texts.
    fileprivate func components(between start: String, and end: Character) -> Int64? {
        guard let range = firstRange(of: start) else { return nil }
        return Int64(self[range.upperBound...].prefix { $0 != end })
    }
}
