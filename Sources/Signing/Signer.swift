package import PullcordModel

/// The names of the three headers of Standard Webhooks 1.0.0, in lower case.
package enum WebhookHeader {
    package static let id = "webhook-id"
    package static let timestamp = "webhook-timestamp"
    package static let signature = "webhook-signature"
}

/// Signs a body as Standard Webhooks 1.0.0 says: scheme `v1`, HMAC-SHA256, and `v1a`, Ed25519.
package enum Signer {
    /// One signature, `v1,` and base64, over `id.timestamp.body`.
    ///
    /// The id must hold no dot, or two different messages could have the same signed bytes; the
    /// timestamp is that of the attempt, in seconds since 1970.
    package static func sign(
        id: String, timestamp seconds: Int64, body: [UInt8], with secret: SigningSecret
    ) -> String {
        let code = secret.authenticationCode(id: id, timestamp: String(seconds), body: body)
        return "v1," + Base64.encode(Array(code))
    }

    /// The same with an Ed25519 key: `v1a,` and base64; nil if the key cannot sign now.
    package static func sign(
        id: String, timestamp seconds: Int64, body: [UInt8], with key: Ed25519Key
    ) -> String? {
        key.signature(of: Array("\(id).\(seconds).".utf8) + body).map { "v1a," + Base64.encode($0) }
    }

    /// The three headers of one attempt.
    ///
    /// Each secret makes one signature, in their order: while a secret is being replaced, the
    /// receiver may hold either. That of the `key` comes last, because receivers that know only
    /// `v1` look there first.
    package static func headers(
        id: EventID, time: Timestamp, body: [UInt8], secrets: [SigningSecret],
        key: Ed25519Key? = nil
    ) -> [(name: String, value: String)] {
        let seconds = time.seconds
        var signatures = secrets.map {
            sign(id: id.text, timestamp: seconds, body: body, with: $0)
        }
        if let key, let signature = sign(id: id.text, timestamp: seconds, body: body, with: key) {
            signatures.append(signature)
        }
        return [
            (WebhookHeader.id, id.text), (WebhookHeader.timestamp, String(seconds)),
            (WebhookHeader.signature, signatures.joined(separator: " ")),
        ]
    }
}
