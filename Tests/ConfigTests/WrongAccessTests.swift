import PullcordConfig
import PullcordModel
import Testing

@Suite struct WrongAccessTests {
    /// What stands in a subscription, the path of the complaint, its code, a piece of its message,
    /// and the suggestion.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let path: String
        let code: String
        let piece: String
        var suggestion: String?

        var testDescription: String { text }
    }

    @Test(arguments: rows)
    func `a mistake in the access to an endpoint is told with its place`(_ row: Row) throws {
        let report = Self.report(row.text)
        let first = try #require(report.errors.first, "accepted: \(row.text)")
        #expect(report.errors.count == 1, "\(report.text())")
        #expect(first.keyPath == "subscriptions[0].\(row.path)")
        #expect(first.code == row.code)
        #expect(first.message.contains(row.piece), "\(first.message)")
        #expect(first.suggestion == row.suggestion)
        #expect(first.place.line == 4)
        #expect(!report.text().contains("k-12345"))
    }

    static let rows: [Row] = [
        Row(text: "auth: {}", path: "auth", code: "auth_missing", piece: "says nothing"),
        Row(text: "auth: x", path: "auth", code: "type_mismatch", piece: "the text `x`"),
        Row(
            text:
                #"auth: { bearer: "${env.KEY}", basic: { username: a, password: "${env.KEY}" } }"#,
            path: "auth.basic", code: "keys_exclude_each_other", piece: "beside `bearer`"),
        Row(
            text: "auth: { digest: x }", path: "auth.digest", code: "key_unknown",
            piece: "no key of `auth`"),
        Row(
            text: #"auth: { bearer: "${env.EMPTY}" }"#, path: "auth.bearer",
            code: "credential_invalid", piece: "is empty"),
        Row(
            text: #"auth: { bearer: "${env.LINES}" }"#, path: "auth.bearer",
            code: "credential_invalid", piece: "line break"),
        Row(
            text: #"auth: { bearer: "${env.NONE}" }"#, path: "auth.bearer", code: "env_missing",
            piece: "`NONE` is not set"),
        Row(
            text: #"auth: { bearer: "${params.a}" }"#, path: "auth.bearer",
            code: "placeholder_misplaced", piece: "params"),
        Row(
            text: #"auth: { basic: { username: "a:b", password: "${env.KEY}" } }"#,
            path: "auth.basic.username", code: "username_colon", piece: "colon"),
        Row(
            text: #"auth: { basic: { username: a } }"#, path: "auth.basic.password",
            code: "key_missing", piece: "`password` is missing"),
        Row(
            text: #"auth: { bearer: "${env.KEY}" }, headers: { authorization: x }"#,
            path: "headers.authorization", code: "keys_exclude_each_other", piece: "beside `auth`"),
        Row(
            text:
                #"auth: { oauth2: { token_url: "https://a.example/t", client_secret: "${env.KEY}" } }"#,
            path: "auth.oauth2.client_id", code: "key_missing", piece: "`client_id` is missing"),
        Row(
            text:
                #"auth: { oauth2: { token_url: a.example, client_id: a, client_secret: "${env.KEY}" } }"#,
            path: "auth.oauth2.token_url", code: "url_invalid", piece: "no URL",
            suggestion: "https://a.example"),
        Row(
            text:
                #"auth: { oauth2: { token_url: "${env.KEY}", client_id: a, client_secret: "${env.KEY}" } }"#,
            path: "auth.oauth2.token_url", code: "url_invalid", piece: "its value is no URL"),
        Row(
            text:
                #"auth: { oauth2: { token_url: "https://a.example/t", client_id: a, client_secret: "${env.KEY}", send: both } }"#,
            path: "auth.oauth2.send", code: "value_unknown", piece: "`both`"),
        Row(text: "tls: {}", path: "tls", code: "tls_missing", piece: "says nothing"),
        Row(
            text: "tls: { verify: false }", path: "tls.verify", code: "key_unknown",
            piece: "no key of `tls`"),
        Row(
            text: "tls: { certificate: good.pem }", path: "tls.certificate",
            code: "tls_incomplete", piece: "`certificate` needs `key`"),
        Row(
            text: "tls: { key: good.key }", path: "tls.key", code: "tls_incomplete",
            piece: "`key` needs `certificate`"),
        Row(
            text: "tls: { ca: none.pem }", path: "tls.ca", code: "file_unreadable",
            piece: "no such file"),
        Row(
            text: "tls: { ca: /locked }", path: "tls.ca", code: "file_unreadable",
            piece: "permission denied"),
        Row(
            text: "tls: { ca: good.key }", path: "tls.ca", code: "pem_invalid",
            piece: "holds no certificate"),
        Row(
            text: "tls: { ca: cut.pem }", path: "tls.ca", code: "pem_invalid", piece: "cut off"),
        Row(
            text: "tls: { ca: bad.pem }", path: "tls.ca", code: "pem_invalid",
            piece: "not base64"),
        Row(
            text: "tls: { certificate: good.pem, key: good.pem }", path: "tls.key",
            code: "pem_invalid", piece: "no private key"),
        Row(
            text: "tls: { certificate: good.pem, key: locked.key }", path: "tls.key",
            code: "pem_invalid", piece: "encrypted"),
        Row(
            text: "rate: 10", path: "rate", code: "rate_invalid", piece: "`10` is no rate",
            suggestion: "10/s"),
        Row(text: "rate: 0/s", path: "rate", code: "rate_invalid", piece: "`0/s` is no rate"),
        Row(text: "rate: 10/d", path: "rate", code: "rate_invalid", piece: "no rate"),
        Row(text: "rate: [1]", path: "rate", code: "type_mismatch", piece: "a list"),
        Row(
            text: "concurrency: 0", path: "concurrency", code: "value_out_of_range", piece: "`0`"),
        Row(
            text: "concurrency: 65", path: "concurrency", code: "value_out_of_range",
            piece: "`65`"),
        Row(
            text: "handshake: requir", path: "handshake", code: "value_unknown",
            piece: "`requir`", suggestion: "require"),
        Row(
            text: "challenge: true", path: "challenge", code: "value_unknown", piece: "`true`"),
        Row(
            text: #"origin: "a b""#, path: "origin", code: "origin_invalid",
            piece: "no name of a host"),
        Row(
            text: "headers: { webhook-request-origin: a }",
            path: "headers.webhook-request-origin", code: "header_reserved", piece: "`origin`"),
    ]

    private static let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    private static let key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"

    private static func report(_ text: String, url: String = "https://t.example")
        -> DiagnosticReport
    {
        var fixture = Fixture()
        fixture.files = [
            "adapters/orders.yaml": Fixture.orders, "/locked": "(locked)", "good.pem": pem,
            "good.key": key, "cut.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n",
            "bad.pem": "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
            "locked.key":
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "b.yaml": """
            sources:
              - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }
            subscriptions:
              - { name: t, url: "\(url)", secret: "${env.SECRET}", \(text) }

            """,
        ]
        return fixture.check("b.yaml", environment: Wrong.environment)
    }

    @Test(arguments: [
        #"auth: { bearer: "${env.KEY}" }"#,
        #"auth: { basic: { username: a, password: "${env.KEY}" } }"#,
        #"auth: { oauth2: { token_url: "https://a.example/t", client_id: a, client_secret: "${env.KEY}", scope: "a b", audience: c, send: body } }"#,
        "tls: { ca: good.pem }", "tls: { certificate: good.pem, key: good.key }",
        "tls: { ca: ./good.pem, certificate: good.pem, key: good.key }",
        "rate: 10/s", "rate: 600/m", "rate: 1000/h", "concurrency: 64",
        "handshake: require, origin: bridge.example.com", "challenge: try", "handshake: off",
    ])
    func `what is right is taken`(text: String) {
        let report = Self.report(text)
        #expect(report.diagnostics.isEmpty, "\(report.text())")
    }
}
