import PullcordAdapter
import PullcordModel

/// Renders the values of a subscription's access, and looks at the files that it names.
struct AccessBinder {
    let installation: Installation
    private var collector: Collector { installation.collector }

    init(installation: Installation) { self.installation = installation }

    /// nil if a value is missing or wrong, or the environment is not at hand.
    func bind(_ spec: AccessSpec, path: String) -> BoundAccess? {
        var values = Values(installation: installation)
        let auth = bindAuth(spec.auth, join(path, "auth"), &values)
        let files = spec.tls.map { bindFiles($0, join(path, "tls"), &values) }
        let origin = values.text(spec.origin, join(path, "origin"))
        if let origin, let place = spec.origin?.place, !isName(origin) {
            values.isComplete = false
            collector.error(
                "origin_invalid", at: place,
                path: join(path, "origin"), found: origin, "`\(origin)` is no name of a host",
                allowed: ["a name such as bridge.example.com"])
        }
        guard values.isComplete else { return nil }
        return BoundAccess(
            spec: spec, auth: auth, files: files, origin: origin, secrets: values.secrets)
    }

    private func bindAuth(
        _ auth: AccessSpec.Auth, _ path: String, _ values: inout Values
    ) -> BoundAccess.Auth {
        switch auth {
        case .none:
            return .none
        case .bearer(let token):
            return values.credential(token, join(path, "bearer")).map { .bearer($0) } ?? .none
        case .basic(let username, let password):
            let path = join(path, "basic")
            let name = values.text(username, join(path, "username"))
            let secret = values.credential(password, join(path, "password"))
            guard let name, let secret else { return .none }
            return .basic(username: name, password: secret)
        case .oauth2(let spec):
            let path = join(path, "oauth2")
            let url = values.text(spec.tokenURL, join(path, "token_url"))
            if let url { checkURL(url, spec.tokenURL, join(path, "token_url"), &values) }
            let name = values.text(spec.clientID, join(path, "client_id"))
            let secret = values.credential(spec.clientSecret, join(path, "client_secret"))
            let scope = values.text(spec.scope, join(path, "scope"))
            let audience = values.text(spec.audience, join(path, "audience"))
            guard let url, let name, let secret else { return .none }
            return .oauth2(
                BoundAccess.OAuth(
                    tokenURL: url, clientID: name, clientSecret: secret, scope: scope,
                    audience: audience, style: spec.style))
        }
    }

    private func checkURL(
        _ url: String, _ template: Template, _ path: String, _ values: inout Values
    ) {
        guard let parts = URLRules.Parts(url), !parts.host.isEmpty, !parts.hasUserInfo else {
            values.isComplete = false
            guard template.literalText == nil else { return }
            collector.error(
                "url_invalid", at: template.place, path: path,
                "its value is no URL of http or https", allowed: ["https://host/path"])
            return
        }
        if parts.isPlain, !parts.isLoopback {
            collector.warning(
                "credentials_over_http", at: template.place, path: path,
                "credentials are sent unencrypted", hint: "use https")
        }
    }

    private func bindFiles(
        _ spec: TLSSpec, _ path: String, _ values: inout Values
    ) -> BoundAccess.Files {
        let (files, isWhole) = TLSBinder(installation: installation).bind(spec, path: path) {
            values.text($0, $1)
        }
        if !isWhole { values.isComplete = false }
        return files
    }

    private func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x3A: true
                default: false
                }
            }
    }
}

/// Values on their way from templates, with what was learnt on it.
private struct Values {
    let installation: Installation
    var secrets: [Secret] = []
    var isComplete = true

    init(installation: Installation) { self.installation = installation }

    /// nil also where there is nothing to render.
    mutating func text(_ template: Template?, _ path: String) -> String? {
        guard let template else { return nil }
        switch installation.resolve(template, path: path) {
        case .text(let text): return text
        case .absent: return nil
        case .unknown, .failed:
            isComplete = false
            return nil
        }
    }

    mutating func credential(_ template: Template, _ path: String) -> Secret? {
        guard let text = text(template, path) else {
            isComplete = false
            return nil
        }
        secrets.append(Secret(text))
        secrets += installation.values(of: template)
        let isGood = !text.isEmpty && HeaderRules.isValue(text)
        if !isGood {
            isComplete = false
            installation.collector.error(
                "credential_invalid", at: template.place, path: path,
                text.isEmpty
                    ? "its value is empty"
                    : "its value holds a line break or another control character")
        }
        return Secret(text)
    }
}

/// What a PEM file has to hold (RFC 7468).
enum PEMKind {
    case certificate, key

    var words: String {
        switch self {
        case .certificate: "PEM with -----BEGIN CERTIFICATE-----"
        case .key: "PEM with -----BEGIN PRIVATE KEY-----"
        }
    }

    /// What is wrong with a file, to follow its name; nil if it has what is needed.
    func complaint(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: "-----BEGIN ", omittingEmptySubsequences: false)
            .dropFirst()
        let labels = parts.map { part in String(part.prefix { $0 != "-" }) }
        switch self {
        case .certificate:
            guard labels.contains(where: { $0.hasSuffix("CERTIFICATE") }) else {
                return "holds no certificate in PEM"
            }
        case .key:
            guard let label = labels.first(where: { $0.hasSuffix("PRIVATE KEY") }) else {
                return "holds no private key in PEM"
            }
            if label.contains("ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED") {
                return "holds an encrypted key: take the passphrase off it"
            }
        }
        for part in parts {
            guard let body = part.firstRange(of: "-----"),
                let end = part[body.upperBound...].firstRange(of: "-----END ")
            else { return "is cut off: an END line is missing" }
            let base64 = part[body.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
            // Old formats have header lines before the data; certificates have none.
            if self == .certificate, part.hasPrefix("CERTIFICATE"),
                Base64.decode(String(base64)) == nil
            {
                return "is damaged: what stands between BEGIN and END is not base64"
            }
        }
        return nil
    }
}
