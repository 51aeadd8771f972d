import GRDB
import PullcordCommit
import PullcordModel

/// Forgets payloads, and later whole events, a bounded part of the log at a time.
enum RetentionTable {
    /// An event of the log and how its deliveries stand.
    private struct Row {
        let sequence: Int64
        let isPruned: Bool
        let time: Timestamp
        let hasPending: Bool
        let hasDead: Bool
        /// When the last delivery ended; the event's own time if it had none.
        let ended: Timestamp
    }

    private static func rows(
        after: Int64, _ database: Database
    ) throws(Failure) -> [Row] {
        let selection = try PreparedStatement(RetentionSQL.rows, database)
        try selection.bind(1, after)
        return try selection.all { row in
            let time = Timestamp(milliseconds: row.integer(2))
            return Row(
                sequence: row.integer(0), isPruned: row.integer(1) != 0, time: time,
                hasPending: row.integer(3) != 0, hasDead: row.integer(4) != 0,
                ended: max(row.timestamp(5) ?? time, time))
        }
    }

    static func prunePayloads(
        _ cutoffs: RetentionCutoffs, _ database: Database
    ) throws(Failure) -> PruneStep {
        guard let cutoff = cutoffs.payloads else {
            return PruneStep(payloads: 0, events: 0, next: nil)
        }
        let start = try payloadPosition(database)
        let found = try rows(after: start, database)
        let old = Array(found.prefix { $0.time <= cutoff })
        let update = try PreparedStatement(
            """
            UPDATE event SET record = NULL, previous = NULL, changed = NULL, patch = NULL,
                is_pruned = 1
            WHERE sequence = ?1
            """, database)
        var count = 0
        for row in old
        where !row.isPruned && !row.hasPending && !row.hasDead && row.ended <= cutoff {
            try update.bind(1, row.sequence)
            try update.run()
            count += 1
        }
        guard let last = old.last else { return PruneStep(payloads: 0, events: 0, next: nil) }
        let position = try PreparedStatement("UPDATE retention SET payloads = ?1", database)
        try position.bind(1, last.sequence)
        try position.run()
        let isEnd = old.count < found.count || found.count < Limits.pruneRowsMax
        return PruneStep(payloads: count, events: 0, next: isEnd ? nil : last.sequence)
    }

    static func pruneEvents(
        _ cutoffs: RetentionCutoffs, after: Int64, _ database: Database
    ) throws(Failure) -> PruneStep {
        let latest = [cutoffs.dead, cutoffs.attempts].compactMap(\.self).max()
        guard let latest else { return PruneStep(payloads: 0, events: 0, next: nil) }
        let found = try rows(after: after, database)
        let old = Array(found.prefix { $0.time <= latest })
        var count = 0
        for row in old where !row.hasPending {
            guard let cutoff = row.hasDead ? cutoffs.dead : cutoffs.attempts, row.ended <= cutoff
            else { continue }
            let selection = try PreparedStatement(
                "SELECT id FROM delivery WHERE event = ?1", database)
            try selection.bind(1, row.sequence)
            let deliveries = try selection.all { $0.integer(0) }
            try PurgeTable.delete(event: row.sequence, deliveries, database)
            count += 1
        }
        let isEnd = old.count < found.count || found.count < Limits.pruneRowsMax
        return PruneStep(payloads: 0, events: count, next: isEnd ? nil : old.last?.sequence)
    }

    private static func payloadPosition(_ database: Database) throws(Failure) -> Int64 {
        try PreparedStatement("SELECT payloads FROM retention", database).first { $0.integer(0) }
            ?? 0
    }

    static func kept(_ database: Database) throws(Failure) -> KeptSummary {
        let selection = try PreparedStatement(
            "SELECT time FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT 1", database)
        try selection.bind(1, 0)
        let events = try selection.first { Timestamp(milliseconds: $0.integer(0)) }
        try selection.bind(1, try payloadPosition(database))
        let payloads = try selection.first { Timestamp(milliseconds: $0.integer(0)) }
        return KeptSummary(events: events, payloads: payloads)
    }
}

package enum RetentionSQL {
    /// `?1` place in the log.
    package static let rows = """
        SELECT event.sequence, event.is_pruned, event.time,
            (SELECT count(*) FROM delivery WHERE delivery.event = event.sequence AND state <= 1),
            (SELECT count(*) FROM delivery WHERE delivery.event = event.sequence AND state = 3),
            (SELECT max(coalesce(finished, committed)) FROM delivery
             WHERE delivery.event = event.sequence)
        FROM event WHERE event.sequence > ?1 ORDER BY event.sequence
        LIMIT \(Limits.pruneRowsMax)
        """
}
