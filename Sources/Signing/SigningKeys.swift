package import PullcordModel

/// Everything that the webhooks of one subscription are signed with.
package struct SigningKeys: Sendable {
    /// A secret, and until when it signs.
    package struct TimedSecret: Sendable, Hashable {
        package let secret: SigningSecret
        /// nil for a secret without an end.
        package let until: Timestamp?

        package init(_ secret: SigningSecret, until: Timestamp? = nil) {
            self.secret = secret
            self.until = until
        }
    }

    /// The current one first, then those that are being replaced.
    package let secrets: [TimedSecret]
    /// Makes a `v1a` signature beside those of the secrets.
    package let ed25519: Ed25519Key?
    /// How the whole request is signed (RFC 9421); nil for not at all.
    package let requests: MessageSignature.Algorithm?

    package init(
        secrets: [TimedSecret], ed25519: Ed25519Key? = nil,
        requests: MessageSignature.Algorithm? = nil
    ) {
        self.secrets = secrets
        self.ed25519 = ed25519
        self.requests = requests
    }

    /// The secrets that sign at a time, in their order.
    package func secrets(at time: Timestamp) -> [SigningSecret] {
        secrets.compactMap { entry in
            guard let until = entry.until, until <= time else { return entry.secret }
            return nil
        }
    }

    /// The keys that sign a whole request at a time; several while a secret is being replaced.
    package func messageKeys(at time: Timestamp) -> [MessageSignature.Key] {
        switch requests {
        case nil: []
        case .hmac: secrets(at: time).map { .secret($0) }
        case .ed25519: ed25519.map { [.ed25519($0)] } ?? []
        }
    }

    /// Every text of these keys that must not be seen.
    package var texts: [Secret] {
        secrets.map(\.secret.text) + (ed25519.map { [$0.text] } ?? [])
    }
}
