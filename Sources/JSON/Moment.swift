import PullcordModel

/// A time of RFC 3339 with every digit of its second: two that differ by a nanosecond differ.
struct Moment {
    /// In UTC, with the fraction as short as it can be: `2026-01-01T00:00:00.5Z`.
    let text: String

    init?(_ written: String) {
        let (whole, fraction) = Self.parts(of: written)
        guard let time = Timestamp(rfc3339: whole) else { return nil }
        let seconds = time.description.prefix { $0 != "." && $0 != "Z" }
        let digits = fraction.reversed().drop { $0 == "0" }.reversed()
        text = "\(seconds)\(digits.isEmpty ? "" : "." + String(digits))Z"
    }

    /// The text without the digits behind the second, and those digits.
    private static func parts(of text: String) -> (String, Substring) {
        guard let dot = text.firstIndex(of: ".") else { return (text, "") }
        let digits = text[text.index(after: dot)...].prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return (text, "") }
        return (String(text[..<dot] + text[digits.endIndex...]), digits)
    }
}
