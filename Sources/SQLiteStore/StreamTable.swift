import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `stream`: cursor, validators and how the last poll ended.
enum StreamTable {
    private static let columns = """
        id, source, stream, cursor, entity_tag, last_modified, validators_request, has_baseline,
        live_count, next_ordinal, failures, next_poll, last_change, poll_started,
        poll_milliseconds, poll_outcome, poll_reason, poll_pages, poll_records, poll_created,
        poll_updated, poll_deleted, rules,
        pending_rules, EXISTS (SELECT 1 FROM quarantine WHERE quarantine.stream = stream.id), kept,
        in_file
        """

    static func register(
        _ addresses: [StreamAddress], _ database: Database
    ) throws(Failure) -> [StreamState] {
        let insertion = try PreparedStatement(
            """
            INSERT INTO stream (source, stream) VALUES (?1, ?2)
            ON CONFLICT (source, stream) DO UPDATE SET in_file = 1
            """, database)
        try PreparedStatement("UPDATE stream SET in_file = 0 WHERE in_file = 1", database).run()
        let selection = try PreparedStatement(
            "SELECT \(columns) FROM stream WHERE source = ?1 AND stream = ?2", database)
        var states: [StreamState] = []
        for address in addresses {
            for statement in [insertion, selection] {
                try statement.bind(1, text: address.source.text)
                try statement.bind(2, text: address.stream.text)
            }
            try insertion.run()
            guard let state = try marked(selection.first(state), database) else {
                throw Failure(.fault, "stream \(address) was not registered")
            }
            states.append(state)
        }
        return states
    }

    /// The state of a stream by its address; nil if it was never registered.
    static func state(
        of address: StreamAddress, _ database: Database
    ) throws(Failure) -> StreamState? {
        let selection = try PreparedStatement(
            "SELECT \(columns) FROM stream WHERE source = ?1 AND stream = ?2", database)
        try selection.bind(1, text: address.source.text)
        try selection.bind(2, text: address.stream.text)
        return try marked(selection.first(state), database)
    }

    static func all(_ database: Database) throws(Failure) -> [StreamState] {
        let states = try PreparedStatement(
            "SELECT \(columns) FROM stream ORDER BY source, stream", database
        ).all(state)
        let marks = try MarkTable.all(database)
        return states.map { state in
            var state = state
            state.marks = marks[state.id] ?? [:]
            return state
        }
    }

    static func all(
        of source: SourceName, _ database: Database
    ) throws(Failure) -> [StreamState] {
        let selection = try PreparedStatement(
            "SELECT \(columns) FROM stream WHERE source = ?1 ORDER BY stream", database)
        try selection.bind(1, text: source.text)
        var states = try selection.all(state)
        for index in states.indices {
            states[index].marks = try MarkTable.marks(of: states[index].id, database)
        }
        return states
    }

    /// The numbers of a source's streams, or of one of them.
    static func ids(
        of source: SourceName, _ stream: StreamName?, _ database: Database
    ) throws(Failure) -> [StreamID] {
        let selection = try PreparedStatement(
            "SELECT id FROM stream WHERE source = ?1 AND (?2 IS NULL OR stream = ?2)", database)
        try selection.bind(1, text: source.text)
        try selection.bind(2, text: stream?.text)
        return try selection.all { StreamID($0.integer(0)) }
    }

    /// How the sources fare in short, those of Pullcord's own news left out.
    static func sources(
        _ query: SourceQuery, _ database: Database
    ) throws(Failure) -> [SourceSummary] {
        let selection = try PreparedStatement(StreamSQL.sources, database)
        try selection.bind(1, text: query.after?.text ?? "")
        try selection.bind(2, text: query.search?.lowercased())
        try selection.bind(3, max(0, query.limit))
        try selection.bind(4, text: SourceName.pullcord.text)
        return try selection.all { row in
            SourceSummary(
                name: SourceName(row.text(0)), streams: Int(row.integer(1)),
                isFailing: row.integer(2) != 0, isPolled: row.integer(3) != 0,
                isQuarantined: row.integer(4) != 0, pausedSince: row.timestamp(5))
        }
    }

    /// Throws ``Failure`` with `fault` if the stream was never registered.
    static func state(of stream: StreamID, _ database: Database) throws(Failure) -> StreamState {
        let selection = try PreparedStatement(
            "SELECT \(columns) FROM stream WHERE id = ?1", database)
        try selection.bind(1, stream.number)
        guard let state = try marked(selection.first(state), database) else {
            throw Failure(.fault, "stream \(stream.number) is not registered")
        }
        return state
    }

    private static func marked(
        _ state: StreamState?, _ database: Database
    ) throws(Failure) -> StreamState? {
        guard var state else { return nil }
        state.marks = try MarkTable.marks(of: state.id, database)
        return state
    }

