import PullcordAdapter
import PullcordModel
import PullcordTransfer

/// The header fields of the IETF's drafts on rate limits, in the three forms in which servers
/// send them.
///
/// - `RateLimit: "default";r=50;t=30` with `RateLimit-Policy: "default";q=100;w=60`
///   (draft-ietf-httpapi-ratelimit-headers-08 and later);
/// - `RateLimit: limit=100, remaining=50, reset=50` (07);
/// - `RateLimit-Limit: 100`, `RateLimit-Remaining: 50`, `RateLimit-Reset: 50` (up to 06).
///
/// All are structured fields (RFC 9651). Of several quotas the one with the least left counts.
enum RateLimitFields {
    static func read(_ headers: HTTPHeaders, now: Timestamp) -> LimitSight {
        let stated = joined("RateLimit", headers)
        if !stated.isEmpty {
            let items = FieldItem.list(stated)
            if let dictionary = dictionary(items, now: now) { return dictionary }
            if let tightest = tightest(items, joined("RateLimit-Policy", headers), now: now) {
                return tightest
            }
        }
        return single(headers, now: now)
    }

    private static func dictionary(_ items: [FieldItem], now: Timestamp) -> LimitSight? {
        let value = { (name: String) in items.first { $0.key == name }?.value }
        guard let remaining = value("remaining").flatMap(StatedValue.whole) else { return nil }
        return LimitSight(
            remaining: remaining, limit: value("limit").flatMap(StatedValue.whole),
            reset: value("reset").flatMap { reset($0, now: now) })
    }

    private static func tightest(
        _ items: [FieldItem], _ policy: String, now: Timestamp
    ) -> LimitSight? {
        let policies = FieldItem.list(policy)
        let quotas = items.compactMap { item -> LimitSight? in
            guard let left = item.parameters["r"].flatMap(StatedValue.whole) else { return nil }
            let policy = policies.first { $0.value == item.value }?.parameters ?? [:]
            return LimitSight(
                remaining: left, limit: policy["q"].flatMap(StatedValue.whole),
                reset: item.parameters["t"].flatMap { reset($0, now: now) },
                window: policy["w"].flatMap { reset($0, now: now) })
        }
        return quotas.min { left, right in
            (left.remaining ?? 0, right.reset ?? .zero) < (
                right.remaining ?? 0, left.reset ?? .zero
            )
        }
    }

    private static func single(_ headers: HTTPHeaders, now: Timestamp) -> LimitSight {
        let first = { (name: String) in FieldItem.list(joined(name, headers)).first }
        let remaining = first("RateLimit-Remaining")
        let limit = first("RateLimit-Limit")
        let window = (remaining?.parameters["w"] ?? limit?.parameters["w"])
        return LimitSight(
            remaining: (remaining?.value).flatMap(StatedValue.whole),
            limit: (limit?.value).flatMap(StatedValue.whole),
            reset: (first("RateLimit-Reset")?.value).flatMap { reset($0, now: now) },
            window: window.flatMap { reset($0, now: now) })
    }

    /// Seconds from now; so many that they can only be meant since 1970 are, as GitLab's.
    private static func reset(_ text: String, now: Timestamp) -> Duration? {
        guard let seconds = StatedValue.whole(text) else { return nil }
        return StatedValue.wait(
            text, as: seconds >= 1_000_000_000 ? .epochSeconds : .seconds, now: now)
    }

    private static func joined(_ name: String, _ headers: HTTPHeaders) -> String {
        headers.values(of: name).joined(separator: ", ")
    }
}

/// A member of a list or dictionary of structured fields (RFC 9651): `key=value;name=value`.
struct FieldItem: Equatable {
    /// nil for a member of a list.
    var key: String?
    /// Without quotes.
    var value: String
    var parameters: [String: String]

    static func list(_ text: String) -> [FieldItem] {
        split(text[...], at: ",").compactMap { member in
            let parts = split(member, at: ";").map { $0.trimmingSpaces() }
            guard let first = parts.first, !first.isEmpty else { return nil }
            let (key, value) = pair(first)
            var parameters: [String: String] = [:]
            for part in parts.dropFirst() {
                let (name, value) = pair(part)
                if let name { parameters[name] = value }
            }
            return FieldItem(key: key, value: value, parameters: parameters)
        }
    }

    private static func pair(_ text: String) -> (String?, String) {
        guard !text.hasPrefix("\""), let equals = text.firstIndex(of: "=") else {
            return (nil, unquoted(text))
        }
        let value = text[text.index(after: equals)...].trimmingSpaces()
        return (text[..<equals].trimmingSpaces().lowercased(), unquoted(value))
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast())
    }

    /// Splits at a mark that is not within quotes.
    private static func split(_ text: Substring, at mark: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            guard text[index] == mark, !isQuoted else { continue }
            parts.append(text[start..<index])
            start = text.index(after: index)
        }
        parts.append(text[start...])
        return parts
    }
}
