import PullcordJSON
import PullcordModel
import PullcordTransfer

/// What a token endpoint granted (RFC 6749, section 5.1).
struct TokenAnswer {
    let token: Secret
    /// nil if the server does not say.
    let lifetime: Duration?
    /// nil if the one that was sent stays good, or if there is none.
    let refreshToken: Secret?

    /// Bytes that are read of an answer.
    static let bytesMax = 64 << 10

    /// Reads an answer; `member` is what the token is called besides `access_token`.
    ///
    /// - Throws: ``AuthError`` for a refusal (RFC 6749, section 5.2) and for what is no token.
    init(
        _ response: HTTPResponse, url: String, redactor: Redactor, hint: String,
        member: String? = nil
    ) throws(AuthError) {
        let value = try? JSONValue(parsing: response.body)
        let text = { (name: String) -> String? in
            guard case .string(let text)? = value?[name], !text.isEmpty else { return nil }
            return text
        }
        let shown = { (text: String) in
            StrangerText.reply(Array(text.utf8), isCut: false, redactor: redactor, limit: 200)
        }
        let malformed = { (message: String) in
            AuthError(
                code: .malformed, url: RequestURL.withoutSecrets(url), phase: "answer",
                message: message, hint: "check that `token_url` is the token endpoint")
        }
        let granted = text("access_token") ?? member.flatMap(text)
        // Some answer a refusal with 200.
        let isRefusal = granted == nil && text("error") != nil
        guard (200...299).contains(response.status), !isRefusal else {
            var message = "answered \(response.status)"
            if let code = text("error") { message += ", \(shown(code))" }
            if let words = text("error_description") { message += ": \(shown(words))" }
            throw AuthError(
                code: .refused(status: response.status), url: RequestURL.withoutSecrets(url),
                phase: "answer", message: message,
                hint: (300...399).contains(response.status)
                    ? "redirects are not followed: give the final address as `token_url`" : hint,
                grantError: text("error"),
                retryAfter: response.headers.value(of: "Retry-After").flatMap { Int64($0) }.map {
                    .seconds(min(max(0, $0), 86_400))
                })
        }
        guard let granted else { throw malformed("the answer has no `access_token`") }
        guard Self.isHeaderText(granted) else {
            throw malformed("the token holds a character that no header takes")
        }
        if let type = text("token_type"), type.lowercased() != "bearer", member == nil {
            throw malformed("the token is of the type `\(shown(type))`, not of `Bearer`")
        }
        token = Secret(granted)
        lifetime = Self.seconds(value?["expires_in"]).map { .seconds($0) }
        refreshToken = text("refresh_token").map { Secret($0) }
    }

    static func isHeaderText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
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

extension AuthError {
    /// What an exchange without an answer means.
    init(unanswered error: TransferError, url: String) {
        self.init(
            code: .unreachable(error.code), url: RequestURL.withoutSecrets(url),
            phase: error.phase.rawValue, message: error.message, hint: error.hint)
    }

    /// What the adapter and its values cannot make.
    package init(configuration message: String, hint: String = "") {
        self.init(code: .configuration, url: "", phase: "", message: message, hint: hint)
    }
}

extension Exchange {
    /// Sends a request of a login; a failure becomes the login's.
    func loginAnswer(to request: HTTPRequest) async throws(AuthError) -> HTTPResponse {
        do throws(TransferError) {
            return try await send(request)
        } catch {
            throw AuthError(unanswered: error, url: request.url)
        }
    }
}
