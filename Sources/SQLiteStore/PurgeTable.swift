import GRDB
import PullcordCommit
import PullcordModel

/// Deletes what belongs to a subscription or a source that the bridge file no longer names.
enum PurgeTable {
    static func purge(
        _ subscription: SubscriptionName, _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> PurgeStep {
        let named = try PreparedStatement(
            "SELECT id, in_file FROM subscription WHERE name = ?1", database)
        try named.bind(1, text: subscription.text)
        guard let (id, inFile) = try named.first({ ($0.integer(0), $0.integer(1)) }) else {
            return .unknown
        }
        guard inFile == 0 else { return inFile == 1 ? .inFile : .unknown }
        var deliveries = try numbers(PurgeSQL.backlog, id, database)
        if deliveries.isEmpty { deliveries = try numbers(PurgeSQL.dead, id, database) }
        guard !deliveries.isEmpty else {
            // What was delivered stays in the log until its time has come.
            for sql in [
                "DELETE FROM gap WHERE subscription = ?1", "DELETE FROM replay WHERE target = ?1",
                PurgeSQL.forget,
            ] {
                try run(sql, id, database)
            }
            return .done
        }
        let free = deliveries.filter { reservation.take(DeliveryID($0)) }
        guard !free.isEmpty else { return .held }
        for delivery in free { try delete(delivery, database) }
        return .more(free.count)
    }

    static func purge(
        _ source: SourceName, _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> PurgeStep {
        let named = try PreparedStatement(
            "SELECT id, in_file FROM stream WHERE source = ?1 ORDER BY id", database)
        try named.bind(1, text: source.text)
        let streams = try named.all { ($0.integer(0), $0.integer(1)) }
        guard !streams.isEmpty else { return .unknown }
        guard streams.allSatisfy({ $0.1 == 0 }) else { return .inFile }
        // Named again before the last step, the source begins anew.
        for (stream, _) in streams { try blank(stream, database) }
        for (stream, _) in streams {
            let gone = try run(PurgeSQL.parents, stream, database)
            if gone > 0 { return .more(gone) }
        }
        for (stream, _) in streams {
            let events = try numbers(PurgeSQL.events, stream, database)
            if !events.isEmpty { return try purge(events, reservation, database) }
            let records = try purge(recordsOf: StreamID(stream), database)
            if records > 0 { return .more(records) }
            for sql in PurgeSQL.parts {
                let gone = try run(sql, stream, database)
                if gone > 0 { return .more(gone) }
            }
        }
        let resumption = try PreparedStatement("DELETE FROM paused WHERE source = ?1", database)
        try resumption.bind(1, text: source.text)
        try resumption.run()
        for (stream, _) in streams {
            try run("DELETE FROM stream WHERE id = ?1", stream, database)
        }
        return .done
    }

    /// Takes away all that says how far a stream was read, and by which rules.
    private static func blank(_ stream: Int64, _ database: Database) throws(Failure) {
        for table in ["quarantine", "quarantine_record", "mark", "fan_out"] {
            try run("DELETE FROM \(table) WHERE stream = ?1", stream, database)
        }
        try run(PurgeSQL.blank, stream, database)
    }

    /// Deletes a bounded part of the records; returns how many.
    private static func purge(
        recordsOf stream: StreamID, _ database: Database
    ) throws(Failure) -> Int {
        let selection = try PreparedStatement(PurgeSQL.keys, database)
        try selection.bind(1, stream.number)
        let keys = try selection.all { RecordKey($0.text(0)) }
        guard !keys.isEmpty else { return 0 }
        var state = try StreamTable.state(of: stream, database)
        try RecordTable.forget(keys, &state, database)
        try StreamTable.update(state, database)
        return keys.count
    }

    /// Deletes those of the events of which nothing is in the air.
    private static func purge(
        _ events: [Int64], _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> PurgeStep {
        var gone = 0
        for event in events {
            let deliveries = try numbers(
                "SELECT id FROM delivery WHERE event = ?1 ORDER BY id", event, database)
            guard deliveries.allSatisfy({ reservation.take(DeliveryID($0)) }) else { continue }
            try delete(event: event, deliveries, database)
            gone += 1
        }
        return gone > 0 ? .more(gone) : .held
    }

    static func delete(
        event: Int64, _ deliveries: [Int64], _ database: Database
    ) throws(Failure) {
        for delivery in deliveries { try delete(delivery, database) }
        let selection = try PreparedStatement(
            "SELECT page FROM event WHERE sequence = ?1", database)
        try selection.bind(1, event)
        let page = try selection.first { $0.optionalInteger(0) } ?? nil
        try run("DELETE FROM event WHERE sequence = ?1", event, database)
        guard let page else { return }
        let deletion = try PreparedStatement(PurgeSQL.page, database)
        try deletion.bind(1, page)
        try deletion.bind(2, event)
        try deletion.run()
    }

    /// Deletes a delivery with its attempts; the next one of its lane takes its turn.
    private static func delete(_ delivery: Int64, _ database: Database) throws(Failure) {
        let selection = try PreparedStatement(
            "SELECT subscription, lane, state, job FROM delivery WHERE id = ?1", database)
        try selection.bind(1, delivery)
        let row = try selection.first {
            ($0.integer(0), $0.integer(1), $0.integer(2), $0.integer(3))
        }
        try run("DELETE FROM attempt WHERE delivery = ?1", delivery, database)
        try run("DELETE FROM delivery WHERE id = ?1", delivery, database)
        guard let (subscription, lane, state, job) = row,
            state == Codes.number(.ready) || state == Codes.number(.blocked)
        else { return }
        try run(
            "UPDATE subscription SET backlog = backlog - 1 WHERE id = ?1", subscription, database)
        if job > 0 {
            try run("UPDATE replay SET cancelled = cancelled + 1 WHERE id = ?1", job, database)
        }
        if state == Codes.number(.ready) {
            try SettlementTable.promote(subscription, lane, gap: nil, database)
        }
    }

    /// Returns how many rows it changed.
    @discardableResult
    private static func run(
        _ sql: String, _ number: Int64, _ database: Database
    ) throws(Failure) -> Int {
        let statement = try PreparedStatement(sql, database)
        try statement.bind(1, number)
        try statement.run()
        return statement.changes
    }

    private static func numbers(
        _ sql: String, _ number: Int64, _ database: Database
    ) throws(Failure) -> [Int64] {
        let statement = try PreparedStatement(sql, database)
        try statement.bind(1, number)
        return try statement.all { $0.integer(0) }
    }
}

package enum PurgeSQL {
    /// `?1` subscription.
    package static let backlog = """
        SELECT id FROM delivery WHERE subscription = ?1 AND state <= 1
        LIMIT \(Limits.pruneRowsMax)
        """
    /// `?1` subscription.
    package static let dead = """
        SELECT id FROM delivery WHERE subscription = ?1 AND state = 3
        LIMIT \(Limits.pruneRowsMax)
        """
    /// `?1` subscription: not listed any more, and begun anew if the file names it again.
    static let forget = """
        UPDATE subscription SET in_file = 2, backlog = 0, delivered = 0, dead = 0, superseded = 0,
            last_delivered = NULL, disabled_reason = NULL, disabled_at = NULL, health = NULL
        WHERE id = ?1
        """
    /// `?1` page, `?2` the place of an event that is gone: the page goes with its last event.
    ///
    /// The events of a page were written by one batch, so they follow one another in the log.
    package static let page = """
        DELETE FROM page WHERE id = ?1
            AND ?1 IS NOT (
                SELECT page FROM event WHERE sequence < ?2 ORDER BY sequence DESC LIMIT 1)
            AND ?1 IS NOT (SELECT page FROM event WHERE sequence > ?2 ORDER BY sequence LIMIT 1)
        """
    /// `?1` stream.
    ///
    /// Ordinals are not given twice, and what is still there of records counts.
    static let blank = """
        UPDATE stream SET cursor = NULL, entity_tag = NULL, last_modified = NULL,
            validators_request = NULL, has_baseline = 0, rules = NULL, pending_rules = NULL,
            kept = min(kept, \(KeptRecords.some.rawValue))
        WHERE id = ?1
        """
    /// `?1` stream: takes away a bounded part of its parents.
    ///
    /// They go before the records below them: each says how far those were read.
    package static let parents = part(of: "parent")
    /// `?1` stream: each takes away a bounded part of what is kept by record.
    package static let parts = [
        part(of: "missing"),
        """
        DELETE FROM kept WHERE id IN (
            SELECT id FROM kept WHERE id BETWEEN ?1 << 40 AND ((?1 + 1) << 40) - 1
            LIMIT \(Limits.pruneRowsMax))
        """,
    ]

    private static func part(of table: String) -> String {
        """
        DELETE FROM \(table) WHERE stream = ?1 AND key IN (
            SELECT key FROM \(table) WHERE stream = ?1 LIMIT \(Limits.pruneRowsMax))
        """
    }

    /// `?1` stream.
    package static let events = """
        SELECT sequence FROM event WHERE stream = ?1 LIMIT \(Limits.pruneRowsMax)
        """
    /// `?1` stream.
    package static let keys = """
        SELECT key FROM record WHERE stream = ?1 LIMIT \(Limits.pruneRowsMax)
        """
}
