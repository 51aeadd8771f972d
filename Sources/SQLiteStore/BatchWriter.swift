import GRDB
import PullcordCommit
import PullcordModel

/// Writes one batch: records, events with their deliveries, and the row of the stream.
enum BatchWriter {
    static func write(
        _ batch: CommitBatch, _ reservation: Reservation, _ database: Database
    ) throws(Failure) {
        var stream = try StreamTable.state(of: batch.stream, database)
        try RecordTable.write(batch.records, &stream, database)
        try EventTable.write(batch.events, of: stream, at: batch.time, reservation, database)
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
    }

    /// How much of a transaction a batch takes up.
    static func rows(of batch: CommitBatch) -> Int {
        batch.events.reduce(batch.records.count + 1) { $0 + 1 + $1.subscriptions.count }
    }
}
