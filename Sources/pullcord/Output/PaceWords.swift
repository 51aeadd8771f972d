import Foundation
import PullcordCommit
import PullcordModel

extension PaceNote {
    /// How often a stream is polled by itself, and why.
    var words: String {
        let every = "polled every \(Shown.span(interval))"
        let cost = requestsPerPoll > 1.05 ? ", by \(Self.number(requestsPerPoll)) requests" : ""
        switch reason {
        case .learning: return "\(every) until more is known of it"
        case .rate: return "\(every): \(changes)\(cost)"
        case .least: return "\(every), the shortest interval: \(changes)\(cost)"
        case .most: return "\(every), the longest interval: \(changes)\(cost)"
        }
    }

    private var changes: String {
        changesPerDay >= 0.95
            ? "it changes about \(Self.number(changesPerDay)) times a day"
            : "it changes about \(Self.number(changesPerDay * 30)) times a month"
    }

    private static func number(_ value: Double) -> String {
        value.formatted(
            .number.precision(.fractionLength(value < 9.95 ? 0...1 : 0...0)).grouping(.never))
    }
}
