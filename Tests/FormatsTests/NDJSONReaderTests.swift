import PullcordAdapter
import PullcordFormats
import PullcordTestSupport
import Testing

@Suite struct NDJSONReaderTests {
    @Test(arguments: [
        ("{\"a\":1}\n{\"a\":2}\n", "[{\"a\":1},{\"a\":2}]"),
        ("{\"a\":1}\r\n\r\n  \n{\"a\":\"}\\\"{\"}", "[{\"a\":1}\r,{\"a\":\"}\\\"{\"}]"),
        ("", "[]"), ("\n\n", "[]"), ("1\n[2,3]", "[1,[2,3]]"),
        ("\u{FEFF}{}", "[{}]"),
    ])
    func `each line that is not blank is a record`(text: String, json: String) throws {
        #expect(try Read.json(text, .init(.ndjson)) == json)
    }

    @Test(arguments: [
        ("{\"a\":1\n\"b\":2}\n{}", FormatError.Code.ndjsonLine, "line 1, byte 0"),
        ("{}\n1,2\n{}", .ndjsonLine, "line 2, byte 3"),
        ("{}\n{} ]\n{}", .ndjsonLine, "line 2, byte 3"),
        ("{}\n\n{\"a\":\"x", .ndjsonTruncated, "line 3, byte 4"),
        ("{}\n{\"a\":1\n\n", .ndjsonTruncated, "line 2, byte 3"),
    ])
    func `a line that holds no whole value is told with its number and byte`(
        text: String, code: FormatError.Code, place: String
    ) throws {
        let error = try #require(throws: FormatError.self) { try Read.json(text, .init(.ndjson)) }
        #expect(error.code == code)
        #expect(error.place == place)
    }

    @Test func `a line that only the JSON reader refuses is found again`() {
        let text = Array("{\"a\":1}\n{\"a\":01}\n".utf8)
        let error = PageFormat(.init(.ndjson)).brokenLine(in: text, contentType: nil)
        #expect(error?.place.hasPrefix("line 2, byte ") == true)
        #expect(PageFormat(.json).brokenLine(in: text, contentType: nil) == nil)
    }
}

/// Reads a page for a test.
enum Read {
    static func json(
        _ text: String, _ spec: FormatSpec, contentType: String? = nil
    ) throws -> String {
        try json(Array(text.utf8), spec, contentType: contentType)
    }

    static func json(
        _ bytes: [UInt8], _ spec: FormatSpec, contentType: String? = nil
    ) throws -> String {
        String(
            decoding: try PageFormat(spec).json(bytes, contentType: contentType), as: UTF8.self)
    }

    /// The refusal of a page; nil if it is accepted.
    static func refusal(
        _ text: String, _ spec: FormatSpec, contentType: String? = nil
    ) -> FormatError? {
        do {
            _ = try json(text, spec, contentType: contentType)
            return nil
        } catch {
            return error as? FormatError
        }
    }
}
