import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `replay`: made, moved on, stopped.
enum ReplayTable {
    static func make(
        _ query: ReplayQuery, to target: SubscriptionName, rate: Int, request: Int64?,
        at time: Timestamp, _ database: Database
    ) throws(Failure) -> ReplayJob? {
        if let request, let made = try jobs("request = \(request)", limit: 1, database).first {
            if time - made.made < Limits.keptAnswerAgeMax { return made }
            let release = try PreparedStatement(
                "UPDATE replay SET request = NULL WHERE request = ?1", database)
            try release.bind(1, request)
            try release.run()
        }
        let named = try PreparedStatement("SELECT id FROM subscription WHERE name = ?1", database)
        try named.bind(1, text: target.text)
        guard let subscription = try named.first({ $0.integer(0) }) else { return nil }
        let insertion = try PreparedStatement(
            """
            INSERT INTO replay (request, target, rate, made, upper, events, subscription, source,
                stream, key, kind, since, until, is_dead_only, filter)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """, database)
        try insertion.bind(1, request)
        try insertion.bind(2, subscription)
        try insertion.bind(3, min(max(rate, 1), Limits.replayRateMax))
        try insertion.bind(4, time)
        try insertion.bind(5, try ReplaySearch.logEnd(database))
        try insertion.bind(6, text: query.events.map(\.text).joined(separator: " "))
        try insertion.bind(7, text: query.subscription?.text)
        try insertion.bind(8, text: query.source?.text)
        try insertion.bind(9, text: query.stream?.text)
        try insertion.bind(10, text: query.key?.text)
        try insertion.bind(11, query.kind.map { Codes.number($0) })
        try insertion.bind(12, query.since)
        try insertion.bind(13, query.until)
        try insertion.bind(14, query.isDeadOnly ? 1 : 0)
        try insertion.bind(15, text: query.filter)
        try insertion.run()
        let id = insertion.lastInsertedRow
        let deletion = try PreparedStatement(ReplaySQL.forget, database)
        try deletion.bind(1, id - Int64(Limits.replaysKept))
        try deletion.run()
        return try jobs("replay.id = \(id)", limit: 1, database).first
    }

    /// The newest first, of those before one.
    static func jobs(
        before: ReplayID?, limit: Int, _ database: Database
    ) throws(Failure) -> [ReplayJob] {
        try jobs("replay.id < \(before?.number ?? .max)", limit: max(0, limit), database)
    }

    /// Those that `condition` holds for, the newest first.
    static func jobs(
        _ condition: String, limit: Int, _ database: Database
    ) throws(Failure) -> [ReplayJob] {
        let sql = """
            SELECT replay.id, target, coalesce(subscription.name, ''), rate, made, upper, position,
                queued, replay.delivered, replay.dead, cancelled, without_payload, is_cancelled,
                events, replay.subscription, source, stream, key, kind, since, until,
                is_dead_only, filter
            FROM replay LEFT JOIN subscription ON subscription.id = target
            WHERE \(condition) ORDER BY replay.id DESC LIMIT ?1
            """
        let selection = try PreparedStatement(sql, database)
        try selection.bind(1, limit)
        return try selection.all(job)
    }

    private static func job(_ row: PreparedStatement) throws(Failure) -> ReplayJob {
        ReplayJob(
            id: ReplayID(row.integer(0)), query: try query(row),
            target: SubscriptionID(row.integer(1)), targetName: SubscriptionName(row.text(2)),
            rate: Int(row.integer(3)), made: Timestamp(milliseconds: row.integer(4)),
            upper: row.integer(5), position: row.integer(6), queued: Int(row.integer(7)),
            delivered: Int(row.integer(8)), dead: Int(row.integer(9)),
            cancelled: Int(row.integer(10)), withoutPayload: Int(row.integer(11)),
            isCancelled: row.integer(12) != 0)
    }

    private static func query(_ row: PreparedStatement) throws(Failure) -> ReplayQuery {
        ReplayQuery(
            events: row.text(13).split(separator: " ").map { EventID(String($0)) },
            subscription: row.optionalText(14).map { SubscriptionName($0) },
            source: row.optionalText(15).map { SourceName($0) },
            stream: row.optionalText(16).map { StreamName($0) },
            key: row.optionalText(17).map { RecordKey($0) },
            kind: row.isNull(18) ? nil : try Codes.word(row.integer(18), of: Codes.kinds),
            since: row.timestamp(19), until: row.timestamp(20), isDeadOnly: row.integer(21) != 0,
            filter: row.optionalText(22))
    }

