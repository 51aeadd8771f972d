import PullcordJQ
import PullcordJSON
import Testing

@Suite struct ExpressionTests {
    @Test(arguments: [
        (".a", true), (".", true), (#".a["b c"][0]"#, true), (".a[]", false), (".a // []", false),
        (".a | .b", false), (".[-1]", false), ("1", false),
    ])
    func `only a plain path to one value is read natively`(_ text: String, _ isNative: Bool) throws
    {
        #expect(try (Expression(parsing: text).path != nil) == isNative)
        #expect(try Expression(parsing: text).text == text)
    }

    @Test(arguments: [".a[]", ".a // []", ".", ".a[] // []"])
    func `records may also end in brackets`(_ text: String) throws {
        #expect(try Expression(parsing: text, as: .records).path != nil)
    }

    @Test(arguments: ["", "a b", ".a..", "nosuch"])
    func `what jq refuses is refused`(_ text: String) {
        #expect(throws: JQError.self) { try Expression(parsing: text) }
    }

    @Test(arguments: [
        (".s", "aé\""), (".n", "1.5"), (".t", "true"), (".f", "false"), (".z", nil), (".x", nil),
        (".o", #"{"k":1}"#), (".l", "[1, 2]"), (".big", "12345678901234567890"),
        (".x // .big", "12345678901234567890"), (".s + \"!\"", "aé\"!"), ("empty", nil),
        ("null", nil),
        (".n * 2", "3"), (".l | length", "2"), (".l[-1]", "2"), ("{a: .n}", #"{"a":1.5}"#),
        ("[.big]", "[12345678901234567890]"), (".big | tostring", "12345678901234567890"),
    ])
    func `a value is given as text`(_ text: String, _ wanted: String?) throws {
        let input =
            #"{"s":"a\u00e9\"","n":1.50,"t":true,"f":false,"z":null,"o":{"k":1},"l":[1, 2],"big":12345678901234567890}"#
        #expect(try Expression(parsing: text).valueText(in: Array(input.utf8)) == wanted)
    }

    @Test(arguments: [".[]", ".[] | . + 1", "1, 2"])
    func `several values are an error`(_ text: String) throws {
        let expression = try Expression(parsing: text)
        let error = #expect(throws: JQError.self) { try expression.value(in: Array("[1,2]".utf8)) }
        #expect(error?.code == .value)
    }

    @Test(arguments: [
        (".t", true), (".f", false), (".z", false), (".x", false), (".zero", true), (".s", true),
        (".zero == 0", true), (".t | not", false), ("empty", false), ("false, true", true),
        ("null", false), (".o", true),
    ])
    func `truth is jq's`(_ text: String, _ wanted: Bool) throws {
        let input = #"{"t":true,"f":false,"z":null,"zero":0,"s":"","o":{}}"#
        #expect(try Expression(parsing: text).isTrue(in: Array(input.utf8)) == wanted)
    }

    @Test func `a native path and libjq agree`() throws {
        let input = Array(#"{"a":{"b c":[{"x":1},{"x":"y"}]},"n":null}"#.utf8)
        for text in [
            ".", ".a", #".a["b c"][1].x"#, #".a["b c"][0]"#, ".n", #".a."b c"[7]"#, ".q.r",
        ] {
            let native = try Expression(parsing: text)
            let program = Expression.program(try JQProgram(compiling: text))
            #expect(native.path != nil)
            #expect(try native.valueText(in: input) == program.valueText(in: input), "\(text)")
        }
    }
}
