import PullcordAdapter
import PullcordModel

/// What a text with a cursor in it says, in whatever language an API is asked by.
///
/// Without a cursor the whole text is left out. That is right for a condition about the cursor
/// (`updated >= ${cursor}`), and wrong for whatever else stands beside it: another condition, an
/// order, the fields that are wanted.
struct Conditions {
    private let parts: [String]
    private let isJSON: Bool

    /// Stands for a value that is absent with the cursor.
    private static let cursor: Character = "\u{1}"
    private static let connectives = [
        " and ", " or ", " where ", " order by ", "orderby", " sort by ", " limit ", "&&", "||",
        "^", ";", "&",
    ]

    init(_ template: Template) {
        var text = ""
        for segment in template.segments {
            switch segment {
            case .literal(let literal): text += literal.lowercased()
            case .placeholder(let placeholder):
                text.append(placeholder.subject.isCursor ? Self.cursor : "x")
            }
        }
        text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        isJSON = text.hasPrefix("{") || text.hasPrefix("[{")
        for connective in isJSON ? [","] : Self.connectives {
            text = text.replacing(connective, with: "\n")
        }
        parts = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    /// Whether it says something that is not about the cursor.
    var sayMore: Bool {
        parts.contains { part in
            let cursors = part.count { $0 == Self.cursor }
            guard cursors > 0 else { return true }
            return !isJSON && Self.comparisons(in: part) > cursors
        }
    }

    /// How many words compare something: two in `is:open updated:>=2026-01-01`.
    private static func comparisons(in part: String) -> Int {
        part.split { $0 == " " || $0 == "," }.count { word in
            if word.contains(where: { "=<>!~".contains($0) }) { return true }
            // Behind digits it stands within a time.
            return zip(word, word.dropFirst()).contains { $0.isLetter && $1 == ":" }
        }
    }
}
