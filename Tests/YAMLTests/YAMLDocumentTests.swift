import PullcordModel
import PullcordYAML
import Testing

@Suite struct YAMLDocumentTests {
    private func parse(_ text: String) throws -> YAMLDocument {
        try YAMLDocument.parse(Array(text.utf8), file: "f.yaml")
    }

    private func failure(_ text: String) -> YAMLError? {
        do {
            return try YAMLDocument.parse(Array(text.utf8), file: "f.yaml").complaints.first
        } catch {
            return error
        }
    }

    @Test func `a mapping keeps its order and its places`() throws {
        let root = try parse("b: 1\na:\n  - x\n  - 'y z'\n").root
        #expect(root.mapping?.map(\.key.text) == ["b", "a"])
        #expect(root["a"]?.sequence?.last?.scalar?.text == "y z")
        #expect(root["a"]?.sequence?.last?.place.description == "f.yaml:4:5")
        #expect(root.mapping?.last?.key.place.description == "f.yaml:2:1")
    }

    @Test(arguments: [
        ("no", YAMLScalar.Kind.string), ("yes", .string), ("on", .string), ("NO", .string),
        ("n", .string), ("true", .boolean), ("False", .boolean), ("~", .null), ("", .null),
        ("null", .null), ("nULL", .string), ("12", .integer), ("-7", .integer), ("+7", .integer),
        ("0o17", .integer), ("017", .integer), ("0xFf", .integer), ("0x", .string),
        ("0o8", .string), ("1_000", .string), ("12:30:45", .string), ("1.5", .float),
        (".5", .float), ("1.", .float), ("1e3", .float), ("1e", .string), (".", .string),
        (".inf", .float), ("-.INF", .float), (".nan", .float), ("--", .string), ("1.2.3", .string),
        ("2026-01-31", .string), ("'12'", .string), ("\"true\"", .string), ("!!str 12", .string),
        ("! 12", .string), ("!!int 12", .integer), ("!!float 12", .float), ("!!null ''", .null),
    ])
    func `a scalar resolves by the core schema`(text: String, kind: YAMLScalar.Kind) throws {
        let document = try parse("key: \(text)\n")
        #expect(document.root["key"]?.scalar?.kind == kind)
        #expect(document.complaints.isEmpty)
    }

    @Test func `columns are counted in characters`() throws {
        let root = try parse("{ grüße: 'héé', naïve: \"😀\", z: 1 }").root
        #expect(root.mapping?.map(\.key.place.column) == [3, 17, 29])
        #expect(root["z"]?.place.column == 32)
    }

    @Test func `a byte order mark moves nothing`() throws {
        #expect(try parse("\u{FEFF}a: b").root["a"]?.place.description == "f.yaml:1:4")
    }

    @Test func `anchors, aliases and merge keys work`() throws {
        let root = try parse(
            """
            base: &base { a: 1, b: 2 }
            more: &more
              c: 3
              a: 9
            both:
              <<: [*base, *more]
              b: own
            text: &t "x"
            again: *t
            """
        ).root
        let both = root["both"]
        #expect(both?.mapping?.map(\.key.text) == ["b", "a", "c"])
        #expect(both?["a"]?.scalar?.text == "1")
        #expect(both?["b"]?.scalar?.text == "own")
        #expect(root["again"]?.scalar?.text == "x")
        #expect(root["text"]?.place.description == "f.yaml:8:10")
    }

    @Test(arguments: [
        ("\tkey: 1", YAMLError.Code.syntax, 1, 1, "tab"),
        ("a:\n\tb: 1", .syntax, 2, 1, "tab"),
        ("a: @b", .syntax, 1, 4, "cannot begin with `@`"),
        ("a: `b`", .syntax, 1, 4, "cannot begin with"),
        ("a: 'b", .syntax, 1, 4, "never closed"),
        ("a: \"b\\q\"", .syntax, 1, 6, "escape"),
        ("a: {b: 1", .syntax, 1, 4, "`{` that is opened here is never closed"),
        ("a: [1, 2", .syntax, 1, 4, "`[` that is opened here is never closed"),
        ("a: { b: ${params.x} }", .syntax, 1, 10, "`,` or `}`"),
        ("a: b: c", .syntax, 1, 5, "no key can be"),
        ("a: 1\n b: 2", .syntax, 2, 3, "no key can be"),
        ("a: 1\nb\n", .syntax, 2, 1, "without `:`"),
        ("a:\n  b: 1\n c: 2", .syntax, 3, 2, "key was expected"),
        ("a:\n  - 1\n  b: 2", .syntax, 3, 3, "item of the list"),
        ("a: 1\n---\nb: 2", .secondDocument, 2, 1, "second document"),
        ("", .empty, 1, 1, "empty"),
        ("# only a comment\n", .empty, 2, 1, "empty"),
        ("a: 1\na: 2", .duplicateKey, 2, 1, "first is at 1:1"),
        ("a: 1\n\"a\": 2", .duplicateKey, 2, 1, "given twice"),
        ("? [1, 2]\n: 3", .keyNotScalar, 1, 3, "key must be a text"),
        ("{a: 1}: 3", .keyNotScalar, 1, 1, "key must be a text"),
        ("a: *b", .unknownAlias, 1, 4, "no anchor `&b`"),
        ("a: &a [*a]", .unknownAlias, 1, 8, "inside the value"),
        ("a: !!binary aGk=", .tag, 1, 4, "!!binary"),
        ("a: !custom x", .tag, 1, 4, "!custom"),
        ("a: !!int x", .tag, 1, 4, "!!int"),
        ("a: !!seq {b: 1}", .tag, 1, 4, "!!seq"),
        ("a: { <<: 1 }", .mergeValue, 1, 10, "merges mappings"),
        ("b: &b {c: 1}\na: { <<: [*b, 2] }", .mergeValue, 2, 15, "merges mappings"),
        ("a: b\u{0}", .encoding, 1, 5, "U+0000"),
        ("é: \u{7}", .encoding, 1, 4, "U+0007"),
        ("%YAML 3.0\n---\na: 1", .syntax, 1, 1, "not valid YAML"),
    ])
    func `what is no good YAML is refused with its place`(
        text: String, code: YAMLError.Code, line: Int, column: Int, piece: String
    ) throws {
        let error = try #require(failure(text))
        #expect(error.code == code)
        #expect(error.place == Place(file: "f.yaml", line: line, column: column))
        #expect(error.message.contains(piece), "\(error.message)")
    }

