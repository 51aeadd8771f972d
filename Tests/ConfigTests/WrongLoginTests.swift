import PullcordConfig
import PullcordModel
import Testing

@Suite struct WrongLoginTests {
    /// What stands under `auth`, the path of the complaint below it, its code and a piece of its
    /// message.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let path: String
        let code: String
        let piece: String
        let suggestion: String?

        init(
            _ text: String, _ path: String, _ code: String, _ piece: String,
            suggestion: String? = nil
        ) {
            self.text = text
            self.path = path
            self.code = code
            self.piece = piece
            self.suggestion = suggestion
        }

        var testDescription: String { text }
    }

    private static func adapter(_ auth: String) -> String {
        Wrong.adapter(top: "params: { k: secret }\nauth: { \(auth) }")
    }

    @Test(arguments: wrong)
    func `a mistake in a login is told with its place`(_ row: Row) throws {
        let report = Wrong.report("a.yaml", Self.adapter(row.text))
        let first = try #require(report.errors.first, "accepted: \(row.text)")
        #expect(report.errors.count == 1, "\(report.text())")
        #expect(first.keyPath == (row.path.isEmpty ? "auth" : "auth.\(row.path)"))
        #expect(first.code == row.code)
        #expect(first.message.contains(row.piece), "\(first.message)")
        #expect(first.suggestion == row.suggestion)
        #expect(first.place.line == 4 && first.place.column > 5)
    }

    @Test(arguments: right)
    func `a login of every kind is taken`(_ text: String) {
        let report = Wrong.report("a.yaml", Self.adapter(text))
        #expect(!report.hasErrors, "\(report.text())")
    }

    private static let url = "token_url: https://a.example/t"
    private static let key = #"assertion: { key: "${params.k}" }"#
    private static let secret = #"client_secret: "${params.k}""#
    private static let login = "login: { path: /l }, take: { t: .t }"
    private static let send = #"send: { header: X-T, value: "${session.t}" }"#

    static let wrong: [Row] = [
        .init("oauth2: x", "oauth2", "type_mismatch", "the text `x`"),
        .init("oauth2: { \(url) }", "oauth2.grant", "key_missing", "`grant` is missing"),
        .init(
            "oauth2: { grant: implicit, \(url) }", "oauth2.grant", "value_unknown", "`implicit`"),
        .init(
            "oauth2: { grant: refresh_token, client_id: c, refresh_tokn: x, \(url) }",
            "oauth2.refresh_tokn", "key_unknown", "no key of `oauth2`",
            suggestion: "refresh_token"),
        .init(
            "oauth2: { grant: client_credentials, client_id: c, \(url) }",
            "oauth2.client_secret", "key_missing", "`grant: client_credentials` needs it"),
        .init(
            "oauth2: { grant: client_credentials, \(secret), client_id: c }", "oauth2.token_url",
            "key_missing", "`token_url` is missing"),
        .init(
            "oauth2: { grant: client_credentials, \(secret), client_id: c, token_url: a.example/t }",
            "oauth2.token_url", "url_invalid", "no URL", suggestion: "https://a.example/t"),
        .init(
            "oauth2: { grant: refresh_token, client_id: c, \(url) }", "oauth2.refresh_token",
            "key_missing", "`grant: refresh_token` needs it"),
        .init(
            #"oauth2: { grant: password, username: u, \#(url) }"#, "oauth2.password",
            "key_missing", "`grant: password` needs it"),
        .init(
            "oauth2: { grant: jwt_bearer, \(url) }", "oauth2.assertion", "key_missing",
            "`grant: jwt_bearer` needs it"),
        .init(
            #"oauth2: { grant: client_credentials, client_id: c, \#(secret), username: u, \#(url) }"#,
            "oauth2.username", "key_useless", "means nothing to `grant: client_credentials`"),
        .init(
            "oauth2: { grant: client_credentials, client_id: c, \(secret), \(key), client_auth: private_key_jwt, \(url) }",
            "oauth2.client_secret", "key_useless", "`client_auth: private_key_jwt`"),
        .init(
            "oauth2: { grant: client_credentials, client_id: c, client_auth: private_key_jwt, \(url) }",
            "oauth2.assertion", "key_missing", "needs it"),
        .init(
            "oauth2: { grant: client_credentials, client_id: c, \(secret), client_auth: post, \(url) }",
            "oauth2.client_auth", "value_unknown", "`post`"),
        .init(
            "oauth2: { grant: jwt_bearer, \(url), assertion: { issuer: a } }",
            "oauth2.assertion.key", "key_missing", "`key` is missing"),
        .init(
            #"oauth2: { grant: jwt_bearer, \#(url), assertion: { key: "${params.k}", algorithm: HS256 } }"#,
            "oauth2.assertion.algorithm", "value_unknown", "`HS256`", suggestion: "RS256"),
        .init(
            #"oauth2: { grant: jwt_bearer, \#(url), assertion: { key: "${params.k}", claims: { exp: 1 } } }"#,
            "oauth2.assertion.claims.exp", "claim_reserved", "`exp` is made by Pullcord"),
        .init(
            #"oauth2: { grant: jwt_bearer, \#(url), assertion: { key: "${params.k}", lifetime: 2h } }"#,
            "oauth2.assertion.lifetime", "value_out_of_range", "`2h` is out of range"),
        .init(
            #"oauth2: { grant: jwt_bearer, \#(url), assertion: { key: "${params.k}", kid: a } }"#,
            "oauth2.assertion.kid", "key_unknown", "`kid` is no key"),
        .init(
            #"oauth2: { grant: client_credentials, client_id: "${session.x}", \#(secret), \#(url) }"#,
            "oauth2.client_id", "placeholder_misplaced", "`${session.x}` has a value only under"),
        .init("session: { \(send) }", "session.login", "key_missing", "`login` is missing"),
        .init("session: { \(login) }", "session", "session_unused", "nothing of the login"),
        .init(
            #"session: { \#(login), send: { header: X-T, value: "${session.tt}" } }"#, "session",
            "session_value_unknown", "no `take` before it gives `${session.tt}`",
            suggestion: "session.t"),
        .init(
            #"session: { login: [{ path: "/${session.t}" }, { path: /l, take: { t: .t } }], \#(send) }"#,
            "session", "session_value_unknown", "`${session.t}`"),
        .init(
            #"session: { \#(login), send: { value: "${session.t}" } }"#, "session.send",
            "send_place", "nothing says where it goes"),
        .init(
            #"session: { \#(login), send: { header: X-T, cookie: t, value: "${session.t}" } }"#,
            "session.send.cookie", "keys_exclude_each_other", "beside `header`"),
        .init(
            #"session: { \#(login), send: { header: Host, value: "${session.t}" } }"#,
            "session.send.header", "header_reserved", "`Host`"),
        .init(
            "session: { login: { path: l }, take: { t: .t }, \(send) }", "session.login.path",
            "path_invalid", "begins with `/`", suggestion: "/l"),
        .init(
            "session: { login: { path: /l, body: x }, take: { t: .t }, \(send) }",
            "session.login.body", "body_without_post", "needs `method: POST`"),
        .init(
            "session: { login: { path: /l, method: POST, form: { a: b }, body: c }, take: { t: .t }, \(send) }",
            "session.login.body", "keys_exclude_each_other", "beside `form`"),
        .init(
            "session: { login: { path: /l, tkae: { t: .t } }, \(send) }", "session.login.tkae",
            "key_unknown", "no key of a login request", suggestion: "take"),
        .init(
            "session: { login: [], \(send) }", "session.login", "value_empty",
            "a login needs a request"),
        .init(
            "session: { login: { path: /l }, take: { t: {} }, \(send) }", "session.take.t",
            "take_source", "nothing says where it stands"),
        .init(
            "session: { login: { path: /l }, take: { 'a b': .t }, \(send) }",
            #"session.take["a b"]"#, "name_invalid", "`a b` is no name", suggestion: "a-b"),
        .init(
            "session: { \(login), \(send), expires: 30 }", "session.expires", "type_mismatch",
            "30", suggestion: "30s"),
        .init(
            "session: { \(login), \(send), expires: { as: seconds } }", "session.expires",
            "reading_source", "nothing says where it stands"),
        .init("session: { \(login), cookies: [] }", "session.cookies", "value_empty", "no cookie"),
        .init(
            #"registry: { username: a }"#, "registry.password", "key_missing", "needs `password`"),
        .init(
            "registry: { realm_hosts: [https://a.example] }", "registry.realm_hosts[0]",
            "host_invalid", "no name of a host"),
        .init("challenge: { status: 409 }", "challenge.header", "key_missing", "`header`"),
        .init(
            "challenge: { status: 200, header: X }", "challenge.status", "value_out_of_range",
            "`200`"),
        .init("challenge: x", "challenge", "type_mismatch", "the text `x`"),
        .init(
            #"bearer: "${params.k}", oauth2: { grant: jwt_bearer, \#(url), \#(key) }"#, "oauth2",
            "keys_exclude_each_other", "beside `bearer`"),
    ]

    static let right: [String] = [
        "oauth2: { grant: client_credentials, client_id: c, \(secret), \(url), scope: a b }",
        "oauth2: { grant: client_credentials, client_id: c, client_auth: private_key_jwt, \(key), \(url) }",
        #"oauth2: { grant: refresh_token, client_id: c, refresh_token: "${params.k}", \#(url) }"#,
        #"oauth2: { grant: password, username: u, password: "${params.k}", \#(url), parameters: { audience: x } }"#,
        #"oauth2: { grant: jwt_bearer, \#(url), assertion: { issuer: i, subject: s, audience: a, key: "${params.k}", key_id: 1, algorithm: ES256, lifetime: 10m, claims: { scope: "x", n: 1 } } }"#,
        "session: { \(login), \(send), expires: 30m }",
        "session: { \(login), \(send), expires: { header: X-Ttl } }",
        "session: { login: [{ path: /a }, { url: 'https://b.example/c', method: POST, form: { a: b } }], cookies: true }",
        #"session: { login: { path: /l, take: { t: { cookie: sid }, u: { header: X }, v: { path: .v } } }, send: [{ cookie: a, value: "${session.t}" }, { body: b, value: "${session.u}" }, { query: c, value: "${session.v}" }] }"#,
        "registry: {}",
        #"registry: { username: a, password: "${params.k}", realm_hosts: [b.example] }"#,
        "challenge: { status: 409, header: X-Transmission-Session-Id }",
        #"basic: { username: a, password: "${params.k}" }, challenge: { status: 409, header: X }"#,
    ]

    @Test(arguments: [
        (
            "oauth2: { grant: refresh_token, client_id: c, refresh_token: abcdef, \(url) }",
            "secret_in_adapter"
        ),
        (
            "oauth2: { grant: client_credentials, client_id: c, \(secret), token_url: http://a.example/t }",
            "credentials_over_http"
        ),
        (
            "session: { login: { method: POST, path: /l, form: { password: abcdef } }, cookies: true }",
            "secret_in_adapter"
        ),
    ])
    func `what is dangerous is warned of, and shown to nobody`(auth: String, code: String) {
        let report = Wrong.report("a.yaml", Self.adapter(auth))
        #expect(!report.hasErrors, "\(report.text())")
        #expect(report.diagnostics.contains { $0.code == code }, "\(report.text())")
        #expect(!report.text().contains("abcdef"))
    }

    @Test func `a value of a session has no place in a stream's request`() throws {
        let report = Wrong.report(
            "a.yaml", Wrong.adapter(stream: "request: \"/x?t=${session.t}\"\nkey: .id"))
        let first = try #require(report.errors.first)
        #expect(first.code == "placeholder_misplaced")
        #expect(first.message.contains("`${session.t}`"))
    }

    @Test func `what a login sends cannot be sent by the stream too`() throws {
        for (auth, header) in [
            ("oauth2: { grant: jwt_bearer, \(Self.url), \(Self.key) }", "authorization"),
            ("session: { \(Self.login), \(Self.send) }", "x-t"),
        ] {
            let report = Wrong.report(
                "a.yaml",
                Wrong.adapter(
                    top: "params: { k: secret }\nheaders: { \(header): a }\nauth: { \(auth) }"))
            #expect(report.errors.map(\.code) == ["auth_twice"], "\(report.text())")
        }
    }
}
