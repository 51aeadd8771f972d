import GRDB
import PullcordCommit
import PullcordModel

/// Writes one batch: records, events with their deliveries, and the row of the stream.
enum BatchWriter {
    static func write(
        _ batch: CommitBatch, _ packed: PackedBatch, _ reservation: Reservation,
        _ database: Database
    ) throws(Failure) {
        var stream = try StreamTable.state(of: batch.stream, database)
        try RecordTable.write(batch.records, &stream, database)
        try KeptTable.write(packed.kept, batch.kept, &stream, database)
        try RecordTable.forget(batch.forgotten, &stream, database)
        try MarkTable.write(batch.marks, of: stream.id, database)
        let page = batch.page == nil ? nil : try PageTable.nextID(database)
        let isNew = try EventTable.write(
            batch.events, packed.differences, of: stream, page: page, at: batch.time, reservation,
            database)
        if isNew, let origin = batch.page, let page {
            try PageTable.insert(origin, as: page, of: stream.id, database)
        }
        if !batch.records.isEmpty || !batch.events.isEmpty { stream.lastChange = batch.time }
        if let cursor = batch.cursor { stream.cursor = cursor }
        switch batch.validators {
        case .keep: break
        case .clear: stream.validators = nil
        case .set(let validators): stream.validators = validators
        }
        if let rules = batch.pendingRules { stream.pendingRules = rules }
        if let ending = batch.ending {
            stream.lastPoll = ending.report
            stream.nextPoll = ending.nextPoll
            stream.failures = ending.isSuccess ? 0 : stream.failures + 1
            if ending.isSuccess {
                stream.hasBaseline = true
            }
            if let rules = ending.rules {
                stream.rules = rules
                stream.pendingRules = nil
            }
        }
        try StreamTable.update(stream, database)
        try QuarantineTable.write(
            batch.quarantine, of: batch.stream, at: batch.time,
            began: batch.ending?.report.started ?? batch.time, database)
        if let missing = batch.missing {
            try MissingTable.write(missing, of: batch.stream, database)
        }
        try ParentTable.write(batch.fanOut, of: batch.stream, database)
        // Events about sources and endpoints: nothing in them needs to be packed beforehand.
        for other in batch.alongside { try write(other, PackedBatch(other), reservation, database) }
    }

    /// How much of a transaction a batch takes up.
    static func rows(of batch: CommitBatch) -> Int {
        let rows = batch.events.reduce(batch.records.count + 1) { $0 + 1 + $1.subscriptions.count }
        let others =
            (batch.missing?.keys.count ?? 0) + batch.kept.records.count + batch.forgotten.count
            + batch.marks.count + batch.fanOut.rows
        return batch.alongside.reduce(rows + others) { $0 + Self.rows(of: $1) }
    }
}
