import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads the parts of `auth` for credentials that have to be fetched before.
struct LoginReader {
    let collector: Collector

    // MARK: OAuth 2

    func oauth2(_ field: Field) -> LoginSpec? {
        guard let keys = MappingReader(field, LoginKeys.oauth2) else { return nil }
        let grant = keys["grant"]?.choice(OAuthGrantSpec.Grant.self)
        let tokenURL = keys["token_url"].flatMap(url)
        let clientAuth = keys["client_auth"]?.choice(OAuthGrantSpec.ClientAuth.self) ?? .basic
        let assertion = keys["assertion"].flatMap(readAssertion)
        let spec = OAuthGrantSpec(
            grant: grant ?? .clientCredentials,
            tokenURL: tokenURL ?? Template(segments: [], place: field.place),
            clientID: keys["client_id"].flatMap(value),
            clientSecret: keys["client_secret"].flatMap(secret), clientAuth: clientAuth,
            scope: keys["scope"].flatMap(value),
            refreshToken: keys["refresh_token"].flatMap(secret),
            username: keys["username"].flatMap(value),
            password: keys["password"].flatMap(secret), assertion: assertion,
            parameters: keys["parameters"]?.namedTemplates()?.map(\.0) ?? [], place: field.place)
        guard let grant, tokenURL != nil else { return nil }
        check(grant, clientAuth, keys)
        return .oauth2(spec)
    }

    /// Each grant has keys that it needs and keys that mean nothing to it.
    private func check(
        _ grant: OAuthGrantSpec.Grant, _ clientAuth: OAuthGrantSpec.ClientAuth,
        _ keys: MappingReader
    ) {
        var needed: [String] = []
        var useless: Set<String> = ["refresh_token", "username", "password"]
        switch grant {
        case .clientCredentials: needed = ["client_id"]
        case .refreshToken: needed = ["client_id", "refresh_token"]
        case .password: needed = ["username", "password"]
        case .jwtBearer: needed = ["assertion"]
        }
        if clientAuth == .privateKeyJWT {
            needed += ["client_id", "assertion"]
            useless.insert("client_secret")
        } else {
            if grant == .clientCredentials { needed.append("client_secret") }
            if keys.has("client_secret") { needed.append("client_id") }
            if grant != .jwtBearer { useless.insert("assertion") }
        }
        let wanted = needed
        var seen: Set<String> = []
        let words =
            "`grant: \(grant.rawValue)`"
            + (clientAuth == .privateKeyJWT ? " with `client_auth: private_key_jwt`" : "")
        // A key that is not known may have been meant as one of them.
        if keys.hasUnknownKeys { needed = [] }
        for name in needed where !keys.has(name) && seen.insert(name).inserted {
            collector.error(
                "key_missing", at: keys.place, path: join(keys.path, name),
                "`\(name)` is missing: \(words) needs it",
                hint: keys.table.key(name)?.summary ?? "")
        }
        for name in useless.subtracting(wanted).sorted() where keys.has(name) {
            collector.error(
                "key_useless", at: keys.keyPlace(name), path: join(keys.path, name), found: name,
                "`\(name)` means nothing to \(words)")
        }
    }

    private func readAssertion(_ field: Field) -> AssertionSpec? {
        guard let keys = MappingReader(field, LoginKeys.assertion) else { return nil }
        let claims = keys["claims"].flatMap(readClaims)
        guard let key = keys["key"].flatMap(secret) else { return nil }
        var spec = AssertionSpec(key: key)
        spec.issuer = keys["issuer"].flatMap(value)
        spec.subject = keys["subject"].flatMap(value)
        spec.audience = keys["audience"].flatMap(value)
        spec.keyID = keys["key_id"].flatMap(value)
        spec.algorithm = keys["algorithm"]?.choice(AssertionSpec.Algorithm.self) ?? .rs256
        spec.lifetime = keys["lifetime"]?.duration() ?? spec.lifetime
        spec.claims = claims
        return spec
    }

    private func readClaims(_ field: Field) -> JSONTemplate? {
        guard let entries = field.node.mapping else { return field.mismatch() }
        let own = [
            "iss": "issuer", "sub": "subject", "aud": "audience", "exp": "lifetime",
            "iat": nil, "jti": nil,
        ]
        for entry in entries {
            guard let key = own[entry.key.text] else { continue }
            collector.error(
                "claim_reserved", at: entry.key.place, path: join(field.path, entry.key.text),
                found: entry.key.text, "the claim `\(entry.key.text)` is made by Pullcord",
                hint: key.map { "write `\($0)` beside `claims`" } ?? "")
        }
        return field.json()
    }

    // MARK: Registries and challenges

    func registry(_ field: Field) -> LoginSpec? {
        guard let keys = MappingReader(field, LoginKeys.registry) else { return nil }
        for (name, other) in [("username", "password"), ("password", "username")]
        where keys.has(name) && !keys.has(other) {
            collector.error(
                "key_missing", at: keys.keyPlace(name), path: join(field.path, other),
                "`\(name)` needs `\(other)` beside it")
        }
        let hosts = keys["realm_hosts"]?.items(of: .text)?.compactMap { field -> String? in
            guard let text = field.filledText()?.text else { return nil }
            guard !text.contains("/"), !text.contains(" "), !text.contains("@") else {
                return field.refuse(
                    "host_invalid", "`\(text)` is no name of a host",
                    allowed: ["a name such as auth.example.com"])
            }
            return text
        }
        return .registry(
            RegistrySpec(
                username: keys["username"].flatMap(value),
                password: keys["password"].flatMap(secret), realmHosts: hosts ?? [],
                place: field.place))
    }

    func challenge(_ field: Field) -> ChallengeSpec? {
        guard let keys = MappingReader(field, LoginKeys.challenge),
            let status = keys["status"]?.integer(),
            let header = keys["header"]?.headerName(reserved: HeaderRules.reserved)
        else { return nil }
        return ChallengeSpec(status: status, header: header)
    }

    // MARK: Values

    /// A text that goes into a form or a statement.
    func value(_ field: Field) -> Template? {
        guard field.filledText() != nil, let template = field.textTemplate() else { return nil }
        refuseSession(template, field)
        return template
    }

    /// A template that ought to come from a parameter.
    private func secret(_ field: Field) -> Template? {
        guard let template = value(field) else { return nil }
        if let literal = template.literalText {
            collector.secrets.append(Secret(literal))
            collector.warning(
                "secret_in_adapter", at: field.place, path: field.path,
                "a credential is written into the adapter",
                hint: "declare a parameter of type secret and write \"${params.NAME}\"")
        }
        return template
    }

    private func url(_ field: Field) -> Template? {
        guard let template = value(field) else { return nil }
        URLRules.check(template, field)
        if case .literal(let text)? = template.segments.first, let parts = URLRules.Parts(text),
            parts.isPlain, !parts.isLoopback
        {
            collector.warning(
                "credentials_over_http", at: field.place, path: field.path, found: text,
                "credentials are sent unencrypted", hint: "use https")
        }
        return template
    }

    private func refuseSession(_ template: Template, _ field: Field) {
        for placeholder in template.placeholders {
            guard case .session(let name) = placeholder.subject else { continue }
            collector.error(
                "placeholder_misplaced", at: placeholder.place, path: field.path,
                "`${session.\(name)}` has a value only under `session`")
        }
    }
}
