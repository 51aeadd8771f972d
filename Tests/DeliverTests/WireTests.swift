import Foundation
import PullcordAdapter
import PullcordDeliver
import PullcordJQ
import PullcordModel
import PullcordTransfer
import Testing

@Suite struct `The wire` {
    static let record = #"{"id":1042,"total":12.50}"#

    func payload(
        _ format: WireSpec.Format = .standard, _ event: Event = Fixture.event(),
        body: String? = nil, transform: String? = nil, limit: Int = Limits.payloadBytesMax
    ) throws -> Wire.Payload {
        try Self.wire(format, body: body, transform: transform, limit: limit).payload(for: event)
    }

    static func wire(
        _ format: WireSpec.Format = .standard, body: String? = nil, transform: String? = nil,
        limit: Int = Limits.payloadBytesMax
    ) throws -> Wire {
        Wire(
            format: format, body: try body.map { try Expression(parsing: $0) },
            transform: try transform.map { try Expression(parsing: $0) }, bytesMax: limit)
    }

    static let tail =
        #""key":"1042","source":"shop","stream":"orders","version":3,"origin":"live"}"#
    static let head = #"{"type":"orders.updated","timestamp":"2026-01-31T09:30:00.125Z","data":"#
    static let attributes =
        #"{"specversion":"1.0","id":"evt_0fd1b8w2ffxz64pyqkmceyp25x","source":"/pullcord/shop","#
        + #""type":"orders.updated","time":"2026-01-31T09:30:00.125Z","subject":"1042","#
        + #""pullcordversion":"3","pullcordorigin":"live","datacontenttype":"application/json","#
        + #""data":"#

    struct Row: Sendable {
        let format: WireSpec.Format
        let contentType: String
        let body: String
    }

    static let data = "{\"record\":" + record + "," + tail

    static let rows: [Row] = [
        Row(format: .standard, contentType: "application/json", body: head + data + "}"),
        Row(format: .thin, contentType: "application/json", body: head + "{" + tail + "}"),
        Row(format: .raw, contentType: "application/json", body: record),
        Row(
            format: .cloudevents, contentType: "application/cloudevents+json; charset=UTF-8",
            body: attributes + data + "}"),
        Row(format: .cloudeventsBinary, contentType: "application/json", body: data),
        Row(
            format: .cloudeventsBatch,
            contentType: "application/cloudevents-batch+json; charset=UTF-8",
            body: "[" + attributes + data + "}]"),
    ]

    @Test(arguments: rows)
    func `has these bytes in each format`(row: Row) throws {
        let payload = try payload(row.format)
        #expect(String(decoding: payload.body, as: UTF8.self) == row.body)
        #expect(payload.contentType == row.contentType)
        #expect(payload.id == Fixture.event().id)
        #expect(!payload.isTruncated)
        #expect((try? JSONSerialization.jsonObject(with: Data(payload.body))) != nil)
    }

