import PullcordAdapter
import PullcordConfig
import PullcordModel
import PullcordTransfer

/// A request as a command line of curl that does the same when it is pasted into a shell.
struct CurlCommand {
    /// Bytes of a body that are shown.
    private static let bodyMax = 16 << 10

    let masks: ShellMasks
    let auth: AuthSpec
    let parameters: [String: String]
    let files: BoundAccess.Files?

    init(_ source: BoundSource, variables: [String: String], redactor: Redactor) {
        let secrets = source.parameters.compactMap { name, value in
            variables[name].map { (value: value, variable: $0) }
        }
        masks = ShellMasks(secrets, redactor: redactor)
        auth = source.adapter.auth
        parameters = source.parameters
        files = source.files
    }

    /// The command over several lines, each but the last with `\` at its end.
    func text(_ request: HTTPRequest, indent: String) -> String {
        var words = ["curl \(masks.word(request.url))"]
        // Brackets and braces mean several URLs to curl.
        if request.url.contains(where: "[]{}".contains) { words[0] += " -g" }
        switch request.method {
        case .get where request.body == nil: break
        case .post where request.body != nil: break
        case .head: words.append("-I")
        case .get, .post, .put, .patch, .delete, .options:
            words.append("-X \(request.method.rawValue)")
        }
        words += request.headers.map(header) + proof
        if let body = request.body { words.append(self.body(body)) }
        if request.acceptsEncoding { words.append("--compressed") }
        if let authority = files?.authority { words.append("--cacert \(masks.word(authority))") }
        if let certificate = files?.certificate {
            words.append("--cert \(masks.word(certificate))")
        }
        if let key = files?.key { words.append("--key \(masks.word(key))") }
        return words.enumerated().map { index, word in
            indent + (index == 0 ? "" : "  ") + word
        }.joined(separator: " \\\n") + note(indent)
    }

    private func header(_ field: HTTPField) -> String {
        switch field.name.lowercased() {
        case "authorization":
            if let login = basic(field.value) { return "-u \(masks.word(login))" }
            guard !masks.hides(field.value) else { break }
            let scheme = field.value.prefix { $0 != " " }
            return "-H 'Authorization: \(masksOnly(String(scheme))) '\"$CREDENTIALS\""
        case "cookie":
            guard !masks.hides(field.value) else { break }
            return #"-H 'Cookie: '"$COOKIE""#
        default: break
        }
        return "-H \(masks.word("\(field.name): \(field.value)"))"
    }

    /// A scheme of Authorization, or nothing where the whole value may be the secret.
    private func masksOnly(_ scheme: String) -> String {
        ["Bearer", "Basic", "Token", "Digest", "AWS4-HMAC-SHA256"].contains(scheme) ? scheme : ""
    }

    /// User name and password of HTTP Basic; nil for anything else.
    private func basic(_ value: String) -> String? {
        guard value.hasPrefix("Basic "), let bytes = Base64.decode(String(value.dropFirst(6))),
            let text = String(validating: bytes, as: UTF8.self), masks.hides(text)
        else { return nil }
        return text
    }

    private func body(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), bytes.count <= Self.bodyMax
        else { return "--data-binary @BODY" }
        return "--data-raw \(masks.word(text))"
    }

    // MARK: Proofs that are made when a request is sent

    private var proof: [String] {
        switch auth {
        case .digest(let username, let password):
            ["--digest -u \(masks.word(login(username, password)))"]
        case .ntlm(let username, let password):
            ["--ntlm -u \(masks.word(login(username, password)))"]
        case .awsSignature(let aws):
            [
                "--aws-sigv4 \(masks.word("aws:amz:\(value(aws.region)):\(value(aws.service))"))",
                "-u \(masks.word(login(aws.accessKey, aws.secretKey)))",
            ]
                + (aws.sessionToken.map(value).map {
                    ["-H \(masks.word("X-Amz-Security-Token: \($0)"))"]
                } ?? [])
        case .none, .basic, .bearer, .apiKey, .hmac, .login: []
        }
    }

    private func note(_ indent: String) -> String {
        guard case .hmac(let hmac) = auth else { return "" }
        let names = (hmac.headers + hmac.query).map(\.name).joined(separator: ", ")
        return "\n\(indent)# signed when it is sent: \(names.isEmpty ? "HTTP Basic" : names)"
    }

    private func login(_ username: Template, _ password: Template) -> String {
        "\(value(username)):\(value(password))"
    }

    private func value(_ template: Template) -> String {
        (try? template.render(TemplateContext(parameters: parameters))) ?? ""
    }
}
