/// Why packed bytes could not be read.
package struct ZstdError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case damaged = "packed_damaged"
        case unknownFlag = "packed_unknown_flag"
        case tooLarge = "packed_too_large"
    }

    package let code: Code
    package let message: String
    package let hint: String

    init(_ code: Code, _ message: String, hint: String = "restore the store from a backup") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func tooLarge(_ count: Int, _ limit: Int) -> ZstdError {
        ZstdError(.tooLarge, "\(count) bytes are packed where \(limit) are allowed")
    }

    package var description: String { "\(message) [\(code.rawValue)]; hint: \(hint)" }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
