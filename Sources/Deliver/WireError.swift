/// Why no POST could be made of a delivery.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// `transform` or `body` failed on the event, or gave not exactly one value.
        case transform
        /// The body that a program made is too large, also for an event without its record.
        case payload
        /// No secret signs any more.
        case unsigned
        /// The format cannot hold what is to be sent together.
        case batch
    }

    package let code: Code
    /// The key of the subscription that is to be mended.
    package let place: String
    package let message: String
    package let hint: String

    package init(code: Code, place: String, message: String, hint: String = "") {
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
    }

    package var description: String {
        let text = "\(place): \(message)"
        return hint.isEmpty ? text : "\(text) (\(hint))"
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
