package import PullcordModel

/// Why a text was refused as JSON, or why it does not hold what a plan asks for.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case empty = "json_empty"
        case byteOrderMark = "json_byte_order_mark"
        case truncated = "json_truncated"
        case unexpected = "json_unexpected"
        case trailing = "json_trailing"
        case number = "json_number"
        case escape = "json_escape"
        case surrogate = "json_surrogate"
        case control = "json_control_character"
        case utf8 = "json_utf8"
        case duplicateKey = "json_duplicate_key"
        case tooDeep = "json_too_deep"
        case tooLarge = "json_too_large"
        case tooManyRecords = "records_too_many"
        case recordsMissing = "records_missing"
    }

    package let code: Code
    /// Where the trouble begins, in bytes from 0.
    package let offset: Int
    package let message: String
    package let hint: String

    package init(code: Code, offset: Int, message: String, hint: String = "") {
        self.code = code
        self.offset = offset
        self.message = message
        self.hint = hint
    }

    /// The same refusal in the words of the model.
    package var problem: Problem {
        Problem(code: code.rawValue, message: message, place: "byte \(offset)", hint: hint)
    }

    package var description: String { problem.description }

    package static func == (left: Self, right: Self) -> Bool {
        left.code == right.code && left.offset == right.offset
    }
}

extension JSONError {
    /// Words for a stop of the reader.
    init(_ stop: ScanStop, in bytes: [UInt8]) {
        let words = stop.code.words(bytes, stop.offset)
        self.init(
            code: stop.code, offset: stop.offset, message: words.message, hint: words.hint)
    }
}

/// Where and why the reader stopped; small, because it travels through every call.
struct ScanStop: Error {
    let code: JSONError.Code
    let offset: Int
}

extension JSONError.Code {
    fileprivate func words(_ bytes: [UInt8], _ offset: Int) -> (message: String, hint: String) {
        let found = offset < bytes.count ? Self.name(bytes[offset]) : "the end"
        switch self {
        case .empty:
            return ("the body is empty, and nothing is not JSON", "does the API answer 204 here?")
        case .byteOrderMark:
            return (
                "the body begins with a byte order mark", "RFC 8259, section 8.1, forbids it"
            )
        case .truncated: return ("the text ends in the middle of a value", "was it cut off?")
        case .unexpected: return ("\(found) is not allowed here", Self.guess(bytes, offset))
        case .trailing:
            return ("\(found) follows the end of the value", "several values are not one JSON text")
        case .number: return ("this is not a number as JSON writes it", "RFC 8259, section 6")
        case .escape: return ("this escape is unknown to JSON", "RFC 8259, section 7")
        case .surrogate: return ("a UTF-16 surrogate stands alone", "its other half is missing")
        case .control:
            return ("a control character stands unescaped in a string", "it must be escaped")
        case .utf8: return ("a string is not valid UTF-8", "is the text in another encoding?")
        case .duplicateKey:
            return ("an object has the same key twice", "which one counts is anyone's guess")
        case .tooDeep: return ("the text nests too deep", "at most \(Limits.depthMax) levels")
        case .tooLarge:
            return ("the text is larger than \(offset) bytes", "ask the API for smaller pages")
        case .tooManyRecords:
            return ("the page holds too many records", "ask the API for smaller pages")
        case .recordsMissing: return ("the records are missing", "")
        }
    }

    private static func name(_ byte: UInt8) -> String {
        switch byte {
        case 0x21...0x7E: "'\(Character(Unicode.Scalar(byte)))'"
        default: "byte 0x\(Hex.text([byte]))"
        }
    }

    private static func guess(_ bytes: [UInt8], _ offset: Int) -> String {
        switch bytes[offset...].first {
        case 0x3C: "this looks like HTML or XML: a login or error page?"
        case 0x27: "JSON writes strings in double quotes"
        case 0x4E, 0x49: "JSON has no NaN and no Infinity"
        case 0x5D, 0x7D: "is there a comma too much?"
        case 0xFE, 0xFF, 0x00: "is the text in UTF-16 or UTF-32?"
        case 0x1F: "is the body still compressed?"
        default: ""
        }
    }
}
