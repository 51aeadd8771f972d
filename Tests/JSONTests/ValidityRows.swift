import PullcordJSON

extension ValidityTests {
    static let valid: [Row] = [
        "[]", "{}", "[[]]", "[{}]", "{\"a\":{}}", "[[],[[]]]", " [ ] ", "\t{\n}\r", "[ 1 , 2 ]",
        "{ \"a\" : 1 , \"b\" : 2 }", "null", "true", "false", "0", "-0", "1", "-1", "10", "0.0",
        "-0.5", "1.5", "1e1", "1E1", "1e+1", "1e-1", "1.25E-10", "0e0", "0e5", "-0e-0",
        "123456789012345678901234567890", "0.00000000000000000000000000000000000001", "1e400",
        "-1e99999999999999999999", "100000000000000000000000000000e-29", "18446744073709551615",
        "18446744073709551616", "\"\"", "\"a\"", "\"abcdefg\"", "\"abcdefgh\"", "\"abcdefghi\"",
        "\"abcdefghijklmno\"", "\"abcdefghijklmnop\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"",
        "\"\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u00e9\"", "\"\\uFFFF\"", "\"\\uD83D\\uDE00\"",
        "\"\\ud83d\\ude00x\"", "\"\\uDBFF\\uDFFF\"", "\"é\"", "\"ü€😀\"", "\"\u{7F}\"",
        "\"\u{FFFE}\"", "\"\u{10FFFF}\"", "\"\u{2028}\u{2029}\"", "\"abcdefgé\"", "\"abcdefgh😀\"",
        "\"a\\\\\"", "[\"a\\\\\",\"b\"]", "{\"\":1}", "{\"\":{\"\":\"\"}}", "{\"a\":null,\"b\":1}",
        "{\"\\u0061\":1,\"b\":2}", "[true,false,null]", "[1,[2,[3,[4]]]]", "\n\n1\n",
        "[\"\u{E000}\"]",
        "{\"a\":[{\"b\":[{\"c\":1}]}]}", "[1e1,1E-1,0.1]", "\"'\"", "\"//\"", "[\"<html>\"]",
    ].map { Row($0) }

    private static let truncatedTexts = [
        "[", "{", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"a",
        "\"abcdefgh", "tru", "-", "1.", "1e", "1e+", "[\"", "\"\\", "\"\\u00", "nul", "[[[",
        "{\"a\":[", "\"\\uD83D",
    ]

    private static let unexpectedTexts = [
        "]", "}", ",", ":", "[,1]", "[1,,2]", "[1,]", "{,}", "{\"a\":1,}", "{\"a\" 1}",
        "{\"a\"::1}", "{a:1}", "{'a':1}", "['a']", "{1:1}", "[1 2]", "[1:2]", "{\"a\",1}",
        "{\"a\":}", "NaN", "[NaN]", "Infinity", "+1", ".5", "[.5]", "True", "nUll", "nan",
        "[trux]", "[fa]", "undefined", "<html>", "/* c */ 1", "// c", "#", "[1}",
        "{\"a\":1]", "[\u{A0}1]", "\u{B}1", "\u{C}[]", "\u{0}", "[\u{0}]", "=", "{null:1}",
        "[1,#]", "{\"a\":1 \"b\":2}", "[\"a\" \"b\"]", "`a`", "[e5]",
    ]

    private static let numberTexts = [
        "01", "-01", "00", "-a", "[1.]", "[1.e5]", "[1e]", "[1e+]", "[-]", "1.a", "[0123]",
        "1ee5 ", "--1", "-+1", "[-.5]", "-Infinity",
    ]

    private static let trailingTexts = [
        "1 2", "{} {}", "[]]", "{}}", "\"a\"\"b\"", "null,", "[] x", "1a", "0x10", "1.5.5",
        "truefalse", "nullnull", "[]\u{0}", "1_000",
    ]

    private static let escapeTexts = [
        "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\U0041\"", "\"\\u00G0\"  ", "\"\\ \"",
        "\"\\0\"", "\"\\u-123\"", "\"\\uD83D\\uZZZZ\"  ",
    ]

    private static let surrogateTexts = [
        "\"\\uD83D\"      ", "\"\\uDE00\"", "\"\\uD83Dx234567\"", "\"\\uD83D\\u0041\"",
        "\"\\uD83D\\uD83D\"", "\"\\uDE00\\uD83D\"", "\"\\uD83D\\n12345\"",
    ]

    private static let duplicateKeyTexts = [
        "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}",
    ]

    private static let byteOrderMarkTexts = [
        "\u{FEFF}[]", "\u{FEFF}",
    ]

    private static let emptyTexts = [
        "", " ", "\r\n\t ",
    ]

    private static let controlTexts = [
        "\"\n\"", "\"a\tb\"", "{\"a\u{1}\":1}", "\"\u{1F}\"",
    ]

    private static let brokenSequences: [[UInt8]] = [
        [0x80], [0xFF], [0xC3], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE2, 0x82],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE9], [0xC3, 0x28],
    ]

    private static let foreignBytes: [Row] = [
        Row(bytes: [0xFE, 0xFF, 0x00, 0x31], .unexpected), Row(bytes: [0x31, 0x00], .trailing),
        Row(bytes: [0x1F, 0x8B, 0x08], .unexpected),
    ]

    static let invalid: [Row] = {
        var all = foreignBytes
        all += rows(.truncated, truncatedTexts)
        all += rows(.unexpected, unexpectedTexts)
        all += rows(.number, numberTexts)
        all += rows(.trailing, trailingTexts)
        all += rows(.escape, escapeTexts)
        all += rows(.surrogate, surrogateTexts)
        all += rows(.duplicateKey, duplicateKeyTexts)
        all += rows(.byteOrderMark, byteOrderMarkTexts)
        all += rows(.empty, emptyTexts)
        all += rows(.control, controlTexts)
        for middle in brokenSequences {
            all.append(Row(bytes: [0x22, 0x61] + middle + [0x62, 0x22], .utf8))
        }
        return all
    }()

    private static func rows(_ code: JSONError.Code, _ texts: [String]) -> [Row] {
        texts.map { Row($0, code) }
    }
}
