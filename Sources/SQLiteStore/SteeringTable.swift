import GRDB
package import PullcordCommit
package import PullcordModel

/// What operators have done to sources: the rows of `paused`, and cursors that were set.
enum SteeringTable {
    static func setPaused(
        _ isPaused: Bool, _ source: SourceName, at time: Timestamp, _ database: Database
    ) throws(Failure) {
        let statement = try PreparedStatement(
            isPaused
                ? """
                INSERT INTO paused (source, since) VALUES (?1, ?2)
                ON CONFLICT (source) DO NOTHING
                """
                : "DELETE FROM paused WHERE source = ?1", database)
        try statement.bind(1, text: source.text)
        if isPaused { try statement.bind(2, time) }
        try statement.run()
    }

    static func paused(_ database: Database) throws(Failure) -> [PausedSource] {
        try PreparedStatement("SELECT source, since FROM paused ORDER BY source", database).all {
            PausedSource(
                source: SourceName($0.text(0)), since: Timestamp(milliseconds: $0.integer(1)))
        }
    }

    static func setCursor(
        _ cursor: String?, forgetsBaseline: Bool, of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE stream SET cursor = ?2, entity_tag = NULL, last_modified = NULL,
                validators_request = NULL,
                has_baseline = CASE WHEN ?3 THEN 0 ELSE has_baseline END,
                rules = CASE WHEN ?3 THEN NULL ELSE rules END,
                pending_rules = CASE WHEN ?3 THEN NULL ELSE pending_rules END
            WHERE id = ?1
            """, database)
        try update.bind(1, stream.number)
        try update.bind(2, text: cursor)
        try update.bind(3, forgetsBaseline ? 1 : 0)
        try update.run()
        guard update.changes == 1 else {
            throw Failure(.fault, "stream \(stream.number) is not registered")
        }
    }
}

extension SQLiteStore {
    package func setPaused(
        _ isPaused: Bool, _ source: SourceName, at time: Timestamp
    ) async throws(StoreError) {
        try await committer.write("setPaused") { database throws(Failure) in
            try SteeringTable.setPaused(isPaused, source, at: time, database)
        }
    }

    package func pausedSources() async throws(StoreError) -> [PausedSource] {
        try await read("pausedSources", workReader, SteeringTable.paused)
    }

    package func setCursor(
        _ cursor: String?, forgetsBaseline: Bool, of stream: StreamID
    ) async throws(StoreError) {
        try await committer.write("setCursor") { database throws(Failure) in
            try SteeringTable.setCursor(
                cursor, forgetsBaseline: forgetsBaseline, of: stream, database)
        }
    }
}

extension SQLiteReader {
    package func pausedSources() async throws(StoreError) -> [PausedSource] {
        try await read("pausedSources", SteeringTable.paused)
    }
}
