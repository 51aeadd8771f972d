import Crypto
package import PullcordModel

/// A symmetric key of Standard Webhooks 1.0.0: 24 to 64 bytes, written `whsec_` and base64.
///
/// Descriptions and reflections of it show `***` only.
package struct SigningSecret: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes a key may have (Standard Webhooks 1.0.0, "Signature scheme").
    package static let keyByteCounts = 24...64
    private static let prefix = "whsec_"

    private let key: [UInt8]

    /// Reads the text that sender and receiver share.
    ///
    /// The padding of base64 is required, white space is refused: a secret that only one side
    /// accepts is found out at the first delivery otherwise.
    package init(parsing text: String) throws(SigningError) {
        guard text.hasPrefix(Self.prefix) else { throw Self.wrongPrefix(text) }
        guard let key = Base64.decode(String(text.dropFirst(Self.prefix.count))) else {
            throw Self.refusal(
                .notBase64, "what follows whsec_ is not padded base64",
                "look for white space, a cut end, or the URL alphabet with - and _")
        }
        guard key.count >= Self.keyByteCounts.lowerBound else {
            throw Self.refusal(
                .tooShort, "the key has \(key.count) bytes, at least 24 are needed",
                "make one with: echo whsec_$(openssl rand -base64 32)")
        }
        guard key.count <= Self.keyByteCounts.upperBound else {
            throw Self.refusal(
                .tooLong, "the key has \(key.count) bytes, at most 64 are allowed",
                "make one with: echo whsec_$(openssl rand -base64 32)")
        }
        self.key = key
    }

    /// Reads the text inside a box; see ``init(parsing:)-(String)``.
    package init(parsing secret: Secret) throws(SigningError) {
        try self.init(parsing: secret.expose())
    }

    /// A new secret of 32 bytes from the system's secure random numbers.
    package static func generate() -> SigningSecret {
        var generator = SystemRandomNumberGenerator()
        return SigningSecret(key: (0..<32).map { _ in generator.next() })
    }

    private init(key: [UInt8]) { self.key = key }

    /// The text to hand to the receiver, `whsec_…`.
    package var text: Secret { Secret(Self.prefix + Base64.encode(key)) }

    package var description: String { "***" }

    /// HMAC-SHA256 over `id.timestamp.body`; computed in pieces, so that the body is not copied.
    func authenticationCode(
        id: String, timestamp: String, body: [UInt8]
    ) -> HashedAuthenticationCode<SHA256> {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return code.finalize()
    }

    /// HMAC-SHA256 over bytes.
    func authenticationCode(of bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }

    /// A stable name: 96 bits of a hash, from which nobody learns 24 random bytes.
    var identifier: String {
        var hash = SHA256()
        hash.update(data: Array("pullcord key 1\n".utf8))
        hash.update(data: key)
        return "hmac-" + hash.finalize().prefix(12).map { Self.hexadecimal($0) }.joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }

    private static func wrongPrefix(_ text: String) -> SigningError {
        guard text.hasPrefix("whsk_") || text.hasPrefix("whpk_") else {
            return refusal(
                .missingPrefix, "the text does not begin with whsec_",
                "write whsec_ followed by the base64 of 24 to 64 random bytes")
        }
        return refusal(
            .asymmetric, "whsk_ and whpk_ mark Ed25519 keys",
            "use a shared secret that begins with whsec_ here, and `ed25519` for the key")
    }

    private static func refusal(
        _ code: SigningError.Code, _ message: String, _ hint: String
    ) -> SigningError {
        SigningError(code: code, operation: "signing secret", message: message, hint: hint)
    }
}

extension SigningSecret: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { "***" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
