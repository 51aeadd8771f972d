/// Makes text of what a stranger sent, fit to be stored and shown.
package enum StrangerText {
    private static let cutMark = " […]"
    /// Characters of a redirect's target that are kept.
    private static let locationCharactersMax = 200

    /// The beginning of a reply: valid UTF-8, no control characters but tabs and line feeds, no
    /// secrets, at most `limit` bytes, and marked where it was cut.
    package static func reply(
        _ bytes: [UInt8], isCut: Bool, redactor: Redactor, limit: Int = Limits.replyBytesKept
    ) -> String {
        guard !bytes.isEmpty else { return "" }
        // Some more than is kept, so that a secret that straddles the cut is masked too.
        let beginning = String(decoding: bytes.prefix(limit + 1024), as: UTF8.self)
        let text = redactor.redact(printable(beginning))
        guard isCut || bytes.count > limit + 1024 || text.utf8.count > limit else { return text }
        return cut(text, bytes: max(0, limit - cutMark.utf8.count)) + cutMark
    }

    /// The target of a redirect without user information, query and fragment.
    package static func location(_ text: String) -> String {
        var rest = text[...]
        if let end = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) { rest = rest[..<end] }
        var scheme = ""
        let parts = rest.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            scheme = parts[0] + "//"
            rest = parts[1]
        }
        let authority = rest.prefix { $0 != "/" && $0 != "\\" }
        if let at = authority.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        let ascii = (scheme + rest).unicodeScalars.map { scalar in
            scalar.value > 0x20 && scalar.value < 0x7F ? Character(scalar) : "?"
        }
        return String(ascii.prefix(locationCharactersMax))
    }

    /// Replaces control characters: they could drive a terminal, and a NUL fits no database.
    package static func printable(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }
        guard !isPlain else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A: result.append(scalar)
            case 0x0D: continue
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// The same in one line, as names of records and reasons are shown.
    package static func line(_ text: String) -> String {
        printable(text).replacing("\n", with: " ").replacing("\t", with: " ")
    }

    /// The longest beginning of at most `bytes` bytes that ends between two scalars.
    private static func cut(_ text: String, bytes: Int) -> String {
        let all = Array(text.utf8)
        var end = min(bytes, all.count)
        while end > 0, end < all.count, all[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: all[..<end], as: UTF8.self)
    }
}
