import PullcordJSON
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
        let body = items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        return HTTPRequest(
            method: .post, url: tokenURL, headers: headers, body: Array(body.utf8),
            bodyLimit: .refuse(over: Self.answerBytesMax), tls: tls)
    }

    /// Reads what a token endpoint answers (RFC 6749, sections 5.1 and 5.2).
    package func token(from response: HTTPResponse) throws(AuthError) -> GrantedToken {
        let value = try? JSONValue(parsing: response.body)
        guard (200...299).contains(response.status) else {
            throw refusal(response.status, value)
        }
        guard case .string(let text)? = value?["access_token"], !text.isEmpty else {
            throw malformed("the answer has no `access_token`")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw malformed("the token holds a character that no header takes")
        }
        if case .string(let type)? = value?["token_type"], type.lowercased() != "bearer" {
            throw malformed("the token is of the type `\(shown(type))`, not of `Bearer`")
        }
        return GrantedToken(
            text: Secret(text), lifetime: Self.seconds(value?["expires_in"]).map { .seconds($0) })
    }

    /// What an exchange without an answer means.
    package func failure(_ error: TransferError) -> AuthError {
        AuthError(
            code: .unreachable(error.code), url: RequestURL.withoutSecrets(tokenURL),
            phase: error.phase.rawValue, message: error.message, hint: error.hint)
    }

    private func refusal(_ status: Int, _ value: JSONValue?) -> AuthError {
        var message = "answered \(status)"
        if case .string(let code)? = value?["error"] { message += ", \(shown(code))" }
        if case .string(let text)? = value?["error_description"] { message += ": \(shown(text))" }
        return AuthError(
            code: .refused(status: status), url: RequestURL.withoutSecrets(tokenURL),
            phase: "answer", message: message,
            hint: (300...399).contains(status)
                ? "redirects are not followed: give the final address as `token_url`"
                : "check `client_id`, `client_secret` and `scope`")
    }

    private func malformed(_ message: String) -> AuthError {
        AuthError(
            code: .malformed, url: RequestURL.withoutSecrets(tokenURL), phase: "answer",
            message: message, hint: "check that `token_url` is the token endpoint")
    }

    /// A stranger's text, which may repeat the secret.
    private func shown(_ text: String) -> String {
        StrangerText.reply(
            Array(text.utf8), isCut: false, redactor: Redactor([secret]), limit: 200)
    }

    /// A number of seconds, also as the text that some servers send; nil for none that makes sense.
    private static func seconds(_ value: JSONValue?) -> Int64? {
        switch value {
        case .number(let text)?, .string(let text)?:
            guard let number = Double(text), number >= 0, number.isFinite else { return nil }
            return Int64(min(number, 86_400 * 365))
        default: return nil
        }
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
