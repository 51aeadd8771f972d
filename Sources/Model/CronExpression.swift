/// Times of the calendar, as the five fields of crontab(5): minute, hour, day, month, weekday.
///
/// Fields hold `*`, numbers, ranges (`1-5`), steps (`*/15`, `9-17/2`), lists of these, and the
/// English names of months and weekdays; Sunday is 0 or 7. `@hourly`, `@daily`, `@weekly`,
/// `@monthly` and `@yearly` stand for the usual fields. Where day and weekday are both
/// restricted, either is enough, as in every cron since Vixie's.
package struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    /// As it was written.
    package let text: String
    let minutes: FieldSet
    let hours: FieldSet
    let days: FieldSet
    let months: FieldSet
    let weekdays: FieldSet

    /// The values of one field, a bit each.
    struct FieldSet: Sendable, Equatable {
        var bits: UInt64 = 0
        /// Whether the field begins with `*`: it restricts nothing but by its step.
        var isStar = false

        func contains(_ value: Int64) -> Bool { bits >> UInt64(value & 63) & 1 == 1 }
        var values: [Int64] { (0..<64).filter { contains($0) } }
    }

    /// Why a text is no cron expression.
    package struct Refusal: Error, Sendable, Equatable {
        package let message: String
        /// Characters ahead of what is wrong.
        package let offset: Int
        package let hint: String
    }

    private static let macros = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    ]

    package init(parsing text: String) throws(Refusal) {
        self.text = text
        let fields = Self.words(Self.macros[text] ?? text)
        if text.hasPrefix("@"), fields.count < 5 {
            throw Refusal(
                message: "`\(text)` is no name of a schedule", offset: 0,
                hint: "there are @hourly, @daily, @weekly, @monthly and @yearly")
        }
        guard fields.count == 5 else {
            throw Refusal(
                message: "it has \(fields.count) fields, and five are needed",
                offset: fields.count > 5 ? fields[5].offset : 0,
                hint: fields.count == 6
                    ? "there is no field for seconds: minute hour day month weekday"
                    : "minute hour day month weekday, as in \"30 6 * * mon-fri\"")
        }
        minutes = try CronField.minute.read(fields[0].text, at: fields[0].offset)
        hours = try CronField.hour.read(fields[1].text, at: fields[1].offset)
        days = try CronField.day.read(fields[2].text, at: fields[2].offset)
        months = try CronField.month.read(fields[3].text, at: fields[3].offset)
        weekdays = try CronField.weekday.read(fields[4].text, at: fields[4].offset)
        guard hasDays else {
            throw Refusal(
                message: "there is no such day in any year", offset: fields[2].offset, hint: "")
        }
    }

    private static func words(_ text: String) -> [(text: String, offset: Int)] {
        var words: [(text: String, offset: Int)] = []
        var word = ""
        for (offset, character) in text.enumerated() {
            if character == " " || character == "\t" {
                if !word.isEmpty { words.append((word, offset - word.count)) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append((word, text.count - word.count)) }
        return words
    }

    /// Whether some date matches; 29 February does, 31 April does not.
    private var hasDays: Bool {
        guard weekdays.isStar, !days.isStar else { return true }
        return months.values.contains { month in
            days.values.contains { $0 <= CivilDate.days(inMonth: month, of: 2024) }
        }
    }

    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        // 1970-01-01 was a Thursday.
        let weekday = (date.daysSince1970 + 4).flooredDivision(by: 7).remainder
        let isDay = days.contains(date.day)
        let isWeekday = weekdays.contains(weekday)
        return days.isStar || weekdays.isStar ? isDay && isWeekday : isDay || isWeekday
    }

    package var description: String { text }
}

/// One of the five fields: its range and its names.
private struct CronField {
    let name: String
    let range: ClosedRange<Int>
    var names: [String] = []
    /// What the first of `names` stands for.
    var firstName = 0

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ], firstName: 1)
    static let weekday = CronField(
        name: "weekday", range: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    func read(
        _ text: String, at offset: Int
    ) throws(CronExpression.Refusal) -> CronExpression.FieldSet {
        var set = CronExpression.FieldSet()
        set.isStar = text.hasPrefix("*")
        var start = offset
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try values(of: String(item), at: start) {
                set.bits |= 1 << UInt64(name == "weekday" ? value % 7 : value)
            }
            start += item.count + 1
        }
        return set
    }

    private func values(
        of item: String, at offset: Int
    ) throws(CronExpression.Refusal) -> [Int] {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var step = 1
        if parts.count == 2 {
            guard let number = Int(parts[1]), number > 0, number <= range.upperBound else {
                throw refusal("`\(parts[1])` is no step", at: offset)
            }
            step = number
        }
        guard parts.count <= 2 else { throw refusal("`\(item)` has two steps", at: offset) }
        guard parts[0] != "*" else {
            return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            .map(String.init)
        let first = try number(ends[0], at: offset)
        guard ends.count > 1 else {
            return parts.count == 2
                ? Array(stride(from: first, through: range.upperBound, by: step)) : [first]
        }
        guard ends.count == 2 else { throw refusal("`\(item)` is no range", at: offset) }
        var last = try number(ends[1], at: offset)
        // As in `fri-sun`.
        if name == "weekday", last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw refusal("the range `\(parts[0])` ends before it begins", at: offset)
        }
        return Array(stride(from: first, through: last, by: step))
    }

    private func number(_ text: String, at offset: Int) throws(CronExpression.Refusal) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
        guard let number = Int(text), text.allSatisfy(\.isNumber), range.contains(number) else {
            throw refusal("`\(text)` is no \(name)", at: offset)
        }
        return number
    }

    private func refusal(_ message: String, at offset: Int) -> CronExpression.Refusal {
        let words = names.isEmpty ? "" : ", or \(names.joined(separator: ", "))"
        return CronExpression.Refusal(
            message: message, offset: offset,
            hint: "a \(name) is \(range.lowerBound) to \(range.upperBound)\(words); "
                + "`*`, ranges with -, steps with / and lists with , are taken")
    }
}
