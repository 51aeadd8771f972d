import GRDB
import Glibc

extension TemporaryStore {
    /// Runs SQL on the file, past the store.
    func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// How many rows a table has.
    func count(_ table: String) throws -> Int {
        let queue = try DatabaseQueue(path: path)
        let count = try queue.read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)")
        }
        try queue.close()
        return count ?? 0
    }

    /// The details of how SQLite would run a statement.
    func plan(of sql: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        let details = try queue.read { database in
            // Numbers in the places of the arguments do not change a plan.
            let text = sql.replacing("?1", with: "1").replacing("?2", with: "2")
                .replacing("?10", with: "10").replacing("?3", with: "3").replacing("?4", with: "4")
                .replacing("?5", with: "5").replacing("?6", with: "6")
                .replacing("?7", with: "'7'").replacing("?8", with: "8")
                .replacing("?9", with: "'9'")
            return try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(text)").map {
                row -> String in
                row["detail"]
            }
        }
        try queue.close()
        return details
    }

    /// The whole file; nil if there is none.
    func bytes(_ suffix: String) -> [UInt8]? {
        let descriptor = unsafe Glibc.open(path + suffix, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// Another program that is in the middle of a write transaction.
final class ForeignWriter {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func end() throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try queue.close()
    }
}
