import PullcordCommit
import PullcordJQ
import PullcordJSON
import PullcordModel

/// Reads keys and cursor values out of the records of one scan.
struct RecordReader {
    let scan: PageScan
    let fields: RecordFields

    /// A value of a record.
    private enum Found {
        case text
        case nothing(String)
    }

    /// `raw` is what of the page the API is to be asked for by, if it is not the records at hand.
    func page(
        pageTexts: [String?], raw: (total: Int, lastTexts: [String?])? = nil
    ) throws(DetectError) -> Page {
        var keys = KeyList()
        keys.reserveCapacity(scan.count, bytes: scan.count * 12)
        var chosen: [Int32] = []
        var positions: [Int64] = []
        var moments: [Int64?] = []
        var tombstones: Set<Int> = []
        var cursors: CursorSpan?
        var others: [CursorValue?] = fields.others.map { _ in nil }
        var scratch: [UInt8] = []
        for record in 0..<scan.count {
            // What is deleted may well have nothing left that it could be chosen by.
            let isTombstone = try isTombstone(record)
            let counts = isTombstone ? true : try isWanted(record)
            let cursor = try cursorValue(record, isNeeded: counts && !isTombstone, &scratch)
            if let cursor {
                if cursors == nil { cursors = CursorSpan(cursor) } else { cursors?.add(cursor) }
            }
            guard counts else { continue }
            for (index, other) in fields.others.enumerated() {
                let value = try cursorValue(other, record, isNeeded: false, &scratch)
                others[index] = [others[index], value].compactMap { $0 }.max()
            }
            try appendKey(of: record, to: &keys, &scratch)
            if isTombstone { tombstones.insert(chosen.count) }
            chosen.append(Int32(truncatingIfNeeded: record))
            if let cursor { positions.append(cursor.position) }
            if fields.moment != nil { moments.append(try moment(record, &scratch)) }
        }
        if positions.count < keys.count { positions = [] }
        let found = DuplicateKeys.find(in: keys, positions: positions)
        let repeated = repeated(found, keys, chosen, positions)
        let dropped = found.dropped
        if !dropped.isEmpty {
            (keys, chosen) = Self.without(dropped, keys, chosen)
            positions = Self.without(dropped, positions)
            moments = Self.without(dropped, moments)
            tombstones = Self.without(dropped, tombstones)
        }
        let lastTexts: [String?]
        if let raw { lastTexts = raw.lastTexts } else { lastTexts = try self.lastTexts() }
        return Page(
            bytes: scan.bytes, total: raw?.total ?? scan.count, duplicates: dropped.count,
            keys: keys, cursors: cursors, otherCursors: others, pageTexts: pageTexts,
            lastTexts: lastTexts, scan: scan,
            chosen: chosen.count == scan.count ? nil : chosen, tombstones: tombstones,
            positions: positions, moments: moments, repeated: repeated)
    }

    /// What the dropped records say that those in their place do not.
    private func repeated(
        _ found: DuplicateKeys.Found, _ keys: KeyList, _ chosen: [Int32], _ positions: [Int64]
    ) -> RepeatedKeys? {
        var repeated: RepeatedKeys?
        for (dropped, kept) in found.pairs {
            let (one, other) = (Int(chosen[dropped]), Int(chosen[kept]))
            guard scan.fingerprints[one] != scan.fingerprints[other] else { continue }
            var keysSoFar = repeated ?? RepeatedKeys()
            keysSoFar.count += 1
            let isUndecided =
                positions.count != keys.count || positions[dropped] == positions[kept]
            if isUndecided, keysSoFar.undecided == nil {
                keysSoFar.undecided = DetectError.repeated(
                    place: place(max(one, other)),
                    "records \(min(one, other) + 1) and \(max(one, other) + 1) have the "
                        + "same key and differ")
            }
            repeated = keysSoFar
        }
        return repeated
    }

    private static func without(
        _ dropped: Set<Int>, _ keys: KeyList, _ chosen: [Int32]
    ) -> (KeyList, [Int32]) {
        var keptKeys = KeyList()
        var kept: [Int32] = []
        for index in chosen.indices where !dropped.contains(index) {
            keptKeys.append(keys.bytes[keys.range(index)])
            kept.append(chosen[index])
        }
        return (keptKeys, kept)
    }

    private static func without<Value>(_ dropped: Set<Int>, _ values: [Value]) -> [Value] {
        values.indices.filter { !dropped.contains($0) }.map { values[$0] }
    }

    /// The marks at their new places.
    private static func without(_ dropped: Set<Int>, _ marks: Set<Int>) -> Set<Int> {
        guard !marks.isEmpty else { return marks }
        return Set(
            marks.filter { !dropped.contains($0) }
                .map { mark in mark - dropped.count { $0 < mark } })
    }

    private func isTombstone(_ record: Int) throws(DetectError) -> Bool {
        guard let tombstone = fields.tombstone else { return false }
        return try isTrue(tombstone, record)
    }

    private func isWanted(_ record: Int) throws(DetectError) -> Bool {
        guard let when = fields.when else { return true }
        return try isTrue(when, record)
    }

    private func isTrue(_ source: FieldSource, _ record: Int) throws(DetectError) -> Bool {
        switch source {
        case .slot(let slot):
            guard let field = scan.field(slot, of: record) else { return false }
            return field.kind != .null && scan.raw(field).first != 0x66
        case .expression(let expression):
            do throws(JQError) {
                return try expression.isTrue(in: Array(scan.bytes[scan.range(record)]))
            } catch {
                throw DetectError(error, at: place(record))
            }
        }
    }

