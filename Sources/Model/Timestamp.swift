/// An instant of the wall clock: milliseconds since 1970-01-01T00:00:00Z.
///
/// Stored stamps, due times and signatures use it; waiting never does.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 {
        milliseconds.flooredDivision(by: 1000).quotient
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Saturates instead of overflowing: a stamp read from an API may be absurd.
    package static func + (left: Self, right: Duration) -> Self {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.wholeMilliseconds)
        guard overflow else { return Self(milliseconds: sum) }
        return Self(milliseconds: right > .zero ? .max : .min)
    }

    package static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }

    /// The time from `right` to `left`; negative if `left` is earlier.
    package static func - (left: Self, right: Self) -> Duration {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(
            right.milliseconds)
        guard overflow else { return .milliseconds(difference) }
        return .milliseconds(left > right ? Int64.max : Int64.min)
    }
}

extension Duration {
    /// Milliseconds, rounded towards zero and saturated to the range of `Int64`.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds > 0 ? .max : .min }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflowed ? (seconds > 0 ? .max : .min) : sum
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:30:00.125Z`.
    package var description: String {
        let (day, millisecond) = milliseconds.flooredDivision(by: 86_400_000)
        let date = CivilDate(daysSince1970: day)
        let second = millisecond / 1000
        return date.description
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):"
            + "\(padded(second % 60, 2)).\(padded(millisecond % 1000, 3))Z"
    }

    /// Reads RFC 3339 (`2026-01-31T09:30:00Z`, fraction and offset allowed, `T` or a space).
    ///
    /// A fraction finer than a millisecond is cut. Text without an offset is refused: which zone
    /// it means is a question that only an adapter's author can answer.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2),
            reader.take("-"), let day = reader.digits(2),
            reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2),
            reader.take(":"), let second = reader.digits(2),
            (1...12).contains(month), hour < 24, minute < 60, second < 61,
            day >= 1, day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }
        guard let fraction = reader.fractionMilliseconds(), let offset = reader.offsetMinutes(),
            reader.isAtEnd
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let minutes = days * 1440 + hour * 60 + minute - offset
        // A leap second is folded onto the second before it, as POSIX time does.
        self.init(milliseconds: (minutes * 60 + min(second, 59)) * 1000 + fraction)
    }
}

/// A day of the proleptic Gregorian calendar, by the algorithms of Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
package struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    package let year: Int64
    package let month: Int64
    package let day: Int64

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    package init(daysSince1970 days: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `2026-01-31`; a year beyond 9999 keeps all its digits.
    package var description: String {
        let sign = year < 0 ? "-" : ""
        return "\(sign)\(padded(year.magnitude, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    package static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Decimal text with leading zeros up to `width` digits.
private func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let text = String(number, radix: 10)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

extension Int64 {
    /// Quotient rounded down and the remainder that is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads fixed-width digits and punctuation off the front of a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The fraction of a second, if there is one, as milliseconds; nil if its digits are missing.
    mutating func fractionMilliseconds() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        guard let first = digit() else { return nil }
        var value = first * 100
        var weight: Int64 = 10
        while let next = digit() {
            value += next * weight
            weight /= 10
        }
        return value
    }

    /// `Z`, `+hh:mm` or `+hhmm`, as minutes east of UTC.
    mutating func offsetMinutes() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = digits(2) else { return nil }
        _ = take(":")
        guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int64? {
        guard let first = rest.first, (48...57).contains(first) else { return nil }
        rest.removeFirst()
        return Int64(first - 48)
    }
}
