import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads how a subscription's deliveries get to its endpoint.
struct AccessReader {
    let collector: Collector

    func read(_ keys: MappingReader) -> AccessSpec {
        var spec = AccessSpec()
        if let field = keys["auth"] {
            spec.auth = readAuth(field)
            refuseSecondAuthorization(keys)
        }
        spec.tls = keys["tls"].flatMap(TLSReader.bridge.read)
        spec.rate = keys["rate"].flatMap(readRate)
        spec.concurrency = keys["concurrency"]?.integer() ?? spec.concurrency
        spec.handshake = keys["handshake"]?.choice(ConsentPolicy.self) ?? .off
        spec.challenge = keys["challenge"]?.choice(ConsentPolicy.self) ?? .off
        spec.origin = keys["origin"].flatMap(value)
        return spec
    }

    private func readAuth(_ field: Field) -> AccessSpec.Auth {
        guard let keys = MappingReader(field, AccessKeys.auth) else { return .none }
        let names = AccessKeys.auth.usableNames
        guard let kind = keys.exclusive(names, hint: "a delivery proves itself in one way") else {
            if !keys.hasUnknownKeys {
                field.complain(
                    "auth_missing", "`auth` says nothing", allowed: names,
                    hint: "leave it out if the endpoint wants no credentials")
            }
            return .none
        }
        guard let value = keys[kind] else { return .none }
        switch kind {
        case "bearer": return credential(value).map { .bearer($0) } ?? .none
        case "basic": return basic(value)
        default: return oauth2(value)
        }
    }

    private func basic(_ field: Field) -> AccessSpec.Auth {
        guard let keys = MappingReader(field, AdapterKeys.basic),
            let username = keys["username"].flatMap(value),
            let password = keys["password"].flatMap(credential)
        else { return .none }
        if username.literalText?.contains(":") == true {
            collector.error(
                "username_colon", at: keys["username"]?.place ?? field.place,
                path: join(field.path, "username"),
                "a user name cannot hold a colon (RFC 7617)")
        }
        return .basic(username: username, password: password)
    }

    private func oauth2(_ field: Field) -> AccessSpec.Auth {
        guard let keys = MappingReader(field, AccessKeys.oauth2) else { return .none }
        let tokenURL = keys["token_url"].flatMap { field -> Template? in
            guard let template = value(field) else { return nil }
            URLRules.check(template, field)
            return template
        }
        let identifier = keys["client_id"].flatMap(value)
        let secret = keys["client_secret"].flatMap(credential)
        let style = keys["send"]?.choice(OAuthSpec.Style.self) ?? .header
        let scope = keys["scope"].flatMap(value)
        let audience = keys["audience"].flatMap(value)
        guard let tokenURL, let identifier, let secret else { return .none }
        return .oauth2(
            OAuthSpec(
                tokenURL: tokenURL, clientID: identifier, clientSecret: secret, scope: scope,
                audience: audience, style: style, place: field.place))
    }

    /// One header cannot hold two credentials.
    private func refuseSecondAuthorization(_ keys: MappingReader) {
        let headers = keys["headers"]?.node.mapping ?? []
        for entry in headers where entry.key.text.lowercased() == "authorization" {
            collector.error(
                "keys_exclude_each_other", at: entry.key.place,
                path: join(join(keys.path, "headers"), entry.key.text), found: entry.key.text,
                "the header `\(entry.key.text)` cannot stand beside `auth`",
                hint: "`auth` makes that header: leave one of them out")
        }
    }

    private func readRate(_ field: Field) -> Rate? {
        guard let text = field.filledText() else { return nil }
        if let rate = Rate(text.text) { return rate }
        let number = text.text.prefix { $0.isASCII && $0.isNumber }
        let isNumber = !number.isEmpty && number.count == text.text.count
        collector.error(
            "rate_invalid", at: text.place, path: field.path, found: text.text,
            "`\(text.text)` is no rate", allowed: [KeyType.rate.words],
            suggestion: isNumber ? "\(number)/s" : nil)
        return nil
    }

    /// A text whose placeholders a bridge file can give.
    private func value(_ field: Field) -> Template? {
        field.filledText() == nil ? nil : field.bridgeTemplate()
    }

    private func credential(_ field: Field) -> Template? {
        guard let template = value(field) else { return nil }
        HeaderRules.check(value: template, field)
        SecretNames.warn(of: template, path: field.path, collector)
        return template
    }
}
