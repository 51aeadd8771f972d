import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `parent`: what child streams are asked for.
enum ParentTable {
    // MARK: Write

    static func write(
        _ update: FanOutUpdate, of stream: StreamID, _ database: Database
    ) throws(Failure) {
        guard update != FanOutUpdate() else { return }
        if let adoption = update.adoption { try adopt(adoption, by: stream, database) }
        try mark(update.marks, database)
        if let progress = update.progress { try write(progress, of: stream, database) }
        try settle(update.settled, of: stream, database)
    }

    private static func mark(
        _ marks: [ParentMark], _ database: Database
    ) throws(Failure) {
        guard !marks.isEmpty else { return }
        let gone = try PreparedStatement(ParentSQL.gone, database)
        let changed = try PreparedStatement(ParentSQL.changed, database)
        let same = try PreparedStatement(ParentSQL.same, database)
        let unwanted = try PreparedStatement(ParentSQL.unwanted, database)
        for mark in marks {
            let statement =
                switch mark.news {
                case .gone: gone
                case .changed: changed
                case .same: same
                case .unwanted: unwanted
                }
            try statement.bind(1, mark.child.number)
            try statement.bind(2, text: mark.key.text)
            switch mark.news {
            case .gone: break
            case .changed, .same:
                try statement.bind(3, bytes: mark.fields)
                try statement.bind(4, mark.isFirst ? 1 : 0)
            case .unwanted:
                try statement.bind(3, bytes: mark.fields)
                try statement.bind(4, bytes: ParentMark.resting)
            }
            try statement.run()
        }
    }

    private static func write(
        _ progress: ParentProgress, of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(ParentSQL.progress, database)
        try update.bind(1, stream.number)
        try update.bind(2, text: progress.key.text)
        try update.bind(3, text: progress.cursor)
        try update.bind(4, progress.clearsValidators ? 1 : 0)
        try update.bind(5, progress.pendingRules)
        try update.run()
    }

    private static func settle(
        _ settlements: [ParentSettlement], of stream: StreamID, _ database: Database
    ) throws(Failure) {
        guard !settlements.isEmpty else { return }
        let read = try PreparedStatement(ParentSQL.read, database)
        let kept = try PreparedStatement(ParentSQL.kept, database)
        let removed = try PreparedStatement(ParentSQL.removed, database)
        for settlement in settlements {
            let statement =
                switch settlement.verdict {
                case .read: read
                case .kept: kept
                case .removed: removed
                }
            try statement.bind(1, stream.number)
            try statement.bind(2, text: settlement.key.text)
            try statement.bind(3, settlement.mark)
            if settlement.verdict != .removed { try statement.bind(4, settlement.due) }
            if case .read(let cursor, let validators, let rules, let children) =
                settlement.verdict
            {
                try statement.bind(5, text: cursor)
                try statement.bind(6, text: validators?.entityTag)
                try statement.bind(7, text: validators?.lastModified)
                try statement.bind(8, validators?.request)
                try statement.bind(9, rules)
                try statement.bind(10, children)
            }
            try statement.run()
        }
    }

    private static func adopt(
        _ adoption: FanOutUpdate.Adoption, by stream: StreamID, _ database: Database
    ) throws(Failure) {
        let sweep = try PreparedStatement(ParentSQL.sweep, database)
        try sweep.bind(2, stream.number)
        for child in adoption.children {
            try sweep.bind(1, child.number)
            try sweep.run()
        }
        let marking = try PreparedStatement(
            """
            INSERT INTO fan_out (stream, rules) VALUES (?1, ?2)
            ON CONFLICT (stream) DO UPDATE SET rules = ?2
            """, database)
        try marking.bind(1, stream.number)
        try marking.bind(2, adoption.rules)
        try marking.run()
        guard adoption.revisits else { return }
        let revisit = try PreparedStatement(
            "UPDATE parent SET due = 0, mark = mark + 1, cursor = NULL WHERE stream = ?1",
            database)
        try revisit.bind(1, stream.number)
        try revisit.run()
    }

    // MARK: Read

