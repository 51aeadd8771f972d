import Crypto
package import PullcordModel

/// A private Ed25519 key (RFC 8032), written `whsk_` and base64.
///
/// What follows the prefix are 32 bytes of seed, or these and the 32 bytes of the public key
/// behind them. Descriptions and reflections of it show `***` only.
package struct Ed25519Key: Sendable, CustomStringConvertible {
    private static let prefix = "whsk_"
    private static let byteCount = 32

    private let key: Curve25519.Signing.PrivateKey

    /// Reads a key.
    ///
    /// - Throws: ``SigningError`` if the prefix, the base64 or the number of bytes is wrong, or if
    ///   the public half is not that of the seed.
    package init(parsing secret: Secret) throws(SigningError) {
        let text = secret.expose()
        guard text.hasPrefix(Self.prefix) else {
            throw Self.refusal(
                .missingPrefix, "the text does not begin with whsk_",
                text.hasPrefix("whpk_") ? "whpk_ marks the public key; the private one signs" : "")
        }
        guard let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))) else {
            throw Self.refusal(
                .notBase64, "what follows whsk_ is not padded base64",
                "look for white space, a cut end, or the URL alphabet with - and _")
        }
        guard bytes.count == Self.byteCount || bytes.count == 2 * Self.byteCount else {
            throw Self.refusal(
                bytes.count < Self.byteCount ? .tooShort : .tooLong,
                "the key has \(bytes.count) bytes, 32 or 64 are needed")
        }
        let seed = bytes.prefix(Self.byteCount)
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw Self.refusal(.notAKey, "the bytes are no Ed25519 key")
        }
        let rest = bytes.dropFirst(Self.byteCount)
        guard rest.isEmpty || rest.elementsEqual(key.publicKey.rawRepresentation) else {
            throw Self.refusal(.notAKey, "the second half is not the public key of the first")
        }
        self.key = key
    }

    private init(_ key: Curve25519.Signing.PrivateKey) { self.key = key }

    /// A new key from the system's secure random numbers.
    package static func generate() -> Ed25519Key { Ed25519Key(Curve25519.Signing.PrivateKey()) }

    /// The text to keep secret: seed and public key.
    package var text: Secret {
        Secret(
            Self.prefix
                + Base64.encode(
                    Array(key.rawRepresentation) + Array(key.publicKey.rawRepresentation)))
    }

    /// What receivers verify with.
    package var publicKey: Ed25519PublicKey { Ed25519PublicKey(key.publicKey) }

    package var description: String { "***" }

    /// 64 bytes; nil if the system has no randomness left, which its making needs.
    func signature(of bytes: [UInt8]) -> [UInt8]? {
        (try? key.signature(for: bytes)).map { Array($0) }
    }

    private static func refusal(
        _ code: SigningError.Code, _ message: String, _ hint: String = ""
    ) -> SigningError {
        SigningError(
            code: code, operation: "Ed25519 key", message: message,
            hint: hint.isEmpty ? "`pullcord secret --ed25519` makes one" : hint)
    }
}

extension Ed25519Key: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { "***" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public Ed25519 key, written `whpk_` and base64 of its 32 bytes.
package struct Ed25519PublicKey: Sendable {
    private static let prefix = "whpk_"

    private let key: Curve25519.Signing.PublicKey

    /// Reads a key.
    package init(parsing text: String) throws(SigningError) {
        guard text.hasPrefix(Self.prefix) else {
            throw SigningError(
                code: .missingPrefix, operation: "public key",
                message: "the text does not begin with whpk_",
                hint: "`pullcord secret --ed25519` prints both keys of a pair")
        }
        guard let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else {
            throw SigningError(
                code: .notBase64, operation: "public key",
                message: "what follows whpk_ is not the padded base64 of 32 bytes",
                hint: "look for a cut end")
        }
        self.key = key
    }

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// The text to hand to receivers.
    package var text: String { Self.prefix + Base64.encode(Array(key.rawRepresentation)) }

    /// A stable name for the key: its JWK thumbprint (RFC 7638, RFC 8037 appendix A.3).
    package var identifier: String {
        let members = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"\(coordinate)\"}"
        return Self.urlBase64(Array(SHA256.hash(data: Array(members.utf8))))
    }

    /// The member `x` of its JWK (RFC 8037, section 2).
    package var coordinate: String { Self.urlBase64(Array(key.rawRepresentation)) }

    func isValid(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: bytes)
    }

    /// Base64 of RFC 4648, section 5, without padding, as RFC 7515 writes it.
    private static func urlBase64(_ bytes: [UInt8]) -> String {
        String(
            Base64.encode(bytes).compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
