import PullcordAdapter
import PullcordModel

/// Numbers and times as APIs write them into headers and bodies.
///
/// What makes no sense is nil: a limit that cannot be read must not stop a poll.
enum StatedValue {
    /// How long from `now` until the moment, or the wait itself; never negative, a day at most.
    static func wait(
        _ text: String, as meaning: ValueReading.Meaning, now: Timestamp
    ) -> Duration? {
        let text = text.trimmingSpaces()
        let milliseconds: Int64?
        switch meaning {
        case .seconds: milliseconds = scaled(text, by: 1000)
        case .milliseconds: milliseconds = scaled(text, by: 1)
        case .epochSeconds: milliseconds = scaled(text, by: 1000).map { $0 - now.milliseconds }
        case .epochMilliseconds: milliseconds = scaled(text, by: 1).map { $0 - now.milliseconds }
        case .httpDate:
            milliseconds = HTTPDate.parse(text, now: now).map { $0.milliseconds - now.milliseconds }
        case .rfc3339:
            milliseconds = Timestamp(rfc3339: text).map { $0.milliseconds - now.milliseconds }
        case .count, .usedOfAll, .rate: milliseconds = nil
        }
        guard let milliseconds else { return nil }
        return min(max(.zero, .milliseconds(milliseconds)), Limits.retryAfterMax)
    }

    /// A number of requests, with the limit or the window that stands beside it.
    static func count(_ text: String, as meaning: ValueReading.Meaning) -> LimitSight? {
        let text = text.trimmingSpaces()
        switch meaning {
        case .count: return whole(text).map { LimitSight(remaining: $0) }
        case .usedOfAll: return usedOfAll(text)
        case .rate:
            guard let item = FieldItem.list(text).first, let count = whole(item.value) else {
                return nil
            }
            let window = item.parameters["w"].flatMap { wait($0, as: .seconds, now: .epoch) }
            return LimitSight(remaining: count, window: window)
        case .epochSeconds, .epochMilliseconds, .seconds, .milliseconds, .httpDate, .rfc3339:
            return nil
        }
    }

    /// A number of at most 15 digits without a sign, a fraction cut: `40`, `970.0`.
    static func whole(_ text: String) -> Int? {
        scaled(text, by: 1, rounding: .down).map { Int(clamping: $0) }
    }

    /// The first `n/m` of a text such as `32/40` or `api-usage=25/5000`.
    private static func usedOfAll(_ text: String) -> LimitSight? {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let isDigit = { (character: Character) in character.isASCII && character.isNumber }
        let before = String(text[..<slash].reversed().prefix(while: isDigit).reversed())
        let after = String(text[text.index(after: slash)...].prefix(while: isDigit))
        guard let used = whole(before), let limit = whole(after) else { return nil }
        return LimitSight(remaining: max(0, limit - used), limit: limit)
    }

    /// A decimal number times `factor`; nil for signs, exponents and more than 15 digits.
    private static func scaled(
        _ text: String, by factor: Double, rounding rule: FloatingPointRoundingRule = .up
    ) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        guard isNumber, parts.count <= 2, (parts.first?.utf8.count ?? 0) <= 15,
            text.utf8.count <= 40, let value = Double(text)
        else { return nil }
        return Int64((value * factor).rounded(rule))
    }
}

extension Timestamp {
    fileprivate static let epoch = Timestamp(milliseconds: 0)
}
