import PullcordModel
import PullcordYAML

/// How a description says that requests prove who sends them.
struct OpenAPILogin {
    let value: DraftValue
    var comments: [String] = []
    /// The query item that carries a key.
    var queryItem: String?
}

/// Reads security schemes.
struct OpenAPISecurity {
    let document: OpenAPIDocument

    /// The login, its parameters added; nil if there is none, or none that can be carried over.
    func auth(_ parameters: inout [DraftEntry], _ leftovers: inout [Leftover]) -> OpenAPILogin? {
        let schemes =
            document.root["components"]?["securitySchemes"]?.mapping
            ?? document.root["securityDefinitions"]?.mapping ?? []
        guard !schemes.isEmpty else { return nil }
        // What the whole description asks for comes before what only some operation does.
        let asked = (document.root["security"]?.sequence ?? []).flatMap {
            $0.mapping?.map(\.key.text) ?? []
        }
        let ordered = schemes.sorted { left, right in
            rank(left, asked) < rank(right, asked)
        }
        for entry in ordered {
            guard let scheme = document.resolved(entry.value),
                let login = login(scheme, &parameters)
            else { continue }
            let others = schemes.map(\.key.text).filter { $0 != entry.key.text }
            if !others.isEmpty {
                leftovers.append(
                    Leftover(
                        .changed, at: entry.key.place, "auth",
                        "`\(entry.key.text)` is taken of several ways; not "
                            + others.joined(separator: ", ")))
            }
            return login
        }
        leftovers.append(
            Leftover(
                at: schemes[0].key.place, "auth", "none of its security schemes has a counterpart",
                remedy: "auth: …"))
        return nil
    }

    /// The simplest that is asked for first.
    private func rank(_ entry: YAMLEntry, _ asked: [String]) -> Int {
        let scheme = document.resolved(entry.value)
        let type = scheme?["type"]?.scalar?.text ?? ""
        let order =
            ["http": 0, "basic": 0, "apiKey": 1, "oauth2": 2, "openIdConnect": 3][type] ?? 9
        return order + (asked.contains(entry.key.text) ? 0 : 10)
    }

    private func login(_ scheme: YAMLNode, _ parameters: inout [DraftEntry]) -> OpenAPILogin? {
        switch scheme["type"]?.scalar?.text ?? "" {
        case "basic": return take(.basic, &parameters)
        case "http":
            switch scheme["scheme"]?.scalar?.text.lowercased() ?? "" {
            case "basic": return take(.basic, &parameters)
            case "bearer": return take(.bearer, &parameters)
            case "digest":
                parameters += DraftCredential.basic.parameters
                return OpenAPILogin(
                    value: .map([
                        DraftEntry(
                            "digest",
                            .texts([
                                ("username", "${params.username}"),
                                ("password", "${params.password}"),
                            ]))
                    ]))
            default: return nil
            }
        case "apiKey":
            guard let name = scheme["name"]?.scalar?.text else { return nil }
            switch scheme["in"]?.scalar?.text ?? "" {
            case "query":
                var login = take(.query(name), &parameters)
                login.queryItem = name
                return login
            case "cookie": return take(.cookie(name), &parameters)
            default:
                var login = take(.header(name), &parameters)
                if name.lowercased() == "authorization" {
                    login.comments = [
                        "The key is the whole header: with a word such as `Bearer ` if the API wants it."
                    ]
                }
                return login
            }
        case "oauth2": return oauth(scheme, &parameters)
        case "openIdConnect":
            var login = take(.bearer, &parameters)
            login.comments = ["unsure: OpenID Connect; a token that you have is sent as it is"]
            return login
        default: return nil
        }
    }

    private func take(_ credential: DraftCredential, _ parameters: inout [DraftEntry])
        -> OpenAPILogin
    {
        parameters += credential.parameters
        return OpenAPILogin(value: credential.auth)
    }

    private func oauth(_ scheme: YAMLNode, _ parameters: inout [DraftEntry]) -> OpenAPILogin {
        let flows = scheme["flows"]
        let own = scheme["flow"]?.scalar?.text ?? ""
        let client = flows?["clientCredentials"] ?? (own == "application" ? scheme : nil)
        let password = flows?["password"] ?? (own == "password" ? scheme : nil)
        guard let flow = client ?? password, let url = flow["tokenUrl"]?.scalar?.text,
            url.contains("://")
        else {
            var login = take(.bearer, &parameters)
            login.comments = [
                "unsure: its OAuth 2 needs a person; a token that you have is sent as it is"
            ]
            return login
        }
        var values = [
            ("grant", client != nil ? "client_credentials" : "password"),
            ("token_url", JinjaText.literal(url)), ("client_id", "${params.client_id}"),
            ("client_secret", "${params.client_secret}"),
        ]
        parameters.set("client_id", .map([DraftEntry("required", .bool(true))]))
        parameters.set("client_secret", DraftCredential.secret("client_secret").value)
        if client == nil {
            values += [("username", "${params.username}"), ("password", "${params.password}")]
            parameters.set("username", .map([DraftEntry("required", .bool(true))]))
            parameters.set("password", DraftCredential.secret("password").value)
        }
        let scopes = (flow["scopes"]?.mapping ?? []).map(\.key.text)
        var login = OpenAPILogin(value: .map([DraftEntry("oauth2", .texts(values))]))
        if !scopes.isEmpty {
            let reading = scopes.filter { $0.lowercased().contains("read") }
            let chosen = (reading.isEmpty ? scopes : reading).prefix(20).joined(separator: " ")
            values.append(("scope", chosen))
            login = OpenAPILogin(
                value: .map([DraftEntry("oauth2", .texts(values))]),
                comments: ["unsure: scopes that the description names; ask for those you need"])
        }
        return login
    }
}
