import PullcordAdapter
import PullcordModel

/// Reads the kinds of `auth` whose proof depends on the request, or on what the server asks.
struct SignedAuthReader {
    static let kinds = ["digest", "ntlm", "aws_sigv4", "hmac"]

    func read(_ kind: String, _ field: Field) -> AuthSpec {
        switch kind {
        case "digest":
            login(field, SignedAuthKeys.digest).map { .digest(username: $0, password: $1) } ?? .none
        case "ntlm":
            login(field, SignedAuthKeys.ntlm).map { .ntlm(username: $0, password: $1) } ?? .none
        case "aws_sigv4": aws(field)
        default: hmac(field)
        }
    }

    private func login(_ field: Field, _ table: KeyTable) -> (Template, Template)? {
        guard let keys = MappingReader(field, table),
            let username = keys["username"]?.textTemplate(),
            let password = keys["password"].flatMap(AuthReader().credential)
        else { return nil }
        if table.name == SignedAuthKeys.digest.name, username.literalText?.contains(":") == true {
            field.collector.error(
                "username_colon", at: keys["username"]?.place ?? field.place,
                path: join(field.path, "username"),
                "a user name cannot hold a colon (RFC 7616)")
        }
        return (username, password)
    }

    private func aws(_ field: Field) -> AuthSpec {
        guard let keys = MappingReader(field, SignedAuthKeys.aws) else { return .none }
        let accessKey = keys["access_key"].flatMap(word)
        let secretKey = keys["secret_key"].flatMap(AuthReader().credential)
        let token = keys["session_token"].flatMap(AuthReader().credential)
        let region = keys["region"].flatMap(word)
        let service = keys["service"].flatMap(word)
        guard let accessKey, let secretKey, let region, let service else { return .none }
        return .awsSignature(
            AWSAuthSpec(
                accessKey: accessKey, secretKey: secretKey, sessionToken: token, region: region,
                service: service))
    }

    /// A template whose literal parts can stand in the scope of a signature.
    private func word(_ field: Field) -> Template? {
        guard field.filledText() != nil, let template = field.textTemplate() else { return nil }
        for case .literal(let text) in template.segments {
            let isWord = text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
            guard isWord else {
                field.collector.error(
                    "aws_name", at: field.place, path: field.path, found: text,
                    "`\(text)` is no name of AWS", allowed: ["letters, digits, `-` and `_`"])
                return nil
            }
        }
        return template
    }

    private func hmac(_ field: Field) -> AuthSpec {
        guard let keys = MappingReader(field, SignedAuthKeys.hmac) else { return .none }
        let key = keys["key"].flatMap(AuthReader().credential)
        let message = keys["sign"]?.textTemplate()
        guard let key, let message else { return .none }
        var spec = HMACAuthSpec(key: key, message: message)
        spec.algorithm = keys["algorithm"]?.choice(HashAlgorithm.self) ?? spec.algorithm
        spec.keyEncoding = keys["key_encoding"]?.choice(KeyEncoding.self) ?? spec.keyEncoding
        spec.encoding = keys["encoding"]?.choice(BinaryEncoding.self) ?? spec.encoding
        spec.bodyHash = keys["body_hash"]?.choice(HashAlgorithm.self) ?? spec.algorithm
        spec.bodyHashEncoding =
            keys["body_hash_encoding"]?.choice(BinaryEncoding.self) ?? spec.bodyHashEncoding
        spec.headers = keys["headers"]?.headers(reserved: HeaderRules.reserved) ?? []
        spec.query = keys["query"]?.namedTemplates()?.map(\.0) ?? []
        spec.username = keys["basic_user"]?.textTemplate()
        HMACRules(spec: spec, keys: keys).check(field)
        return .hmac(spec)
    }
}

/// What only shows when the parts of `hmac` are compared.
private struct HMACRules {
    let spec: HMACAuthSpec
    let keys: MappingReader

    func check(_ field: Field) {
        for (name, template) in [("key", spec.key), ("basic_user", spec.username)] {
            for placeholder in template?.placeholders ?? [] {
                guard case .request(let value) = placeholder.subject else { continue }
                misplaced(placeholder, name, "`${\(value.word)}` has no value in `\(name)`")
            }
        }
        for placeholder in spec.message.placeholders
        where placeholder.subject == .request(.signature) {
            misplaced(placeholder, "sign", "the signature cannot be part of what is signed")
        }
        checkKey(field)
        checkUse(field)
        checkOrder(field)
        let isConstant = !spec.message.subjects.contains {
            if case .request = $0 { true } else { $0 == .pollStarted }
        }
        if isConstant {
            field.collector.warning(
                "signature_constant", at: spec.message.place, path: join(field.path, "sign"),
                "the signature is the same for every request: whoever sees one can send others",
                hint: #"sign at least "${request.time}" and "${request.path}""#)
        }
    }

    private func checkKey(_ field: Field) {
        guard let literal = spec.key.literalText, spec.keyEncoding.decode(literal) == nil else {
            return
        }
        field.collector.error(
            "key_encoding", at: spec.key.place, path: join(field.path, "key"),
            "the key is not written in \(spec.keyEncoding.rawValue)",
            hint: "correct it, or `key_encoding`")
    }

    private func checkUse(_ field: Field) {
        let templates = (spec.headers + spec.query).map(\.value)
        let isUsed = templates.contains { $0.subjects.contains(.request(.signature)) }
        guard !isUsed, spec.username == nil, !keys.hasUnknownKeys else { return }
        field.complain(
            "signature_unused", "the signature is never sent",
            allowed: ["headers", "query", "basic_user"],
            hint: #"for example: headers: { X-Signature: "${signature}" }"#)
    }

    /// The query is made before what is signed, and the headers after it.
    private func checkOrder(_ field: Field) {
        let late: Set<Placeholder.Subject> = [
            .request(.query), .request(.sortedQuery), .request(.url),
        ]
        for item in spec.query {
            for placeholder in item.value.placeholders where late.contains(placeholder.subject) {
                misplaced(
                    placeholder, join("query", item.name),
                    "a query item cannot hold the query that it becomes part of")
            }
        }
    }

    private func misplaced(_ placeholder: Placeholder, _ name: String, _ message: String) {
        keys.collector.error(
            "placeholder_misplaced", at: placeholder.place,
            path: keys.path + "." + name, message)
    }
}

extension StreamChecks {
    /// Whether the adapter or the stream sends by itself what `hmac` adds.
    func checkClash(of hmac: HMACAuthSpec) {
        var headers = Set(hmac.headers.map { $0.name.lowercased() })
        if hmac.username != nil { headers.insert("authorization") }
        let query = Set(hmac.query.map(\.name))
        var twice = (spec.headers + stream.request.headers).filter {
            headers.contains($0.name.lowercased())
        }
        twice += (spec.query + stream.request.query).filter { query.contains($0.name) }
        for item in twice {
            collector.error(
                "auth_twice", at: item.value.place, path: index.path(of: item.value.place),
                "`auth` sends `\(item.name)` already", hint: "remove one of them")
        }
    }
}
