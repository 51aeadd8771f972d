import PullcordJSON
import PullcordModel
import Testing

/// The fingerprint of a text as one record.
func fingerprint(
    _ text: String, mask: ScanPlan.Mask = .all, unordered: [JSONPath] = []
) throws -> Fingerprint {
    // The text is the only element of a list, so that it may itself be a list.
    let plan = ScanPlan(records: .root, mask: mask, unordered: unordered)
    let scan = try plan.scan(Array("[\(text)]".utf8))
    return try #require(scan.fingerprints.first)
}

func path(_ text: String) throws -> JSONPath { try #require(JSONPath(pattern: text)) }

@Suite struct FingerprintLawTests {
    @Test(arguments: [
        ["1", "1.0", "1e0", "10e-1", "0.1e1", "1.000e+0", "100E-2", "1e00"],
        ["0", "-0", "0.0", "0e5", "-0.0e-7", "0e99999999999999999999"],
        ["1200", "1.2e3", "12e2", "1200.00"],
        ["-25e-1", "-2.5"],
        ["12345678901234567890123", "1234567890123456789012.3e1", "12345678901234567890123.0"],
        ["10000000000000000000000", "1e22"],
        ["18446744073709551616", "18446744073709551616.0"],
        ["1e400", "10e399", "0.1e401"],
        [#""a""#, #""\u0061""#],
        [#""é😀""#, #""\u00e9\ud83d\ude00""#],
        [#""abcdefgh/""#, #""abcdefgh\/""#],
        [#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, #" { "b" : 2.0 , "\u0061" : 1 } "#],
        ["[1,2]", "[ 1.0 ,2 ]"],
        [#"{"a":{"x":[],"y":{}}}"#, #"{"a":{"y":{},"x":[]}}"#],
    ])
    func `spellings of one meaning are equal`(_ texts: [String]) throws {
        let first = try fingerprint(texts[0])
        for text in texts { #expect(try fingerprint(text) == first, "\(text)") }
    }

    @Test func `different meanings are different`() throws {
        let texts = [
            "0", "1", "-1", "10", "100", "0.1", "1e-400", "1e400", "1e401", "2", "9007199254740993",
            "9007199254740992", "1234567890123456789", "12345678901234567890",
            "12345678901234567891", "123456789012345678901", "123456789012345678902", "0.3",
            "0.30000000000000004", "1e99999999999999999999", "1e99999999999999999998",
            "1e-99999999999999999999", #""1""#, #""""#, #"" ""#, #""a""#, #""b""#, #""A""#,
            #""a\u0000""#, #""\u0000a""#, #""\u0000""#, #""abcdefgh""#, #""abcdefgh\u0000""#,
            "null", "true", "false", #""null""#, #""true""#, "[]", "{}", "[[]]", "[{}]", "[[],[]]",
            "[[[]]]", "[null]", "[0]", #"[""]"#, "[1,2]", "[2,1]", "[[1],2]", "[1,[2]]", "[[1,2]]",
            #"{"a":null}"#, #"{"a":1}"#, #"{"a":"1"}"#, #"{"a":[1]}"#, #"{"b":1}"#, #"{"":1}"#,
            #"{"a":1,"b":2}"#, #"{"a":2,"b":1}"#, #"{"a":{"b":1}}"#, #"{"b":{"a":1}}"#,
            #"{"a":{"b":1},"c":2}"#, #"{"a":{"b":1,"c":2}}"#, #"[{"a":1},{"b":2}]"#,
            #"[{"a":1,"b":2}]"#, #"{"x":"y"}"#, #"{"y":"x"}"#, #"["a","b"]"#, #"["ab",""]"#,
            #"["","ab"]"#, #"["ab"]"#, #"{"a":[],"b":{}}"#, #"{"a":{},"b":[]}"#,
            #"{"a":true,"b":false}"#, #"{"a":false,"b":true}"#, "\"é\"", "\"e\u{301}\"",
        ]
        var seen: [Fingerprint: String] = [:]
        for text in texts {
            let found = try fingerprint(text)
            #expect(seen[found] == nil, "\(text) and \(seen[found] ?? "")")
            seen[found] = text
        }
        #expect(seen.count == texts.count)
    }

    @Test func `generated values keep the laws`() throws {
        var random = SeededGenerator(seed: 7)
        var seen: [Fingerprint: JSONValue] = [:]
        for _ in 0..<4000 {
            let value = JSONValue.random(depth: 4, using: &random)
            let plain = String(decoding: value.serialized, as: UTF8.self)
            let found = try fingerprint(plain)
            #expect(try fingerprint(value.respelled(using: &random)) == found, "\(plain)")
            let canonical = value.sorted
            if let other = seen[found] { #expect(other == canonical, "\(plain)") }
            seen[found] = canonical
        }
        #expect(seen.count > 1000)
    }

    @Test(arguments: [[], [""], ["a"], ["a", "é long enough for two words"], ["ab", ""]])
    func `texts have the fingerprint of their array`(_ texts: [String]) throws {
        let array = JSONValue.array(texts.map { .string($0) })
        let wanted = try fingerprint(String(decoding: array.serialized, as: UTF8.self))
        #expect(Fingerprinting.fingerprint(of: texts) == wanted)
    }

    @Test func `half a fingerprint has no collision among many small records`() throws {
        var items: [String] = []
        for number in 0..<60_000 {
            items.append("\(number)")
            items.append(#"{"id":\#(number),"n":\#(number % 7)}"#)
            items.append(#""\#(number)""#)
        }
        let text = "[" + items.joined(separator: ",") + "]"
        let found = try ScanPlan(records: .root).scan(Array(text.utf8)).fingerprints
        #expect(Set(found.map(\.high)).count == items.count)
        #expect(Set(found.map(\.low)).count == items.count)
    }

    @Test(arguments: [
        (#"{}"#, "1dcb94636798a58ae86f125ef963429c"), (#"[]"#, "f5c9354cea813ee779f5eabffb3a7e48"),
        (#""""#, "28e087cb209a1168025097c685ee0d7b"),
        ("0", "631ddb46292e46c02108e995cbcb3a4b"), ("null", "448115a7387ac74853dbf560aff7e9eb"),
        ("true", "aaa6919c508200f120c2957b5582b071"),
        (
            #"{"id":42,"name":"Ada","tags":["a","b"],"score":1.50}"#,
            "a90d53231e121a7af945a97545f70cc0"
        ),
        (#""The quick brown fox, é and 😀""#, "8bcc73da927466e9e497e0180b90da0f"),
        ("123456789012345678901234567890.5", "f185bad3fdee5fccf0922bf5c8ca4fd3"),
    ])
    func `the fingerprints of version 1 never change`(_ text: String, _ wanted: String) throws {
        #expect(Fingerprinting.version == 1)
        #expect(try fingerprint(text).description == wanted)
    }
}

extension JSONValue {
    static func random(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number("\(Int.random(in: -50...50, using: &random))")
        case 3, 4:
            let pieces = ["a", "b", "é", "😀", "\n", "\"", "long text ", "\u{0}"]
            let count = Int.random(in: 0..<4, using: &random)
            return .string(
                (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined())
        case 5:
            let count = Int.random(in: 0..<4, using: &random)
            return .array((0..<count).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            let keys = ["id", "a", "b", "naïve", "a much longer key"].shuffled(using: &random)
            let count = Int.random(in: 0..<4, using: &random)
            return .object(
                keys.prefix(count).map { Member($0, .random(depth: depth - 1, using: &random)) })
        }
    }

    /// Another text of the same meaning: members shuffled, escapes, spaces, other numerals.
    func respelled(using random: inout SeededGenerator) -> String {
        let space = ["", " ", "\n  "].randomElement(using: &random) ?? ""
        switch self {
        case .null: return "null" + space
        case .bool(let value): return "\(value)" + space
        case .number(let text):
            return text + (["", ".0", "e0", "E-0"].randomElement(using: &random) ?? "")
        case .string(let text): return Self.escaped(text, using: &random)
        case .array(let elements):
            return "[" + space
                + elements.map { $0.respelled(using: &random) }.joined(separator: "," + space) + "]"
        case .object(let members):
            let texts = members.shuffled(using: &random).map {
                Self.escaped($0.key, using: &random) + space + ":"
                    + $0.value.respelled(using: &random)
            }
            return "{" + texts.joined(separator: space + ",") + "}"
        }
    }

    private static func escaped(_ text: String, using random: inout SeededGenerator) -> String {
        guard Bool.random(using: &random) else { return JSONText.quoted(text) }
        let units = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"" + units.joined() + "\""
    }

    /// With the members of every object in order of their keys.
    var sorted: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(
                members.sorted { $0.key < $1.key }.map { Member($0.key, $0.value.sorted) })
        default: self
        }
    }
}