    @Test(arguments: WireSpec.Format.allCases)
    func `leaves a record out that is too large, and says so`(format: WireSpec.Format) throws {
        let large = Fixture.event(record: "\"\(String(repeating: "x", count: 2 << 20))\"")
        let payload = try payload(format, large)
        let text = String(decoding: payload.body, as: UTF8.self)
        #expect(payload.body.count < 600)
        guard format != .thin else {
            #expect(!payload.isTruncated && !text.contains("truncated"))
            return
        }
        #expect(payload.isTruncated)
        #expect(text.contains(#"{"record":null,"truncated":true,"key":"1042""#))
        #expect(
            payload.headers.contains(HTTPField("pullcord-truncated", "true")) == (format == .raw))
    }

    @Test func `counts the whole body against the limit, to the byte`() throws {
        for format in [WireSpec.Format.standard, .raw, .cloudevents, .cloudeventsBinary] {
            let whole = try payload(format)
            #expect(try payload(format, limit: whole.body.count) == whole)
            #expect(try payload(format, limit: whole.body.count - 1).isTruncated)
        }
    }

    @Test func `of a deleted record is null where it is raw, with headers that tell of it`() throws
    {
        let payload = try payload(.raw, Fixture.event(key: "a é", kind: .deleted, record: nil))
        #expect(payload.body == Array("null".utf8))
        let headers = Dictionary(uniqueKeysWithValues: payload.headers.map { ($0.name, $0.value) })
        #expect(headers["pullcord-type"] == "orders.deleted")
        #expect(headers["pullcord-key"] == "a%20%C3%A9")
        #expect(headers["pullcord-source"] == "shop")
        #expect(headers["pullcord-version"] == "3")
        #expect(headers["pullcord-time"] == "2026-01-31T09:30:00.125Z")
    }

    @Test func `has attributes as headers in CloudEvents' binary mode, encoded as it says`() throws
    {
        let event = Fixture.event(key: "Zoë \"5%\"", source: "shop")
        let headers = try payload(.cloudeventsBinary, event).headers
        let expected = [
            "ce-specversion: 1.0", "ce-id: evt_0fd1b8w2ffxz64pyqkmceyp25x",
            "ce-source: /pullcord/shop", "ce-type: orders.updated",
            "ce-time: 2026-01-31T09:30:00.125Z", "ce-subject: Zo%C3%AB%20%225%25%22",
            "ce-pullcordversion: 3", "ce-pullcordorigin: live",
        ]
        #expect(headers.map { "\($0.name): \($0.value)" } == expected)
    }

    @Test(arguments: [("", nil), ("a\u{7}b", "a%07b"), ("\u{FFFF}", "%EF%BF%BF"), ("ok", "ok")])
    func `gives CloudEvents a subject that is allowed, or none`(key: String, subject: String?)
        throws
    {
        let body = try payload(.cloudevents, Fixture.event(key: key)).body
        let read = try #require(
            try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        #expect(read["subject"] as? String == subject)
        #expect((read["data"] as? [String: Any])?["key"] as? String == key)
    }

    @Test(arguments: [
        (".data.record.total", "12.50"), ("{n: .data.record.total}", #"{"n":12.5}"#),
        (".data.record | {id}", #"{"id":1042}"#), (".data.nothing", "null"),
        (".type", #""orders.updated""#),
        ("[.data.key, .data.version]", #"["1042",3]"#),
    ])
    func `lets a transform make what stands for the record`(program: String, record: String) throws
    {
        for (format, head) in [
            (WireSpec.Format.standard, Self.head), (.cloudevents, Self.attributes),
        ] {
            let body = try payload(format, transform: program).body
            #expect(
                String(decoding: body, as: UTF8.self)
                    == head + #"{"record":\#(record),"# + Self.tail + "}")
        }
        #expect(try payload(.raw, transform: program).body == Array(record.utf8))
    }

    @Test(arguments: [
        (".data.record", record),
        ("{text: (.type + \" \" + .data.key)}", #"{"text":"orders.updated 1042"}"#),
        ("\"só\"", "\"só\""), ("null", "null"),
    ])
    func `lets a program make the whole body`(program: String, body: String) throws {
        let payload = try payload(body: program)
        #expect(String(decoding: payload.body, as: UTF8.self) == body)
        #expect(payload.contentType == "application/json" && payload.headers.isEmpty)
    }

    @Test func `keeps the digits of numbers through both programs`() throws {
        let event = Fixture.event(record: #"{"n":12345678901234567890.10,"m":9007199254740993}"#)
        let text = String(
            decoding: try payload(
                .standard, event, body: "{r: .data.record}", transform: ".data.record | {n, m}"
            ).body, as: UTF8.self)
        #expect(text == #"{"r":{"n":12345678901234567890.10,"m":9007199254740993}}"#)
    }

    @Test(arguments: [
        "empty", ".data.key, .data.version", "error(\"no\")", ".data.key | keys", "1, 2",
    ])
    func `makes no payload of a program that fails or gives not exactly one value`(
        program: String
    ) throws {
        for (body, transform) in [(program, nil), (nil, program)] as [(String?, String?)] {
            let refusal = #expect(throws: WireError.self) {
                try payload(body: body, transform: transform)
            }
            #expect(refusal?.code == .transform)
            #expect(refusal?.place == (body == nil ? "transform" : "body"))
        }
    }

    @Test func `lets a program make something small of a large record`() throws {
        let large = Fixture.event(
            record: "{\"a\":1,\"b\":\"\(String(repeating: "x", count: 2 << 20))\"}")
        #expect(try payload(.raw, large, transform: ".data.record.a").body == Array("1".utf8))
        #expect(try payload(.standard, large, body: ".data.record.a").body == Array("1".utf8))
        // What is too large even so, is made once more of an event without its record.
        let program = "{t: .data.truncated, r: .data.record}"
        let cut = try payload(.standard, large, body: program)
        #expect(String(decoding: cut.body, as: UTF8.self) == #"{"t":true,"r":null}"#)
        #expect(cut.isTruncated)
        let refusal = #expect(throws: WireError.self) {
            try payload(body: "\"x\" * 2000", limit: 1000)
        }
        #expect(refusal?.code == .payload)
    }

    @Test func `holds several events as an array, under an id of its own`() throws {
        let events = ["1", "2"].map { Fixture.event(key: $0) }
        for format in WireSpec.Format.allCases where format.canBatch {
            let wire = try Self.wire(format)
            let payload = try wire.payload(batch: events)
            let items = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(payload.body), options: .fragmentsAllowed) as? [Any])
            #expect(items.count == 2)
            #expect(payload.id.text.hasPrefix("bat_") && payload.id.text.utf8.count == 30)
            #expect(
                payload.contentType.contains("cloudevents-batch")
                    == format.rawValue.hasPrefix("cloud"))
            let single = try wire.payload(batch: [events[0]])
            #expect(single.body.first == 0x5B && single.body.last == 0x5D)
        }
    }

    @Test func `refuses to put several events where one fits, and to send none`() throws {
        let events = [Fixture.event(), Fixture.event()]
        for (format, events) in [(WireSpec.Format.cloudeventsBinary, events), (.standard, [])] {
            let refusal = #expect(throws: WireError.self) {
                try Self.wire(format).payload(batch: events)
            }
            #expect(refusal?.code == .batch)
        }
    }

    @Test func `gives a batch an id that its events and their order decide`() {
        let id = { EventIdentity.id(ofBatch: ($0 as [String]).map { EventID($0) }) }
        let ids = [
            id(["a", "b"]), id(["b", "a"]), id(["ab"]), id(["a"]), id(["a", "b", ""]), id([]),
        ]
        #expect(Set(ids).count == ids.count)
        #expect(id(["a", "b"]) == id(["a", "b"]))
    }
}

@Suite struct `A watch over sizes` {
    @Test func `tells of the first large body only, and counts them all`() {
        var watch = SizeWatch()
        let told = [0, 20_000, 20_001, 1 << 20, 5].map { watch.isFirstLarge($0) }
        #expect(told == [false, false, true, false, false])
        #expect(watch.count == 2)
    }
}
