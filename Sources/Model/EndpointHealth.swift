/// How an endpoint fares, as it is kept beside its subscription and shown by `pullcord status`.
package struct EndpointHealth: Sendable, Equatable {
    package enum Condition: String, Sendable, CaseIterable {
        /// Deliveries go out as they come.
        case healthy
        /// The endpoint asked for less, or answers too slowly: fewer go out, after a pause.
        case throttled
        /// The endpoint is down: one delivery after each pause probes it, the others wait.
        case open
        /// The endpoint has not yet consented: deliveries wait.
        case unverified
        /// Nothing is sent until somebody starts the subscription again.
        case disabled
    }

    /// What an endpoint has agreed to, for one URL.
    package struct Agreement: Sendable, Equatable {
        /// `handshake` or `challenge`.
        package let kind: String
        /// A hash of the URL, so that another URL is asked anew.
        package let identity: String
        /// The most that the endpoint allows; nil if it named none.
        package let rate: Rate?

        package init(kind: String, identity: String, rate: Rate? = nil) {
            self.kind = kind
            self.identity = identity
            self.rate = rate
        }
    }

    package var condition = Condition.healthy
    /// When the pause began; nil without one.
    package var from: Timestamp?
    /// When the pause ends; nil without one.
    package var until: Timestamp?
    /// Pauses in a row.
    package var pauses = 0
    /// When the first attempt since the last success failed; nil if none did.
    package var failingSince: Timestamp?
    package var agreements: [Agreement] = []
    /// What led to the condition, in words; empty when healthy.
    package var reason = ""

    package init() {}

    /// As it begins anew: what was agreed to stays, what failed does not count any more.
    package var fresh: EndpointHealth {
        var health = EndpointHealth()
        health.agreements = agreements
        return health
    }

    /// What of it is worth keeping; nil if there is nothing.
    package var kept: String? { self == EndpointHealth() ? nil : stored }

    /// Bytes of a reason that are kept.
    private static let reasonBytesMax = 300

    /// One line: `open from=… until=… pauses=3 reason=answered 503`.
    package var stored: String {
        var words = [condition.rawValue]
        if let from { words.append("from=\(from.milliseconds)") }
        if let until { words.append("until=\(until.milliseconds)") }
        if pauses > 0 { words.append("pauses=\(pauses)") }
        if let failingSince { words.append("failing=\(failingSince.milliseconds)") }
        for agreement in agreements {
            let rate = agreement.rate.map { ":\($0)" } ?? ""
            words.append("agreed=\(agreement.kind):\(agreement.identity)\(rate)")
        }
        if !reason.isEmpty { words.append("reason=" + Self.line(reason)) }
        return words.joined(separator: " ")
    }

    /// Reads what ``stored`` wrote; nil for anything else.
    ///
    /// Words that a later version may have added are passed over.
    package init?(stored text: String) {
        var rest = text[...]
        if let range = rest.firstRange(of: " reason=") {
            reason = String(rest[range.upperBound...])
            rest = rest[..<range.lowerBound]
        }
        var words = rest.split(separator: " ")[...]
        guard let first = words.popFirst(), let known = Condition(rawValue: String(first)) else {
            return nil
        }
        condition = known
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1]
            switch parts[0] {
            case "from": from = Self.time(value)
            case "until": until = Self.time(value)
            case "pauses": pauses = min(max(Int(value) ?? 0, 0), 1000)
            case "failing": failingSince = Self.time(value)
            case "agreed": if let read = Self.agreement(value) { agreements.append(read) }
            default: continue
            }
        }
    }

    private static func time(_ text: Substring) -> Timestamp? {
        Int64(text).map { Timestamp(milliseconds: $0) }
    }

    private static func agreement(_ text: Substring) -> Agreement? {
        let parts = text.split(separator: ":", maxSplits: 2)
        guard parts.count >= 2 else { return nil }
        return Agreement(
            kind: String(parts[0]), identity: String(parts[1]),
            rate: parts.count == 3 ? Rate(String(parts[2])) : nil)
    }

    private static func line(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += scalar.utf8.count
            guard bytes <= reasonBytesMax else { break }
            scalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return String(scalars)
    }
}
