import PullcordModel
import PullcordYAML

/// The one way in which an adapter proves who asks, chosen among those of a manifest's streams.
struct ManifestAuth {
    /// As the first stream that has one says; streams without any do no harm.
    private(set) var entries: [DraftEntry] = []
    /// A member of JSON bodies that carries the key.
    private(set) var bodyMember: (name: String, value: String)?
    /// Where the one that was taken stands.
    private(set) var origin: Place?

    /// Whether a stream may go with what was taken.
    mutating func take(_ read: Reading) -> Bool {
        switch read {
        case .none: return true
        case .auth(let new, let place):
            if entries.isEmpty, bodyMember == nil {
                entries = new
                origin = place
                return true
            }
            return entries == new
        case .body(let name, let value, let place):
            if entries.isEmpty, bodyMember == nil {
                bodyMember = (name, value)
                origin = place
                return true
            }
            return bodyMember?.name == name && bodyMember?.value == value
        case .failed: return true
        }
    }

    enum Reading {
        case none
        case auth([DraftEntry], Place)
        case body(name: String, value: String, Place)
        /// It was told of already; requests go without.
        case failed
    }
}

extension ManifestReader {
    func authenticator(_ component: Component?, _ scope: JinjaScope) -> ManifestAuth.Reading {
        guard let component else { return .none }
        let kind = component.kind
        if component.isCustom { return refuse(component, "`\(component.className)` is Python") }
        do throws(JinjaError) {
            switch kind {
            case "NoAuth": return .none
            case "BearerAuthenticator":
                let token = try secret(component, "api_token", scope)
                return auth("auth", .texts([("bearer", token)]), component)
            case "BasicHttpAuthenticator":
                let values = [
                    ("username", try secret(component, "username", scope)),
                    ("password", try secret(component, "password", scope)),
                ]
                return auth("auth", .map([DraftEntry("basic", .texts(values))]), component)
            case "ApiKeyAuthenticator": return try apiKey(component, scope)
            case "OAuthAuthenticator": return try oauth(component, scope)
            case "SessionTokenAuthenticator": return try session(component, scope)
            case "LegacySessionTokenAuthenticator": return try legacySession(component, scope)
            case "SelectiveAuthenticator": return selective(component, scope)
            case "JwtAuthenticator":
                return refuse(
                    component, "a JWT that is sent itself has no counterpart",
                    by: "auth.oauth2 with grant jwt_bearer exchanges one for a token")
            default: return refuse(component, "`\(kind)` is not known")
            }
        } catch {
            return refuse(component, error.reason)
        }
    }

    private func refuse(
        _ component: Component, _ reason: String, by remedy: String = "write `auth`"
    ) -> ManifestAuth.Reading {
        leave(component.place, "authenticator", reason, by: remedy)
        return .failed
    }

    private func auth(
        _ key: String, _ value: DraftValue, _ component: Component
    ) -> ManifestAuth.Reading {
        .auth([DraftEntry(key, value)], component.place)
    }

    private func secret(
        _ component: Component, _ key: String, _ scope: JinjaScope
    ) throws(JinjaError) -> String {
        guard let text = component.text(key) else { return "" }
        return try JinjaText(
            scope: scope.with(component), parameters: parameters, isNeeded: true
        ).text(text)
    }

    private func apiKey(
        _ component: Component, _ scope: JinjaScope
    ) throws(JinjaError) -> ManifestAuth.Reading {
        let value = try secret(component, "api_token", scope)
        let option = component.component("inject_into")
        let place = option?.text("inject_into") ?? "header"
        let name =
            option?.text("field_name") ?? option?.texts("field_path").joined(separator: ".")
            ?? component.text("header") ?? ""
        guard !name.isEmpty else { return refuse(component, "nothing says where the key goes") }
        let nameText = try JinjaText(scope: scope.with(component), parameters: parameters)
            .text(name)
        switch place {
        case "header":
            if nameText.lowercased() == "authorization" {
                for scheme in ["Bearer ", "bearer "] where value.hasPrefix(scheme) {
                    return auth(
                        "auth", .texts([("bearer", String(value.dropFirst(scheme.count)))]),
                        component)
                }
            }
            return auth("auth", Self.key("header", nameText, value), component)
        case "request_parameter":
            return auth("auth", Self.key("query", nameText, value), component)
        case "body_json", "body_data":
            return .body(name: nameText, value: value, component.place)
        default: return refuse(component, "a key that goes into `\(place)` has no counterpart")
        }
    }

