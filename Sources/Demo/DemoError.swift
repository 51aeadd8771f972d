/// Why the demonstration could not run.
package struct DemoError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another program listens on that port.
        case portTaken = "port_taken"
        /// The address or port may not be listened on.
        case cannotListen = "cannot_listen"
        /// The file holds no order book of this version.
        case badState = "bad_state"
        /// The file could not be read or written.
        case io
    }

    package let code: Code
    /// What was being done, as in `save demo.json`.
    package let operation: String
    package let message: String
    package let hint: String

    package init(code: Code, operation: String, message: String, hint: String) {
        self.code = code
        self.operation = operation
        self.message = message
        self.hint = hint
    }

    package var description: String {
        "\(operation): \(message) [\(code.rawValue)]\n  hint: \(hint)"
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
