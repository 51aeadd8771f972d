/// Small pieces of Markdown as GitHub reads it.
package enum Markdown {
    /// The anchor that a heading gets: lower case, without punctuation, `-` for each space.
    package static func anchor(_ heading: String) -> String {
        String(
            String.UnicodeScalarView(
                heading.lowercased().unicodeScalars.compactMap { scalar in
                    if scalar == " " || scalar == "-" { return "-" }
                    let isWord = scalar.properties.isAlphabetic || scalar == "_"
                    return isWord || scalar.properties.numericType != nil ? scalar : nil
                }))
    }

    /// The anchors of a text's headings; a heading that comes again gets `-1`, `-2` and so on.
    package static func anchors(of text: String) -> Set<String> {
        var counts: [String: Int] = [:]
        var anchors: Set<String> = []
        var isCode = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, line.hasPrefix("#") else { continue }
            let words = line.drop { $0 == "#" }
            guard words.hasPrefix(" ") else { continue }
            let anchor = anchor(String(words.dropFirst()))
            let count = counts[anchor, default: 0]
            counts[anchor] = count + 1
            anchors.insert(count == 0 ? anchor : "\(anchor)-\(count)")
        }
        return anchors
    }

    /// A row of a table; `|` within a cell is escaped.
    static func row(_ cells: String...) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }

    static func code(_ text: String) -> String { "`\(text)`" }
}
