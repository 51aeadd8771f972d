package import PullcordCommit
import PullcordJSON
package import PullcordModel

/// The records of one page that count, in columns.
package struct Page: Sendable {
    /// What the records' ranges refer to: the body, or the records alone where jq chose them.
    package let bytes: [UInt8]
    /// How many records the page held before `when` and before duplicates were dropped.
    package let total: Int
    /// How many records were dropped because another of the page has their key.
    package let duplicates: Int
    /// The key of each record that counts.
    package let keys: KeyList
    /// The cursor values of all records of the page that have one, whether they count or not.
    package let cursors: CursorSpan?
    /// The greatest value of each cursor beside the first, of the records that count.
    package let otherCursors: [CursorValue?]
    /// The texts of the plan's page fields: objects and arrays as JSON, nil for null or nothing.
    package let pageTexts: [String?]
    /// The texts of the plan's last fields, of the page's last record; all nil without records.
    package let lastTexts: [String?]
    let scan: PageScan
    /// Which records of the scan count; nil for all.
    let chosen: [Int32]?
    /// A member that each record gets besides its own, with its name; empty for none.
    var addition: [UInt8] = []
    /// Which of the records that count say that they are deleted.
    let tombstones: Set<Int>
    /// The cursor value of each record that counts; empty where one has none.
    let positions: [Int64]
    /// When each line says that its record was deleted; empty where no line does.
    package let moments: [Int64?]
    /// Records that were dropped though they say something else than those in their place; nil
    /// without any.
    package let repeated: RepeatedKeys?

    /// Whether the API says that the record is deleted.
    package func isTombstone(_ index: Int) -> Bool {
        !tombstones.isEmpty && tombstones.contains(index)
    }

    package var hasTombstones: Bool { !tombstones.isEmpty }

    /// Where a record stands by the cursor; nil without one.
    package func position(ofRecord index: Int) -> Int64? {
        positions.indices.contains(index) ? positions[index] : nil
    }

    /// How many records count.
    package var count: Int { chosen?.count ?? scan.count }

    package func fingerprint(_ index: Int) -> Fingerprint { scan.fingerprints[position(index)] }

    /// Whether each of its records is known and was found as it is known.
    package func holds(_ known: [KnownRecord?]) -> Bool {
        (0..<count).allSatisfy { index in
            let found = known[index]?.fingerprint
            return isTombstone(index) ? found == nil : found == fingerprint(index)
        }
    }

    /// Where a record stands in ``bytes``.
    package func range(_ index: Int) -> Range<Int> { scan.range(position(index)) }

    /// A record's bytes as the API sent them (or as a transform made them).
    package func record(_ index: Int) -> [UInt8] {
        let record = bytes[range(index)]
        guard !addition.isEmpty else { return Array(record) }
        let isBare = record.dropFirst().first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x7D
        return record.dropLast() + (isBare ? [] : [0x2C]) + addition + [0x7D]
    }

    private func position(_ index: Int) -> Int { chosen.map { Int($0[index]) } ?? index }
}

/// Records of one page that have one key and differ.
package struct RepeatedKeys: Sendable {
    /// How many were dropped.
    package internal(set) var count = 0
    /// The first two of which not even a cursor tells which is newer; nil without any.
    package internal(set) var undecided: DetectError?
}

/// The cursor values of a page.
package struct CursorSpan: Sendable, Equatable {
    package private(set) var least: CursorValue
    package private(set) var greatest: CursorValue
    /// Whether no value was less than the one before it.
    package private(set) var isAscending = true
    /// Whether no value was greater than the one before it.
    package private(set) var isDescending = true
    private var last: CursorValue

    package init(_ value: CursorValue) {
        least = value
        greatest = value
        last = value
    }

    package mutating func add(_ value: CursorValue) {
        if value < last { isAscending = false }
        if last < value { isDescending = false }
        if value < least { least = value }
        if greatest < value { greatest = value }
        last = value
    }
}
