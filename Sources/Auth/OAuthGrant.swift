import PullcordJSON
package import PullcordModel
import PullcordTransfer

/// A grant with all its values (RFC 6749, section 4; RFC 7523).
package struct OAuthGrant: Sendable {
    package enum Kind: Sendable, Equatable {
        case clientCredentials
        /// The one of the file.
        case refreshToken(Secret)
        case password(username: String, password: Secret)
        case jwtBearer
    }

    package enum ClientProof: Sendable, Equatable {
        /// A client without a secret says its name only.
        case none
        case basic(Secret)
        case body(Secret)
        case assertion
    }

    /// How statements are made that stand for credentials.
    package struct Assertion: Sendable {
        package let signer: AssertionSigner
        package let claims: AssertionSigner.Claims

        package init(signer: AssertionSigner, claims: AssertionSigner.Claims) {
            self.signer = signer
            self.claims = claims
        }
    }

    package let kind: Kind
    package let tokenURL: String
    package let clientID: String?
    package let proof: ClientProof
    package let scope: String?
    package let assertion: Assertion?
    /// Further form items.
    package let parameters: [(name: String, value: String)]

    package init(
        kind: Kind, tokenURL: String, clientID: String?, proof: ClientProof,
        scope: String? = nil, assertion: Assertion? = nil,
        parameters: [(name: String, value: String)] = []
    ) {
        self.kind = kind
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.proof = proof
        self.scope = scope
        self.assertion = assertion
        self.parameters = parameters
    }

    /// What must not be seen where an answer echoes the request.
    var secrets: [Secret] {
        var secrets: [Secret] = []
        switch kind {
        case .clientCredentials, .jwtBearer: break
        case .refreshToken(let token): secrets.append(token)
        case .password(_, let password): secrets.append(password)
        }
        switch proof {
        case .none, .assertion: break
        case .basic(let secret), .body(let secret): secrets.append(secret)
        }
        return secrets
    }

    /// The request for a token; `refreshToken` stands instead of the file's, `note` is told of
    /// what is secret in it.
    func request(
        refreshToken: Secret? = nil, now: Timestamp, note: ([Secret]) -> Void
    ) throws(AuthError) -> HTTPRequest {
        var items: [(String, String)] = []
        switch kind {
        case .clientCredentials: items.append(("grant_type", "client_credentials"))
        case .refreshToken(let first):
            items.append(("grant_type", "refresh_token"))
            items.append(("refresh_token", (refreshToken ?? first).expose()))
        case .password(let username, let password):
            items.append(("grant_type", "password"))
            items += [("username", username), ("password", password.expose())]
        case .jwtBearer:
            let statement = try statement(asClient: false, now: now)
            note([statement])
            items.append(("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"))
            items.append(("assertion", statement.expose()))
        }
        if let scope { items.append(("scope", scope)) }
        var headers = [
            HTTPField("Content-Type", "application/x-www-form-urlencoded"),
            HTTPField("Accept", "application/json"),
        ]
        switch proof {
        case .none:
            if let clientID { items.append(("client_id", clientID)) }
        case .basic(let secret):
            let pair =
                PercentEncoding.encode(clientID ?? "") + ":"
                + PercentEncoding.encode(secret.expose())
            let encoded = Base64.encode(Array(pair.utf8))
            note([Secret(encoded)])
            headers.append(HTTPField("Authorization", "Basic \(encoded)"))
        case .body(let secret):
            items += [("client_id", clientID ?? ""), ("client_secret", secret.expose())]
        case .assertion:
            let statement = try statement(asClient: true, now: now)
            note([statement])
            if let clientID { items.append(("client_id", clientID)) }
            items.append(
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                ))
            items.append(("client_assertion", statement.expose()))
        }
        items += parameters.map { ($0.name, $0.value) }
        let body = PercentEncoding.form(items)
        return HTTPRequest(
            method: .post, url: tokenURL, headers: headers, body: Array(body.utf8),
            bodyLimit: .refuse(over: TokenAnswer.bytesMax), acceptsEncoding: true)
    }

    /// A client speaks for itself (RFC 7523, section 3); a grant says who else is meant.
    private func statement(asClient: Bool, now: Timestamp) throws(AuthError) -> Secret {
        guard let assertion else {
            throw AuthError(configuration: "there is no `assertion` to sign")
        }
        var claims = assertion.claims
        if asClient {
            claims.issuer = clientID ?? claims.issuer
            claims.subject = clientID ?? claims.subject
            if case .jwtBearer = kind {
                claims.audience = tokenURL
                claims.others = []
            }
        }
        return try assertion.signer.sign(claims, now: now)
    }
}
