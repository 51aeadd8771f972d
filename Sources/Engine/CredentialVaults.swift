import PullcordAuth
import PullcordCommit
import PullcordModel

/// Keeps in the store what servers have replaced.
struct StoreVault: CredentialVault {
    let store: any Store
    let time: any TimeSource

    var isWritable: Bool { true }

    func load(_ name: String) async throws -> [UInt8]? { try await store.credential(name) }

    func save(_ bytes: [UInt8], as name: String) async throws {
        try await store.setCredential(bytes, for: name, at: time.wall())
    }
}

/// Reads what a daemon keeps, for a rehearsal.
struct RehearsalVault: CredentialVault {
    let reader: (any CredentialReader)?

    var isWritable: Bool { false }

    func load(_ name: String) async throws -> [UInt8]? { try await reader?.credential(name) }

    func save(_ bytes: [UInt8], as name: String) async throws {}
}
