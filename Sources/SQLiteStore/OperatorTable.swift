import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `request` and `audit`.
enum OperatorTable {
    static func open(_ database: Database) throws(Failure) -> [OperatorRequest] {
        try PreparedStatement(OperatorSQL.open, database).all { row in
            OperatorRequest(
                id: row.integer(0), kind: row.text(1), arguments: row.text(2),
                made: Timestamp(milliseconds: row.integer(3)), done: row.optionalText(4))
        }
    }

    static func send(
        _ kind: String, _ arguments: String, at time: Timestamp, _ database: Database
    ) throws(Failure) -> Int64 {
        let insertion = try PreparedStatement(
            "INSERT INTO request (kind, arguments, made) VALUES (?1, ?2, ?3)", database)
        try insertion.bind(1, text: kind)
        try insertion.bind(2, text: arguments)
        try insertion.bind(3, time)
        try insertion.run()
        return insertion.lastInsertedRow
    }

    /// Answers of so many requests, and so many lines of the audit, are kept.
    private static let (answersKept, auditKept): (Int64, Int64) = (1000, 100_000)

    static func answer(
        _ request: Int64, _ answer: OperatorAnswer, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE request SET is_answered = 1, is_done = ?2, answer = ?3
            WHERE id = ?1 AND is_answered = 0
            """, database)
        try update.bind(1, request)
        try update.bind(2, answer.isDone ? 1 : 0)
        try update.bind(3, text: answer.text)
        try update.run()
        let deletion = try PreparedStatement(
            "DELETE FROM request WHERE id <= ?1 AND is_answered", database)
        try deletion.bind(1, request - answersKept)
        try deletion.run()
    }

    static func answer(
        to request: Int64, _ database: Database
    ) throws(Failure) -> OperatorAnswer? {
        let selection = try PreparedStatement(
            "SELECT is_done, answer FROM request WHERE id = ?1 AND is_answered", database)
        try selection.bind(1, request)
        return try selection.first {
            OperatorAnswer(isDone: $0.integer(0) != 0, text: $0.text(1))
        }
    }

    static func add(_ entry: AuditEntry, _ database: Database) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO audit (time, action, subject, detail, actor) VALUES (?1, ?2, ?3, ?4, ?5)
            """, database)
        try insertion.bind(1, entry.time)
        try insertion.bind(2, text: entry.action)
        try insertion.bind(3, text: entry.subject)
        try insertion.bind(4, text: entry.detail)
        try insertion.bind(5, text: entry.actor)
        try insertion.run()
        let deletion = try PreparedStatement("DELETE FROM audit WHERE id <= ?1", database)
        try deletion.bind(1, insertion.lastInsertedRow - auditKept)
        try deletion.run()
        guard let request = entry.request else { return }
        let mark = try PreparedStatement(
            "UPDATE request SET answer = ?2 WHERE id = ?1 AND is_answered = 0", database)
        try mark.bind(1, request)
        try mark.bind(2, text: "\(entry.subject): \(entry.detail)")
        try mark.run()
    }

    static func audit(
        before: Int64?, limit: Int, _ database: Database
    ) throws(Failure) -> [AuditEntry] {
        let selection = try PreparedStatement(
            """
            SELECT time, action, subject, detail, actor, id FROM audit WHERE id < ?2
            ORDER BY id DESC LIMIT ?1
            """, database)
        try selection.bind(1, max(0, limit))
        try selection.bind(2, before ?? .max)
        return try selection.all { row in
            AuditEntry(
                id: row.integer(5), time: Timestamp(milliseconds: row.integer(0)),
                action: row.text(1), subject: row.text(2), detail: row.text(3),
                actor: row.text(4))
        }
    }
}

package enum OperatorSQL {
    package static let open = """
        SELECT id, kind, arguments, made, answer FROM request WHERE is_answered = 0 ORDER BY id
        LIMIT \(Limits.requestsAtOnceMax)
        """
}
