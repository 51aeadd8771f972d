import PullcordAdapter
import PullcordTestSupport
import Testing

@testable import PullcordFormats

@Suite struct PieceReaderTests {
    /// The pieces of a body as JSON, cut at about so many bytes.
    private static func pieces(
        _ body: [UInt8], _ spec: FormatSpec, contentType: String? = nil, bytes: Int
    ) throws -> [String] {
        var reader = PieceReader(
            PageFormat(spec), contentType: contentType, count: body.count, pieceBytes: bytes)
        var found: [String] = []
        while let piece = try reader.next(read: { offset, count in
            Array(body[offset..<min(body.count, offset + count)])
        }) {
            #expect(found.count <= body.count, "no piece is empty")
            found.append(String(decoding: try piece.json(), as: UTF8.self))
        }
        return found
    }

    /// The records of all pieces as one array.
    private static func joined(_ pieces: [String]) -> String {
        let parts = pieces.map { $0.dropFirst().dropLast() }.filter { !$0.isEmpty }
        return "[" + parts.joined(separator: ",") + "]"
    }

    static let texts: [(FormatSpec, String)] = [
        (.init(.ndjson), "{\"id\":1}\n{\"id\":2,\"text\":\"ä\\n\"}\r\n\n  \n[3]\n4"),
        (.init(.ndjson), "\u{FEFF}{\"id\":1}\n{\"id\":2}\n"),
        (.init(.ndjson), ""), (.init(.ndjson), "\n\n\n"), (.init(.ndjson), "1"),
        (.init(.csv), "id,text\r\n1,\"a\r\nb\"\r\n2,\"say \"\"x\"\"\n\"\r\n\r\n3,\r\n"),
        (.init(.csv), "\u{FEFF}id,text\n1,a\n2,b"),
        (.init(.csv), "id,text\r1,a\r2,\"b\rc\"\r"), (.init(.csv), "id\n"),
        (.init(.csv), "\"i\nd\",\"te\"\"xt\"\n1,2\n3,4\n"),
        (.init(.csv, csv: CSVSpec(quote: nil)), "id,text\n1,\"\n2,a\"b\n3,\"\"\"\n"),
        (
            .init(.csv, csv: CSVSpec(header: .names(["a", "b"]), delimiter: 0x3B, trims: true)),
            "1; \"x\n;\" \n2;y\n"
        ),
        (.init(.csv, csv: CSVSpec(quote: 0x27)), "id,text\n1,'a\"\n'\n2,'b'\n"),
        (.init(.csv, csv: CSVSpec(quote: 0x7C)), "id,text\n1,|a\n|\n2,|b|||\n"),
    ]

    @Test(arguments: texts)
    func `pieces of any size hold the records of the whole`(
        spec: FormatSpec, text: String
    ) throws {
        let body = Array(text.utf8)
        let whole = try Read.json(text, spec)
        for bytes in 1...max(body.count, 1) + 1 {
            let found = try Self.pieces(body, spec, bytes: bytes)
            #expect(Self.joined(found) == whole, "cut at \(bytes)")
        }
    }

    @Test func `random files cut at random places hold the records of the whole`() throws {
        var random = SeededRandom(seed: 7)
        let parts = ["a", "ü", "\"\"", "\n", "\r\n", ",", " ", "\r", "1"]
        for _ in 0..<300 {
            var text = "id,text\n"
            for row in 0..<Int.random(in: 0...8, using: &random) {
                let words = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    parts[Int.random(in: 0..<parts.count, using: &random)]
                }
                text += "\(row),\"\(words.joined())\"\(row % 3 == 0 ? "\r\n" : "\n")"
            }
            let whole = try Read.json(text, .init(.csv))
            let bytes = Int.random(in: 1...40, using: &random)
            let found = try Self.pieces(Array(text.utf8), .init(.csv), bytes: bytes)
            #expect(Self.joined(found) == whole, "cut at \(bytes): \(text)")
        }
    }

    @Test(arguments: [
        ("ndjson", "{}\n{}\n{\"a\":1\n{}\n", FormatError.Code.ndjsonLine, "line 3, byte 6"),
        ("ndjson", "{}\n{}\n\n{\"a\":1", .ndjsonTruncated, "line 4, byte 7"),
        ("csv", "a,b\n1,2\n3,\"\n\"\n5\n6,7\n", .csvRagged, "line 5"),
        ("csv", "a,b\n1,2\n3,\"4\n", .csvTruncated, "line 3"),
        ("csv", "a,b\n1,2\n3,4\"\n5,6\n", .csvQuote, "line 3"),
        ("csv", "a,a\n1,2\n3,4\n", .csvHeader, "line 1"),
        ("csv", "", .csvEmpty, "line 1"),
    ])
    func `what is wrong is told with its place in the whole`(
        kind: String, text: String, code: FormatError.Code, place: String
    ) throws {
        let spec = FormatSpec(try #require(FormatSpec.Kind(rawValue: kind)))
        for bytes in [4, 5, 100] {
            let error = try #require(throws: FormatError.self) {
                try Self.pieces(Array(text.utf8), spec, bytes: bytes)
            }
            #expect(error.code == code)
            #expect(error.place == place)
        }
    }

    @Test func `a line that only the JSON reader refuses is told with its place in the whole`()
        throws
    {
        let text = Array("{\"a\":1}\n{\"a\":2}\n{\"a\":01}\n{}\n".utf8)
        var reader = PieceReader(
            PageFormat(.init(.ndjson)), contentType: nil, count: text.count, pieceBytes: 10)
        var lines: [String] = []
        while let piece = try reader.next(read: { Array(text[$0..<min(text.count, $0 + $1)]) }) {
            if let line = piece.brokenLine() { lines.append(line.place) }
        }
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("line 3, byte 2") == true)
    }

    @Test func `a character set of single bytes is converted piece by piece`() throws {
        let text = Array("id,text\n1,".utf8) + [0xE4] + Array("\n2,".utf8) + [0xFC, 0x0A]
        for bytes in [3, 8, 12] {
            let found = try Self.pieces(
                text, .init(.csv), contentType: "text/csv; charset=iso-8859-1", bytes: bytes)
            #expect(
                Self.joined(found) == #"[{"id":"1","text":"ä"},{"id":"2","text":"ü"}]"#)
        }
    }

    @Test func `text that cannot be cut at line breaks is read whole`() throws {
        let text: [UInt8] = "id\n1\n2\n".utf8.flatMap { [$0, UInt8(0)] }
        let found = try Self.pieces(
            [0xFF, 0xFE] + text, .init(.csv), bytes: 3)
        #expect(found == [#"[{"id":"1"},{"id":"2"}]"#])
    }

    @Test func `a packed file is refused at its first byte`() throws {
        let error = try #require(throws: FormatError.self) {
            try Self.pieces([0x1F, 0x8B, 8, 0, 0, 0, 0], .init(.csv), bytes: 4)
        }
        #expect(error.code == .packed)
    }

    @Test func `a body that turns out to be shorter ends there`() throws {
        var reader = PieceReader(
            PageFormat(.init(.ndjson)), contentType: nil, count: 100, pieceBytes: 10)
        let first = try reader.next { offset, _ in offset == 0 ? Array("1\n2".utf8) : [] }
        let second = try reader.next { _, _ in [] }
        #expect(first?.isLast == false)
        #expect(try second?.json() == Array("[2]".utf8))
        let third = try reader.next { _, _ in [] }
        #expect(third == nil)
    }
}
