import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `quarantine` and `quarantine_record`: findings that are not believed.
enum QuarantineTable {
    /// `began` is when the poll began: what was decided since then is for the next one.
    static func write(
        _ update: QuarantineUpdate, of stream: StreamID, at time: Timestamp, began: Timestamp,
        _ database: Database
    ) throws(Failure) {
        switch update {
        case .keep: return
        case .clear:
            try deleteSample(of: stream, database)
            let deletion = try PreparedStatement(
                "DELETE FROM quarantine WHERE stream = ?1", database)
            try deletion.bind(1, stream.number)
            try deletion.run()
        case .set(let finding):
            try upsert(finding, stream, time, began, database)
            try deleteSample(of: stream, database)
            try insertSample(finding.sample, stream, database)
        }
    }

    /// A batch that is written twice counts as one poll: its time tells.
    private static func upsert(
        _ finding: Finding, _ stream: StreamID, _ time: Timestamp, _ began: Timestamp,
        _ database: Database
    ) throws(Failure) {
        let statement = try PreparedStatement(
            """
            INSERT INTO quarantine
                (stream, reason, message, affected, known, excerpt, announced, since, last_seen,
                polls)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1)
            ON CONFLICT (stream) DO UPDATE SET
                message = ?3, affected = ?4, known = ?5, excerpt = ?6,
                since = CASE WHEN reason = ?2 THEN since ELSE ?8 END,
                polls = CASE WHEN reason <> ?2 THEN 1 WHEN last_seen = ?8 THEN polls
                    ELSE polls + 1 END,
                announced = CASE WHEN reason = ?2 THEN max(announced, ?7) ELSE ?7 END,
                decided_at = CASE WHEN reason = ?2 AND (decision = 2 OR decided_at > ?9)
                    THEN decided_at END,
                decision = CASE WHEN reason = ?2 AND (decision = 2 OR decided_at > ?9)
                    THEN decision ELSE 0 END,
                reason = ?2, last_seen = ?8
            """, database)
        try statement.bind(1, stream.number)
        try statement.bind(2, text: finding.reason.text)
        try statement.bind(3, text: finding.message)
        try statement.bind(4, finding.affected)
        try statement.bind(5, finding.known)
        try statement.bind(6, text: finding.excerpt)
        try statement.bind(7, finding.isAnnounced ? 1 : 0)
        try statement.bind(8, time)
        try statement.bind(9, began)
        try statement.run()
    }

    private static func deleteSample(
        of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let deletion = try PreparedStatement(
            "DELETE FROM quarantine_record WHERE stream = ?1", database)
        try deletion.bind(1, stream.number)
        try deletion.run()
    }

