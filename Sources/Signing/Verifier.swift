import Crypto
package import PullcordModel

/// Verifies webhooks of Standard Webhooks 1.0.0, the receiver's side of ``Signer``.
package struct Verifier: Sendable {
    /// Signatures looked at in one webhook: a hostile header must not buy many comparisons.
    private static let signaturesMax = 32
    /// Bytes of an id; ours have 30.
    private static let idBytesMax = 256

    private let secrets: [SigningSecret]
    private let publicKeys: [Ed25519PublicKey]
    private let tolerance: Duration

    /// Any of `secrets` (`v1`) or of `publicKeys` (`v1a`) may have signed.
    ///
    /// `tolerance` is how far the timestamp may be from now, either way; five minutes is what
    /// the reference libraries use.
    package init(
        secrets: [SigningSecret], publicKeys: [Ed25519PublicKey] = [],
        tolerance: Duration = .seconds(300)
    ) {
        self.secrets = secrets
        self.publicKeys = publicKeys
        self.tolerance = tolerance
    }

    /// Judges one webhook by its headers, in any order and any case, and the bytes of its body.
    package func verify(
        headers: [(name: String, value: String)], body: [UInt8], now: Timestamp
    ) -> Verdict {
        switch WebhookHeaders.read(headers) {
        case .failure(let refused): refused.verdict
        case .success(let read): verify(read, body: body, now: now)
        }
    }

    private func verify(_ headers: WebhookHeaders, body: [UInt8], now: Timestamp) -> Verdict {
        guard !headers.id.isEmpty, headers.id.utf8.count <= Self.idBytesMax,
            !headers.id.utf8.contains(0x2E)
        else { return .malformed("webhook-id is empty, longer than 256 bytes, or holds a dot") }
        guard let seconds = Self.seconds(headers.timestamp) else { return .badTimestamp }
        let age = now - Timestamp(milliseconds: seconds * 1000)
        if age > tolerance { return .tooOld(by: age) }
        if age < .zero - tolerance { return .tooNew(by: .zero - age) }
        let tokens = headers.signature.split(separator: " ")
        guard !tokens.isEmpty, tokens.count <= Self.signaturesMax else {
            return .malformed("webhook-signature has no signature, or more than 32")
        }
        guard tokens.allSatisfy({ $0.utf8.contains(0x2C) }) else {
            return .malformed("webhook-signature is not a list of version,base64")
        }
        return matches(tokens, headers, body) ? .valid : .noMatchingSignature
    }

    private func matches(
        _ tokens: [Substring], _ headers: WebhookHeaders, _ body: [UInt8]
    ) -> Bool {
        // Versions unknown here are other schemes' signatures beside ours, so they are passed by.
        let codes = tokens.filter { $0.hasPrefix("v1,") }
            .compactMap { Base64.decode(String($0.dropFirst(3))) }
        let isSymmetric = secrets.contains { secret in
            let expected = secret.authenticationCode(
                id: headers.id, timestamp: headers.timestamp, body: body)
            // This comparison takes the same time wherever the first difference is.
            return codes.contains { expected == $0 }
        }
        return isSymmetric || matchesPublicKey(tokens, headers, body)
    }

    private func matchesPublicKey(
        _ tokens: [Substring], _ headers: WebhookHeaders, _ body: [UInt8]
    ) -> Bool {
        guard !publicKeys.isEmpty else { return false }
        let signed = Array("\(headers.id).\(headers.timestamp).".utf8) + body
        let signatures = tokens.filter { $0.hasPrefix("v1a,") }
            .compactMap { Base64.decode(String($0.dropFirst(4))) }
        return publicKeys.contains { key in
            signatures.contains { key.isValid($0, of: signed) }
        }
    }

    /// At most 12 digits: the year 33658, and the product with 1,000 stays in range.
    private static func seconds(_ text: String) -> Int64? {
        guard (1...12).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }
}

/// The three headers, each there exactly once.
private struct WebhookHeaders {
    let id: String
    let timestamp: String
    let signature: String

    struct Refused: Error { let verdict: Verdict }

    static func read(_ headers: [(name: String, value: String)]) -> Result<Self, Refused> {
        var found: [String: String] = [:]
        for (name, value) in headers {
            let name = name.lowercased()
            guard names.contains(name) else { continue }
            guard found.updateValue(value, forKey: name) == nil else {
                return .failure(Refused(verdict: .malformed("the header \(name) is there twice")))
            }
        }
        for name in names where found[name] == nil {
            return .failure(Refused(verdict: .missingHeader(name)))
        }
        return .success(
            WebhookHeaders(
                id: found[WebhookHeader.id, default: ""],
                timestamp: found[WebhookHeader.timestamp, default: ""],
                signature: found[WebhookHeader.signature, default: ""]))
    }

    private static let names = [
        WebhookHeader.id, WebhookHeader.timestamp, WebhookHeader.signature,
    ]
}
