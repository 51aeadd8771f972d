import PullcordAdapter
import PullcordFormats
package import PullcordModel

/// Pages that are too large for memory.
extension PollPlan {
    /// Whether such a page can be read in pieces: it is one record after the other, and nothing is
    /// asked of it as a whole.
    package var isReadInPieces: Bool {
        PageFormat.isReadInPieces(stream.format.kind) && pageFields.isEmpty
            && [".", ".[]"].contains(stream.records.text.trimmingSpaces())
    }

    /// Decoded bytes of one page; what is read whole has a bound of its own.
    var pageBytes: Int {
        let bytes = adapter.limits.pageBytes
        return isReadInPieces ? bytes : min(bytes, Limits.pageBytesMax)
    }
}

/// What detection found in a page that was read in pieces.
package struct PieceFacts: Sendable {
    private var records = 0
    private var lastFields: [String?]?
    private var greatest: CursorValue?
    private var isOrdered = true
    private var isAllKnown = true
    private var others: [CursorValue?] = []

    package init() {}

    /// Takes what the next piece held, and where its cursor values begin.
    package mutating func add(_ piece: PageFacts, from least: CursorValue?) {
        guard piece.records > 0 else { return }
        records += piece.records
        lastFields = piece.lastFields
        isAllKnown = isAllKnown && piece.isAllKnown
        for (index, value) in piece.otherCursors.enumerated() {
            if index == others.count { others.append(value) }
            others[index] = [others[index], value].compactMap { $0 }.max()
        }
        if let cursor = piece.orderedCursor, let least, greatest.map({ $0 <= least }) ?? true {
            greatest = cursor
        } else {
            isOrdered = false
        }
    }

    /// What the whole page held.
    package var page: PageFacts {
        PageFacts(
            records: records, fields: [], lastFields: lastFields ?? [],
            orderedCursor: isOrdered ? greatest : nil, isAllKnown: records > 0 && isAllKnown,
            otherCursors: others)
    }
}