    static func adoption(
        of stream: StreamID, _ database: Database
    ) throws(Failure) -> Fingerprint? {
        let selection = try PreparedStatement(
            "SELECT rules FROM fan_out WHERE stream = ?1", database)
        try selection.bind(1, stream.number)
        return try selection.first { row throws(Failure) in try row.fingerprint(0) } ?? nil
    }

    /// Rules of nothing but zeros stand for none.
    static func adopters(_ database: Database) throws(Failure) -> [StreamID] {
        try PreparedStatement(
            "SELECT stream FROM fan_out WHERE rules <> zeroblob(16) ORDER BY stream", database
        ).all { StreamID($0.integer(0)) }
    }

    static func due(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int,
        _ database: Database
    ) throws(Failure) -> [ParentState] {
        let selection = try PreparedStatement(ParentSQL.due, database)
        try selection.bind(1, stream.number)
        try selection.bind(2, time)
        try selection.bind(3, last?.due?.milliseconds ?? -1)
        try selection.bind(4, text: last?.key.text ?? "")
        try selection.bind(5, max(0, limit))
        return try selection.all(parent)
    }

    static func read(
        of stream: StreamID, after last: RecordKey?, limit: Int, _ database: Database
    ) throws(Failure) -> [ParentState] {
        let selection = try PreparedStatement(ParentSQL.known, database)
        try selection.bind(1, stream.number)
        try selection.bind(2, text: last?.text ?? "")
        try selection.bind(3, max(0, limit))
        return try selection.all(parent)
    }

    private static func parent(_ row: borrowing PreparedStatement) throws(Failure) -> ParentState {
        var parent = ParentState(
            key: RecordKey(row.text(0)), fields: row.bytes(1) ?? [],
            isGone: row.integer(4) != 0, isFirst: row.integer(5) != 0, mark: row.integer(3),
            due: row.timestamp(2))
        parent.cursor = row.optionalText(6)
        parent.validators = try row.fingerprint(9).map {
            Validators(
                entityTag: row.optionalText(7), lastModified: row.optionalText(8), request: $0)
        }
        parent.rules = try row.fingerprint(10)
        parent.pendingRules = try row.fingerprint(11)
        parent.children = try row.fingerprint(12)
        return parent
    }

    static func countLive(
        of stream: StreamID, within span: KeySpan, _ database: Database
    ) throws(Failure) -> Int {
        let selection = try PreparedStatement(ParentSQL.live, database)
        try selection.bind(1, stream.number)
        try selection.bind(2, text: span.after.text)
        try selection.bind(3, text: span.before.text)
        return try selection.first { Int($0.integer(0)) } ?? 0
    }

    static func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int,
        _ database: Database
    ) throws(Failure) -> RecordTable.Stretch {
        let scan = try PreparedStatement(ParentSQL.within, database)
        defer { scan.reset() }
        try scan.bind(1, stream.number)
        try scan.bind(2, text: (after ?? span.after).text)
        try scan.bind(3, text: span.before.text)
        var stretch = RecordTable.Stretch()
        var steps = 0
        while try scan.step() {
            steps += 1
            if !scan.isNull(3), !seen.contains(scan.integer(1)) {
                let state = KnownRecord(
                    ordinal: scan.integer(1), version: scan.integer(2),
                    fingerprint: try scan.fingerprint(3))
                stretch.found.append((key: RecordKey(scan.text(0)), state: state))
            }
            if stretch.found.count >= limit || steps >= RecordTable.stretchMax {
                stretch.last = RecordKey(scan.text(0))
                break
            }
        }
        return stretch
    }
}

