import Crypto
package import PullcordModel

/// Keys that secrets are sealed with at rest: AES-256-GCM (NIST SP 800-38D).
///
/// The first seals, all of them open. A key is written `plk_` and the base64 of 32 bytes.
/// Descriptions and reflections of it show `***` only.
package struct SealingKeys: Sendable {
    package static let prefix = "plk_"
    private static let byteCount = 32
    /// Keys that are tried: the one in use, and those that are being replaced.
    package static let countMax = 8

    private struct Key: Sendable {
        let key: SymmetricKey
        let identifier: String
    }

    private let keys: [Key]

    /// Reads keys, the one that seals first; at least one.
    package init(parsing texts: [Secret]) throws(SigningError) {
        guard !texts.isEmpty, texts.count <= Self.countMax else {
            throw SealingFailure.refusal(
                .notAKey, "1 to \(Self.countMax) keys are needed", operation: "sealing key")
        }
        var keys: [Key] = []
        for text in texts { keys.append(try Self.read(text.expose())) }
        self.keys = keys
    }

    /// A new key from the system's secure random numbers.
    package static func generate() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes: [UInt8] = (0..<byteCount).map { _ in generator.next() }
        return Secret(prefix + Base64.encode(bytes))
    }

    /// Which key seals: a name from which nobody learns the key.
    package var identifier: String { keys.first?.identifier ?? "" }

    private static func read(_ text: String) throws(SigningError) -> Key {
        guard text.hasPrefix(prefix) else {
            throw SealingFailure.refusal(
                .missingPrefix, "the text does not begin with \(prefix)", operation: "sealing key")
        }
        guard let bytes = Base64.decode(String(text.dropFirst(prefix.count))),
            bytes.count == byteCount
        else {
            throw SealingFailure.refusal(
                .notAKey, "what follows \(prefix) is not the padded base64 of \(byteCount) bytes",
                operation: "sealing key")
        }
        var hash = SHA256()
        hash.update(data: Array("pullcord sealing key 1\n".utf8))
        hash.update(data: bytes)
        let identifier = Hexadecimal.text(Array(hash.finalize().prefix(6)))
        return Key(key: SymmetricKey(data: bytes), identifier: identifier)
    }

    // MARK: Sealing

    private static let form = "v1"

    /// Seals a text for one place: it opens there and nowhere else.
    ///
    /// The form is `v1.KEY.BASE64` of a random nonce, the sealed bytes and the tag; the place is
    /// authenticated beside it.
    package func seal(_ secret: Secret, for place: String) throws(SigningError) -> String {
        guard let key = keys.first,
            let box = try? AES.GCM.seal(
                Array(secret.expose().utf8), using: key.key,
                authenticating: Array(place.utf8)),
            let bytes = box.combined
        else {
            throw SealingFailure.refusal(.notAKey, "nothing could be sealed", operation: "seal")
        }
        return "\(Self.form).\(key.identifier).\(Base64.encode(Array(bytes)))"
    }

    /// Opens what ``seal(_:for:)`` has made for the same place.
    ///
    /// - Throws: ``SigningError`` with `sealed_other_key` if it was sealed with a key that is not
    ///   among these, and `sealed_damaged` if it was changed, cut, or moved from another place.
    package func open(_ sealed: String, for place: String) throws(SigningError) -> Secret {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == Self.form, let bytes = Base64.decode(parts[2]) else {
            throw SealingFailure.damaged
        }
        guard let key = keys.first(where: { $0.identifier == parts[1] }) else {
            throw SealingFailure.refusal(
                .otherKey,
                "it is sealed with the key \(StrangerText.printable(parts[1])), which is not at hand",
                operation: "open",
                hint: "give the bridge file that key beside the others: secrets.key")
        }
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(
                box, using: key.key, authenticating: Array(place.utf8)),
            let text = String(validating: Array(plain), as: UTF8.self)
        else { throw SealingFailure.damaged }
        return Secret(text)
    }

    /// Whether a sealed text was sealed with the key that seals now.
    package func isCurrent(_ sealed: String) -> Bool {
        sealed.hasPrefix("\(Self.form).\(identifier).")
    }
}

extension SealingKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What may go wrong with sealed texts.
private enum SealingFailure {
    static let damaged = refusal(
        .damaged, "the sealed text was changed or belongs to another place", operation: "open",
        hint: "write the secret itself again")

    static func refusal(
        _ code: SigningError.Code, _ message: String, operation: String,
        hint: String = "`pullcord secrets key` makes a key"
    ) -> SigningError {
        SigningError(code: code, operation: operation, message: message, hint: hint)
    }
}

private enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