    func lastTexts() throws(DetectError) -> [String?] {
        guard scan.count > 0 else { return fields.last.map { _ in nil } }
        var texts: [String?] = []
        for source in fields.last {
            switch source {
            case .slot(let slot):
                texts.append(scan.field(slot, of: scan.count - 1).flatMap { scan.textOrJSON($0) })
            case .expression(let expression):
                let value = try value(expression, scan.count - 1)
                texts.append(
                    value.flatMap { value in
                        value.pageField(0).flatMap { value.textOrJSON($0) }
                    })
            }
        }
        return texts
    }

    // MARK: Keys

    /// `text` is room that is used again for each record.
    private func appendKey(
        of record: Int, to keys: inout KeyList, _ text: inout [UInt8]
    ) throws(DetectError) {
        text.removeAll(keepingCapacity: true)
        if fields.key.count == 1 {
            try appendPart(fields.key[0], record, to: &text)
        } else {
            for part in fields.key {
                var partText: [UInt8] = []
                try appendPart(part, record, to: &partText)
                text.append(text.isEmpty ? 0x5B : 0x2C)
                JSONText.append(partText, to: &text)
            }
            text.append(0x5D)
        }
        guard text.count <= Limits.keyBytesMax else {
            throw DetectError(
                code: .keyTooLong, place: place(record),
                message: "the key has \(text.count) bytes; \(Limits.keyBytesMax) are allowed",
                hint: "choose a field that holds an id")
        }
        keys.append(text)
    }

    private func appendPart(
        _ source: FieldSource, _ record: Int, to text: inout [UInt8]
    ) throws(DetectError) {
        let found = try appendText(source, record, to: &text)
        let what: String
        var isEmpty = false
        switch found {
        case .text where !text.isEmpty: return
        case .text:
            what = "an empty string"
            isEmpty = true
        case .nothing(let kind): what = kind
        }
        throw DetectError(
            code: .keyMissing, place: place(record),
            message: "the record has \(what) where its key should be",
            hint: scan.isBare(record) && !isEmpty
                ? "the record is a bare value: with key: . it is its own key"
                : "a key is a string that is not empty, or a number")
    }

    // MARK: Cursors

    private func cursorValue(
        _ record: Int, isNeeded: Bool, _ bytes: inout [UInt8]
    ) throws(DetectError) -> CursorValue? {
        guard let source = fields.cursor, let format = fields.format else { return nil }
        return try cursorValue((source, format), record, isNeeded: isNeeded, &bytes)
    }

    private func cursorValue(
        _ cursor: (source: FieldSource, format: CursorFormat), _ record: Int, isNeeded: Bool,
        _ bytes: inout [UInt8]
    ) throws(DetectError) -> CursorValue? {
        let (source, format) = cursor
        bytes.removeAll(keepingCapacity: true)
        switch try appendText(source, record, to: &bytes) {
        case .text:
            if let value = CursorText.value(bytes, format: format) { return value }
            guard isNeeded else { return nil }
            throw CursorAdvice(bytes, format).error("the cursor's value", at: place(record))
        case .nothing(let kind):
            guard isNeeded else { return nil }
            throw DetectError(
                code: .cursorMissing, place: place(record),
                message: "the record has \(kind) where its cursor value should be",
                hint: "is the field set for every record?")
        }
    }

    /// When a line says that its record was deleted; nil where it says nothing of use.
    private func moment(_ record: Int, _ bytes: inout [UInt8]) throws(DetectError) -> Int64? {
        guard let source = fields.moment else { return nil }
        bytes.removeAll(keepingCapacity: true)
        guard case .text = try appendText(source, record, to: &bytes) else { return nil }
        let format = fields.format.flatMap { $0.isTime ? $0 : nil } ?? .rfc3339
        if let value = CursorText.value(bytes, format: format) { return value.position }
        throw CursorAdvice(bytes, format).error("the time", at: place(record))
    }

    // MARK: Values

    private func appendText(
        _ source: FieldSource, _ record: Int, to text: inout [UInt8]
    ) throws(DetectError) -> Found {
        switch source {
        case .slot(let slot):
            guard let field = scan.field(slot, of: record) else { return .nothing("nothing") }
            return Self.append(field, of: scan, to: &text)
        case .expression(let expression):
            guard let value = try value(expression, record), let field = value.pageField(0) else {
                return .nothing("nothing")
            }
            return Self.append(field, of: value, to: &text)
        }
    }

    private static func append(
        _ field: JSONField, of scan: PageScan, to text: inout [UInt8]
    ) -> Found {
        guard !scan.appendText(field, to: &text) else { return .text }
        return .nothing(field.kind == .null ? "null" : "an \(field.kind.rawValue)")
    }

    private func value(_ expression: Expression, _ record: Int) throws(DetectError) -> PageScan? {
        let value: [UInt8]?
        do throws(JQError) {
            value = try expression.value(in: Array(scan.bytes[scan.range(record)]))
        } catch {
            throw DetectError(error, at: place(record))
        }
        guard let value else { return nil }
        do throws(JSONError) {
            return try ScanPlan.whole.scan(value)
        } catch {
            throw DetectError(error)
        }
    }

    private func place(_ record: Int) -> String {
        "record \(record + 1) (byte \(scan.range(record).lowerBound))"
    }
}
