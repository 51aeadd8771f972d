import GRDB
package import PullcordCommit
package import PullcordModel

/// Leaves requests in a store that another process owns: ordinary short transactions beside the
/// owner's own.
package final class SQLiteMailbox: OperatorMailbox {
    private let connection: Connection
    private let path: String

    /// Throws what ``SQLiteReader/open(path:)`` throws.
    package init(path: String) throws(StoreError) {
        do throws(Failure) {
            let file = try DatabaseFile(existing: path)
            connection = try Connection.writer(file.path, fileBytesMax: nil)
            guard try connection.wait(Migrator.check) == Schema.version else {
                throw Failure(
                    .corrupt, "the store was made by an older Pullcord",
                    hint: "start Pullcord again, which brings it up to date")
            }
        } catch {
            throw error.during("open", of: path)
        }
        self.path = path
    }

    deinit { connection.close() }

    package func send(
        kind: String, arguments: String, at time: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write("send") { database throws(Failure) in
            try OperatorTable.send(kind, arguments, at: time, database)
        }
    }

    package func answer(to request: Int64) async throws(StoreError) -> OperatorAnswer? {
        try await connection.read { database throws(Failure) in
            try OperatorTable.answer(to: request, database)
        }.get("answer", path)
    }

    private func write<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        try await connection.write(body).get(operation, path)
    }
}
