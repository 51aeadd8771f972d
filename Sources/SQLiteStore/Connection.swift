import Dispatch
import GRDB
import PullcordCommit

/// One connection with a queue of its own, so that no wait for a disk holds a Swift task's thread.
struct Connection: Sendable {
    private let queue: DatabaseQueue

    private init(_ queue: DatabaseQueue) { self.queue = queue }

    /// Opens the connection that writes; the file must be there, and may be empty.
    static func writer(
        _ path: String, fileBytesMax: Int?
    ) throws(Failure) -> Connection {
        var configuration = Configuration()
        configuration.label = "pullcord.store.writer"
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            // Small pages: keys in no order touch one page each, and all of it goes to the log.
            // The size counts for a new file only, and before its journal mode is set.
            for sql in ["PRAGMA page_size = \(pageBytes)", "PRAGMA mmap_size = 0"] {
                _ = try PreparedStatement(sql, database).first { _ in () }
            }
            let mode = try PreparedStatement("PRAGMA journal_mode = WAL", database).first {
                $0.text(0)
            }
            guard mode == "wal" else {
                throw Failure(
                    .io, "this file system does not carry a write-ahead log",
                    hint: "put the store on a local disk")
            }
            var settings = [
                "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
                "PRAGMA cache_size = -49152", "PRAGMA wal_autocheckpoint = \(logPagesKept)",
                "PRAGMA journal_size_limit = \(logPagesKept * pageBytes)",
            ]
            if let fileBytesMax {
                settings.append("PRAGMA max_page_count = \(max(1, fileBytesMax / pageBytes))")
            }
            for sql in settings {
                _ = try PreparedStatement(sql, database).first { _ in () }
            }
        }
        return try open(path, configuration)
    }

    private static let pageBytes = 4096
    /// Pages of the log at which they are copied into the file: 32 MiB, so that a page that many
    /// transactions change is copied once.
    private static let logPagesKept = 8192

    /// Opens a connection that only reads; it never waits for the one that writes.
    static func reader(
        _ path: String, _ purpose: String, cacheKilobytes: Int = 4096
    ) throws(Failure) -> Connection {
        var configuration = Configuration()
        configuration.label = "pullcord.store.\(purpose)"
        configuration.readonly = true
        // Readers meet a lock only while another process recovers or removes the log.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            let settings = [
                "PRAGMA mmap_size = 0", "PRAGMA temp_store = MEMORY",
                "PRAGMA cache_size = -\(cacheKilobytes)",
            ]
            for sql in settings {
                _ = try PreparedStatement(sql, database).first { _ in () }
            }
        }
        return try open(path, configuration)
    }

    private static func open(
        _ path: String, _ configuration: Configuration
    ) throws(Failure) -> Connection {
        do {
            return Connection(try DatabaseQueue(path: path, configuration: configuration))
        } catch {
            throw Failure(error)
        }
    }

    /// Runs `body` on the connection's queue, after what was started there before.
    func start(_ body: @escaping @Sendable (Database) -> Void) {
        queue.asyncWriteWithoutTransaction(body)
    }

    /// Reads in one transaction: all statements of `body` see the same state.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async -> Result<Value, Failure> {
        await withCheckedContinuation { continuation in
            start { database in
                continuation.resume(returning: Self.transaction("BEGIN", database, body))
            }
        }
    }

    /// Runs what cannot be part of a transaction.
    func alone<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async -> Result<Value, Failure> {
        await withCheckedContinuation { continuation in
            start { database in
                do throws(Failure) {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// Writes in one transaction of its own.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async -> Result<Value, Failure> {
        await withCheckedContinuation { continuation in
            start { database in
                continuation.resume(
                    returning: Self.transaction("BEGIN IMMEDIATE", database, body))
            }
        }
    }

    /// Runs `body` while the caller waits: for opening only, where there is no other work.
    func wait<Value>(
        _ body: (Database) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        do {
            return try queue.writeWithoutTransaction { database in try body(database) }
        } catch {
            throw Failure(error)
        }
    }

    private static func transaction<Value>(
        _ begin: String, _ database: Database, _ body: (Database) throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        Result { () throws(Failure) in
            try PreparedStatement(begin, database).run()
            do throws(Failure) {
                let value = try body(database)
                try PreparedStatement("COMMIT", database).run()
                return value
            } catch {
                // A statement that failed may have ended the transaction already.
                try? PreparedStatement("ROLLBACK", database).run()
                throw error
            }
        }
    }

    /// Closes the connection after what was started before.
    func close() {
        // Fails only if a statement is still in use, and then the kernel closes the file.
        try? queue.close()
    }
}
