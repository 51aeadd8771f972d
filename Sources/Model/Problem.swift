/// A refusal that says what, where, why and what next.
package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    /// A stable name for scripts: lower-case words joined by `_`, as in `records_missing`.
    package let code: String
    /// What was refused, one sentence without the final stop.
    package let message: String
    /// Where: a file with line and column, a URL with its phase, a key path; may be empty.
    package let place: String
    /// What to do next; may be empty.
    package let hint: String

    package init(code: String, message: String, place: String = "", hint: String = "") {
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint
    }

    package var description: String {
        var text = place.isEmpty ? message : "\(place): \(message)"
        text += " [\(code)]"
        if !hint.isEmpty { text += "\n  hint: \(hint)" }
        return text
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
