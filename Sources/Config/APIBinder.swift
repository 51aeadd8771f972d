package import PullcordAdapter
package import PullcordModel

/// What the HTTP API needs, with the values of the installation in it.
package struct BoundAPI: Sendable {
    package let spec: APISpec
    /// Absolute, or as the process sees them.
    package let tls: APISpec.TLSFiles?
    package let tokens: [Token]

    package struct Token: Sendable {
        package let name: String
        package let scope: String
        package let value: Secret

        package init(name: String, scope: String, value: Secret) {
            self.name = name
            self.scope = scope
            self.value = value
        }
    }

    package init(spec: APISpec, tls: APISpec.TLSFiles? = nil, tokens: [Token] = []) {
        self.spec = spec
        self.tls = tls
        self.tokens = tokens
    }
}

/// Renders the secrets of the HTTP API.
struct APIBinder {
    /// Bytes of a token that a file names: fewer can be guessed.
    static let tokenBytes = 20...512

    let installation: Installation

    func bind(_ spec: APISpec) -> BoundAPI {
        let tls = spec.tls.map {
            APISpec.TLSFiles(
                certificate: Paths.resolve($0.certificate, in: installation.folder),
                key: Paths.resolve($0.key, in: installation.folder))
        }
        var tokens: [BoundAPI.Token] = []
        for (index, token) in spec.tokens.enumerated() {
            let path = "api.tokens[\(index)].token"
            guard case .text(let text) = installation.resolve(token.value, path: path) else {
                continue
            }
            guard Self.tokenBytes.contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                installation.collector.error(
                    "token_invalid", at: token.place, path: path,
                    "the token is no text of 20 to 512 visible characters",
                    hint: "pullcord token create makes one of its own")
                continue
            }
            tokens.append(
                BoundAPI.Token(name: token.name, scope: token.scope, value: Secret(text)))
        }
        return BoundAPI(spec: spec, tls: tls, tokens: tokens)
    }

    /// The secret of a foreign webhook; nil if there is none or it was complained about.
    func bind(_ poke: PokeSpec?, _ path: String) -> Secret? {
        guard let poke else { return nil }
        let path = join(join(path, "poke"), "secret")
        guard case .text(let text) = installation.resolve(poke.secret, path: path) else {
            return nil
        }
        guard poke.header == nil, let complaint = WebhookSecret.complaint(text) else {
            return Secret(text)
        }
        if poke.secret.literalText == nil {
            installation.collector.error(
                "secret_invalid", at: poke.place, path: path, complaint,
                hint: "or name the `header` to look at")
        }
        return nil
    }
}
