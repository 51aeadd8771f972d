import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads what a bridge file says of the HTTP API.
struct APIReader {
    let collector: Collector

    func read(_ field: Field) -> APISpec? {
        guard let keys = MappingReader(field, APIKeys.api) else { return nil }
        var spec = APISpec(place: field.place)
        if let listen = keys["listen"] { spec.listen = readListen(listen) ?? spec.listen }
        spec.tls = keys["tls"].flatMap(readTLS)
        spec.hosts = keys["hosts"]?.items(of: .text)?.compactMap(readHost) ?? []
        spec.publicURL = keys["public_url"].flatMap(readURL)
        spec.bodyMax = keys["max_body"]?.size() ?? spec.bodyMax
        if let rate = keys["rate"] { spec.rate = readRate(rate) ?? spec.rate }
        spec.anonymous = keys["anonymous"]?.choice(APISpec.Anonymous.self) ?? spec.anonymous
        spec.tokens = keys["tokens"].map(readTokens) ?? []
        if let metrics = keys["metrics"] { spec.metrics = readMetrics(metrics) }
        warnOfPlainText(spec, keys)
        return spec
    }

    private func readMetrics(_ field: Field) -> APISpec.Metrics {
        var metrics = APISpec.Metrics()
        guard let keys = MappingReader(field, APIKeys.metrics) else { return metrics }
        metrics.isAnonymous = keys["anonymous"]?.boolean() ?? false
        metrics.hasOwnSeries = keys["per_source"]?.boolean() ?? true
        return metrics
    }

    private func warnOfPlainText(_ spec: APISpec, _ keys: MappingReader) {
        guard !spec.listen.isLoopback, spec.tls == nil, let field = keys["listen"] else { return }
        collector.warning(
            "api_plain", at: field.place, path: field.path, found: spec.listen.description,
            "others can reach \(spec.listen), and tokens travel there in clear",
            hint: "add `tls`, or listen on 127.0.0.1 behind a proxy that speaks HTTPS")
    }

    private func readListen(_ field: Field) -> ListenAddress? {
        guard let text = field.filledText()?.text else { return nil }
        // A number alone is a port that somebody wrote without its colon.
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard !isNumber, let address = ListenAddress(text) else {
            collector.error(
                "listen_invalid", at: field.place, path: field.path, found: text,
                "`\(text)` is no address to listen on",
                allowed: ["HOST:PORT, such as 127.0.0.1:\(ListenAddress.portDefault)"],
                suggestion: isNumber ? "127.0.0.1:\(text)" : nil)
            return nil
        }
        return address
    }

    private func readTLS(_ field: Field) -> APISpec.TLSFiles? {
        guard let keys = MappingReader(field, APIKeys.tls),
            let certificate = keys["certificate"]?.filledText()?.text,
            let key = keys["key"]?.filledText()?.text
        else { return nil }
        return APISpec.TLSFiles(certificate: certificate, key: key)
    }

    /// A name without a scheme, a port or a path.
    private func readHost(_ field: Field) -> String? {
        guard let text = field.filledText()?.text.lowercased() else { return nil }
        let isName =
            text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
        guard isName else {
            return field.refuse(
                "host_invalid", "`\(text)` is no name of a host",
                allowed: ["a name without scheme and port, such as pullcord.example.com"])
        }
        return text
    }

    private func readURL(_ field: Field) -> String? {
        guard let text = field.filledText()?.text else { return nil }
        guard let parts = URLRules.Parts(text), !parts.host.isEmpty, !parts.hasUserInfo,
            !text.contains("?"), !text.contains("#"),
            text.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) })
        else {
            return field.refuse(
                "url_invalid", "this is no URL that a link can begin with",
                allowed: ["https://host", "https://host/path"])
        }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    private func readRate(_ field: Field) -> Rate? {
        guard let text = field.filledText()?.text else { return nil }
        guard let rate = Rate(text) else {
            return field.refuse(
                "rate_invalid", "`\(text)` is no rate", allowed: ["10/s", "600/m", "1000/h"])
        }
        return rate
    }

    private func readTokens(_ field: Field) -> [APISpec.TokenSpec] {
        var names: Set<String> = []
        let items = field.items(of: .table(APIKeys.token)) ?? []
        return items.compactMap { item in
            guard let keys = MappingReader(item, APIKeys.token),
                let name = keys["name"]?.name(.plain), let value = keys["token"],
                let template = value.bridgeTemplate()
            else { return nil }
            if let literal = template.literalText {
                collector.secrets.append(Secret(literal))
                collector.warning(
                    "secret_in_file", at: value.place, path: value.path,
                    "the token stands in the file itself",
                    hint: "write \"${env.NAME}\" or \"${file:PATH}\"")
            }
            guard names.insert(name.text).inserted else {
                return item.refuse("name_repeated", "another token is called `\(name.text)`")
            }
            return APISpec.TokenSpec(
                name: name.text, scope: keys["scope"]?.choice(TokenScope.self)?.rawValue ?? "read",
                value: template, place: value.place)
        }
    }

    func readPoke(_ field: Field) -> PokeSpec? {
        guard let keys = MappingReader(field, APIKeys.poke),
            let secret = keys["secret"], let template = secret.bridgeTemplate()
        else { return nil }
        if let literal = template.literalText { collector.secrets.append(Secret(literal)) }
        var spec = PokeSpec(secret: template, place: secret.place)
        spec.header = keys["header"]?.filledText()?.text
        spec.algorithm = keys["algorithm"]?.choice(PokeSpec.Algorithm.self) ?? .sha256
        spec.encoding = keys["encoding"]?.choice(PokeSpec.Encoding.self) ?? .hex
        spec.prefix = keys["prefix"]?.filledText()?.text ?? ""
        guard spec.header == nil else { return spec }
        for name in ["algorithm", "encoding", "prefix"] {
            keys[name]?.complain(
                "key_missing", "`\(name)` says how to read a header, and none is named",
                hint: "name it with `header`, or leave `\(name)` out for Standard Webhooks")
        }
        if let literal = template.literalText, let complaint = WebhookSecret.complaint(literal) {
            secret.complain("secret_invalid", complaint, hint: "or name the `header` to look at")
        }
        return spec
    }
}

/// The scopes of tokens, as the file writes them.
private enum TokenScope: String, CaseIterable {
    case read, operate, admin
}
