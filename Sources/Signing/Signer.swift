package import PullcordModel

/// The names of the three headers of Standard Webhooks 1.0.0, in lower case.
package enum WebhookHeader {
    package static let id = "webhook-id"
    package static let timestamp = "webhook-timestamp"
    package static let signature = "webhook-signature"
}

/// Signs a body as Standard Webhooks 1.0.0 says: scheme `v1`, HMAC-SHA256.
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

    /// The three headers of one attempt.
    ///
    /// Each secret makes one signature, in their order: while a secret is being replaced, the
    /// receiver may hold either.
    package static func headers(
        id: EventID, time: Timestamp, body: [UInt8], secrets: [SigningSecret]
    ) -> [(name: String, value: String)] {
        let seconds = time.seconds
        let signatures = secrets.map {
            sign(id: id.text, timestamp: seconds, body: body, with: $0)
        }
        return [
            (WebhookHeader.id, id.text), (WebhookHeader.timestamp, String(seconds)),
            (WebhookHeader.signature, signatures.joined(separator: " ")),
        ]
    }
}
