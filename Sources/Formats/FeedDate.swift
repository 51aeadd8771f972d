import PullcordModel

/// The dates of feeds: RFC 822 and 2822 as RSS has them, RFC 3339 and its short forms as Atom and
/// Dublin Core have them.
enum FeedDate {
    /// nil for anything else.
    static func read(_ text: String) -> Timestamp? {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map(String.init)
        guard words.count <= 8, text.utf8.count <= 80 else { return nil }
        if words.count == 1, let word = words.first { return standard(word) }
        return mail(words) ?? (words.count == 2 ? standard(words.joined(separator: "T")) : nil)
    }

    /// RFC 3339, and what the W3C's note on dates allows to leave out.
    private static func standard(_ text: String) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) { return time }
        switch text.utf8.count {
        case 4: return Timestamp(rfc3339: text + "-01-01T00:00:00Z")
        case 7: return Timestamp(rfc3339: text + "-01T00:00:00Z")
        case 10: return Timestamp(rfc3339: text + "T00:00:00Z")
        default: break
        }
        // Without seconds: 2026-01-31T09:30Z, 2026-01-31T09:30+01:00
        let minute = text.prefix(16)
        return Timestamp(rfc3339: "\(minute):00\(text.dropFirst(16))")
    }

    /// As in `Wed, 02 Oct 2002 08:00:00 EST`; weekday, seconds and zone may be left out.
    private static func mail(_ words: [String]) -> Timestamp? {
        var words = words[...]
        if let first = words.first, first.first?.isLetter == true { words.removeFirst() }
        let parts = Array(words)
        guard parts.count == 4 || parts.count == 5, let day = number(parts[0]),
            let month = months.firstIndex(where: { parts[1].lowercased().hasPrefix($0) }),
            let year = number(parts[2]).map({ $0 < 50 ? $0 + 2000 : $0 < 100 ? $0 + 1900 : $0 }),
            let offset = parts.count == 5 ? zone(parts[4]) : "Z"
        else { return nil }
        let clock = parts[3].split(separator: ":").compactMap { number(String($0)) }
        guard clock.count == 2 || clock.count == 3, (1000...9999).contains(year) else { return nil }
        let time = (clock + [0]).prefix(3).map(padded).joined(separator: ":")
        return Timestamp(
            rfc3339: "\(year)-\(padded(month + 1))-\(padded(day))T\(time)\(offset)")
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The zones of RFC 822, section 5.1, as offsets.
    private static let zones = [
        "UT": "Z", "UTC": "Z", "GMT": "Z", "Z": "Z", "EST": "-05:00", "EDT": "-04:00",
        "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00",
        "PDT": "-07:00",
    ]

    private static func zone(_ text: String) -> String? {
        if let known = zones[text.uppercased()] { return known }
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        return text
    }

    private static func number(_ text: String) -> Int? {
        guard text.utf8.count <= 4, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
