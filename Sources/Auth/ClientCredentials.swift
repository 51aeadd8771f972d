package import PullcordModel
package import PullcordTransfer

/// What a client says to get a token in its own name (RFC 6749, section 4.4).
package struct ClientCredentials: Sendable, Equatable {
    /// How the client proves who it is (RFC 6749, section 2.3.1).
    package enum Style: String, Sendable, CaseIterable {
        /// By HTTP Basic, as every server must understand.
        case header
        /// By `client_id` and `client_secret` in the body.
        case body
    }

    package let tokenURL: String
    package let identifier: String
    package let secret: Secret
    /// Words with spaces between them; nil for the server's own choice.
    package let scope: String?
    /// For whom the token is, as some servers want to know; nil otherwise.
    package let audience: String?
    package let style: Style

    package init(
        tokenURL: String, identifier: String, secret: Secret, scope: String? = nil,
        audience: String? = nil, style: Style = .header
    ) {
        self.tokenURL = tokenURL
        self.identifier = identifier
        self.secret = secret
        self.scope = scope
        self.audience = audience
        self.style = style
    }

    /// Bytes that are read of an answer.
    private static let answerBytesMax = 64 << 10

    /// The request for a token.
    package func request(tls: TLSIdentity? = nil) -> HTTPRequest {
        var items = [("grant_type", "client_credentials")]
        if let scope { items.append(("scope", scope)) }
        if let audience { items.append(("audience", audience)) }
        var headers = [
            HTTPField("Content-Type", "application/x-www-form-urlencoded"),
            HTTPField("Accept", "application/json"),
        ]
        switch style {
        case .header:
            let pair =
                PercentEncoding.encode(identifier) + ":" + PercentEncoding.encode(secret.expose())
            headers.append(HTTPField("Authorization", "Basic " + Base64.encode(Array(pair.utf8))))
        case .body:
            items += [("client_id", identifier), ("client_secret", secret.expose())]
        }
        let body = PercentEncoding.form(items)
        return HTTPRequest(
            method: .post, url: tokenURL, headers: headers, body: Array(body.utf8),
            bodyLimit: .refuse(over: Self.answerBytesMax), tls: tls)
    }

    /// Reads what a token endpoint answers (RFC 6749, sections 5.1 and 5.2).
    package func token(from response: HTTPResponse) throws(AuthError) -> GrantedToken {
        let answer = try TokenAnswer(
            response, url: tokenURL, redactor: Redactor([secret]),
            hint: "check `client_id`, `client_secret` and `scope`")
        return GrantedToken(text: answer.token, lifetime: answer.lifetime)
    }

    /// What an exchange without an answer means.
    package func failure(_ error: TransferError) -> AuthError {
        AuthError(unanswered: error, url: tokenURL)
    }
}

/// A token as it was granted.
package struct GrantedToken: Sendable, Equatable {
    package let text: Secret
    /// How long it is good for; nil if the server does not say.
    package let lifetime: Duration?

    package init(text: Secret, lifetime: Duration?) {
        self.text = text
        self.lifetime = lifetime
    }
}
