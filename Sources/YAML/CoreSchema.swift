/// What plain scalars mean: the core schema of YAML 1.2.2, section 10.3.2.
///
/// `no`, `on` and `1_000` are strings here, as they are not in YAML 1.1.
enum CoreSchema {
    static func kind(ofPlain text: String) -> YAMLScalar.Kind {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "false", "False", "FALSE": .boolean
        default:
            if isInteger(text) {
                .integer
            } else if isFloat(text) {
                .float
            } else {
                .string
            }
        }
    }

    private static func isInteger(_ text: String) -> Bool {
        if text.hasPrefix("0o") {
            return text.utf8.count > 2
                && text.utf8.dropFirst(2).allSatisfy { (0x30...0x37).contains($0) }
        }
        if text.hasPrefix("0x") {
            return text.utf8.count > 2 && text.utf8.dropFirst(2).allSatisfy(isHexDigit)
        }
        let digits = withoutSign(text.utf8[...])
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    private static func isFloat(_ text: String) -> Bool {
        switch text {
        case ".nan", ".NaN", ".NAN": return true
        default: break
        }
        var rest = withoutSign(text.utf8[...])
        if [".inf", ".Inf", ".INF"].contains(String(Substring(rest))) { return true }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == 0x2E {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return false }
        guard let mark = rest.first else { return true }
        guard mark == 0x65 || mark == 0x45 else { return false }
        let exponent = withoutSign(rest.dropFirst())
        return !exponent.isEmpty && exponent.allSatisfy(isDigit)
    }

    private static func withoutSign(_ text: Substring.UTF8View) -> Substring.UTF8View {
        text.first == 0x2B || text.first == 0x2D ? text.dropFirst() : text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
