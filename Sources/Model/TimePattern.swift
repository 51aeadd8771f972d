/// How an API writes times that are neither RFC 3339 nor a number: strftime's directives and the
/// zone that is meant.
package struct TimePattern: Sendable, Hashable {
    /// As in `%d/%m/%Y %H:%M`; the directives are those of ``TimeFormat``.
    package let text: String
    /// The name of the zone, which stands for it in comparisons.
    package let zoneName: String
    private let zone: any ZoneRules

    package init(_ text: String, zoneName: String = "UTC", zone: any ZoneRules = UniversalTime()) {
        self.text = text
        self.zoneName = zoneName
        self.zone = zone
    }

    /// How many milliseconds the least part stands for that the pattern names.
    package var unit: Int64 {
        let directives = Set(text.split(separator: "%").compactMap(\.first))
        let units: [(letters: Set<Character>, unit: Int64)] = [
            (["L", "Q"], 1), (["S", "T", "s"], 1000), (["M"], 60_000), (["H", "I"], 3_600_000),
        ]
        return units.first { !$0.letters.isDisjoint(with: directives) }?.unit ?? 86_400_000
    }

    package func write(_ time: Timestamp) -> String { TimeFormat.write(time, text, in: zone) }

    /// Reads a text that fits the pattern to its end; nil for any other.
    ///
    /// Parts that the pattern does not name are zero. A time that the zone's clocks show twice
    /// is taken for the first, one that they skip for the first after it: never too late.
    package func read(_ text: String) -> Timestamp? {
        var reader = TimePatternReader(text)
        guard reader.read(self.text), reader.isAtEnd else { return nil }
        return reader.time(in: zone)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.text == right.text && left.zoneName == right.zoneName
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(zoneName)
    }
}

/// Takes a text apart by a pattern.
private struct TimePatternReader {
    private var rest: Substring.UnicodeScalarView
    private var year: Int64 = 1970
    private var month: Int64 = 1
    private var day: Int64 = 1
    private var hour: Int64 = 0
    private var minute: Int64 = 0
    private var second: Int64 = 0
    private var millisecond: Int64 = 0
    private var isAfternoon: Bool?
    private var dayOfYear: Int64?
    /// Seconds ahead of UTC, where the text says so itself.
    private var offset: Int64?
    private var epoch: Timestamp?

    init(_ text: String) { rest = Substring(text).unicodeScalars }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func read(_ pattern: String) -> Bool {
        var isDirective = false
        for character in pattern.unicodeScalars {
            if isDirective {
                guard take(directive: character) else { return false }
                isDirective = false
            } else if character == "%" {
                isDirective = true
            } else {
                guard rest.first == character else { return false }
                rest.removeFirst()
            }
        }
        return true
    }

    private mutating func take(directive: Unicode.Scalar) -> Bool {
        switch directive {
        case "Y": return take(\.year, digits: 4, in: 0...9999)
        case "m": return take(\.month, digits: 2, in: 1...12)
        case "d": return take(\.day, digits: 2, in: 1...31)
        case "e":
            if rest.first == " " { rest.removeFirst() }
            return take(\.day, digits: 2, in: 1...31)
        case "H": return take(\.hour, digits: 2, in: 0...23)
        case "I": return take(\.hour, digits: 2, in: 1...12)
        case "M": return take(\.minute, digits: 2, in: 0...59)
        case "S": return take(\.second, digits: 2, in: 0...60)
        case "L": return take(\.millisecond, digits: 3, in: 0...999)
        case "F": return read("%Y-%m-%d")
        case "T": return read("%H:%M:%S")
        case "p": return takeHalf()
        case "z": return takeOffset()
        case "y":
            guard take(\.year, digits: 2, in: 0...99) else { return false }
            // POSIX.1-2024, `strptime`: 69 to 99 are of the last century.
            year += year < 69 ? 2000 : 1900
            return true
        case "j":
            guard let number = number(digits: 3), (1...366).contains(number) else { return false }
            dayOfYear = number
            return true
        case "s", "Q":
            guard let number = number(digits: 15), number <= 253_402_300_799_999 else {
                return false
            }
            if directive == "s", number > 253_402_300_799 { return false }
            epoch = Timestamp(milliseconds: directive == "s" ? number * 1000 : number)
            return true
        case "b", "B":
            guard let index = takeName(TimeFormat.months) else { return false }
            month = Int64(index) + 1
            return true
        case "a", "A": return takeName(TimeFormat.weekdays) != nil
        case "Z": return take(literal: "UTC") || take(literal: "GMT") || take(literal: "Z")
        case "%": return take(literal: "%")
        default: return false
        }
    }

    /// One digit at least: some write `9:05`.
    private mutating func take(
        _ part: WritableKeyPath<Self, Int64>, digits: Int, in range: ClosedRange<Int64>
    ) -> Bool {
        guard let value = number(digits: digits), range.contains(value) else { return false }
        self[keyPath: part] = value
        return true
    }

    private mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < digits, let digit = rest.first, ("0"..."9").contains(digit) {
            value = value * 10 + Int64(digit.value - 0x30)
            rest.removeFirst()
            count += 1
        }
        return count > 0 ? value : nil
    }

    private mutating func take(literal: String) -> Bool {
        guard rest.starts(with: literal.unicodeScalars) else { return false }
        rest.removeFirst(literal.unicodeScalars.count)
        return true
    }

    private mutating func takeHalf() -> Bool {
        for (word, isLater) in [("AM", false), ("PM", true), ("am", false), ("pm", true)]
        where take(literal: word) {
            isAfternoon = isLater
            return true
        }
        return false
    }

    /// `+0100`, `-05:30` or `Z`.
    private mutating func takeOffset() -> Bool {
        if take(literal: "Z") {
            offset = 0
            return true
        }
        let isNegative = rest.first == "-"
        guard isNegative || rest.first == "+" else { return false }
        rest.removeFirst()
        guard let hours = number(digits: 2), hours < 24 else { return false }
        _ = take(literal: ":")
        guard let minutes = number(digits: 2), minutes < 60 else { return false }
        offset = (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
        return true
    }

    /// A name or its first three letters, in any case.
    private mutating func takeName(_ names: [String]) -> Int? {
        let text = String(rest.prefix(9)).lowercased()
        for (index, name) in names.enumerated() {
            for word in [name, String(name.prefix(3))] where text.hasPrefix(word.lowercased()) {
                rest.removeFirst(word.unicodeScalars.count)
                return index
            }
        }
        return nil
    }

    func time(in zone: any ZoneRules) -> Timestamp? {
        if let epoch { return epoch }
        guard day <= CivilDate.days(inMonth: month, of: year) else { return nil }
        var days = CivilDate(year: year, month: month, day: day).daysSince1970
        if let dayOfYear {
            days = CivilDate(year: year, month: 1, day: 1).daysSince1970 + dayOfYear - 1
        }
        var hour = hour
        if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
        let rest = min(second, 59) * 1000 + millisecond
        if let offset {
            let minutes = days * 1440 + hour * 60 + minute
            return Timestamp(milliseconds: minutes * 60_000 - offset * 1000 + rest)
        }
        let local = LocalMinute(day: days, hour: hour, minute: minute)
        return local.firstInstant(in: zone) + .milliseconds(rest)
    }
}
