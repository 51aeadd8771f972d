import PullcordAdapter
package import PullcordModel

/// Refusals of names that nobody has, with the nearest that somebody has.
package enum UnknownName {
    package static func source(_ name: String, known: [String]) -> Problem {
        problem("source", "`\(name)`", name, known)
    }

    package static func stream(_ name: String, of source: String, known: [String]) -> Problem {
        problem("stream", "`\(name)` in `\(source)`", name, known)
    }

    package static func subscription(_ name: String, known: [String]) -> Problem {
        problem("subscription", "`\(name)`", name, known)
    }

    /// How many names a hint lists.
    private static let listedMax = 20

    private static func problem(
        _ kind: String, _ subject: String, _ name: String, _ known: [String]
    ) -> Problem {
        let hint: String
        if let near = Suggestion.nearest(to: name, among: known) {
            hint = "did you mean `\(near)`?"
        } else if known.isEmpty {
            hint = "there is none yet"
        } else {
            let more = known.count > listedMax ? ", …" : ""
            hint = "there is: \(known.prefix(listedMax).joined(separator: ", "))\(more)"
        }
        return Problem(
            code: "unknown_\(kind)", message: "there is no \(kind) \(subject)", hint: hint)
    }
}
