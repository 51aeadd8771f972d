/// A small strftime with English names whatever the locale.
///
/// Source: POSIX.1-2024, `strftime`, plus `%s` (seconds since 1970), `%Q` (milliseconds since
/// 1970) and `%L` (milliseconds of the second).
package enum TimeFormat {
    package static let allDirectives = [
        "%Y", "%m", "%d", "%H", "%M", "%S", "%L", "%s", "%Q", "%y", "%e", "%j", "%I", "%p", "%a",
        "%A", "%b", "%B", "%F", "%T", "%z", "%Z", "%%",
    ]

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let weekdays = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    /// The first directive that is none, with its offset in Unicode scalars.
    package static func mistake(in format: String) -> (message: String, offset: Int)? {
        let characters = Array(format.unicodeScalars)
        var index = 0
        while index < characters.count {
            if characters[index] == "%" {
                guard index + 1 < characters.count else {
                    return ("the format ends in the middle of a directive", index)
                }
                let directive = "%\(characters[index + 1])"
                guard allDirectives.contains(directive) else {
                    return ("there is no date directive `\(directive)`", index)
                }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// Writes a time, as the clocks of a zone show it, by a format that ``mistake(in:)`` found no
    /// fault with.
    package static func write(
        _ time: Timestamp, _ format: String, in zone: any ZoneRules = UniversalTime()
    ) -> String {
        let moment = Moment(time, offset: zone.offset(at: time))
        var result = ""
        var isDirective = false
        for character in format.unicodeScalars {
            if isDirective {
                result += moment.text(for: character)
                isDirective = false
            } else if character == "%" {
                isDirective = true
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Reads what may stand for a time: RFC 3339, a date, or a number since 1970.
    ///
    /// A number of 12 digits and more counts milliseconds (1973 and later), a shorter one seconds
    /// (up to the year 5138).
    package static func time(_ text: String) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") {
            return time
        }
        let whole = text.prefix { $0 != "." }
        guard let number = Int64(whole),
            text.utf8.dropFirst(whole.utf8.count + 1).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        // The end of the year 9999, in milliseconds.
        guard number.magnitude <= 253_402_300_799_999 else { return nil }
        let isMilliseconds = number.magnitude >= 100_000_000_000
        return Timestamp(milliseconds: isMilliseconds ? number : number * 1000)
    }

    private struct Moment {
        let time: Timestamp
        /// Seconds ahead of UTC.
        let offset: Int64
        let days: Int64
        let date: CivilDate
        let second: Int64
        let millisecond: Int64

        init(_ time: Timestamp, offset: Int64) {
            self.time = time
            self.offset = offset
            (days, second) = (time.seconds + offset).flooredDivision(by: 86_400)
            date = CivilDate(daysSince1970: days)
            millisecond = time.milliseconds.flooredDivision(by: 1000).remainder
        }

        func text(for directive: Unicode.Scalar) -> String {
            switch directive {
            case "Y": return padded(date.year, 4)
            case "m": return padded(date.month, 2)
            case "d": return padded(date.day, 2)
            case "e": return padded(date.day, 2, with: " ")
            case "H": return padded(second / 3600, 2)
            case "I": return padded((second / 3600 + 11) % 12 + 1, 2)
            case "p": return second < 43_200 ? "AM" : "PM"
            case "M": return padded(second / 60 % 60, 2)
            case "S": return padded(second % 60, 2)
            case "L": return padded(millisecond, 3)
            case "s": return String(time.seconds)
            case "Q": return String(time.milliseconds)
            case "y": return padded((date.year % 100 + 100) % 100, 2)
            case "j":
                let first = CivilDate(year: date.year, month: 1, day: 1).daysSince1970
                return padded(days - first + 1, 3)
            case "F": return date.description
            case "T": return text(for: "H") + ":" + text(for: "M") + ":" + text(for: "S")
            case "z":
                let minutes = Int64(offset.magnitude) / 60
                return (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + padded(minutes % 60, 2)
            case "Z": return offset == 0 ? "UTC" : text(for: "z")
            case "%": return "%"
            default: return name(for: directive)
            }
        }

        private func name(for directive: Unicode.Scalar) -> String {
            let month = TimeFormat.months[Int(max(0, min(11, date.month - 1)))]
            let weekday = TimeFormat.weekdays[Int(((days % 7) + 7) % 7)]
            switch directive {
            case "B": return month
            case "b": return String(month.prefix(3))
            case "A": return weekday
            case "a": return String(weekday.prefix(3))
            default: return ""
            }
        }

        private func padded(_ number: Int64, _ width: Int, with filler: String = "0") -> String {
            let digits = String(number.magnitude)
            let filled = String(repeating: filler, count: max(0, width - digits.count)) + digits
            return number < 0 ? "-" + filled : filled
        }
    }
}