    @Test func `a tagged content place is that of the content`() throws {
        let root = try parse("a: &x !!str 'b ${q'").root
        #expect(root["a"]?.place.column == 13)
        #expect(root["a"]?.place(ofCharacter: 2).column == 16)
    }

    @Test func `all complaints that do not hide the rest come together`() throws {
        let document = try parse("a: 1\na: 2\nb: *c\nd: !x y\n")
        #expect(document.complaints.map(\.code) == [.duplicateKey, .unknownAlias, .tag])
    }

    @Test func `bytes that are no UTF-8 are refused with their place`() {
        #expect(throws: YAMLError.self) {
            try YAMLDocument.parse(Array("é: ".utf8) + [0xC3, 0x28], file: "f")
        }
        do {
            _ = try YAMLDocument.parse(Array("a: 1\né: ".utf8) + [0xFF], file: "f")
        } catch {
            #expect(error.place == Place(file: "f", line: 2, column: 4))
        }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse([0xFF, 0xFE, 0x61], file: "f") }
    }

    @Test func `an alias bomb is refused`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(alias)]\n"
        }
        #expect(failure(text)?.code == .tooManyNodes)
    }

    @Test func `a merge bomb is refused`() {
        var text = "a0: &a0 { x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }\n"
        for level in 1...9 {
            let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) { k\(level): 1, <<: [\(alias)] }\n"
        }
        #expect(failure(text)?.code == .tooManyNodes)
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func `endless depth is refused`(opening: String) {
        let error = failure(String(repeating: opening, count: 100_000))
        #expect(error?.code == .tooDeep)
    }

    @Test func `depth through aliases is refused`() {
        var text = "a0: &a0 [x]\n"
        for level in 1...70 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(failure(text)?.code == .tooDeep)
    }

    @Test func `sixty-four levels are read`() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try parse(text).root.sequence?.count == 1)
        #expect(failure("[" + text + "]")?.code == .tooDeep)
    }

    @Test func `too many values and too many bytes are refused`() {
        let items = Array(repeating: "1", count: 150_001).joined(separator: ",")
        #expect(failure("[\(items)]")?.code == .tooManyNodes)
        #expect(failure(String(repeating: "#", count: (4 << 20) + 1))?.code == .tooLarge)
    }

    @Test(arguments: [
        ("a: one ${x", 4, 1, 8), ("a: 'o''e ${x'", 4, 1, 10), ("a: \"o\\n\\u00e9 ${x\"", 4, 1, 15),
        ("a: \"on\\\n   e ${x\"", 4, 2, 6), ("a: |\n   one ${x\n", 4, 2, 8),
        ("a: >-\n   one\n   ${x\n", 4, 3, 4), ("a: |\n  1\n\n  2 ${x\n", 5, 4, 5),
        ("a: one\n   ${x", 4, 2, 4),
    ])
    func `a character of a text is found in the file`(
        text: String, offset: Int, line: Int, column: Int
    ) throws {
        let node = try #require(try parse(text).root["a"])
        let characters = Array(try #require(node.scalar).text.unicodeScalars)
        #expect(characters[offset] == "$")
        #expect(
            node.place(ofCharacter: offset) == Place(file: "f.yaml", line: line, column: column))
    }

    @Test func `broken files never trap`() {
        let good = Array(
            "a: &x {b: [1, 'two', \"th\\tree\"], c: |\n  text\n  ${x}\n}\nd: *x\ne: {<<: *x}\n".utf8
        )
        let odd = Array("[]{}:,-&*!|>'\"%@`#?\n\t \\$\u{0}é".utf8)
        var random = Seeded(state: 7)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int(random.next() % 4 + 1) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = odd[Int(random.next() % UInt64(odd.count))]
                case 1: bytes.insert(odd[Int(random.next() % UInt64(odd.count))], at: index)
                default: bytes.remove(at: index)
                }
            }
            if let document = try? YAMLDocument.parse(bytes, file: "f") { visit(document.root) }
        }
    }

    private func visit(_ node: YAMLNode) {
        for offset in [-1, 0, 3, 1000] { #expect(node.place(ofCharacter: offset).line >= 1) }
        for item in node.sequence ?? [] { visit(item) }
        for entry in node.mapping ?? [] { visit(entry.value) }
    }
}

/// SplitMix64: the same numbers in every run.
struct Seeded {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
