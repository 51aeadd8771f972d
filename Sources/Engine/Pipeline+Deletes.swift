import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll

/// What becomes of records that every look at a complete list has missed.
extension Pipeline {
    /// Commits the deletes in batches, so that many need no more memory than few.
    func commitDeletes(_ run: inout PollRun) async throws {
        var last: RecordKey?
        while true {
            let missed = try await records.unseen(
                of: run.stream.id, seen: run.seen, after: last, limit: 1000)
            guard !missed.isEmpty else { return }
            last = missed.last?.key
            let (gone, waiting) = try await confirmed(missed, run)
            var batch = run.delete(gone, time: time.wall(), matcher: matcher)
            if !waiting.isEmpty {
                batch.missing = MissingUpdate(poll: run.started, keys: waiting)
                run.unconfirmed += waiting.count
            }
            if batch.isWorthWriting { try await commit(batch) }
        }
    }

    /// Tells apart what is gone for certain and what later polls have to confirm.
    private func confirmed(
        _ missed: [(key: RecordKey, state: KnownRecord)], _ run: PollRun
    ) async throws -> (gone: [(key: RecordKey, state: KnownRecord)], waiting: [RecordKey]) {
        switch run.stream.belief.confirmation {
        case nil: return (missed, [])
        case .scans(let needed):
            let scans = try await records.scansMissed(missed.map(\.key), of: run.stream.id)
            var gone: [(key: RecordKey, state: KnownRecord)] = []
            var waiting: [RecordKey] = []
            for (record, count) in zip(missed, scans) {
                if count + 1 >= needed { gone.append(record) } else { waiting.append(record.key) }
            }
            return (gone, waiting)
        case .get: return (missed, [])
        }
    }
}
