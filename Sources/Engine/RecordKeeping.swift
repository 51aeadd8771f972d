import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordJSON
import PullcordModel
import PullcordPoll

/// What a poll does about whole records, in a stream with `keep: record`.
struct RecordKeeping {
    /// Whether records that have not changed are written too, because it was switched on since
    /// they were read.
    let isFilling: Bool
    private let rules: JSONDifference.Rules
    /// What was before, by ordinal: of the page at hand only.
    private var previous: [Int64: [UInt8]] = [:]

    /// nil for a stream that keeps fingerprints only.
    init?(_ stream: LiveStream, _ state: StreamState) {
        guard stream.keepsRecords else { return nil }
        isFilling = state.kept != .all
        let plan = stream.reader.plan
        rules = JSONDifference.Rules(
            mask: plan.mask, unordered: plan.unordered, normal: plan.normal)
    }

    /// The records that are known and have changed.
    static func changed(on page: Page, known: [KnownRecord?]) -> [KnownRecord] {
        (0..<page.count).compactMap { index in
            guard let before = known[index], let fingerprint = before.fingerprint,
                page.isTombstone(index) || fingerprint != page.fingerprint(index)
            else { return nil }
            return before
        }
    }

    /// Takes over what was kept of those records; what was taken over before is forgotten.
    mutating func recall(_ records: [KnownRecord], _ bytes: [[UInt8]?]) {
        previous = [:]
        for (record, bytes) in zip(records, bytes) { previous[record.ordinal] = bytes }
    }

    /// What was kept of a record of the page at hand; nil where nothing was.
    func previous(of record: KnownRecord) -> [UInt8]? { previous[record.ordinal] }

    /// What an event tells of the record before; nil where none was kept.
    func difference(of change: Change, ordinal: Int64) -> RecordDifference? {
        guard change.kind != .created, let previous = previous[ordinal] else { return nil }
        guard let record = change.record else { return RecordDifference(previous: previous) }
        guard record.count <= Limits.recordBytesKept else { return nil }
        do throws(JSONError) {
            let difference = try JSONDifference(from: previous, to: record, rules: rules)
            var changed = JSONWriter()
            changed.beginArray()
            for path in difference.changedPaths() { changed.string(path) }
            changed.endArray()
            return RecordDifference(
                previous: previous, changed: changed.bytes, patch: difference.patch())
        } catch {
            // Both texts were read before; one that cannot be read now tells nothing.
            return nil
        }
    }

    /// The records of a page that have changed, as they are kept from now on.
    func updates(of found: PageChanges) -> [KeptUpdate.Record] {
        zip(found.changes, found.records).map { change, record in
            KeptUpdate.Record(
                ordinal: record.state.ordinal, version: record.state.version,
                bytes: change.record.flatMap(Self.bounded))
        }
    }

    /// The records of a page that have not changed, and are not kept yet.
    func fill(from page: Page, known: [KnownRecord?]) -> [KeptUpdate.Record] {
        guard isFilling else { return [] }
        return (0..<page.count).compactMap { index in
            guard let before = known[index], before.fingerprint == page.fingerprint(index),
                let bytes = Self.bounded(page.record(index))
            else { return nil }
            return KeptUpdate.Record(
                ordinal: before.ordinal, version: before.version, bytes: bytes)
        }
    }

    private static func bounded(_ record: [UInt8]) -> [UInt8]? {
        record.count <= Limits.recordBytesKept ? record : nil
    }
}

extension LiveStream {
    /// Whether its records are kept whole.
    var keepsRecords: Bool { poll.stream.keep == .record }
}

extension Pipeline {
    /// How many kept records one transaction drops.
    static let dropLimit = 2000

    /// Reads what was kept of the records that a page has changed.
    func recall(_ page: Page, _ known: [KnownRecord?], _ run: inout PollRun) async throws {
        guard run.tellsPrevious else { return }
        try await recall(RecordKeeping.changed(on: page, known: known), &run)
    }

    /// Reads what was kept of these records.
    func recall(_ changed: [KnownRecord], _ run: inout PollRun) async throws {
        guard run.tellsPrevious else { return }
        let bytes =
            changed.isEmpty
            ? []
            : try await records.kept(
                changed, of: run.stream.id, bytesMax: Limits.keptBytesPerPage)
        run.keeping?.recall(changed, bytes)
    }

    /// Drops what was kept of a stream that keeps records no longer, in short transactions.
    ///
    /// It comes before anything is read, so that what is kept never falls behind.
    func forget(_ stream: LiveStream, _ state: StreamState) async throws {
        guard !stream.keepsRecords, state.kept != .none else { return }
        // Bounded by the records that there can be, for a dry run never gets to the end.
        for _ in 0...Int(clamping: state.nextOrdinal / Int64(Self.dropLimit)) {
            try await commit(
                CommitBatch(
                    stream: stream.id, time: time.wall(),
                    kept: KeptUpdate(dropLimit: Self.dropLimit)))
            let kept = try await records.state(of: stream.address).kept
            if kept == .none { return }
        }
    }
}
