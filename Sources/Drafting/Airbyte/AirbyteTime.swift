import PullcordModel

/// Times and durations as manifests write them.
enum AirbyteTime {
    /// Python's directives as the language has them; nil for what has no counterpart.
    static func directives(_ python: String) -> String? {
        var text = python
        for (theirs, ours) in [
            ("%s_as_float", "%s"), ("%_ms", "%L"), ("%ms", "%Q"), ("%:z", "%z"), ("%f", "%L000"),
            ("%-d", "%d"), ("%-m", "%m"), ("%X", "%T"),
        ] {
            text = text.replacing(theirs, with: ours)
        }
        return TimeFormat.mistake(in: text) == nil && text.contains("%") ? text : nil
    }

    /// What `cursor.format` says for a format of Python's; nil for what has no counterpart.
    static func notation(_ python: String) -> String? {
        switch python {
        case "%s", "%s_as_float": return "epoch_seconds"
        case "%ms": return "epoch_milliseconds"
        case "%epoch_microseconds": return "epoch_microseconds"
        default: break
        }
        guard let text = directives(python) else { return nil }
        return text
    }

    /// Whether RFC 3339 reads whatever is written so.
    static func isRFC3339(_ python: String) -> Bool {
        guard python.hasPrefix("%Y-%m-%dT%H:%M:%S") || python.hasPrefix("%Y-%m-%d %H:%M:%S") else {
            return false
        }
        let rest = python.dropFirst("%Y-%m-%dT%H:%M:%S".count)
        let fractions = ["", ".%f", ".%_ms", ".%L", ".000", ".0", ".000000"]
        return fractions.contains { fraction in
            ["Z", "%z", "%:z", "+00:00", "-00:00", "+0000"].contains { rest == "\(fraction)\($0)" }
        }
    }

    /// `P1DT2H` in milliseconds; a month has 31 days, a year 366: an overlap too long loses nothing.
    static func milliseconds(_ text: String) -> Int64? {
        guard text.hasPrefix("P") else { return nil }
        var total: Double = 0
        var isTime = false
        var digits = ""
        for character in text.dropFirst() {
            switch character {
            case "T":
                guard !isTime, digits.isEmpty else { return nil }
                isTime = true
            case "0"..."9", ".": digits.append(character)
            default:
                guard let number = Double(digits), let unit = unit(character, isTime) else {
                    return nil
                }
                total += number * unit
                digits = ""
            }
        }
        guard digits.isEmpty, total <= 86_400_000 * 366 * 20 else { return nil }
        return Int64(total)
    }

    private static func unit(_ letter: Character, _ isTime: Bool) -> Double? {
        switch (letter, isTime) {
        case ("Y", false): 366 * 86_400_000
        case ("M", false): 31 * 86_400_000
        case ("W", false): 7 * 86_400_000
        case ("D", false): 86_400_000
        case ("H", true): 3_600_000
        case ("M", true): 60_000
        case ("S", true): 1000
        default: nil
        }
    }

    /// A duration as the language writes it.
    static func duration(_ milliseconds: Int64) -> String {
        for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
            as [(Int64, String)]
        where milliseconds % unit == 0 && milliseconds > 0 {
            return "\(milliseconds / unit)\(name)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}
