/// Text as XML 1.0 writes it.
enum XMLText {
    /// A text within an element or an attribute's value; nil if it holds a character that XML cannot
    /// write (XML 1.0, section 2.2).
    static func escaped(_ text: String) -> String? {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&apos;".unicodeScalars)
            // In an attribute's value these would be read as blanks.
            case "\t", "\n", "\r":
                result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": return nil
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
