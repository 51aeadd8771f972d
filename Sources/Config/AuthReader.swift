import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads `auth`.
struct AuthReader {
    func read(_ field: Field) -> AuthSpec {
        if let scalar = field.node.scalar {
            if scalar.text != "none" { field.complainOfType() }
            return .none
        }
        guard let keys = MappingReader(field, AdapterKeys.auth) else { return .none }
        let names =
            ["basic", "bearer", "api_key", "oauth2", "session", "registry"]
            + SignedAuthReader.kinds
        guard let kind = keys.exclusive(names, hint: "a request proves itself in one way") else {
            let hasPlanned = AdapterKeys.auth.keys.contains { keys.has($0.name) }
            if !hasPlanned, !keys.hasUnknownKeys, !keys.has("challenge") {
                field.complain(
                    "auth_missing", "`auth` says nothing", allowed: names,
                    hint: "write `auth: none`, or leave it out")
            }
            return .none
        }
        guard let value = keys[kind] else { return .none }
        switch kind {
        case "basic": return basic(value)
        case "bearer": return credential(value).map { .bearer($0) } ?? .none
        case _ where SignedAuthReader.kinds.contains(kind):
            return SignedAuthReader().read(kind, value)
        case "oauth2": return login(LoginReader(collector: value.collector).oauth2(value))
        case "session": return login(SessionReader(collector: value.collector).read(value))
        case "registry": return login(LoginReader(collector: value.collector).registry(value))
        default: return apiKey(value)
        }
    }

    /// The header that an error answer hands out, which may stand beside other credentials.
    func challenge(_ field: Field) -> ChallengeSpec? {
        guard let entry = field.node.mapping?.first(where: { $0.key.text == "challenge" }) else {
            return nil
        }
        let value = Field(
            node: entry.value, path: join(field.path, "challenge"),
            type: .table(LoginKeys.challenge), collector: field.collector)
        return LoginReader(collector: field.collector).challenge(value)
    }

    private func login(_ spec: LoginSpec?) -> AuthSpec { spec.map { .login($0) } ?? .none }

    private func basic(_ field: Field) -> AuthSpec {
        guard let keys = MappingReader(field, AdapterKeys.basic),
            let username = keys["username"]?.textTemplate(),
            let password = keys["password"].flatMap(credential)
        else { return .none }
        if username.literalText?.contains(":") == true {
            field.collector.error(
                "username_colon", at: keys["username"]?.place ?? field.place,
                path: join(field.path, "username"),
                "a user name cannot hold a colon (RFC 7617)")
        }
        return .basic(username: username, password: password)
    }

    private func apiKey(_ field: Field) -> AuthSpec {
        guard let keys = MappingReader(field, AdapterKeys.apiKey) else { return .none }
        let names = AuthSpec.KeyLocation.allCases.map(\.rawValue)
        guard let location = keys.exclusive(names) else {
            return field.refuse(
                "api_key_place", "nothing says where the key goes", allowed: names) ?? .none
        }
        let name: String? =
            location == "header"
            ? keys[location]?.headerName(reserved: HeaderRules.reserved)
            : keys[location]?.filledText()?.text
        if location == "cookie", let name, !isCookieName(name) {
            field.collector.error(
                "cookie_name", at: keys[location]?.place ?? field.place,
                path: join(field.path, location), found: name,
                "`\(name)` is no name of a cookie (RFC 6265)")
        }
        guard let kind = AuthSpec.KeyLocation(rawValue: location), let name,
            let value = keys["value"].flatMap(credential)
        else { return .none }
        return .apiKey(in: kind, name: name, value: value)
    }

    private func isCookieName(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    /// A template that ought to come from a parameter.
    func credential(_ field: Field) -> Template? {
        guard let template = field.textTemplate() else { return nil }
        HeaderRules.check(value: template, field)
        if let literal = template.literalText, !literal.isEmpty {
            field.collector.secrets.append(Secret(literal))
            field.collector.warning(
                "secret_in_adapter", at: field.place, path: field.path,
                "a credential is written into the adapter",
                hint: "declare a parameter of type secret and write \"${params.NAME}\"")
        }
        return template
    }
}