/// The statements that must stay fast however many parents there are.
package enum ParentSQL {
    /// `?1` stream, `?2` before, `?3` and `?4` due and key of the last, `?5` how many.
    package static let due = """
        SELECT \(columns)
        FROM parent WHERE stream = ?1 AND due < ?2 AND (due, key) > (?3, ?4)
        ORDER BY due, key LIMIT ?5
        """
    /// `?1` stream, `?2` the key before, `?3` how many.
    package static let known = """
        SELECT \(columns)
        FROM parent WHERE stream = ?1 AND key > ?2 AND is_gone = 0 AND rules IS NOT NULL
        ORDER BY key LIMIT ?3
        """
    private static let columns = """
        key, fields, due, mark, is_gone, is_first, cursor, entity_tag, last_modified,
            validators_request, rules, pending_rules, children
        """
    /// `?1` stream, `?2` and `?3` the keys around.
    package static let live = """
        SELECT count(*) FROM record
        WHERE stream = ?1 AND key > ?2 AND key < ?3 AND fingerprint IS NOT NULL
        """
    /// `?1` stream, `?2` and `?3` the keys around.
    package static let within = """
        SELECT key, ordinal, version, fingerprint FROM record
        WHERE stream = ?1 AND key > ?2 AND key < ?3 ORDER BY key
        """
    /// `?1` stream, `?2` key, `?3` fields, `?4` whether it was there from the beginning.
    ///
    /// One that was gone and is back is read from its beginning.
    static let changed = """
        INSERT INTO parent (stream, key, fields, due, mark, is_gone, is_first)
        VALUES (?1, ?2, ?3, 0, 1, 0, ?4)
        ON CONFLICT (stream, key) DO UPDATE SET
            fields = ?3, due = 0, mark = mark + 1, cursor = iif(is_gone, NULL, cursor),
            entity_tag = iif(is_gone, NULL, entity_tag),
            last_modified = iif(is_gone, NULL, last_modified),
            validators_request = iif(is_gone, NULL, validators_request), is_gone = 0
        """
    /// As ``changed``.
    static let same = """
        INSERT INTO parent (stream, key, fields, due, mark, is_gone, is_first)
        VALUES (?1, ?2, ?3, 0, 1, 0, ?4)
        ON CONFLICT (stream, key) DO UPDATE SET
            fields = ?3, due = 0, mark = mark + 1, cursor = iif(is_gone, NULL, cursor),
            entity_tag = iif(is_gone, NULL, entity_tag),
            last_modified = iif(is_gone, NULL, last_modified),
            validators_request = iif(is_gone, NULL, validators_request), is_gone = 0
        WHERE fields <> ?3 OR is_gone
        """
    /// `?1` stream, `?2` key, `?3` fields, `?4` how they begin if it is unwanted already.
    static let unwanted = """
        UPDATE parent SET fields = ?3, due = 0, mark = mark + 1
        WHERE stream = ?1 AND key = ?2 AND NOT is_gone
            AND substr(fields, 1, length(?4)) <> ?4
        """
    /// `?1` stream, `?2` key.
    static let gone = """
        UPDATE parent SET is_gone = 1, due = 0, mark = mark + 1 WHERE stream = ?1 AND key = ?2
        """
    /// `?1` child, `?2` the stream of its parents.
    static let sweep = """
        UPDATE parent SET is_gone = 1, due = 0, mark = mark + 1
        WHERE stream = ?1 AND NOT EXISTS (
            SELECT 1 FROM record WHERE record.stream = ?2 AND record.key = parent.key
                AND fingerprint IS NOT NULL)
        """
    /// `?1` stream, `?2` key, `?3` cursor, `?4` whether to clear validators, `?5` rules.
    static let progress = """
        UPDATE parent SET cursor = coalesce(?3, cursor),
            entity_tag = iif(?4, NULL, entity_tag),
            last_modified = iif(?4, NULL, last_modified),
            validators_request = iif(?4, NULL, validators_request),
            pending_rules = coalesce(?5, pending_rules)
        WHERE stream = ?1 AND key = ?2
        """
    /// `?1` stream, `?2` key, `?3` mark, `?4` due, and what was read.
    static let read = """
        UPDATE parent SET due = ?4, cursor = ?5, entity_tag = ?6, last_modified = ?7,
            validators_request = ?8, rules = ?9, pending_rules = NULL, children = ?10
        WHERE stream = ?1 AND key = ?2 AND mark = ?3
        """
    /// `?1` stream, `?2` key, `?3` mark, `?4` due.
    static let kept = """
        UPDATE parent SET due = ?4 WHERE stream = ?1 AND key = ?2 AND mark = ?3
        """
    /// `?1` stream, `?2` key, `?3` mark.
    static let removed = "DELETE FROM parent WHERE stream = ?1 AND key = ?2 AND mark = ?3"
}
