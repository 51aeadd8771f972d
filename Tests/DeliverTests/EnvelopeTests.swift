import Foundation
import PullcordDeliver
import PullcordModel
import Testing

@Suite struct `The envelope` {
    func text(_ event: Event, limit: Int = Limits.payloadBytesMax) -> String {
        String(decoding: Envelope.body(for: event, limit: limit), as: UTF8.self)
    }

    /// What stands before and behind the record in the fixture's envelope.
    static func envelope(_ kind: String, _ record: String) -> String {
        #"{"type":"orders.\#(kind)","timestamp":"2026-01-31T09:30:00.125Z","data":"#
            + #"{"record":\#(record),"key":"1042","source":"shop","stream":"orders","#
            + #""version":3,"origin":"live"}}"#
    }

    @Test func `is these bytes and no others`() {
        let expected = Self.envelope("updated", #"{"id":1042,"total":12.50}"#)
        #expect(text(Fixture.event()) == expected)
    }

    @Test func `of a deleted record says null`() {
        let expected = Self.envelope("deleted", "null")
        #expect(text(Fixture.event(kind: .deleted, record: nil)) == expected)
    }

    @Test(arguments: [
        #"{"n":12345678901234567890.10e+02,"u":"Z","s":"a\/b"}"#, "[1, 2 ,3]", "\"text\"", "1e400",
        "{ \"a\" :\n1 }",
    ])
    func `holds the record's bytes as they came`(record: String) {
        #expect(text(Fixture.event(record: record)).contains("\"record\":\(record),\"key\""))
    }

    @Test(arguments: [
        "plain", "quote \" and \\ backslash", "line\nfeed\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}",
        "Zoë 🚂 \u{2028}", #"["acme","7"]"#, "", "</script>",
    ])
    func `is read back with the same key by another parser`(key: String) throws {
        let body = Envelope.body(for: Fixture.event(key: key, source: key))
        let read = try #require(
            try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        let data = try #require(read["data"] as? [String: Any])
        #expect(data["key"] as? String == key)
        #expect(data["source"] as? String == key)
        #expect(data["version"] as? Int == 3)
    }

    /// An event of a stream that keeps records, with its members of `data` before the key.
    static func telling(_ kind: EventKind = .updated) -> Event {
        let event = Fixture.event(kind: kind, record: kind == .deleted ? nil : #"{"v":2}"#)
        let isUpdate = kind == .updated
        return Event(
            id: event.id, address: event.address, key: event.key, kind: kind,
            version: event.version, fingerprint: nil, time: event.time, origin: .live,
            record: event.record,
            difference: RecordDifference(
                previous: Array(#"{ "v":1.0}"#.utf8),
                changed: isUpdate ? Array(#"["/v"]"#.utf8) : nil,
                patch: isUpdate
                    ? Array(#"[{"op":"replace","path":"/v","value":2}]"#.utf8) : nil))
    }

    @Test func `of a record that was kept says what was before`() {
        let update =
            #"{"v":2},"previous":{ "v":1.0},"changed":["/v"],"#
            + #""patch":[{"op":"replace","path":"/v","value":2}]"#
        #expect(text(Self.telling()) == Self.envelope("updated", update))
        let deletion = #"null,"previous":{ "v":1.0}"#
        #expect(text(Self.telling(.deleted)) == Self.envelope("deleted", deletion))
    }

    @Test func `leaves out the patch first, then what was before, the record, and the paths`() {
        let parts = [
            #"{"v":2},"previous":{ "v":1.0},"changed":["/v"]"#, #"{"v":2},"changed":["/v"]"#,
            #"null,"changed":["/v"]"#, "null",
        ]
        var limit = text(Self.telling()).utf8.count - 1
        for part in parts {
            let wanted = Self.envelope("updated", part + #","truncated":true"#)
            #expect(text(Self.telling(), limit: limit) == wanted)
            limit = wanted.utf8.count - 1
        }
    }

    @Test func `that would be too large goes without the record and says so`() throws {
        let whole = text(Fixture.event())
        #expect(text(Fixture.event(), limit: whole.utf8.count) == whole)
        let thin = Self.envelope("updated", #"null,"truncated":true"#)
        #expect(text(Fixture.event(), limit: whole.utf8.count - 1) == thin)
        let large = Fixture.event(record: "\"\(String(repeating: "x", count: 2 << 20))\"")
        #expect(Envelope.body(for: large).count < 300)
    }
}
