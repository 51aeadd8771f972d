import Crypto
import CryptoExtras
import PullcordJSON
package import PullcordModel

/// Signs statements that stand for credentials: JWT (RFC 7519) in the compact form of RFC 7515.
package struct AssertionSigner: Sendable {
    package enum Algorithm: Sendable, Equatable {
        case rs256, es256
    }

    private enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case elliptic(P256.Signing.PrivateKey)
    }

    private let key: Key
    private let keyID: String?

    /// Reads a private key in PEM, whose line breaks may be written `\n`.
    ///
    /// - Throws: ``AuthError`` if it is no key of that kind.
    package init(
        pem: Secret, algorithm: Algorithm, keyID: String? = nil
    ) throws(AuthError) {
        let text = pem.expose().replacing("\\n", with: "\n")
        self.keyID = keyID
        switch algorithm {
        case .rs256:
            guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) else {
                throw AuthError(
                    configuration: "`key` is no RSA key in PEM of at least 2048 bits",
                    hint: "RS256 wants -----BEGIN PRIVATE KEY----- of an RSA key, not encrypted")
            }
            self.key = .rsa(key)
        case .es256:
            guard let key = try? P256.Signing.PrivateKey(pemRepresentation: text) else {
                throw AuthError(
                    configuration: "`key` is no key of the curve P-256 in PEM",
                    hint: "ES256 wants -----BEGIN PRIVATE KEY----- of a P-256 key, not encrypted")
            }
            self.key = .elliptic(key)
        }
    }

    /// What a statement says.
    package struct Claims: Sendable, Equatable {
        package var issuer: String
        package var subject: String?
        package var audience: String
        package var lifetime: Duration
        /// The members of a JSON object without its braces; empty for none.
        package var others: [UInt8]

        package init(
            issuer: String, subject: String? = nil, audience: String, lifetime: Duration,
            others: [UInt8] = []
        ) {
            self.issuer = issuer
            self.subject = subject
            self.audience = audience
            self.lifetime = lifetime
            self.others = others
        }
    }

    /// A statement made at `now`; no two are alike.
    package func sign(_ claims: Claims, now: Timestamp) throws(AuthError) -> Secret {
        var header = JSONWriter()
        header.beginObject()
        switch key {
        case .rsa: header.member("alg", "RS256")
        case .elliptic: header.member("alg", "ES256")
        }
        header.member("typ", "JWT")
        if let keyID { header.member("kid", keyID) }
        header.endObject()
        let seconds = now.milliseconds / 1000
        var payload = JSONWriter()
        payload.beginObject()
        payload.member("iss", claims.issuer)
        if let subject = claims.subject { payload.member("sub", subject) }
        payload.member("aud", claims.audience)
        payload.key("iat")
        payload.number(seconds)
        payload.key("exp")
        payload.number(seconds + claims.lifetime.components.seconds)
        payload.member("jti", Self.identifier())
        payload.endObject()
        var body = payload.bytes
        if !claims.others.isEmpty {
            body.removeLast()
            body += [0x2C] + claims.others + [0x7D]
        }
        let input = Base64.urlSafe(header.bytes) + "." + Base64.urlSafe(body)
        return Secret(input + "." + Base64.urlSafe(try signature(of: Array(input.utf8))))
    }

    private func signature(of bytes: [UInt8]) throws(AuthError) -> [UInt8] {
        do {
            switch key {
            case .rsa(let key):
                let signature = try key.signature(
                    for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
                return Array(signature.rawRepresentation)
            case .elliptic(let key):
                return Array(try key.signature(for: bytes).rawRepresentation)
            }
        } catch {
            throw AuthError(configuration: "the key cannot sign: \(error)")
        }
    }

    private static func identifier() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }
}

extension Base64 {
    /// The alphabet of RFC 4648, section 5, without padding.
    static func urlSafe(_ bytes: [UInt8]) -> String {
        encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
