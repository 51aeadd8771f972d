/// A part of a Markdown file that is made, not written: it stands between two comments.
package enum GeneratedPart: String, CaseIterable, Sendable {
    /// The reference of all keys.
    case keys
    /// The table of the adapters of a folder.
    case adapters
    /// What `pullcord adapter lint` warns of.
    case warnings

    package var begin: String { "<!-- \(rawValue): begin -->" }
    package var end: String { "<!-- \(rawValue): end -->" }

    /// What stands between the comments, without the line breaks around it; nil if one of them is
    /// missing.
    package func contents(in text: String) -> String? {
        guard let inside = range(in: text) else { return nil }
        return Self.trimmed(text[inside])
    }

    /// The text with other contents between the comments; nil if one of them is missing.
    package func replacing(in text: String, with contents: String) -> String? {
        guard let inside = range(in: text) else { return nil }
        return text[..<inside.lowerBound] + "\n" + Self.trimmed(contents[...]) + "\n"
            + text[inside.upperBound...]
    }

    private func range(in text: String) -> Range<String.Index>? {
        guard let first = text.firstRange(of: begin),
            let last = text[first.upperBound...].firstRange(of: end)
        else { return nil }
        return first.upperBound..<last.lowerBound
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isNewline }
        guard let last = start.lastIndex(where: { !$0.isNewline }) else { return "" }
        return String(start[...last])
    }
}
