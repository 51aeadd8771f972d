/// Durations as `500ms`, `60s`, `1h30m`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static let day: Int64 = 86_400_000

    /// Milliseconds; nil for anything else than numbers with units, also for more than 10,000
    /// days.
    static func read(_ text: String) -> Int64? {
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        var total: Double = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let value = Double(number), number.first != ".", number.last != ".",
                let unit = units.first(where: { $0.name == name })
            else { return nil }
            total += value * Double(unit.milliseconds)
        }
        guard total <= Double(day * 10_000) else { return nil }
        return Int64(total.rounded())
    }

    /// The shortest way to write it with one unit.
    package static func write(_ milliseconds: Int64) -> String {
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            if milliseconds != 0 || unit.name == "s" {
                return "\(milliseconds / unit.milliseconds)\(unit.name)"
            }
        }
        return "\(milliseconds)ms"
    }
}

/// Sizes as `512B`, `10kB`, `64MiB`.
package enum SizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("B", 1), ("kB", 1000), ("KB", 1000), ("KiB", 1 << 10), ("MB", 1_000_000),
        ("MiB", 1 << 20), ("GB", 1_000_000_000), ("GiB", 1 << 30),
    ]

    /// Bytes; nil for anything else than one whole number with a unit.
    static func read(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let name = text.dropFirst(number.count).drop { $0 == " " }
        guard let value = Int(number), let unit = units.first(where: { $0.name == name }) else {
            return nil
        }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    package static func write(_ bytes: Int) -> String {
        for unit in units.reversed() where unit.name.hasSuffix("iB") && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)B"
    }
}

/// Shares as `20%`.
enum PercentageText {
    /// The share, 0…1; nil for anything else.
    static func read(_ text: String) -> Double? {
        guard text.hasSuffix("%") else { return nil }
        let number = text.dropLast()
        guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let value = Double(number), (0...100).contains(value)
        else { return nil }
        return value / 100
    }
}
