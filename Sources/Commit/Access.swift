package import PullcordModel

/// What the bearer of a token may do; each includes those before it.
package enum AccessScope: String, Sendable, CaseIterable, Comparable {
    /// Look at everything but secrets.
    case read
    /// Steer what is there: pause, poll, replay, enable, decide.
    case operate
    /// Make, change and delete sources and subscriptions.
    case admin

    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.read, .operate), (.read, .admin), (.operate, .admin): true
        case (.read, .read), (.operate, _), (.admin, _): false
        }
    }
}

/// A token of the HTTP API as it is kept: not the token itself, only its hash.
package struct AccessToken: Sendable, Equatable {
    package let name: String
    /// SHA-256 of the token's text.
    package let hash: [UInt8]
    package let scope: AccessScope
    package let made: Timestamp
    /// nil for one that does not expire.
    package let expires: Timestamp?
    package let lastUsed: Timestamp?

    package init(
        name: String, hash: [UInt8], scope: AccessScope, made: Timestamp, expires: Timestamp?,
        lastUsed: Timestamp? = nil
    ) {
        self.name = name
        self.hash = hash
        self.scope = scope
        self.made = made
        self.expires = expires
        self.lastUsed = lastUsed
    }

    package func isExpired(at time: Timestamp) -> Bool { expires.map { $0 <= time } ?? false }
}

/// An answer that is given again to whoever repeats a request under the same key.
package struct KeptAnswer: Sendable, Equatable {
    /// A hash of who asked and of their key.
    package let key: Fingerprint
    /// A hash of what was asked: another request under the same key is refused.
    package let request: Fingerprint
    package let status: Int
    package let contentType: String
    package let body: [UInt8]
    package let made: Timestamp

    package init(
        key: Fingerprint, request: Fingerprint, status: Int, contentType: String, body: [UInt8],
        made: Timestamp
    ) {
        self.key = key
        self.request = request
        self.status = status
        self.contentType = contentType
        self.body = body
        self.made = made
    }
}

/// Who may come in: the side of those who look.
package protocol AccessReader: Sendable {
    /// By name.
    func tokens() async throws -> [AccessToken]

    /// nil if nothing was kept under the key.
    func keptAnswer(_ key: Fingerprint) async throws -> KeptAnswer?
}

/// Who may come in: the owner's side.
///
/// What it throws is a ``StoreError``.
package protocol AccessStore: Sendable {
    /// False if there is a token of that name, or ``Limits/tokensMax`` of them.
    func add(_ token: AccessToken) async throws -> Bool

    /// False if there is none of that name.
    func revokeToken(_ name: String) async throws -> Bool

    /// Writes down when a token was last used; one that is gone is no error.
    func markUsed(_ token: String, at time: Timestamp) async throws

    /// Keeps an answer, unless there is one of that key; the oldest beyond
    /// ``Limits/keptAnswersMax`` go.
    func keep(_ answer: KeptAnswer) async throws
}
