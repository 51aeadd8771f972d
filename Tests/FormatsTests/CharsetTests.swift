import PullcordAdapter
import PullcordFormats
import Testing

@Suite struct CharsetTests {
    private static let names = FormatSpec(.csv, csv: CSVSpec(header: .names(["v"])))

    @Test(
        arguments: [
            ([0xE9, 0x80], "text/csv; charset=windows-1252", "é€"),
            ([0xE9, 0xA4], "text/csv;charset=\"ISO-8859-15\"", "é€"),
            ([0x93, 0xFA, 0x96, 0x7B], "text/csv; charset=Shift_JIS", "日本"),
            ([0xFF, 0xFE, 0xE9, 0x00], "text/csv; charset=windows-1252", "é"),
            ([0xFE, 0xFF, 0x00, 0xE9], nil, "é"), ([0xEF, 0xBB, 0xBF, 0xC3, 0xA9], nil, "é"),
            ([0xC3, 0xA9], "text/csv", "é"), ([0x41, 0x00], "text/csv; charset=utf-16", "A"),
            ([0x00, 0x41], "text/csv; charset=utf-16", "A"),
        ] as [([UInt8], String?, String)])
    func `text is read as what it says it is`(
        bytes: [UInt8], contentType: String?, text: String
    ) throws {
        #expect(
            try Read.json(bytes, Self.names, contentType: contentType) == "[{\"v\":\"\(text)\"}]")
    }

    @Test func `what the adapter says counts more than what the answer says`() throws {
        var spec = Self.names
        spec.charset = .utf8
        let json = try Read.json([0xC3, 0xA9], spec, contentType: "text/csv; charset=iso-8859-1")
        #expect(json == "[{\"v\":\"é\"}]")
    }

    @Test(
        arguments: [
            ([0x41, 0xE9, 0x41], "text/csv", FormatError.Code.charsetByte, "byte 1"),
            ([0x41, 0xED, 0xA0, 0x80], nil, .charsetByte, "byte 1"),
            ([0xEF, 0xBB, 0xBF, 0x41, 0xFF], nil, .charsetByte, "byte 4"),
            ([0x41, 0xC3], nil, .charsetByte, "byte 1"),
            ([0x41, 0x81], "text/csv; charset=shift_jis", .charsetByte, "byte 1"),
            ([0xFE, 0xFF, 0x00, 0x41, 0x00], nil, .charsetByte, "byte 4"),
            ([0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x41], nil, .charsetByte, "byte 2"),
            ([0x41], "text/csv; charset=klingon", .charsetUnknown, ""),
            ([0x41], "text/csv; charset=utf-8//IGNORE", .charsetUnknown, ""),
            ([0x1F, 0x8B, 0x08], nil, .packed, "byte 0"),
        ] as [([UInt8], String?, FormatError.Code, String)])
    func `a wrong byte is an error with its offset, never a replacement`(
        bytes: [UInt8], contentType: String?, code: FormatError.Code, place: String
    ) throws {
        let error = try #require(throws: FormatError.self) {
            try Read.json(bytes, Self.names, contentType: contentType)
        }
        #expect(error.code == code)
        #expect(error.place == place)
    }

    @Test(arguments: Charset.allCases)
    func `this system converts every character set of the language`(charset: Charset) throws {
        var bytes: [UInt8] = [0x41]
        switch charset {
        case .utf16LittleEndian: bytes = [0x41, 0]
        case .utf16, .utf16BigEndian: bytes = [0, 0x41]
        case .utf32LittleEndian: bytes = [0x41, 0, 0, 0]
        case .utf32BigEndian: bytes = [0, 0, 0, 0x41]
        default: break
        }
        var spec = Self.names
        spec.charset = charset
        #expect(try Read.json(bytes, spec) == "[{\"v\":\"A\"}]")
    }

    @Test func `XML is read by its declaration unless the Content-Type says otherwise`() throws {
        let text =
            Array("<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>".utf8) + [0x80]
            + Array("</a>".utf8)
        #expect(try Read.json(text, .init(.xml)) == #"{"a":"€"}"#)
        let json = try Read.json(text, .init(.xml), contentType: "text/xml; charset=iso-8859-1")
        #expect(json == "{\"a\":\"\u{80}\"}")
        let wide = Array("<a>é</a>".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try Read.json(wide, .init(.xml)) == #"{"a":"é"}"#)
    }

    @Test func `JSON is converted only if it says that it is not UTF-8`() throws {
        let latin = Array("[\"".utf8) + [0xE9] + Array("\"]".utf8)
        let type = "application/json; charset=iso-8859-1"
        #expect(try Read.json(latin, .json, contentType: type) == #"["é"]"#)
        #expect(
            try PageFormat(.json).json(latin, contentType: "application/json") == latin,
            "the JSON reader says where it is wrong")
        #expect(try Read.json([0xFF, 0xFE, 0x31, 0], .json) == "1")
    }
}
