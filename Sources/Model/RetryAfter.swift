/// The header Retry-After of RFC 9110, section 10.2.3: seconds, or a date.
package enum RetryAfter {
    /// How long to wait; nil if no value makes sense.
    ///
    /// Of several values the longest wait counts. A date in the past is no wait. More than
    /// ``Limits/retryAfterMax`` counts as that much.
    package static func wait(_ values: [String], now: Timestamp) -> Duration? {
        values.compactMap { wait($0, now: now) }.max()
    }

    private static func wait(_ value: String, now: Timestamp) -> Duration? {
        let text = value.drop { $0 == " " }
        let digits = text.prefix { $0 != " " }
        if !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard text.dropFirst(digits.count).allSatisfy({ $0 == " " }) else { return nil }
            // More digits than fit are still a number, only a very long wait.
            guard let seconds = Int32(digits) else { return Limits.retryAfterMax }
            return min(.seconds(Int64(seconds)), Limits.retryAfterMax)
        }
        guard let date = HTTPDate.parse(String(text), now: now) else { return nil }
        return min(max(date - now, .zero), Limits.retryAfterMax)
    }
}
