/// A date of RFC 9110, section 5.6.7, in all three forms that a recipient must accept.
package enum HTTPDate {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
    /// `Sun Nov  6 08:49:37 1994`; nil for anything else.
    ///
    /// A year of two digits that would be more than 50 years after `now` is in the past. The
    /// name of the weekday may be any: it adds nothing to the date.
    package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 6 where words[5] == "GMT" && isWeekday(words[0], comma: true):
            return stamp(day: words[1], month: words[2], year: words[3], time: words[4])
        case 4 where words[3] == "GMT" && isWeekday(words[0], comma: true):
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, let short = number(parts[2], digits: 2) else { return nil }
            let year = fullYear(short, now: now)
            return stamp(
                day: String(parts[0]), month: String(parts[1]), year: String(year), time: words[2])
        case 5 where isWeekday(words[0], comma: false):
            let day = words[2].utf8.count == 1 ? "0" + words[2] : words[2]
            return stamp(day: day, month: words[1], year: words[4], time: words[3])
        default:
            return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func isWeekday(_ word: String, comma: Bool) -> Bool {
        guard word.hasSuffix(",") == comma else { return false }
        let name = comma ? word.dropLast() : word[...]
        let short = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        return short.contains(String(name.prefix(3))) && name.utf8.count <= 9
    }

    private static func fullYear(_ short: Int64, now: Timestamp) -> Int64 {
        let current = CivilDate(daysSince1970: now.seconds / 86_400).year
        let year = current - current % 100 + short
        if year > current + 50 { return year - 100 }
        return year <= current - 50 ? year + 100 : year
    }

    private static func stamp(
        day: String, month: String, year: String, time: String
    ) -> Timestamp? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let month = months.firstIndex(of: month).map({ Int64($0) + 1 }),
            let year = number(year[...], digits: 4), let day = number(day[...], digits: 2),
            day >= 1, day <= CivilDate.days(inMonth: month, of: year), clock.count == 3,
            let hour = number(clock[0], digits: 2), let minute = number(clock[1], digits: 2),
            let second = number(clock[2], digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        return Timestamp(
            milliseconds: ((days * 24 + hour) * 60 + minute) * 60_000 + min(second, 59) * 1000)
    }

    private static func number(_ text: Substring, digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }
}
