/// Which trace an attempt belongs to, as W3C Trace Context writes it
/// (https://www.w3.org/TR/trace-context/, `traceparent`).
package struct TraceContext: Hashable, Sendable {
    /// 16 bytes, not all zero: the same for every attempt of an event.
    package let trace: [UInt8]
    /// 8 bytes, not all zero: another for every attempt.
    package let parent: [UInt8]

    /// nil unless the numbers of bytes are right and neither is all zero.
    package init?(trace: [UInt8], parent: [UInt8]) {
        guard trace.count == 16, parent.count == 8, trace.contains(where: { $0 != 0 }),
            parent.contains(where: { $0 != 0 })
        else { return nil }
        self.trace = trace
        self.parent = parent
    }

    /// The value of the header; its flag says that the trace is recorded, as it is in the log.
    package var header: String { "00-\(Hex.text(trace))-\(Hex.text(parent))-01" }

    /// The id of a trace out of a whole `traceparent` or as 32 hexadecimal digits; nil for
    /// anything else.
    package static func traceID(_ text: String) -> String? {
        let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        let id = parts.count == 1 ? parts[0] : parts.count == 4 ? parts[1] : ""
        let isHex = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return id.utf8.count == 32 && isHex ? String(id) : nil
    }
}

extension EventID {
    /// The 128 bits that the id writes; nil where it writes something else.
    package var bytes: [UInt8]? {
        guard let line = text.lastIndex(of: "_") else { return nil }
        let digits = text[text.index(after: line)...].utf8
        guard digits.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: digit), index > 0 || value < 8 else {
                return nil
            }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        return [high, low].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
    }

    /// The id of an event whose 128 bits these are, as 32 hexadecimal digits; nil for anything
    /// else.
    package init?(hex text: String) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        var digits: [UInt8] = []
        var (h, l) = (high, low)
        for _ in 0..<26 {
            digits.append(Self.alphabet[Int(l & 31)])
            l = l >> 5 | h << 59
            h >>= 5
        }
        self.init("evt_" + String(decoding: digits.reversed(), as: UTF8.self))
    }

    /// Lower-case Crockford base32.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}