    private static func insertSample(
        _ sample: [SampledRecord], _ stream: StreamID, _ database: Database
    ) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO quarantine_record
                (stream, number, key, version, before, after, previous, record)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """, database)
        try insertion.bind(1, stream.number)
        for (number, record) in sample.prefix(Limits.sampledRecordsMax).enumerated() {
            try insertion.bind(2, number)
            try insertion.bind(3, text: record.key.text)
            try insertion.bind(4, record.version)
            try insertion.bind(5, record.before)
            try insertion.bind(6, record.after)
            try insertion.bind(7, text: record.previous)
            try insertion.bind(8, text: record.record)
            try insertion.run()
        }
    }

    /// Writes down what a person has decided; false if the stream is not quarantined.
    static func decide(
        _ decision: QuarantineDecision, for address: StreamAddress, at time: Timestamp,
        _ database: Database
    ) throws(Failure) -> Bool {
        let update = try PreparedStatement(
            """
            UPDATE quarantine SET decision = ?3, decided_at = ?4
            WHERE stream = (SELECT id FROM stream WHERE source = ?1 AND stream = ?2)
            """, database)
        try update.bind(1, text: address.source.text)
        try update.bind(2, text: address.stream.text)
        try update.bind(3, Codes.number(decision))
        try update.bind(4, decision == .none ? nil : time)
        try update.run()
        return update.changes == 1
    }

    // MARK: Read

    private static let columns = """
        quarantine.stream, stream.source, stream.stream, reason, message, affected, known,
        excerpt, announced, since, last_seen, polls, decision, decided_at
        FROM quarantine JOIN stream ON stream.id = quarantine.stream
        """

    /// All without their samples, by name.
    static func all(_ database: Database) throws(Failure) -> [Quarantine] {
        try PreparedStatement(
            "SELECT \(columns) ORDER BY stream.source, stream.stream", database
        ).all { row throws(Failure) in try quarantine(row, sample: []) }
    }

    static func one(
        of stream: StreamID, _ database: Database
    ) throws(Failure) -> Quarantine? {
        let sample = try PreparedStatement(
            """
            SELECT key, version, before, after, previous, record FROM quarantine_record
            WHERE stream = ?1 ORDER BY number
            """, database)
        try sample.bind(1, stream.number)
        let records = try sample.all { row throws(Failure) in
            SampledRecord(
                key: RecordKey(row.text(0)), version: row.integer(1),
                before: try row.fingerprint(2), after: try row.fingerprint(3),
                previous: row.optionalText(4), record: row.optionalText(5))
        }
        let selection = try PreparedStatement(
            "SELECT \(columns) WHERE quarantine.stream = ?1", database)
        try selection.bind(1, stream.number)
        return try selection.first { row throws(Failure) in
            try quarantine(row, sample: records)
        }
    }

    private static func quarantine(
        _ row: PreparedStatement, sample: [SampledRecord]
    ) throws(Failure) -> Quarantine {
        Quarantine(
            address: StreamAddress(
                source: SourceName(row.text(1)), stream: StreamName(row.text(2))),
            finding: Finding(
                reason: QuarantineReason(row.text(3)), message: row.text(4),
                affected: Int(row.integer(5)), known: Int(row.integer(6)), sample: sample,
                excerpt: row.optionalText(7), isAnnounced: row.integer(8) != 0),
            since: Timestamp(milliseconds: row.integer(9)),
            lastSeen: Timestamp(milliseconds: row.integer(10)), polls: Int(row.integer(11)),
            decision: try Codes.word(row.integer(12), of: Codes.decisions),
            decidedAt: row.timestamp(13))
    }
}

/// The rows of `missing`: records that complete scans have missed, and how many in a row.
enum MissingTable {
    static func write(
        _ update: MissingUpdate, of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let upsert = try PreparedStatement(
            """
            INSERT INTO missing (stream, key, scans, poll) VALUES (?1, ?2, 1, ?3)
            ON CONFLICT (stream, key) DO UPDATE SET
                scans = scans + (poll <> excluded.poll), poll = excluded.poll
            """, database)
        try upsert.bind(1, stream.number)
        try upsert.bind(3, update.poll)
        for key in update.keys {
            try upsert.bind(2, text: key.text)
            try upsert.run()
        }
        guard update.isEnd else { return }
        let deletion = try PreparedStatement(
            "DELETE FROM missing WHERE stream = ?1 AND poll <> ?2", database)
        try deletion.bind(1, stream.number)
        try deletion.bind(2, update.poll)
        try deletion.run()
    }

    /// How many complete scans in a row have missed each key.
    static func scans(
        of keys: [RecordKey], _ stream: StreamID, _ database: Database
    ) throws(Failure) -> [Int] {
        let selection = try PreparedStatement(
            "SELECT scans FROM missing WHERE stream = ?1 AND key = ?2", database)
        try selection.bind(1, stream.number)
        var result: [Int] = []
        for key in keys {
            try selection.bind(2, text: key.text)
            result.append(try selection.first { Int($0.integer(0)) } ?? 0)
        }
        return result
    }
}
