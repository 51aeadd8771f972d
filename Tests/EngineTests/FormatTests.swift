import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// Answers that are not JSON, from a real server to events.
@Suite(.timeLimit(.minutes(10))) struct FormatTests {
    /// A stream, an answer with record 1, the same with record 2 besides, and a broken one.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let stream: String
        let type: String
        let first: String
        let second: String
        let broken: String
        let outcome: String
        let record: String
    }

    static let rows = [
        Row(
            testDescription: "ndjson", stream: "format: ndjson, key: .id",
            type: "application/x-ndjson", first: "{\"id\":1}\n", second: "{\"id\":1}\n{\"id\":2}",
            broken: "{\"id\":1}\n{\"id\":2", outcome: "ndjson_truncated", record: #"{"id":2}"#),
        Row(
            testDescription: "csv", stream: "format: { csv: { delimiter: ';' } }, key: .id",
            type: "text/csv", first: "id;v\r\n1;a\r\n", second: "id;v\r\n1;a\r\n2;b\r\n",
            broken: "id;v\r\n1;a\r\n2", outcome: "csv_ragged", record: #"{"id":"2","v":"b"}"#),
        Row(
            testDescription: "xml",
            stream: "format: { xml: { lists: [list/order] } }, records: .list.order, "
                + "key: '.[\"@id\"]'",
            type: "application/xml", first: "<list><order id='1'/></list>",
            second: "<list><order id='1'/><order id='2'>x</order></list>",
            broken: "<list><order id='1'/>", outcome: "xml_truncated",
            record: ##"{"@id":"2","#text":"x"}"##),
        Row(
            testDescription: "soap",
            stream: "format: { soap: { lists: [Orders/Order] } }, records: .Answer.Orders.Order, "
                + "key: .Id",
            type: "text/xml",
            first: soap("<Orders><Order><Id>1</Id></Order></Orders>"),
            second: soap("<Orders><Order><Id>1</Id></Order><Order><Id>2</Id></Order></Orders>"),
            broken: """
                <E:Envelope xmlns:E="x"><E:Body><E:Fault><faultcode>E:Server</faultcode>\
                <faultstring>down</faultstring></E:Fault></E:Body></E:Envelope>
                """, outcome: "soap_fault", record: #"{"Id":"2"}"#),
    ]

    private static func soap(_ orders: String) -> String {
        "<s:Envelope xmlns:s='x'><s:Body><m:Answer xmlns:m='y'>\(orders)</m:Answer></s:Body>"
            + "</s:Envelope>"
    }

    private static func answer(_ text: String, _ type: String) -> ScriptedReply {
        .reply(headers: [("Content-Type", type)], text: text)
    }

    @Test(arguments: rows)
    func `every format leads to the same events`(row: Row) async throws {
        let api = try ChangingAPI { _ in Self.answer(row.first, row.type) }
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, \(row.stream) }"
        try await Bridge.with(text) { bridge in
            let first = try await bridge.poll()
            #expect(first.outcome == "baseline")
            api.set { _ in Self.answer(row.broken, row.type) }
            let refused = try await bridge.poll()
            #expect(refused.outcome == row.outcome, "\(refused.reason)")
            api.set { _ in Self.answer(row.second, row.type) }
            #expect(try await bridge.poll().outcome == "changed")
            #expect(try await bridge.changes() == ["created 2 v1"])
            let record = try await bridge.events().first?.record
            #expect(record.map { String(decoding: $0, as: UTF8.self) } == row.record)
            api.set { _ in .reply(headers: [("Content-Type", "text/html")], text: row.first) }
            #expect(try await bridge.poll().outcome == "not_data")
            api.set { _ in Self.answer(row.first, row.type) }
            #expect(try await bridge.poll().outcome == "changed")
            #expect(try await bridge.changes().last == "deleted 2 v2")
        }
    }

    private static func feed(_ items: String) -> ScriptedReply {
        answer(
            "<rss version='2.0'><channel><title>N</title>\(items)</channel></rss>",
            "application/rss+xml; charset=utf-8")
    }

    @Test(arguments: ["rss", "atom"])
    func `a feed needs neither records nor key`(format: String) async throws {
        let one = "<item><guid>a</guid><title>A</title></item>"
        let api = try ChangingAPI { _ in Self.feed(one) }
        var text = try BridgeText(api)
        text.stream = "{ request: /feed, format: \(format) }"
        try await Bridge.with(text) { bridge in
            let first = try await bridge.poll()
            #expect(first.outcome == "baseline")
            api.set { _ in Self.feed("<item><link>https://n.example/b</link></item>" + one) }
            #expect(try await bridge.poll().outcome == "changed")
            #expect(try await bridge.changes() == ["created https://n.example/b v1"])
            let accept = try #require(api.requests.last?.header("Accept"))
            #expect(accept.hasPrefix("application/\(format)+xml"))
        }
    }

    @Test(arguments: [
        ("ndjson", "text/csv"), ("csv", "application/json"), ("xml", "application/json"),
        ("json", "text/csv"), ("json", "application/xml"), ("rss", "text/html"),
    ])
    func `an answer of another kind is refused unless the adapter lets it`(
        format: String, type: String
    ) async throws {
        let api = try ChangingAPI { _ in Self.answer("id\n1\n", type) }
        var text = try BridgeText(api)
        text.stream = "{ request: /x, format: \(format), key: .id }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "not_data")
        }
        text = try BridgeText(api)
        text.stream = "{ request: /x, format: { \(format): { content_type: any } }, key: .id }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome != "not_data")
        }
    }

    @Test(arguments: [
        ("s:Server", "text/xml", "soap_fault"), ("s:Client", "text/xml", "soap_fault"),
    ])
    func `a fault with status 500 is told in its own words`(
        code: String, type: String, outcome: String
    ) async throws {
        let fault = """
            <s:Envelope xmlns:s="x"><s:Body><s:Fault><faultcode>\(code)</faultcode>\
            <faultstring>No such order</faultstring></s:Fault></s:Body></s:Envelope>
            """
        let api = try ChangingAPI { _ in
            .reply(status: 500, headers: [("Content-Type", type)], text: fault)
        }
        var text = try BridgeText(api)
        text.stream = "{ request: /x, format: soap, key: .id }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == outcome)
            #expect(report.reason.contains("\(code): No such order"))
        }
    }

    /// `[{"id":1}]`, packed by each coding's own tool.
    @Test(
        arguments: [
            (
                "gzip",
                [
                    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x8B, 0xAE, 0x56,
                    0xCA, 0x4C, 0x51, 0xB2, 0x32, 0xAC, 0x8D, 0x05, 0x00, 0x64, 0xA8, 0xE5, 0x68,
                    0x0A, 0x00, 0x00, 0x00,
                ]
            ),
            (
                "br",
                [
                    0x8B, 0x04, 0x80, 0x5B, 0x7B, 0x22, 0x69, 0x64, 0x22, 0x3A, 0x31, 0x7D, 0x5D,
                    0x03,
                ]
            ),
            (
                "zstd",
                [
                    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x51, 0x00, 0x00, 0x5B, 0x7B, 0x22, 0x69,
                    0x64, 0x22, 0x3A, 0x31, 0x7D, 0x5D, 0x31, 0x2C, 0xA2, 0xF5,
                ]
            ),
        ] as [(String, [UInt8])])
    func `packed answers are unpacked`(coding: String, bytes: [UInt8]) async throws {
        let api = try ChangingAPI { _ in
            .reply(headers: [("Content-Encoding", coding)], body: bytes)
        }
        try await Bridge.with(try BridgeText(api)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "baseline")
            #expect(try await bridge.state().liveCount == 1)
            #expect(api.requests.first?.header("Accept-Encoding")?.contains(coding) == true)
        }
    }
}
