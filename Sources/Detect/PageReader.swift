import PullcordJQ
import PullcordJSON
import PullcordModel

/// Turns the body of an answer into a ``Page``.
///
/// Plain paths are read in one pass over the bytes; libjq is asked only for what is none. Pure:
/// the same body gives the same page.
package final class PageReader: Sendable {
    package let plan: DetectPlan
    private let scanPlan: ScanPlan
    /// For records that libjq chose: their page fields come from the body apart.
    private let pagePlan: ScanPlan
    private let pageFields: [FieldSource]
    private let fields: RecordFields
    /// What the records are before a transform, and what the pages need of them.
    private let raw: (plan: ScanPlan, fields: RecordFields)?

    package init(_ plan: DetectPlan) {
        self.plan = plan
        var pageSlots = SlotList()
        pageFields = plan.pageFields.map { pageSlots.source($0) }
        var slots = SlotList()
        fields = RecordFields(
            when: plan.when.map { slots.source($0) }, key: plan.key.map { slots.source($0) },
            cursor: plan.cursor.map { slots.source($0.value) }, format: plan.cursor?.format,
            last: plan.transform == nil ? plan.lastFields.map { slots.source($0) } : [],
            others: plan.otherCursors.map { (slots.source($0.value), $0.format) },
            tombstone: plan.tombstone.map { slots.source($0) },
            moment: plan.moment.map { slots.source($0) })
        pagePlan = ScanPlan(pageFields: pageSlots.paths)
        scanPlan = ScanPlan(
            records: plan.transform == nil ? plan.records.path ?? .root : .root,
            recordFields: slots.paths,
            pageFields: plan.records.path == nil || plan.transform != nil ? [] : pageSlots.paths,
            mask: plan.mask, unordered: plan.unordered, normal: plan.normal)
        guard plan.transform != nil else {
            raw = nil
            return
        }
        var lastSlots = SlotList()
        let last = plan.lastFields.map { lastSlots.source($0) }
        raw = (
            ScanPlan(
                records: plan.records.path ?? .root, recordFields: lastSlots.paths,
                pageFields: plan.records.path == nil ? [] : pageSlots.paths),
            RecordFields(
                when: nil, key: [], cursor: nil, format: nil, last: last, others: [],
                tombstone: nil, moment: nil)
        )
    }

    /// Reads one body.
    ///
    /// - Throws: ``DetectError``; a page is read whole or not at all.
    package func read(body: consuming [UInt8]) throws(DetectError) -> Page {
        let scan: PageScan
        let pageTexts: [String?]
        // With a transform, what is found first are the records as they came.
        let scanPlan = raw?.plan ?? scanPlan
        if plan.records.path != nil {
            scan = try Self.scan(scanPlan, body)
            pageTexts = try self.pageTexts(scan, body: scan.bytes)
        } else {
            let whole = try Self.scan(pagePlan, body)
            pageTexts = try self.pageTexts(whole, body: whole.bytes)
            scan = try Self.scan(scanPlan, try chosenRecords(of: whole.bytes))
        }
        guard let raw, let transform = plan.transform else {
            return try RecordReader(scan: scan, fields: fields).page(pageTexts: pageTexts)
        }
        let lastTexts = try RecordReader(scan: scan, fields: raw.fields).lastTexts()
        let made = try RecordTransform(transform).records(of: scan)
        return try RecordReader(scan: Self.scan(self.scanPlan, made), fields: fields).page(
            pageTexts: pageTexts, raw: (scan.count, lastTexts))
    }

    private static func scan(
        _ plan: ScanPlan, _ bytes: consuming [UInt8]
    ) throws(DetectError) -> PageScan {
        do throws(JSONError) {
            return try plan.scan(bytes)
        } catch {
            throw DetectError(error)
        }
    }

    private func pageTexts(_ scan: PageScan, body: [UInt8]) throws(DetectError) -> [String?] {
        var texts: [String?] = []
        for source in pageFields {
            switch source {
            case .slot(let slot):
                texts.append(scan.pageField(slot).flatMap { scan.textOrJSON($0) })
            case .expression(let expression):
                do throws(JQError) {
                    texts.append(try expression.valueText(in: body))
                } catch {
                    throw DetectError(error)
                }
            }
        }
        return texts
    }

    /// The records that a program gives, as one JSON array.
    ///
    /// One array is the list of records, as it is for a path; anything else is a record each.
    private func chosenRecords(of body: [UInt8]) throws(DetectError) -> [UInt8] {
        guard case .program(let program) = plan.records else { return body }
        do throws(JQError) {
            let parts: [ArraySlice<UInt8>]
            if let ranges = try program.runKeepingBytes(on: body) {
                parts = ranges.map { body[$0] }
            } else {
                parts = try program.run(on: body).map { $0[...] }
            }
            if parts.count == 1, let only = parts.first {
                if only.first == 0x5B { return Array(only) }
                let isNothing = only.first == 0x6E || only.first == 0x74 || only.first == 0x66
                guard !isNothing else { throw noRecords(program, only) }
            }
            return [0x5B] + parts.joined(separator: [0x2C]) + [0x5D]
        } catch {
            throw error.code == .value
                ? DetectError(
                    code: .json(.recordsMissing), place: "byte 0", message: error.message,
                    hint: error.hint)
                : DetectError(error)
        }
    }

    private func noRecords(_ program: JQProgram, _ found: ArraySlice<UInt8>) -> JQError {
        JQError(
            code: .value, place: "",
            message:
                "no records: jq \(program.text) gives \(String(decoding: found, as: UTF8.self))",
            hint: "if that means none, end the program with // empty")
    }
}

/// Where a value comes from: a slot of the scan, or an expression that libjq evaluates.
enum FieldSource: Sendable {
    case slot(Int)
    case expression(Expression)
}

/// Gives each plain path a slot.
private struct SlotList {
    private(set) var paths: [JSONPath] = []

    mutating func source(_ expression: Expression) -> FieldSource {
        guard let path = expression.path, path.isSingle else { return .expression(expression) }
        if let known = paths.firstIndex(of: path) { return .slot(known) }
        paths.append(path)
        return .slot(paths.count - 1)
    }
}

/// Where the values of a record come from.
struct RecordFields: Sendable {
    let when: FieldSource?
    let key: [FieldSource]
    let cursor: FieldSource?
    let format: CursorFormat?
    let last: [FieldSource]
    /// Of the cursors beside the first.
    let others: [(source: FieldSource, format: CursorFormat)]
    let tombstone: FieldSource?
    let moment: FieldSource?
}

extension PageScan {
    /// A field as text; an object or array as its JSON; nil for null.
    func textOrJSON(_ field: JSONField) -> String? {
        if field.kind == .null { return nil }
        return text(field) ?? String(decoding: raw(field), as: UTF8.self)
    }
}
