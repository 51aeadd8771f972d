import GRDB
package import PullcordCommit
package import PullcordModel

/// The step of ``Schema`` for those who come by HTTP.
enum AccessSchema {
    static let access = """
        CREATE TABLE token (
            name TEXT PRIMARY KEY,
            hash BLOB NOT NULL,
            scope TEXT NOT NULL,
            made INTEGER NOT NULL,
            expires INTEGER,
            last_used INTEGER
        ) STRICT, WITHOUT ROWID;

        -- Answers to requests that may come again under the same key.
        CREATE TABLE kept_answer (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key BLOB NOT NULL UNIQUE,
            request BLOB NOT NULL,
            status INTEGER NOT NULL,
            content_type TEXT NOT NULL,
            body BLOB NOT NULL,
            made INTEGER NOT NULL
        ) STRICT;

        ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT '';
        """
}

/// The rows of `token` and `kept_answer`.
enum AccessTable {
    static func tokens(_ database: Database) throws(Failure) -> [AccessToken] {
        let sql = "SELECT name, hash, scope, made, expires, last_used FROM token ORDER BY name"
        return try PreparedStatement(sql, database).all { row throws(Failure) in
            guard let scope = AccessScope(rawValue: row.text(2)) else {
                throw Failure(.corrupt, "`\(row.text(2))` is no scope of a token")
            }
            return AccessToken(
                name: row.text(0), hash: row.bytes(1) ?? [], scope: scope,
                made: Timestamp(milliseconds: row.integer(3)), expires: row.timestamp(4),
                lastUsed: row.timestamp(5))
        }
    }

    static func add(_ token: AccessToken, _ database: Database) throws(Failure) -> Bool {
        let insertion = try PreparedStatement(
            """
            INSERT INTO token (name, hash, scope, made, expires)
            SELECT ?1, ?2, ?3, ?4, ?5
            WHERE (SELECT count(*) FROM token) < \(Limits.tokensMax)
            ON CONFLICT (name) DO NOTHING
            """, database)
        try insertion.bind(1, text: token.name)
        try insertion.bind(2, bytes: token.hash)
        try insertion.bind(3, text: token.scope.rawValue)
        try insertion.bind(4, token.made)
        try insertion.bind(5, token.expires)
        try insertion.run()
        return insertion.changes == 1
    }

    static func revoke(_ name: String, _ database: Database) throws(Failure) -> Bool {
        let deletion = try PreparedStatement("DELETE FROM token WHERE name = ?1", database)
        try deletion.bind(1, text: name)
        try deletion.run()
        return deletion.changes == 1
    }

    static func markUsed(
        _ name: String, at time: Timestamp, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE token SET last_used = ?2 WHERE name = ?1", database)
        try update.bind(1, text: name)
        try update.bind(2, time)
        try update.run()
    }

    static func answer(_ key: Fingerprint, _ database: Database) throws(Failure) -> KeptAnswer? {
        let selection = try PreparedStatement(
            "SELECT request, status, content_type, body, made FROM kept_answer WHERE key = ?1",
            database)
        try selection.bind(1, key)
        return try selection.first { row throws(Failure) in
            guard let request = try row.fingerprint(0) else {
                throw Failure(.corrupt, "a kept answer has no request")
            }
            return KeptAnswer(
                key: key, request: request, status: Int(row.integer(1)), contentType: row.text(2),
                body: row.bytes(3) ?? [], made: Timestamp(milliseconds: row.integer(4)))
        }
    }

    static func keep(_ answer: KeptAnswer, _ database: Database) throws(Failure) {
        // One that has had its time makes room for a new one of the same key.
        let old = try PreparedStatement(
            "DELETE FROM kept_answer WHERE key = ?1 AND made <= ?2", database)
        try old.bind(1, answer.key)
        try old.bind(2, answer.made - Limits.keptAnswerAgeMax)
        try old.run()
        let insertion = try PreparedStatement(
            """
            INSERT INTO kept_answer (key, request, status, content_type, body, made)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING
            """, database)
        try insertion.bind(1, answer.key)
        try insertion.bind(2, answer.request)
        try insertion.bind(3, answer.status)
        try insertion.bind(4, text: answer.contentType)
        try insertion.bind(5, bytes: answer.body)
        try insertion.bind(6, answer.made)
        try insertion.run()
        guard insertion.changes == 1 else { return }
        let deletion = try PreparedStatement("DELETE FROM kept_answer WHERE id <= ?1", database)
        try deletion.bind(1, insertion.lastInsertedRow - Int64(Limits.keptAnswersMax))
        try deletion.run()
    }
}

extension SQLiteStore {
    package func tokens() async throws(StoreError) -> [AccessToken] {
        try await read("tokens", workReader, AccessTable.tokens)
    }

    package func add(_ token: AccessToken) async throws(StoreError) -> Bool {
        try await committer.write("addToken") { database throws(Failure) in
            try AccessTable.add(token, database)
        }
    }

    package func revokeToken(_ name: String) async throws(StoreError) -> Bool {
        try await committer.write("revokeToken") { database throws(Failure) in
            try AccessTable.revoke(name, database)
        }
    }

    package func markUsed(_ token: String, at time: Timestamp) async throws(StoreError) {
        try await committer.write("markUsed") { database throws(Failure) in
            try AccessTable.markUsed(token, at: time, database)
        }
    }

    package func keptAnswer(_ key: Fingerprint) async throws(StoreError) -> KeptAnswer? {
        try await read("keptAnswer", workReader) { database throws(Failure) in
            try AccessTable.answer(key, database)
        }
    }

    package func keep(_ answer: KeptAnswer) async throws(StoreError) {
        try await committer.write("keep") { database throws(Failure) in
            try AccessTable.keep(answer, database)
        }
    }
}

extension SQLiteReader {
    package func tokens() async throws(StoreError) -> [AccessToken] {
        try await read("tokens", AccessTable.tokens)
    }

    package func keptAnswer(_ key: Fingerprint) async throws(StoreError) -> KeptAnswer? {
        try await read("keptAnswer") { database throws(Failure) in
            try AccessTable.answer(key, database)
        }
    }
}
