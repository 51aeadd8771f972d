import PullcordJSON
import Testing

@Suite struct EscapeTests {
    /// An escape, and the text that it stands for.
    private static let escapes = [
        (#"\u0061"#, "a"), (#"\u00e9"#, "é"), (#"\u20AC"#, "€"), (#"\ud83d\ude00"#, "😀"),
        (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\u07ff\u0800"#, "\u{7FF}\u{800}"), (#"\/"#, "/"),
        (#"\u007f\u0080"#, "\u{7F}\u{80}"),
    ]

    @Test(arguments: escapes)
    func `an escape means the same wherever it stands`(_ escape: (String, String)) throws {
        let filling = "0123456789abcdefghijABCDEFGHIJ"
        for before in 0...17 {
            for after in 0...17 {
                let (head, tail) = (filling.prefix(before), filling.suffix(after))
                let escaped = try fingerprint("\"\(head)\(escape.0)\(tail)\"")
                let plain = try fingerprint("\"\(head)\(escape.1)\(tail)\"")
                #expect(escaped == plain, "\(before) before, \(after) after")
            }
        }
    }

    @Test func `control characters have two spellings each`() throws {
        for (short, long) in [
            (#"\b"#, #"\u0008"#), (#"\f"#, #"\u000C"#), (#"\n"#, #"\u000a"#),
            (#"\r"#, #"\u000D"#), (#"\t"#, #"\u0009"#), (#"\\"#, #"\u005c"#),
            (#"\""#, #"\u0022"#),
        ] {
            for count in 1...9 {
                let left = try fingerprint("\"\(String(repeating: short, count: count))x\"")
                let right = try fingerprint("\"\(String(repeating: long, count: count))x\"")
                #expect(left == right, "\(short) \(count) times")
            }
        }
    }

    @Test func `escapes that are no others are told apart`() throws {
        let texts = [#""\n""#, #""\\n""#, #""n""#, #""\r""#, #""\u0000n""#, #""\u000a\u0000""#]
        #expect(try Set(texts.map { try fingerprint($0) }).count == texts.count)
    }

    @Test(arguments: ["é", "ж", "€", "あ", "😀", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}"])
    func `a character cut anywhere is refused`(_ character: String) throws {
        let bytes = Array(character.utf8)
        for before in 0...9 {
            for kept in 1..<bytes.count {
                let head = Array(String(repeating: "x", count: before).utf8)
                let text = [0x5B, 0x22] + head + bytes[..<kept] + Array("yyyy\"]".utf8)
                #expect(throws: JSONError.self) { try ScanPlan.validation.scan(text) }
            }
        }
    }
}
