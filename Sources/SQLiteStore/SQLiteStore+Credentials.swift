import GRDB
package import PullcordCommit
package import PullcordModel

/// Credentials that a server has replaced.
extension SQLiteStore {
    package func credential(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await read("credential", workReader) { database throws(Failure) in
            try CredentialTable.bytes(name, database)
        }
    }

    package func setCredential(
        _ bytes: [UInt8], for name: String, at time: Timestamp
    ) async throws(StoreError) {
        try await committer.write("setCredential") { database throws(Failure) in
            try CredentialTable.set(bytes, name, at: time, database)
        }
    }
}