    static func update(_ state: StreamState, _ database: Database) throws(Failure) {
        let sql = """
            UPDATE stream SET cursor = ?2, entity_tag = ?3, last_modified = ?4,
                validators_request = ?5, has_baseline = ?6, live_count = ?7, next_ordinal = ?8,
                failures = ?9, next_poll = ?10, last_change = ?11, poll_started = ?12,
                poll_milliseconds = ?13, poll_outcome = ?14, poll_reason = ?15, poll_pages = ?16,
                poll_records = ?17, poll_created = ?18, poll_updated = ?19, poll_deleted = ?20,
                rules = ?21, pending_rules = ?22
            WHERE id = ?1
            """
        let update = try PreparedStatement(sql, database)
        try update.bind(1, state.id.number)
        try update.bind(2, text: state.cursor)
        try update.bind(3, text: state.validators?.entityTag)
        try update.bind(4, text: state.validators?.lastModified)
        try update.bind(5, state.validators?.request)
        try update.bind(6, state.hasBaseline ? 1 : 0)
        try update.bind(7, state.liveCount)
        try update.bind(8, state.nextOrdinal)
        try update.bind(9, state.failures)
        try update.bind(10, state.nextPoll)
        try update.bind(11, state.lastChange)
        try bind(state.lastPoll, to: update)
        try update.bind(21, state.rules)
        try update.bind(22, state.pendingRules)
        try update.run()
    }

    /// Writes how polls ended that found nothing new.
    static func note(_ polls: [PollNote], _ database: Database) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE stream SET next_poll = ?10, poll_started = ?12, poll_milliseconds = ?13,
                poll_outcome = ?14, poll_reason = ?15, poll_pages = ?16, poll_records = ?17,
                poll_created = ?18, poll_updated = ?19, poll_deleted = ?20
            WHERE id = ?1 AND (poll_started IS NULL OR poll_started <= ?12
                OR poll_started > ?12 + \(Limits.noteAgeMax.wholeMilliseconds))
            """, database)
        for poll in polls {
            try update.bind(1, poll.stream.number)
            try update.bind(10, poll.nextPoll)
            try bind(poll.report, to: update)
            try update.run()
        }
    }

    private static func bind(
        _ report: PollReport?, to update: PreparedStatement
    ) throws(Failure) {
        try update.bind(12, report?.started)
        try update.bind(13, report?.duration.wholeMilliseconds)
        try update.bind(14, text: report?.outcome)
        try update.bind(15, text: report?.reason)
        try update.bind(16, report.map { Int64($0.pages) })
        try update.bind(17, report.map { Int64($0.records) })
        try update.bind(18, report.map { Int64($0.created) })
        try update.bind(19, report.map { Int64($0.updated) })
        try update.bind(20, report.map { Int64($0.deleted) })
    }

    private static func state(_ row: PreparedStatement) throws(Failure) -> StreamState {
        let validators = try row.fingerprint(6).map {
            Validators(
                entityTag: row.optionalText(4), lastModified: row.optionalText(5), request: $0)
        }
        var state = StreamState(
            id: StreamID(row.integer(0)),
            address: StreamAddress(
                source: SourceName(row.text(1)), stream: StreamName(row.text(2))),
            cursor: row.optionalText(3), validators: validators,
            rules: try row.fingerprint(22), pendingRules: try row.fingerprint(23),
            hasBaseline: row.integer(7) != 0,
            liveCount: Int(row.integer(8)),
            nextOrdinal: row.integer(9), failures: Int(row.integer(10)),
            lastPoll: report(row), nextPoll: row.timestamp(11), lastChange: row.timestamp(12),
            isQuarantined: row.integer(24) != 0, isInFile: row.integer(26) != 0)
        state.kept = KeptRecords(rawValue: row.integer(25)) ?? .some
        return state
    }

    private static func report(_ row: PreparedStatement) -> PollReport? {
        guard let started = row.timestamp(13) else { return nil }
        return PollReport(
            started: started, duration: .milliseconds(row.integer(14)), outcome: row.text(15),
            reason: row.text(16), pages: Int(row.integer(17)), records: Int(row.integer(18)),
            created: Int(row.integer(19)), updated: Int(row.integer(20)),
            deleted: Int(row.integer(21)))
    }
}

extension PreparedStatement {
    func timestamp(_ column: Int32) -> Timestamp? {
        optionalInteger(column).map { Timestamp(milliseconds: $0) }
    }
}

package enum StreamSQL {
    /// `?1` the name before, `?2` a part of names or NULL, `?3` how many, `?4` a name left out.
    package static let sources = """
        SELECT source, count(*), max(failures > 0), max(poll_started IS NOT NULL),
            max(EXISTS (SELECT 1 FROM quarantine WHERE quarantine.stream = stream.id)),
            (SELECT since FROM paused WHERE paused.source = stream.source)
        FROM stream
        WHERE source > ?1 AND source <> ?4 AND (?2 IS NULL OR instr(lower(source), ?2) > 0)
        GROUP BY source ORDER BY source LIMIT ?3
        """
}
