import PullcordJSON
import PullcordModel
import Testing

@Suite struct JSONPathTests {
    @Test(arguments: [
        (".", "."), (".a", ".a"), (" .a.b ", ".a.b"), (#".a["b c"][0]"#, #".a["b c"][0]"#),
        (#"."x""#, ".x"), (#".["x y"]"#, #".["x y"]"#), (".[0]", ".[0]"), (".[0].a", ".[0].a"),
        (#".a."b-c".d"#, #".a["b-c"].d"#), (".a[ 1 ]", ".a[1]"),
        (".items[]", ".items[]"), (".[]", ".[]"), (".a // []", ".a // []"),
        (".a[]//[ ]", ".a[] // []"), (".a?", ".a"), (".a?.b?", ".a.b"), ("._x9", "._x9"),
        (#".["\u0061\""]"#, #".["a\""]"#), (#".["é"]"#, #".["é"]"#), (".and", ".and"),
    ])
    func `a plain path is read and given back`(_ text: String, _ wanted: String) throws {
        let path = try #require(JSONPath(parsing: text))
        #expect(path.description == wanted)
        #expect(JSONPath(parsing: wanted) == path)
    }

    @Test(arguments: [
        "", " ", "a", "..", ".a.", #".a.["b"]"#, ".a..b", ".[-1]", ".[1:2]", ".a | .b", ".a,.b",
        ".a-b", ".9",
        "$x", ".[.a]", #"."\(1)""#, #".["a"#, #".a["b\"]"#, ".a[1", ".[1.0]", ".[99999999999]",
        ".a // 1", ".a // [1]", ".a[].b", ". .", ".a b", "[.a]", "{a}", "not", ".a+1", "?", ".?a",
        #".["a]"#, #"."a"#, ".é", "#x", ". # x", #".["\ud800"]"#, #".a["b\"#,
    ])
    func `anything else is no plain path`(_ text: String) {
        #expect(JSONPath(parsing: text) == nil)
    }

    @Test func `what a path asks for can be told`() throws {
        #expect(try #require(JSONPath(parsing: ".a[] // []")).isOptional)
        #expect(try #require(JSONPath(parsing: ".a[]")).iterates)
        #expect(try #require(JSONPath(parsing: ".a[0]")).isSingle)
        #expect(try !#require(JSONPath(parsing: ".a[]")).isSingle)
        #expect(try !#require(JSONPath(pattern: ".a[].b")).isSingle)
        #expect(JSONPath(pattern: ".a // []") == nil)
        #expect(JSONPath(parsing: String(repeating: ".a", count: 65)) == nil)
    }
}

@Suite struct NumberTextTests {
    private func text(_ number: String) throws -> String? {
        let plan = ScanPlan(pageFields: [.root])
        let scan = try plan.scan(Array(number.utf8))
        return scan.pageField(0).flatMap(scan.text)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.0", "0"), ("-0e9", "0"), ("1", "1"), ("1.0", "1"),
        ("-7", "-7"),
        ("10", "10"), ("1e3", "1000"), ("1.50", "1.5"), ("-0.050", "-0.05"), ("12e-1", "1.2"),
        (
            "123456789012345678901234567890123456789012345",
            "123456789012345678901234567890123456789012345"
        ),
        ("1e39", "1000000000000000000000000000000000000000"), ("1e40", "1e+40"),
        ("15e399", "1.5e+400"),
        ("1e-7", "0.0000001"), ("1e-8", "1e-8"), ("0.00000000123", "1.23e-9"),
        ("9007199254740993", "9007199254740993"),
        ("2E+0", "2"), ("1e400", "1e+400"), ("-1e-400", "-1e-400"), ("100e-2", "1"),
        ("120.0e-1", "12"),
    ])
    func `a number has one text`(_ number: String, _ wanted: String) throws {
        #expect(try text(number) == wanted)
    }

    @Test(arguments: [
        "1e99999999999999999999", "-1e-99999999999999999999", "10e99999999999999999999",
    ])
    func `an absurd exponent gives some text and no trap`(_ number: String) throws {
        #expect(try text(number)?.isEmpty == false)
    }
}

@Suite struct JSONValueTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1.50e+3", #""a""#, "[]", "{}",
        #"[1,[2,{"b":[],"a":null}]]"#,
        #"{"z":1,"a":{"x":"y"}}"#, #""\u0001\n\"\\""#,
    ])
    func `a compact text survives reading and writing`(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(String(decoding: value.serialized, as: UTF8.self) == text)
    }

    @Test func `strings are decoded and spaces skipped`() throws {
        let value = try JSONValue(parsing: #" { "a\u00e9" : [ "\ud83d\ude00" , 1 ] } "#)
        #expect(value["aé"] == .array([.string("😀"), .number("1")]))
        #expect(value["b"] == nil)
    }

    @Test(arguments: ["", "[", "{\"a\":1,\"a\":2}", "[1,]"])
    func `a broken text is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func `generated values survive`() throws {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<2000 {
            let value = JSONValue.random(depth: 4, using: &random)
            #expect(try JSONValue(parsing: value.serialized) == value)
        }
    }

    @Test func `the writer places commas`() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.number(1)
        writer.null()
        writer.endArray()
        writer.key("b\"")
        writer.raw(Array("{\"x\":1}".utf8))
        writer.key("c")
        writer.beginObject()
        writer.endObject()
        writer.key("d")
        writer.bool(true)
        writer.key("e")
        writer.string("\u{8}\u{C}\r\t\u{1F}/é")
        writer.endObject()
        let wanted = #"{"a":[1,null],"b\"":{"x":1},"c":{},"d":true,"e":"\b\f\r\t\u001f/é"}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == wanted)
        #expect(throws: Never.self) { try JSONValue(parsing: writer.bytes) }
    }
}
