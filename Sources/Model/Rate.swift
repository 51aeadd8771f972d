/// At most so many of something in each unit of time.
package struct Rate: Sendable, Hashable, CustomStringConvertible {
    package enum Unit: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"

        var microseconds: Int64 {
            switch self {
            case .second: 1_000_000
            case .minute: 60_000_000
            case .hour: 3_600_000_000
            }
        }
    }

    /// 1 to ``countMax``.
    package let count: Int
    package let unit: Unit

    /// More than any endpoint could be sent.
    package static let countMax = 1_000_000

    /// A count beyond 1 to ``countMax`` is moved to the nearer end.
    package init(_ count: Int, per unit: Unit) {
        self.count = min(max(count, 1), Self.countMax)
        self.unit = unit
    }

    /// Reads `10/s`, `600/m` or `1000/h`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let unit = Unit(rawValue: String(parts[1])),
            !parts[0].isEmpty, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(parts[0]), (1...Self.countMax).contains(count)
        else { return nil }
        self.init(count, per: unit)
    }

    /// From one to the next if they are spread evenly, in microseconds, rounded up.
    package var intervalMicroseconds: Int64 {
        (unit.microseconds + Int64(count) - 1) / Int64(count)
    }

    /// How many a minute allows, at least 1.
    package var perMinute: Int {
        switch unit {
        case .second: count * 60
        case .minute: count
        case .hour: max(1, count / 60)
        }
    }

    package var description: String { "\(count)/\(unit.rawValue)" }
}

/// Whether an endpoint is asked for its consent, and what follows if it gives none.
package enum ConsentPolicy: String, Sendable, CaseIterable {
    /// It is not asked.
    case off
    /// It is asked once in a run, and sent to whatever it answers.
    case `try`
    /// Deliveries wait until it consents.
    case require
}
