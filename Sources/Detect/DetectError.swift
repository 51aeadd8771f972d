package import PullcordJQ
package import PullcordJSON
package import PullcordModel

/// Why a page did not become records.
package struct DetectError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// A record has no key, or null, or something that is no text or number.
        case keyMissing
        /// A key is longer than ``Limits/keyBytesMax``.
        case keyTooLong
        /// Two records of a whole list have one key and differ, and nothing tells which is newer.
        case keyRepeated
        /// A record has no value for the cursor.
        case cursorMissing
        /// A record's value for the cursor is not of the adapter's format.
        case cursorFormat
        /// The page is no JSON, or has no records.
        case json(JSONError.Code)
        /// An expression failed.
        case jq(JQError.Code)

        /// The name for scripts.
        package var name: String {
            switch self {
            case .keyMissing: "key_missing"
            case .keyTooLong: "key_too_long"
            case .keyRepeated: "key_repeated"
            case .cursorMissing: "cursor_missing"
            case .cursorFormat: "cursor_format"
            case .json(let code): code.rawValue
            case .jq(let code): code.rawValue
            }
        }
    }

    package let code: Code
    /// As in `byte 12` or `record 17 (byte 4711)`; records are counted from 1.
    package let place: String
    package let message: String
    package let hint: String

    package init(code: Code, place: String, message: String, hint: String = "") {
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
    }

    init(_ error: JSONError) {
        self.init(
            code: .json(error.code), place: "byte \(error.offset)", message: error.message,
            hint: error.hint)
    }

    init(_ error: JQError, at place: String = "") {
        let places = [place, error.place].filter { !$0.isEmpty }
        self.init(
            code: .jq(error.code), place: places.joined(separator: ", "),
            message: error.message, hint: error.hint)
    }

    /// The same refusal in the words of the model.
    package var problem: Problem {
        Problem(code: code.name, message: message, place: place, hint: hint)
    }

    package var description: String { problem.description }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
