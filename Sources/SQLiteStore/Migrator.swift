import GRDB
import PullcordCommit

/// Brings a file up to the schema that this program knows, or refuses it.
enum Migrator {
    /// Applies every migration that the file has not taken yet, each in one transaction.
    static func migrate(_ database: Database) throws(Failure) {
        try check(database)
        var version = try number("PRAGMA user_version", database)
        while version < Schema.version, let index = Int(exactly: version) {
            try PreparedStatement("BEGIN IMMEDIATE", database).run()
            do {
                try database.execute(sql: Schema.migrations[index])
                try database.execute(sql: "PRAGMA user_version = \(version + 1)")
                try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
                try PreparedStatement("COMMIT", database).run()
            } catch {
                try? PreparedStatement("ROLLBACK", database).run()
                throw Failure(error)
            }
            version += 1
        }
    }

    /// Refuses a file that belongs to another program or to a newer Pullcord.
    ///
    /// Returns the file's version; 0 for an empty file.
    @discardableResult
    static func check(_ database: Database) throws(Failure) -> Int64 {
        let version = try number("PRAGMA user_version", database)
        let application = try number("PRAGMA application_id", database)
        let objects = try number("SELECT count(*) FROM sqlite_schema", database)
        if application != Schema.applicationID, objects > 0 || version != 0 || application != 0 {
            throw Failure(
                .corrupt, "the file is a database of another program",
                hint: "name another file for the store")
        }
        guard version >= 0, version <= Schema.version else {
            throw Failure(
                .newerSchema,
                "the store has schema version \(version), "
                    + "and this Pullcord knows versions up to \(Schema.version)",
                hint: "use the Pullcord that made it or a later one")
        }
        return version
    }

    /// Takes the store over: from here on, writes of an earlier owner are refused.
    static func takeOver(_ database: Database) throws(Failure) -> Int64 {
        let sql = """
            INSERT INTO owner (one, generation) VALUES (1, 1)
            ON CONFLICT (one) DO UPDATE SET generation = generation + 1
            RETURNING generation
            """
        guard let generation = try PreparedStatement(sql, database).first({ $0.integer(0) })
        else { throw Failure(.fault, "the store has no owner row") }
        return generation
    }

    private static func number(_ sql: String, _ database: Database) throws(Failure) -> Int64 {
        try PreparedStatement(sql, database).first { $0.integer(0) } ?? 0
    }
}
