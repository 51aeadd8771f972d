import PullcordCommit
import PullcordDetect
import PullcordModel

/// Changes of a poll that wait in memory until it is clear whether they can be believed.
struct HeldChanges {
    private(set) var batches: [CommitBatch] = []
    private(set) var created = 0
    private(set) var updated = 0
    /// What the store would know, had the batches been committed.
    private var states: [RecordKey: KnownRecord] = [:]

    var isEmpty: Bool { batches.isEmpty }

    mutating func add(_ batch: CommitBatch, _ found: PageChanges) {
        batches.append(batch)
        created += found.created
        updated += found.updated
        for record in batch.records { states[record.key] = record.state }
    }

    /// What is known of each key with what is held; a record on two pages is one change.
    func overlaid(_ stored: [KnownRecord?], _ keys: KeyList) -> [KnownRecord?] {
        guard !states.isEmpty else { return stored }
        var known = stored
        for index in known.indices {
            if let state = states[keys.key(index)] { known[index] = state }
        }
        return known
    }

    /// What a page differs from what is stored, whatever is held.
    func tally(
        _ page: Page, stored: [KnownRecord?], _ found: PageChanges
    ) -> ChangeGuard.Tally {
        guard !states.isEmpty else {
            return ChangeGuard.Tally(
                known: found.unchanged + found.updated + found.deleted,
                updated: found.updated + found.deleted,
                created: found.created, bytes: found.recordBytes)
        }
        var tally = ChangeGuard.Tally()
        for index in stored.indices {
            let isTombstone = page.isTombstone(index)
            guard let fingerprint = stored[index]?.fingerprint else {
                if !isTombstone { tally.created += 1 }
                continue
            }
            tally.known += 1
            if isTombstone || fingerprint != page.fingerprint(index) { tally.updated += 1 }
        }
        tally.bytes = found.recordBytes
        return tally
    }
}

extension PageChanges {
    fileprivate var recordBytes: Int { changes.reduce(0) { $0 + ($1.record?.count ?? 0) } }
}

/// Gathers some of the records that differ, to be shown.
struct FindingSample {
    private(set) var records: [SampledRecord] = []
    let redactor: Redactor

    mutating func add(_ page: Page, stored: [KnownRecord?], kept: RecordKeeping?) {
        for index in stored.indices {
            guard records.count < Limits.sampledRecordsMax else { return }
            let fingerprint = page.isTombstone(index) ? nil : page.fingerprint(index)
            let before = stored[index]
            guard before?.fingerprint != fingerprint else { continue }
            records.append(
                SampledRecord(
                    key: page.keys.key(index), version: before?.version ?? 0,
                    before: before?.fingerprint, after: fingerprint,
                    previous: before.flatMap { kept?.previous(of: $0) }.map(excerpt),
                    record: fingerprint == nil ? nil : excerpt(page.record(index))))
        }
    }

    mutating func add(gone: [(key: RecordKey, state: KnownRecord)]) {
        records = gone.prefix(Limits.sampledRecordsMax).map { key, state in
            SampledRecord(
                key: key, version: state.version, before: state.fingerprint, after: nil,
                record: nil)
        }
    }

    mutating func clear() { records = [] }

    func excerpt(_ bytes: [UInt8]) -> String {
        StrangerText.reply(
            bytes, isCut: false, redactor: redactor, limit: Limits.sampleBytesKept)
    }
}
