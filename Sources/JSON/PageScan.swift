package import PullcordModel

/// What a plan found in one page, in columns: nothing is allocated per record.
package struct PageScan: Sendable {
    /// The page as it came.
    package let bytes: [UInt8]
    /// The fingerprint of each record, in order of the page.
    package let fingerprints: [Fingerprint]
    private let places: [ScanResult.Slot]
    private let recordSlots: [ScanResult.Slot]
    private let pageSlots: [ScanResult.Slot]
    private let fieldCount: Int

    init(bytes: [UInt8], result: ScanResult) {
        self.bytes = bytes
        fingerprints = result.fingerprints
        places = result.places
        recordSlots = result.recordSlots
        pageSlots = result.pageSlots
        fieldCount = places.isEmpty ? 0 : recordSlots.count / places.count
    }

    /// How many records there are.
    package var count: Int { places.count }

    /// Where a record stands in ``bytes``.
    package func range(_ record: Int) -> Range<Int> {
        Int(places[record].start)..<Int(places[record].end)
    }

    /// A captured field of a record; nil if the record has none there.
    package func field(_ slot: Int, of record: Int) -> JSONField? {
        field(recordSlots[record * fieldCount + slot])
    }

    /// A captured field of the page; nil if the page has none there.
    package func pageField(_ slot: Int) -> JSONField? { field(pageSlots[slot]) }

    private func field(_ slot: ScanResult.Slot) -> JSONField? {
        guard slot.end > 0 else { return nil }
        let range = Int(slot.start)..<Int(slot.end)
        return JSONField(kind: JSONField.Kind(firstByte: bytes[range.lowerBound]), range: range)
    }

    /// The text of a field: a string decoded, a number in canonical decimal, `true`, `false`;
    /// nil for null, objects and arrays.
    package func text(_ field: JSONField) -> String? {
        var result: [UInt8] = []
        guard appendText(field, to: &result) else { return nil }
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends what ``text(_:)`` gives as UTF-8; returns false where that is nil.
    package func appendText(_ field: JSONField, to result: inout [UInt8]) -> Bool {
        switch field.kind {
        case .null, .object, .array: return false
        case .bool: result += bytes[field.range]
        case .string:
            let inner = field.range.lowerBound + 1..<field.range.upperBound - 1
            if bytes[inner].contains(0x5C) {
                result += PageBytes.with(bytes) { StringText.decoded($0, inner) } ?? []
            } else {
                result += bytes[inner]
            }
        case .number:
            if Self.isCanonicalInteger(bytes[field.range]) {
                result += bytes[field.range]
            } else {
                result +=
                    PageBytes.with(bytes) { DecimalNumber(valid: $0, field.range).text.utf8 }
                    .map(Array.init) ?? []
            }
        }
        return true
    }

    /// A field's bytes as the page has them.
    package func raw(_ field: JSONField) -> ArraySlice<UInt8> { bytes[field.range] }

    private static func isCanonicalInteger(_ text: ArraySlice<UInt8>) -> Bool {
        text.first != 0x2D && text.allSatisfy { $0 &- 0x30 < 10 }
    }
}

/// A value that was captured: what it is and where it stands in its page.
package struct JSONField: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case string, number, bool, null, object, array

        init(firstByte: UInt8) {
            switch firstByte {
            case 0x22: self = .string
            case 0x7B: self = .object
            case 0x5B: self = .array
            case 0x74, 0x66: self = .bool
            case 0x6E: self = .null
            default: self = .number
            }
        }
    }

    package let kind: Kind
    package let range: Range<Int>

    package init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}

extension PageBytes {
    /// Runs `body` on bytes that are known to be valid JSON; nil for none.
    static func with<Result>(_ bytes: [UInt8], _ body: (PageBytes) -> Result) -> Result? {
        unsafe bytes.withUnsafeBytes { buffer in unsafe PageBytes(buffer).map(body) }
    }
}
