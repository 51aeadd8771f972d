/// Writes compact JSON, member by member, in the order of the calls.
///
/// It places commas and colons and trusts its caller for the rest: what is opened must be
/// closed, and every value in an object needs its ``key(_:)``.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package mutating func beginObject() { open(0x7B) }
    package mutating func endObject() { close(0x7D) }
    package mutating func beginArray() { open(0x5B) }
    package mutating func endArray() { close(0x5D) }

    package mutating func key(_ key: String) {
        separate()
        JSONText.append(key.utf8, to: &bytes)
        bytes.append(0x3A)
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        JSONText.append(text.utf8, to: &bytes)
    }

    package mutating func number(_ number: some FixedWidthInteger) {
        raw(String(number).utf8)
    }

    package mutating func bool(_ value: Bool) { raw((value ? "true" : "false").utf8) }
    package mutating func null() { raw("null".utf8) }

    /// Appends bytes that are a valid JSON value already.
    package mutating func raw(_ value: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let text): raw(text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }
}

/// String literals of JSON (RFC 8259, section 7).
package enum JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends UTF-8 text in quotes; only quotes, backslashes and control characters are escaped.
    package static func append(_ text: some Collection<UInt8>, to result: inout [UInt8]) {
        result.append(0x22)
        appendEscaped(text, to: &result)
        result.append(0x22)
    }

    /// Appends what stands between the quotes.
    package static func appendEscaped(
        _ text: some Collection<UInt8>, to result: inout [UInt8]
    ) {
        for byte in text {
            switch byte {
            case 0x22, 0x5C: result += [0x5C, byte]
            case 0x08: result += [0x5C, 0x62]
            case 0x09: result += [0x5C, 0x74]
            case 0x0A: result += [0x5C, 0x6E]
            case 0x0C: result += [0x5C, 0x66]
            case 0x0D: result += [0x5C, 0x72]
            case 0..<0x20:
                result += [0x5C, 0x75, 0x30, 0x30]
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            default: result.append(byte)
            }
        }
    }

    /// What stands between the quotes of ``quoted(_:)``.
    package static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        appendEscaped(text.utf8, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// The one text of a number's value (`1.0` and `10e-1` are `1`), whatever its size.
    ///
    /// nil if the text is no number as JSON writes it.
    package static func canonicalNumber(_ text: [UInt8]) -> String? {
        guard case .number? = try? JSONValue(parsing: text) else { return nil }
        return PageBytes.with(text) { DecimalNumber(valid: $0, 0..<text.count).text }
    }

    /// The text as a string literal.
    package static func quoted(_ text: String) -> String {
        var result: [UInt8] = []
        append(text.utf8, to: &result)
        return String(decoding: result, as: UTF8.self)
    }
}
