import PullcordAdapter

/// Finds where the last whole record of some bytes ends: behind a line break that is no part of a
/// quoted field.
///
/// It counts quotes and understands nothing else: a quote within a quoted field is written twice,
/// and one in any other place is refused by the reader of the piece that it lies in.
struct RecordCutter {
    private let quote: UInt8?
    /// Whether a lone carriage return ends a record, too.
    private let endsAtReturn: Bool
    private var scanned = 0
    private var isQuoted = false
    private var end: Int?
    private var breaksBeforeEnd = 0
    private var breaks = 0

    init(_ spec: FormatSpec) {
        quote = spec.kind == .csv ? spec.csv.quote : nil
        endsAtReturn = spec.kind == .csv
    }

    /// How many lines end before what ``end(in:isLast:)`` gave.
    var lineBreaks: Int { breaksBeforeEnd }

    /// Begins with other bytes, at the beginning of a record.
    mutating func begin() {
        scanned = 0
        isQuoted = false
        end = nil
        breaksBeforeEnd = 0
        breaks = 0
    }

    /// Where the last record ends; nil if none does.
    ///
    /// It may be called again with the same bytes and more behind them.
    mutating func end(in bytes: [UInt8], isLast: Bool) -> Int? {
        let span = bytes.span
        // One that may be the first half of a line break waits for what follows.
        let limit = isLast ? span.count : span.count - 1
        var index = scanned
        var isQuoted = isQuoted
        while index < limit {
            let byte = span[index]
            index += 1
            // Most bytes are of none of these kinds.
            if byte > 0x22, byte != quote { continue }
            if byte == quote {
                isQuoted.toggle()
            } else if byte == 0x0A
                || byte == 0x0D && endsAtReturn && (index == span.count || span[index] != 0x0A)
            {
                breaks += 1
                if !isQuoted {
                    end = index
                    breaksBeforeEnd = breaks
                }
            }
        }
        self.isQuoted = isQuoted
        scanned = max(scanned, limit)
        return end
    }
}
