package import PullcordModel

/// Credentials that a server has replaced, sealed by who keeps them here: the store cannot read
/// them.
package protocol CredentialReader: Sendable {
    /// What was kept last under a name; nil for nothing.
    func credential(_ name: String) async throws(StoreError) -> [UInt8]?
}

/// Keeps credentials that a server has replaced.
package protocol CredentialStore: CredentialReader {
    /// Keeps bytes under a name, instead of what was kept under it; durable when it returns.
    func setCredential(
        _ bytes: [UInt8], for name: String, at time: Timestamp
    ) async throws(StoreError)
}
