import GRDB
package import PullcordCommit
package import PullcordModel

/// Reads a store that another process may own, for the command line: it takes no lock and
/// changes nothing.
package final class SQLiteReader: StoreReader, RecordReader, CredentialReader {
    private let connection: Connection
    private let path: String

    private init(_ connection: Connection, path: String) {
        self.connection = connection
        self.path = path
    }

    deinit { connection.close() }

    /// Opens the store at `path`, which must have been made by ``SQLiteStore``.
    ///
    /// Throws `io` if there is no file, `corrupt` if it is no store and `newer_schema` if it was
    /// made by a newer Pullcord.
    package static func open(path: String) throws(StoreError) -> SQLiteReader {
        do throws(Failure) {
            let file: DatabaseFile
            do throws(Failure) {
                file = try DatabaseFile(existing: path)
            } catch {
                throw Failure(error.code, error.message, hint: nothingYet)
            }
            let connection = try Connection.reader(file.path, "reader")
            let version = try connection.wait(Migrator.check)
            guard version == Schema.version else {
                throw Failure(
                    .corrupt, "the store has schema version \(version) of \(Schema.version)",
                    hint: version == 0 ? nothingYet : "start Pullcord, which brings it up to date")
            }
            return SQLiteReader(connection, path: path)
        } catch {
            throw error.during("open", of: path)
        }
    }

    private static let nothingYet = "nothing has run yet: start Pullcord, or name another store"

    package func credential(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await connection.read { database throws(Failure) in
            try CredentialTable.bytes(name, database)
        }.get("credential", path)
    }

    package func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        let state = try await connection.read { database throws(Failure) in
            try StreamTable.state(of: stream, database)
        }.get("state", path)
        return state ?? .unknown(stream)
    }

    package func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        try await connection.read { database throws(Failure) in
            try RecordTable.known(keys, of: stream, database)
        }.get("known", path)
    }

    package func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await RecordTable.unseen(after: after, limit: limit) {
            start, rest async throws(StoreError) in
            try await connection.read { database throws(Failure) in
                try RecordTable.unseen(
                    of: stream, seen: seen, after: start, limit: rest, database)
            }.get("unseen", path)
        }
    }

    package func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await connection.read { database throws(Failure) in
            try KeptTable.bytes(of: records, in: stream, bytesMax: bytesMax, database)
        }.get("kept", path)
    }

    package func provenance(of event: EventID) async throws(StoreError) -> EventProvenance? {
        try await connection.read { database throws(Failure) in
            try PageTable.provenance(of: event, database)
        }.get("provenance", path)
    }

    package func streams() async throws(StoreError) -> [StreamState] {
        try await connection.read { database throws(Failure) in
            try StreamTable.all(database)
        }.get("streams", path)
    }

    package func streams(of source: SourceName) async throws(StoreError) -> [StreamState] {
        try await connection.read { database throws(Failure) in
            try StreamTable.all(of: source, database)
        }.get("streams", path)
    }

    package func subscription(
        _ name: SubscriptionName
    ) async throws(StoreError) -> SubscriptionSummary? {
        try await connection.read { database throws(Failure) in
            try ReadQueries.subscription(name, database)
        }.get("subscription", path)
    }

    package func subscription(
        _ id: SubscriptionID
    ) async throws(StoreError) -> SubscriptionSummary? {
        try await connection.read { database throws(Failure) in
            try ReadQueries.subscription(id, database)
        }.get("subscription", path)
    }

    package func subscriptions(
        _ query: SubscriptionQuery
    ) async throws(StoreError) -> [SubscriptionSummary] {
        try await connection.read { database throws(Failure) in
            try ReadQueries.subscriptions(query, database)
        }.get("subscriptions", path)
    }

    package func sources(_ query: SourceQuery) async throws(StoreError) -> [SourceSummary] {
        try await connection.read { database throws(Failure) in
            try StreamTable.sources(query, database)
        }.get("sources", path)
    }

    package func events(_ query: EventQuery) async throws(StoreError) -> [EventSummary] {
        try await connection.read { database throws(Failure) in
            try ReadQueries.events(query, database)
        }.get("events", path)
    }

    func read<Value: Sendable>(
        _ operation: String,
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        try await connection.read(body).get(operation, path)
    }

    package func changeCounts(
        after: Int64, upTo: Int64
    ) async throws(StoreError) -> [ChangeCount] {
        try await connection.read { database throws(Failure) in
            try ReadQueries.changeCounts(after: after, upTo: upTo, database)
        }.get("changeCounts", path)
    }

    func alone<Value: Sendable>(
        _ operation: String,
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        try await connection.alone(body).get(operation, path)
    }

    package func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [DeliverySummary] {
        try await connection.read { database throws(Failure) in
            try ReadQueries.deliveries(query, database)
        }.get("deliveries", path)
    }

    package func kept() async throws(StoreError) -> KeptSummary {
        try await connection.read(RetentionTable.kept).get("kept", path)
    }

    package func audit(
        before: Int64?, limit: Int
    ) async throws(StoreError) -> [AuditEntry] {
        try await connection.read { database throws(Failure) in
            try OperatorTable.audit(before: before, limit: limit, database)
        }.get("audit", path)
    }

    package func logEnd() async throws(StoreError) -> Int64 {
        try await connection.read(ReplaySearch.logEnd).get("logEnd", path)
    }

    package func candidates(
        for query: ReplayQuery, after: Int64, upTo: Int64, limit: Int
    ) async throws(StoreError) -> ReplayPage {
        try await connection.read { database throws(Failure) in
            try ReplaySearch.page(query, after: after, upTo: upTo, limit: limit, database)
        }.get("candidates", path)
    }

    package func replays(
        before: ReplayID?, limit: Int
    ) async throws(StoreError) -> [ReplayJob] {
        try await connection.read { database throws(Failure) in
            try ReplayTable.jobs(before: before, limit: limit, database)
        }.get("replays", path)
    }
}

extension Result where Failure == PullcordSQLiteStore.Failure {
    /// The value, or the failure with its place.
    func get(_ operation: String, _ path: String) throws(StoreError) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let failure): throw failure.during(operation, of: path)
        }
    }
}
