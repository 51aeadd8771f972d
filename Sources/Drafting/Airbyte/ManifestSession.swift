import PullcordModel
import PullcordYAML

/// Logins by a request.
extension ManifestReader {
    func session(
        _ component: Component, _ scope: JinjaScope
    ) throws(JinjaError) -> ManifestAuth.Reading {
        guard let requester = component.component("login_requester"), !requester.isCustom else {
            throw JinjaError(reason: "the login is no plain request")
        }
        let scope = scope.with(requester)
        let text = JinjaText(scope: scope, parameters: parameters, isNeeded: true)
        let url = try text.text(requester.text("url") ?? requester.text("url_base") ?? "")
        let path = try text.text(requester.text("path") ?? "")
        var login = [
            DraftEntry("method", text: requester.text("http_method") ?? "POST"),
            DraftEntry("url", text: Self.joined(url, path)),
        ]
        let query = try loginItems(requester, "request_parameters", text)
        if !query.isEmpty { login.append(DraftEntry("query", .map(query))) }
        let headers = try loginItems(requester, "request_headers", text).filter {
            $0.key.lowercased() != "content-type"
        }
        if !headers.isEmpty { login.append(DraftEntry("headers", .map(headers))) }
        let json = try loginItems(requester, "request_body_json", text)
        let form = try loginItems(requester, "request_body_data", text)
        if !json.isEmpty {
            login.append(DraftEntry("body", .map(json)))
        } else if !form.isEmpty {
            login.append(DraftEntry("form", .map(form)))
        }
        if requester.text("http_method") == "GET" { login.removeAll { $0.key == "body" } }
        if let basic = requester.component("authenticator"), basic.kind != "NoAuth" {
            throw JinjaError(reason: "a login that needs credentials of another kind itself")
        }
        let tokenPath = component.texts("session_token_path")
        guard !tokenPath.isEmpty else {
            throw JinjaError(reason: "nothing says where the token is")
        }
        let send: DraftValue
        let request = component.component("request_authentication")
        if request?.kind == "ApiKey", let option = request?.component("inject_into") {
            let place = option.text("inject_into") == "request_parameter" ? "query" : "header"
            send = .texts([
                (place, option.text("field_name") ?? "Authorization"),
                ("value", "${session.token}"),
            ])
        } else {
            send = .texts([("header", "Authorization"), ("value", "Bearer ${session.token}")])
        }
        var entries = [
            DraftEntry("login", .map(login)),
            DraftEntry("take", .texts([("token", JSONPathText.path(tokenPath))])),
            DraftEntry("send", send),
        ]
        if let text = component.text("expiration_duration") {
            if let milliseconds = AirbyteTime.milliseconds(text), milliseconds >= 1000 {
                entries.append(
                    DraftEntry("expires", text: AirbyteTime.duration(milliseconds)))
            } else {
                leave(
                    component.place, "authenticator", "`expiration_duration` is computed",
                    by: "expires: 1h")
            }
        }
        return .auth(
            [DraftEntry("auth", .map([DraftEntry("session", .map(entries))]))], component.place)
    }

    func legacySession(
        _ component: Component, _ scope: JinjaScope
    ) throws(JinjaError) -> ManifestAuth.Reading {
        let text = JinjaText(
            scope: scope.with(component), parameters: parameters, isNeeded: true)
        guard let header = component.text("header"),
            let key = component.text("session_token_response_key"),
            let url = component.text("login_url")
        else { throw JinjaError(reason: "it does not say how to log in") }
        let body = [
            ("username", try text.text(component.text("username") ?? "")),
            ("password", try text.text(component.text("password") ?? "")),
        ]
        let path = try text.text(url)
        let login = [
            DraftEntry("method", text: "POST"),
            DraftEntry("path", text: path.hasPrefix("/") ? path : "/" + path),
            DraftEntry("body", .texts(body)),
        ]
        let session = [
            DraftEntry("login", .map(login)),
            DraftEntry("take", .texts([("token", JSONPathText.key(key))])),
            DraftEntry("send", .texts([("header", header), ("value", "${session.token}")])),
        ]
        return .auth(
            [DraftEntry("auth", .map([DraftEntry("session", .map(session))]))], component.place)
    }

    private func loginItems(
        _ component: Component, _ key: String, _ text: JinjaText
    ) throws(JinjaError) -> [DraftEntry] {
        var entries: [DraftEntry] = []
        for entry in component[key]?.mapping ?? [] {
            guard let value = entry.value.scalar?.text else {
                throw JinjaError(reason: "`\(key)` of the login is not flat")
            }
            entries.append(DraftEntry(entry.key.text, text: try text.text(value)))
        }
        return entries
    }

    /// A base and a path with one `/` between them.
    static func joined(_ base: String, _ path: String) -> String {
        if path.isEmpty { return base }
        let start = base.hasSuffix("/") ? String(base.dropLast()) : base
        return start + (path.hasPrefix("/") ? path : "/" + path)
    }
}
