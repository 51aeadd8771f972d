import PullcordAdapter
import PullcordConfig
import Testing

@Suite struct SignedAuthTests {
    @Test(arguments: [
        "auth: { digest: { username: a, password: '${params.k}' } }",
        "auth: { ntlm: { username: 'DOM\\a', password: '${params.k}' } }",
        "auth: { aws_sigv4: { access_key: A, secret_key: '${params.k}', region: eu-west-1, service: s3 } }",
        "auth: { hmac: { key: '${params.k}', sign: '${request.path}', headers: { X-S: '${signature}' } } }",
        "auth: { hmac: { key: '${params.k}', sign: '${request.query}', query: { s: '${signature}' } } }",
        "auth: { hmac: { key: '${params.k}', sign: '${request.body}', basic_user: me } }",
        "tls: { ca: '${params.k}' }", "tls: { certificate: c.pem, key: '${params.k}' }",
    ])
    func `each kind is taken`(line: String) {
        let text = Wrong.adapter(top: "params: { k: { type: secret, required: true } }\n\(line)")
        let report = Wrong.report("a.yaml", text)
        #expect(report.diagnostics.isEmpty, "\(report.text())")
    }

    @Test func `a constant signature is warned about`() {
        let line =
            "auth: { hmac: { key: '${params.k}', sign: x, headers: { X-S: '${signature}' } } }"
        let text = Wrong.adapter(top: "params: { k: { type: secret, required: true } }\n\(line)")
        #expect(Wrong.report("a.yaml", text).warnings.map(\.code) == ["signature_constant"])
    }

    @Test(arguments: rows)
    func `a mistake is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(top: wrong.text))
    }

    /// Lines after `adapter` and `base_url`; the first is line 3.
    static let rows: [Wrong] = [
        .init(
            "auth: { digest: { username: 'a:b', password: '' } }", 3, 29, "auth.digest.username",
            "username_colon", "cannot hold a colon (RFC 7616)"),
        .init(
            "auth: { digest: { username: a } }", 3, 17, "auth.digest.password", "key_missing",
            "`password` is missing in `digest`"),
        .init(
            "auth: { ntlm: { domain: D, username: a, password: '' } }", 3, 17,
            "auth.ntlm.domain", "key_unknown", "`domain` is no key of `ntlm`"),
        .init(
            "auth: { digest: { username: a, password: '' }, ntlm: { username: a, password: '' } }",
            3, 48, "auth.ntlm", "keys_exclude_each_other", "`ntlm` cannot stand beside `digest`"),
        .init(
            "auth: { aws_sigv4: { access_key: A, secret_key: '', region: eu/west, service: s3 } }",
            3, 61, "auth.aws_sigv4.region", "aws_name", "`eu/west` is no name of AWS"),
        .init(
            "auth: { aws_sigv4: { access_key: A, secret_key: '', region: r } }", 3, 20,
            "auth.aws_sigv4.service", "key_missing", "`service` is missing"),
        .init(
            "auth: { mtls: x }", 3, 9, "auth.mtls", "key_unknown", "`mtls` is no key of `auth`"),
        .init(
            "auth: { hmac: { key: '', sign: '${request.path}' } }", 3, 15, "auth.hmac",
            "signature_unused", "the signature is never sent"),
        .init(
            "auth: { hmac: { key: '', sign: '${request.pat}', basic_user: a } }", 3, 35,
            "auth.hmac.sign", "placeholder_unknown", "a request has no value `pat`",
            suggestion: "request.path"),
        .init(
            "auth: { hmac: { key: '', sign: '${signature}', basic_user: a } }", 3, 33,
            "auth.hmac.sign", "placeholder_misplaced", "cannot be part of what is signed"),
        .init(
            "auth: { hmac: { key: '', sign: '${request.url}', query: { s: '${request.query}', t: '${signature}' } } }",
            3, 63, "auth.hmac.query.s", "placeholder_misplaced", "cannot hold the query"),
        .init(
            "auth: { hmac: { key: '', algorithm: sha3, sign: '${request.url}', basic_user: a } }",
            3, 37, "auth.hmac.algorithm", "value_unknown", "`sha3` is none of",
            suggestion: "sha1"),
        .init(
            "auth: { hmac: { key: '', secret: x, sign: '${request.url}', basic_user: a } }",
            3, 26, "auth.hmac.secret", "key_unknown", "`secret` is no key of `hmac`"),
        .init(
            "query: { a: '${request.time}' }", 3, 14, "query.a", "placeholder_misplaced",
            "`${request.time}` belongs to `auth.hmac`"),
        .init(
            "auth: { bearer: '${signature}' }", 3, 18, "auth.bearer", "placeholder_misplaced",
            "`${signature}` belongs to `auth.hmac`"),
        .init(
            "tls: { certificate: c.pem }", 3, 8, "tls.certificate", "tls_incomplete",
            "`certificate` needs `key` beside it"),
        .init("tls: {}", 3, 6, "tls", "tls_missing", "`tls` says nothing"),
        .init(
            "tls: { ca: '${env.CA}' }", 3, 13, "tls.ca", "secret_in_adapter",
            "an adapter reads neither the environment nor files"),
    ]

    @Test(arguments: [
        ("tls: { ca: nowhere.pem }", "file_unreadable"),
        ("tls: { ca: '${params.x}' }", "placeholder_misplaced"),
        ("tls: { certificate: nowhere.pem }", "tls_incomplete"),
    ])
    func `a source's certificates are looked at`(member: String, code: String) throws {
        let text = """
            sources:
              - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, \(member) }
            subscriptions: []

            """
        let report = Wrong.report("b.yaml", text)
        #expect(report.errors.first?.code == code, "\(report.text())")
    }

    @Test(arguments: [("zz", "key_encoding"), ("00ff", nil)])
    func `the key of a signature is looked at with its value`(key: String, code: String?) {
        var fixture = Fixture()
        fixture.files = [
            "adapters/signed.yaml": """
            adapter: signed
            params: { k: { type: secret, required: true } }
            base_url: https://x.example
            auth: { hmac: { key: "${params.k}", key_encoding: hex, sign: "${request.url}", basic_user: a } }
            streams: { s: { request: /x, key: .id } }
            """,
            "b.yaml": """
            sources: [{ name: s, adapter: signed, with: { k: "${env.K}" }, every: 60s }]
            subscriptions: []
            """,
        ]
        let report = fixture.check("b.yaml", environment: ["K": key])
        #expect(report.errors.first?.code == code, "\(report.text())")
    }
}
