package import PullcordAdapter
package import PullcordModel
import PullcordSigning
package import PullcordTransfer

/// The proof of identity that a request gets at the moment it is sent, for it holds that moment or
/// answers a question of the server.
package struct RequestSeal: Sendable {
    private enum Kind: Sendable {
        case login(ServerLogin)
        case aws(AWSSignature)
        case hmac(HMACSeal)
    }

    private let kind: Kind

    /// nil where `auth` needs none, or a value that it uses is absent on purpose.
    ///
    /// - Throws: ``TemplateError`` `value` for a value that a filter or the key's encoding does
    ///   not take.
    package init?(_ auth: AuthSpec, parameters: [String: String]) throws(TemplateError) {
        let context = TemplateContext(parameters: parameters)
        switch auth {
        case .none, .basic, .bearer, .apiKey, .login: return nil
        case .digest(let username, let password):
            guard let username = try username.render(context) else { return nil }
            let secret = Secret(try password.render(context) ?? "")
            kind = .login(ServerLogin(.digest, username: username, password: secret))
        case .ntlm(let username, let password):
            guard let username = try username.render(context) else { return nil }
            let secret = Secret(try password.render(context) ?? "")
            kind = .login(ServerLogin(.ntlm, username: username, password: secret))
        case .awsSignature(let spec):
            guard let accessKey = try spec.accessKey.render(context),
                let secretKey = try spec.secretKey.render(context),
                let region = try spec.region.render(context),
                let service = try spec.service.render(context)
            else { return nil }
            kind = .aws(
                AWSSignature(
                    accessKey: accessKey, secretKey: Secret(secretKey),
                    sessionToken: try spec.sessionToken?.render(context).map { Secret($0) },
                    region: region, service: service))
        case .hmac(let spec):
            guard let seal = try HMACSeal(spec, parameters: parameters) else { return nil }
            kind = .hmac(seal)
        }
    }

    /// The request as it is to be sent at this moment.
    ///
    /// `nonce` is called where the adapter wants a random text of 32 hexadecimal digits.
    package func sealed(
        _ request: HTTPRequest, at time: Timestamp, nonce: () -> String
    ) throws(TemplateError) -> HTTPRequest {
        switch kind {
        case .login(let login):
            var request = request
            request.login = login
            return request
        case .aws(let signature): return Self.signed(request, signature, at: time)
        case .hmac(let seal): return try seal.sealed(request, at: time, nonce: nonce)
        }
    }

    private static func signed(
        _ request: HTTPRequest, _ signature: AWSSignature, at time: Timestamp
    ) -> HTTPRequest {
        // A URL that libcurl cannot read is refused when it is sent.
        guard let parts = URLParts(request.url) else { return request }
        var request = request
        let added = signature.headers(
            for: AWSSignature.Request(
                method: request.method.rawValue, host: parts.host, path: parts.path,
                query: parts.query,
                contentType: request.headers.first { $0.name.lowercased() == "content-type" }?
                    .value, body: request.body ?? [],
                ownHeaders: request.headers.map { ($0.name, $0.value) }), at: time)
        let names = Set(added.map { $0.name.lowercased() })
        request.headers.removeAll { names.contains($0.name.lowercased()) }
        request.headers += added.map { HTTPField($0.name, $0.value) }
        return request
    }
}

/// A URL as its server sees it.
struct URLParts {
    /// In lower case, with the port unless it is the scheme's own.
    let host: String
    let path: String
    let query: String
    let whole: String

    /// nil if libcurl cannot read it.
    init?(_ url: String) {
        guard let whole = RequestURL.normalized(url), let scheme = whole.firstRange(of: "://")
        else { return nil }
        self.whole = whole
        let rest = whole[scheme.upperBound...]
        host = String(rest.prefix { $0 != "/" && $0 != "?" })
        let target = rest.dropFirst(host.count)
        path = String(target.prefix { $0 != "?" })
        query = String(target.dropFirst(path.count + 1))
    }
}
