/// Text of strangers, made fit for one line of a terminal or of a log.
enum OneLine {
    /// Without control characters, and without those that change the direction of writing.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: result.append("·")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// At most `count` characters, with an ellipsis for what was cut.
    static func shortened(_ text: String, to count: Int) -> String {
        guard text.count > count else { return text }
        return text.prefix(max(0, count - 1)) + "…"
    }

    /// JSON text without a line break, and without characters that drive a terminal.
    ///
    /// It means the same as before: in valid JSON a control character of ASCII can only stand
    /// between tokens, where a space does as well, and the others only within a string, where an
    /// escape does.
    static func json(_ text: [UInt8]) -> String {
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0..<0x20: result.append(" ")
            case 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069:
                result.append(contentsOf: escape(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A JSON string (RFC 8259, section 7), with escapes for what could drive a terminal.
    static func quoted(_ text: String) -> String {
        var result: String.UnicodeScalarView = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C:
                result.append("\\")
                result.append(scalar)
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069:
                result.append(contentsOf: escape(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        result.append("\"")
        return String(result)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
