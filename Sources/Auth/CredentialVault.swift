import Crypto
import PullcordJSON
import PullcordModel

/// Where credentials are kept that a server has replaced.
package protocol CredentialVault: Sendable {
    /// False where nothing can be kept, as in a rehearsal.
    var isWritable: Bool { get }

    /// What was kept last under a name; nil for nothing.
    func load(_ name: String) async throws -> [UInt8]?

    /// Keeps bytes under a name; they are safe when it returns.
    func save(_ bytes: [UInt8], as name: String) async throws
}

/// Credentials that followed the one in the file.
struct KeptTokens: Sendable, Equatable {
    var refreshToken: Secret
    var token: Secret
    /// When the token ends; nil if the server does not say.
    var end: Timestamp?
}

/// Seals credentials with a key that follows from the one in the file: nobody reads them who has
/// the store alone, and whoever pastes a new credential into the file starts anew.
struct TokenSeal: Sendable {
    private let key: SymmetricKey
    /// What the sealed bytes are kept under; it tells nothing of the credential.
    let name: String

    /// `context` tells apart what one credential is good for, as the endpoint and the client do.
    init(credential: Secret, context: [String]) {
        let material = SymmetricKey(data: Array(credential.expose().utf8))
        let salt = Array(context.map { "\($0.utf8.count):\($0)" }.joined().utf8)
        let derived = { (purpose: String) in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material, salt: salt, info: Array(purpose.utf8),
                outputByteCount: 32)
        }
        key = derived("pullcord token seal 1")
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("name".utf8), using: derived("pullcord token name 1"))
        name = Base64.urlSafe(Array(code.prefix(16)))
    }

    /// AES-GCM: nonce, ciphertext and tag; the name is bound to them.
    func seal(_ tokens: KeptTokens) throws(AuthError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("refresh")
        writer.string(tokens.refreshToken.expose())
        writer.key("token")
        writer.string(tokens.token.expose())
        if let end = tokens.end {
            writer.key("end")
            writer.number(end.milliseconds)
        }
        writer.endObject()
        let box = try? AES.GCM.seal(
            writer.bytes, using: key, authenticating: Array(name.utf8))
        guard let sealed = box?.combined else {
            throw AuthError(configuration: "the tokens could not be sealed")
        }
        return Array(sealed)
    }

    /// nil for bytes that were sealed otherwise or were changed since.
    func open(_ bytes: [UInt8]) -> KeptTokens? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Array(name.utf8)),
            let value = try? JSONValue(parsing: Array(plain)),
            case .string(let refresh)? = value["refresh"],
            case .string(let token)? = value["token"]
        else { return nil }
        var end: Timestamp?
        if case .number(let text)? = value["end"], let number = Int64(text) {
            end = Timestamp(milliseconds: number)
        }
        return KeptTokens(refreshToken: Secret(refresh), token: Secret(token), end: end)
    }
}
