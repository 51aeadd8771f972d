import Foundation
import PullcordAdapter
import PullcordConfig
import PullcordModel
import PullcordSchedule

/// A zone of the IANA database, as the machine has it.
struct NamedZone: ZoneRules {
    private let zone: TimeZone

    /// nil if there is no zone of that name, as in `Europe/Berlin`.
    init?(_ name: String) {
        // Foundation takes abbreviations too, and some mean several zones: CST, IST, BST.
        guard name == "UTC" || name.contains("/"), let zone = TimeZone(identifier: name) else {
            return nil
        }
        self.zone = zone
    }

    func offset(at time: Timestamp) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        return Int64(zone.secondsFromGMT(for: date))
    }
}

extension Timetable {
    /// The timetable that a source's schedule gives to one of its streams.
    init(_ spec: ScheduleSpec, of address: StreamAddress) throws(Problem) {
        guard let zone = NamedZone(spec.zone) else {
            throw Problem(code: "zone_unknown", message: "there is no zone `\(spec.zone)`")
        }
        let rhythm: Rhythm =
            switch spec.rhythm {
            case .every(let interval): .every(interval)
            case .cron(let expression): .cron(expression)
            // Until it is known how often the stream changes.
            case .auto(let auto): .every(min(max(PaceRules.evenDefault, auto.least), auto.most))
            }
        self.init(
            rhythm, zone: zone, windows: spec.windows, delay: spec.jitter * address.share,
            catchUp: spec.catchUp)
    }
}

extension StreamAddress {
    /// A number in 0..<1 that is the stream's own, always the same: it spreads what would
    /// otherwise come all at once.
    var share: Double {
        var hasher = IdentityHasher()
        hasher.add("turn of \(description)")
        return Double(hasher.finish().high >> 11) / Double(1 << 53)
    }
}

extension ZoneChecker {
    /// Asks the machine's own database.
    static var native: ZoneChecker { ZoneChecker { NamedZone($0) } }
}
