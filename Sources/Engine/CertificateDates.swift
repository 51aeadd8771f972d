import Foundation
package import PullcordModel

/// Until when the certificates of a PEM file are valid, read from their DER (RFC 5280, 4.1).
package enum CertificateDates {
    /// The earliest end of all certificates in a text; nil if none can be read.
    package static func earliestEnd(inPEM text: String) -> Timestamp? {
        let begin = "-----BEGIN CERTIFICATE-----"
        let parts = text.components(between: begin, and: "-----END CERTIFICATE-----")
        return parts.compactMap { part in
            Data(base64Encoded: part.filter { !$0.isWhitespace }).flatMap { end(of: Array($0)) }
        }.min()
    }

    /// The end of one certificate's validity.
    static func end(of certificate: [UInt8]) -> Timestamp? {
        var outer = DER(certificate[...])
        guard let body = outer.next(0x30) else { return nil }
        var signed = DER(body)
        guard let content = signed.next(0x30) else { return nil }
        var fields = DER(content)
        // The version is left out in certificates of version 1.
        _ = fields.next(0xA0)
        guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
            let validity = fields.next(0x30)
        else { return nil }
        var times = DER(validity)
        guard times.time() != nil else { return nil }
        return times.time()
    }
}

/// Reads one value of DER after the other.
private struct DER {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The content of the next value, if it has this tag.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard rest.first == tag, rest.count >= 2 else { return nil }
        var bytes = rest.dropFirst()
        guard let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), bytes.count >= count else { return nil }
            length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(count)
        }
        guard bytes.count >= length else { return nil }
        rest = bytes.dropFirst(length)
        return bytes.prefix(length)
    }

    /// A UTCTime or a GeneralizedTime.
    mutating func time() -> Timestamp? {
        let century: Int
        let bytes: ArraySlice<UInt8>
        if let short = next(0x17) {
            guard let first = short.first else { return nil }
            // Two digits from 50 on are of the last century.
            century = first >= UInt8(ascii: "5") ? 19 : 20
            bytes = short
        } else if let long = next(0x18),
            let first = Int(String(decoding: long.prefix(2), as: UTF8.self))
        {
            century = first
            bytes = long.dropFirst(2)
        } else {
            return nil
        }
        let digits = Array(String(decoding: bytes, as: UTF8.self))
        guard digits.count >= 13 else { return nil }
        let pair = { (index: Int) in String(digits[index * 2...index * 2 + 1]) }
        return Timestamp(
            rfc3339: "\(century)\(pair(0))-\(pair(1))-\(pair(2))T\(pair(3)):\(pair(4)):\(pair(5))Z")
    }
}

extension String {
    /// What stands between two marks, each time.
    fileprivate func components(between start: String, and end: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let from = rest.firstRange(of: start),
            let to = rest[from.upperBound...].firstRange(of: end)
        {
            found.append(rest[from.upperBound..<to.lowerBound])
            rest = rest[to.upperBound...]
        }
        return found
    }
}
