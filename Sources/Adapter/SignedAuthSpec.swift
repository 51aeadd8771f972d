package import PullcordModel

/// AWS Signature Version 4: whose keys sign, and for what.
package struct AWSAuthSpec: Sendable, Equatable {
    package var accessKey: Template
    package var secretKey: Template
    /// Of temporary credentials; nil for lasting ones.
    package var sessionToken: Template?
    package var region: Template
    package var service: Template

    package init(
        accessKey: Template, secretKey: Template, sessionToken: Template? = nil,
        region: Template, service: Template
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
    }

    package var templates: [Template] {
        [accessKey, secretKey, region, service] + [sessionToken].compactMap { $0 }
    }
}

/// A signature by HMAC (RFC 2104): what is signed, and where the result goes.
package struct HMACAuthSpec: Sendable, Equatable {
    package var algorithm: HashAlgorithm
    package var key: Template
    package var keyEncoding: KeyEncoding
    /// Of the signature.
    package var encoding: BinaryEncoding
    /// What is signed.
    package var message: Template
    /// Of the body, for `${request.body_hash}`.
    package var bodyHash: HashAlgorithm
    package var bodyHashEncoding: BinaryEncoding
    /// Added to every request; those without `${signature}` before the message is made.
    package var headers: [NamedTemplate]
    package var query: [NamedTemplate]
    /// Who sends the signature as the password of HTTP Basic; nil if nobody does.
    package var username: Template?

    package init(
        algorithm: HashAlgorithm = .sha256, key: Template, keyEncoding: KeyEncoding = .text,
        encoding: BinaryEncoding = .hex, message: Template, bodyHash: HashAlgorithm = .sha256,
        bodyHashEncoding: BinaryEncoding = .hex, headers: [NamedTemplate] = [],
        query: [NamedTemplate] = [], username: Template? = nil
    ) {
        self.algorithm = algorithm
        self.key = key
        self.keyEncoding = keyEncoding
        self.encoding = encoding
        self.message = message
        self.bodyHash = bodyHash
        self.bodyHashEncoding = bodyHashEncoding
        self.headers = headers
        self.query = query
        self.username = username
    }

    package var templates: [Template] {
        [key, message] + headers.map(\.value) + query.map(\.value)
            + [username].compactMap { $0 }
    }
}

extension AuthSpec {
    /// The templates whose values must not be seen anywhere.
    package var secretTemplates: [Template] {
        switch self {
        case .none: []
        case .basic(_, let password), .digest(_, let password), .ntlm(_, let password):
            [password]
        case .bearer(let token): [token]
        case .apiKey(_, _, let value): [value]
        case .awsSignature(let spec):
            [spec.secretKey] + [spec.sessionToken].compactMap { $0 }
        case .hmac(let spec): [spec.key]
        case .login(let login): login.secretTemplates
        }
    }

    /// Whether its templates may name values of the request that is signed.
    package var isTemplateSigned: Bool {
        if case .hmac = self { true } else { false }
    }
}

extension TLSSpec {
    /// Every template of the paths.
    package var templates: [Template] { [authority, certificate, key].compactMap { $0 } }
}