    private static func key(_ place: String, _ name: String, _ value: String) -> DraftValue {
        .map([DraftEntry("api_key", .texts([(place, name), ("value", value)]))])
    }

    private func oauth(
        _ component: Component, _ scope: JinjaScope
    ) throws(JinjaError) -> ManifestAuth.Reading {
        let name = component.text("access_token_name") ?? "access_token"
        guard name == "access_token" else {
            return refuse(
                component, "the token is called `\(name)` in the answer, not `access_token`",
                by: "auth.session: a login by request that takes it")
        }
        let grantText = component.text("grant_type") ?? "refresh_token"
        let body = component["refresh_request_body"]?.mapping ?? []
        let hasPassword = body.contains { $0.key.text == "username" || $0.key.text == "password" }
        let hasRefresh = component["refresh_token"].map { !$0.isFalsy } ?? false
        var values: [(String, String)] = []
        switch grantText {
        case "client_credentials": values.append(("grant", "client_credentials"))
        case "password": values.append(("grant", "password"))
        case "refresh_token":
            values.append(("grant", hasRefresh ? "refresh_token" : "client_credentials"))
        default:
            guard hasPassword else {
                return refuse(component, "the grant `\(grantText)` has no counterpart")
            }
            values.append(("grant", "password"))
        }
        values.append(("token_url", try secret(component, "token_refresh_endpoint", scope)))
        for key in ["client_id", "client_secret"] {
            values.append((key, try secret(component, key, scope)))
        }
        values.append(("client_auth", "body"))
        let scopes = component.texts("scopes")
        if !scopes.isEmpty {
            values.append(
                (
                    "scope",
                    try JinjaText(scope: scope.with(component), parameters: parameters)
                        .text(scopes.joined(separator: " "))
                ))
        }
        if values.contains(where: { $0 == ("grant", "refresh_token") }) {
            values.append(("refresh_token", try secret(component, "refresh_token", scope)))
        }
        var entries = values.filter { !$0.1.isEmpty }.map { DraftEntry($0.0, text: $0.1) }
        var extra: [DraftEntry] = []
        for entry in body {
            guard let text = entry.value.scalar?.text else { continue }
            let value = try JinjaText(
                scope: scope.with(component), parameters: parameters, isNeeded: true
            ).text(text)
            switch entry.key.text {
            case "username", "password":
                entries.append(DraftEntry(entry.key.text, text: value))
            case "grant_type", "client_id", "client_secret", "refresh_token", "scope": continue
            default: extra.append(DraftEntry(entry.key.text, text: value))
            }
        }
        if !extra.isEmpty { entries.append(DraftEntry("parameters", .map(extra))) }
        return auth("auth", .map([DraftEntry("oauth2", .map(entries))]), component)
    }

    /// One of several ways, which the configuration chooses: the adapter has one.
    private func selective(_ component: Component, _ scope: JinjaScope) -> ManifestAuth.Reading {
        let options = component["authenticators"]?.mapping ?? []
        let ranks = [
            "BearerAuthenticator", "ApiKeyAuthenticator", "BasicHttpAuthenticator",
            "OAuthAuthenticator",
        ]
        let ordered = options.map { entry in
            (entry.key.text, Component(entry.value, inheriting: component.parameters))
        }.sorted { left, right in
            (ranks.firstIndex(of: left.1.kind) ?? 9) < (ranks.firstIndex(of: right.1.kind) ?? 9)
        }
        for (name, option) in ordered {
            let read = authenticator(option, scope)
            if case .failed = read { continue }
            let others = options.map(\.key.text).filter { $0 != name }
            if !others.isEmpty {
                leave(
                    component.place, "authenticator",
                    "an adapter logs in in one way: `\(name)` is taken, "
                        + "\(others.joined(separator: ", ")) left out",
                    by: "a second adapter that `extends` this one and says `auth` anew")
            }
            return read
        }
        return .failed
    }
}

extension JinjaScope {
    func with(_ component: Component) -> JinjaScope {
        var scope = self
        scope.parameters = component.parameters
        return scope
    }
}

extension Component {
    func texts(_ key: String) -> [String] { self[key]?.texts ?? [] }
}
