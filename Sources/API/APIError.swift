package import PullcordModel

/// Why the API cannot be served.
package struct APIError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case portTaken = "port_taken"
        case cannotListen = "cannot_listen"
        /// The address can be reached by others, and nobody would have to show a token.
        case tokensMissing = "tokens_missing"
        /// The certificate or its key cannot be read.
        case certificate
    }

    package let code: Code
    /// What was being done, as in `listen on 127.0.0.1:7465`.
    package let operation: String
    package let message: String
    package let hint: String

    /// The error as people see it.
    package var problem: Problem {
        Problem(code: code.rawValue, message: message, place: operation, hint: hint)
    }

    package var description: String { problem.description }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