    static func advance(
        _ step: ReplayStep, at time: Timestamp, _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> Bool {
        let number = step.job.number
        guard let job = try jobs("replay.id = \(number)", limit: 1, database).first,
            !job.isCancelled, job.position == step.from, step.to > step.from, step.to <= job.upper
        else { return false }
        var queue = try DeliveryQueue(at: time, job: number, reservation, database)
        let selection = try PreparedStatement(
            "SELECT id, stream, key FROM event WHERE sequence = ?1 AND is_pruned = 0", database)
        let mark = try PreparedStatement(ReplaySQL.markReplayed, database)
        var missing = 0
        for sequence in step.events {
            try selection.bind(1, sequence)
            let entry = try selection.first { row in
                DeliveryQueue.Entry(
                    sequence: sequence, id: row.text(0), stream: StreamID(row.integer(1)),
                    key: RecordKey(row.text(2)))
            }
            // Retention may have come first.
            guard let entry else {
                missing += 1
                continue
            }
            try queue.add(entry, to: job.target.number)
            guard job.query.isDeadOnly, let subscription = job.query.subscription else { continue }
            try mark.bind(1, sequence)
            try mark.bind(2, text: subscription.text)
            try mark.bind(3, number)
            try mark.run()
        }
        let added = try queue.finish()
        let update = try PreparedStatement(
            """
            UPDATE replay SET position = ?2, queued = queued + ?3,
                without_payload = without_payload + ?4 WHERE id = ?1
            """, database)
        try update.bind(1, number)
        try update.bind(2, step.to)
        try update.bind(3, added)
        try update.bind(4, step.withoutPayload + missing)
        try update.run()
        return true
    }

    static func cancel(
        _ replay: ReplayID, at time: Timestamp, _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> Bool {
        let number = replay.number
        let job = try jobs("replay.id = \(number)", limit: 1, database).first
        guard let job, job.state == .running || job.state == .sending else { return false }
        let waiting = try PreparedStatement(ReplaySQL.waiting, database)
        try waiting.bind(1, number)
        var ended = 0
        for delivery in try waiting.all({ $0.integer(0) })
        where reservation.take(DeliveryID(delivery)) {
            try DeliveryQueue.end(delivery, .cancelled, at: time, database)
            ended += 1
        }
        // What is in the air ends in its own time; what waits behind it goes with it.
        let update = try PreparedStatement(
            "UPDATE replay SET is_cancelled = 1, cancelled = cancelled + ?2 WHERE id = ?1",
            database)
        try update.bind(1, number)
        try update.bind(2, ended)
        try update.run()
        let backlog = try PreparedStatement(
            "UPDATE subscription SET backlog = backlog - ?2 WHERE id = ?1", database)
        try backlog.bind(1, job.target.number)
        try backlog.bind(2, ended)
        try backlog.run()
        return true
    }
}

/// Finds events of the log for a replay.
enum ReplaySearch {
    /// How much of the log one look reads.
    private static let window: Int64 = 5000

    static func logEnd(_ database: Database) throws(Failure) -> Int64 {
        try PreparedStatement("SELECT coalesce(max(sequence), 0) FROM event", database)
            .first { $0.integer(0) } ?? 0
    }

    /// As a JSON array; what no id of an event can be is left out.
    private static func list(_ events: [EventID]) -> String {
        let known = events.map(\.text).filter { text in
            text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
        }
        return "[\(known.map { "\"\($0)\"" }.joined(separator: ","))]"
    }

    static func page(
        _ query: ReplayQuery, after: Int64, upTo: Int64, limit: Int, _ database: Database
    ) throws(Failure) -> ReplayPage {
        guard after < upTo, limit > 0 else {
            return ReplayPage(candidates: [], position: max(after, min(upTo, after)))
        }
        // What an index leads to is read at once, however long the log is.
        let isFew = !query.events.isEmpty || query.key != nil
        let end = isFew ? upTo : min(upTo, after.addingReportingOverflow(window).partialValue)
        var conditions = Conditions()
        conditions.add("event.sequence >", after)
        conditions.add("event.sequence <=", end)
        conditions.add("stream.source =", query.source?.text)
        conditions.add("stream.stream =", query.stream?.text)
        conditions.add("event.key =", query.key?.text)
        conditions.add("event.kind =", query.kind.map { Codes.number($0) })
        conditions.add("event.time >=", query.since?.milliseconds)
        conditions.add("event.time <", query.until?.milliseconds)
        conditions.add(
            query.isDeadOnly ? ReplaySQL.isDead : ReplaySQL.wasSent, query.subscription?.text)
        if !query.events.isEmpty {
            conditions.add("event.id IN (SELECT value FROM json_each(", list(query.events))
        } else if query.key != nil {
            // Names the streams, so that the index of streams and keys can be used.
            conditions.texts.append("event.stream IN (SELECT id FROM stream)")
        }
        let sql = """
            SELECT event.sequence, event.is_pruned, \(EventTable.columns)
            FROM event CROSS JOIN stream ON stream.id = event.stream
            \(conditions.clause) ORDER BY event.sequence LIMIT \(limit)
            """
        let selection = try PreparedStatement(sql, database)
        try conditions.bind(to: selection)
        let found = try selection.all { row throws(Failure) in
            ReplayCandidate(
                sequence: row.integer(0), event: try EventTable.event(2, from: row),
                hasPayload: row.integer(1) == 0)
        }
        return ReplayPage(
            candidates: found, position: found.count < limit ? end : found.last?.sequence ?? end)
    }
}

package enum ReplaySQL {
    /// Ends where the subscription's name belongs.
    static let wasSent = """
        EXISTS (SELECT 1 FROM delivery WHERE delivery.event = event.sequence
            AND delivery.subscription = (SELECT id FROM subscription WHERE name =
        """
    /// Ends where the subscription's name belongs.
    static let isDead = """
        EXISTS (SELECT 1 FROM delivery WHERE delivery.event = event.sequence
            AND delivery.state = 3 AND delivery.replayed_by IS NULL
            AND delivery.subscription = (SELECT id FROM subscription WHERE name =
        """
    /// `?1` event, `?2` name of the subscription, `?3` job.
    package static let markReplayed = """
        UPDATE delivery SET replayed_by = ?3 WHERE event = ?1 AND state = 3
            AND replayed_by IS NULL
            AND subscription = (SELECT id FROM subscription WHERE name = ?2)
        """
    /// `?1` job: what is done and as old as it goes.
    static let forget = """
        DELETE FROM replay WHERE id <= ?1 AND (is_cancelled
            OR position >= upper AND queued <= delivered + dead + cancelled)
        """
    /// `?1` job.
    package static let waiting = """
        SELECT id FROM delivery WHERE job = ?1 AND job > 0 AND state <= 1 ORDER BY id
        """
}
