extension RequestSpec {
    /// Every template of the request itself, in the order of the file's keys.
    package var templates: [Template] {
        var result: [Template] = []
        switch target {
        case .path(let template), .url(let template): result.append(template)
        }
        return result + query.map(\.value) + headers.map(\.value) + (body?.templates ?? [])
    }
}

extension PagesSpec {
    /// Every template of how pages begin, or of how far they go.
    package var templates: [Template] {
        switch scheme {
        case .keyset(_, _, let start?), .token(_, let start?): [start]
        case .range(let end): [end.path]
        case .single, .link, .nextURL, .token, .number, .offset, .keyset, .merged: []
        }
    }
}

extension AuthSpec {
    /// Every template of the proof of identity.
    package var templates: [Template] {
        switch self {
        case .none: []
        case .basic(let username, let password): [username, password]
        case .bearer(let token): [token]
        case .apiKey(_, _, let value): [value]
        case .digest(let username, let password), .ntlm(let username, let password):
            [username, password]
        case .awsSignature(let spec): spec.templates
        case .hmac(let spec): spec.templates
        case .login(let login): login.templates
        }
    }
}

extension AuthSpec {
    /// The parameters that are keys in PEM, and so have several lines.
    package var keyParameters: Set<String> {
        guard case .login(.oauth2(let grant)) = self, let key = grant.assertion?.key else {
            return []
        }
        return Set(
            key.subjects.compactMap { subject in
                if case .parameter(let name) = subject { name } else { nil }
            })
    }
}

extension AdapterSpec {
    /// The templates that go into a stream's requests: its own and the adapter's.
    package func templates(for stream: StreamSpec) -> [Template] {
        var result = stream.request.templates + headers.map(\.value) + query.map(\.value)
        if case .path = stream.request.target, let baseURL { result.append(baseURL) }
        result += stream.pages.templates
        if case .get(let path)? = stream.belief.confirmation { result.append(path) }
        result += stream.detail?.request.templates ?? []
        result += programTemplates(for: stream)
        return result + auth.templates + (tls?.templates ?? [])
    }

    /// What the requests of a stream stand for.
    package func subjects(for stream: StreamSpec) -> Set<Placeholder.Subject> {
        templates(for: stream).reduce(into: []) { $0.formUnion($1.subjects) }
    }
}
