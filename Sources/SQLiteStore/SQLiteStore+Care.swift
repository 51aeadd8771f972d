import GRDB
package import PullcordCommit

/// Looking after a store: who owns it, whether it is whole, and copies of it.
extension SQLiteStore {
    /// Which process owns the store at `path`, as in `process 42 since 2026-01-31T09:30:00.000Z`;
    /// nil if none does.
    package static func owner(path: String) -> String? {
        guard let file = try? DatabaseFile(existing: path) else { return nil }
        return OwnerLock.owner(path: file.path + ".lock")
    }
}

extension SQLiteReader {
    /// What is wrong with the file, as SQLite finds it (`PRAGMA quick_check`); empty if nothing is.
    ///
    /// It reads the whole store, which may take a minute for some gigabytes.
    package func damage() async throws(StoreError) -> [String] {
        try await read("check") { database throws(Failure) in
            try PreparedStatement("PRAGMA quick_check(20)", database).all { $0.text(0) }
                .filter { $0 != "ok" }
        }
    }

    /// Writes a copy of the store as it is at this moment into a new file; a daemon may go on
    /// working meanwhile.
    ///
    /// The copy is compact and has no log beside it (`VACUUM INTO`). Throws `io` if the file is
    /// there already or cannot be written.
    package func copy(to target: String) async throws(StoreError) {
        try await alone("backup") { database throws(Failure) in
            let statement = try PreparedStatement("VACUUM INTO ?1", database)
            try statement.bind(1, text: target)
            try statement.run()
        }
    }
}
