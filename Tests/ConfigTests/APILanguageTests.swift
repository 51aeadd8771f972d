import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct `The API in a bridge file` {
    static func load(
        _ api: String, poke: String = ""
    ) -> Result<Configuration, DiagnosticReport> {
        let source = "name: s, adapter: orders, with: { key: \"${env.KEY}\" }, every: 60s"
        let bridge = """
            api: \(api)
            sources:
              - { \(source)\(poke.isEmpty ? "" : ", poke: \(poke)") }
            subscriptions: []

            """
        let files = ["b/b.yaml": bridge, "b/adapters/orders.yaml": Fixture.orders]
        let loader = Loader(
            checkers: Fixture.checkers,
            files: FileAccess(
                read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in ["orders.yaml"] }))
        return loader.load(
            "b/b.yaml",
            environment: [
                "KEY": "k-1", "SECRET": Fixture.secret, "TOKEN": "pct_0123456789abcdef",
                "SHORT": "abc",
            ])
    }

    @Test func `is off unless it is there, and on loopback unless told otherwise`() throws {
        let api = try #require(try Self.load("{}").get().api)
        #expect(api.spec.listen == ListenAddress(host: "127.0.0.1", port: 7465))
        #expect(api.spec.anonymous == .operate && api.spec.bodyMax == 1 << 20)
        #expect(api.spec.rate.description == "100/s" && api.tls == nil)
    }

    @Test func `is read whole, its paths from the folder of the file`() throws {
        let configuration = try Self.load(
            """
            { listen: "[::1]:8443", tls: { certificate: c.pem, key: /k.pem }, hosts: [A.example],
              public_url: "https://a.example/pull/", max_body: 64KiB, rate: 600/m,
              metrics: { anonymous: true, per_source: false },
              anonymous: none, tokens: [{ name: ci, scope: admin, token: "${env.TOKEN}" }] }
            """.replacing("\n", with: " ")
        ).get()
        let api = try #require(configuration.api)
        #expect(api.spec.listen.description == "[::1]:8443" && api.spec.listen.isLoopback)
        #expect(api.tls == .init(certificate: "b/c.pem", key: "/k.pem"))
        #expect(api.spec.hosts == ["a.example"])
        #expect(api.spec.publicURL == "https://a.example/pull")
        #expect(api.spec.bodyMax == 65_536 && api.spec.anonymous == .none)
        #expect(api.spec.metrics.isAnonymous && !api.spec.metrics.hasOwnSeries)
        #expect(api.tokens.map(\.name) == ["ci"] && api.tokens[0].scope == "admin")
        #expect(configuration.secrets.contains(Secret("pct_0123456789abcdef")))
    }

    @Test(
        arguments: [
            ("{ listen: 7465 }", "api.listen", "listen_invalid"),
            ("{ metrics: { anonymus: true } }", "api.metrics.anonymus", "key_unknown"),
            ("{ metrics: { per_source: 2 } }", "api.metrics.per_source", "type_mismatch"),
            ("{ metrics: true }", "api.metrics", "type_mismatch"),
            ("{ listen: \"localhost:70000\" }", "api.listen", "listen_invalid"),
            ("{ listen: \"http://localhost:1\" }", "api.listen", "listen_invalid"),
            ("{ port: 7465 }", "api.port", "key_unknown"),
            ("{ tls: { certificate: c.pem } }", "api.tls.key", "key_missing"),
            ("{ hosts: [\"https://a.example\"] }", "api.hosts[0]", "host_invalid"),
            ("{ public_url: a.example }", "api.public_url", "url_invalid"),
            ("{ public_url: \"https://u:p@a.example\" }", "api.public_url", "url_invalid"),
            ("{ max_body: 1 }", "api.max_body", "type_mismatch"),
            ("{ max_body: 64MiB }", "api.max_body", "value_out_of_range"),
            ("{ rate: fast }", "api.rate", "rate_invalid"),
            ("{ anonymous: admin }", "api.anonymous", "value_unknown"),
            (
                "{ tokens: [{ name: a, token: \"${env.SHORT}\" }] }", "api.tokens[0].token",
                "token_invalid"
            ),
            (
                "{ tokens: [{ name: a, scope: root, token: \"${env.TOKEN}\" }] }",
                "api.tokens[0].scope", "value_unknown"
            ),
            ("yes please", "api", "type_mismatch"),
        ])
    func `is refused where it is wrong`(api: String, path: String, code: String) throws {
        guard case .failure(let report) = Self.load(api) else {
            Issue.record("accepted: \(api)")
            return
        }
        let first = try #require(report.errors.first)
        #expect(first.keyPath == path && first.code == code, "\(report.text())")
    }

    @Test func `warns where tokens would travel in clear`() throws {
        let plain = try Self.load("{ listen: \"0.0.0.0:80\" }").get()
        #expect(plain.warnings.warnings.map(\.code).contains("api_plain"))
    }

    @Test func `a poke names its header, or is of Standard Webhooks`() throws {
        let named = try Self.load(
            "{}", poke: "{ secret: \"${env.SHORT}\", header: X-Sig, algorithm: sha1 }"
        ).get()
        let source = try #require(named.sources.first)
        #expect(source.spec.poke?.algorithm == .sha1 && source.pokeSecret == Secret("abc"))
        let standard = try Self.load("{}", poke: "{ secret: \"${env.SECRET}\" }").get()
        #expect(standard.sources.first?.pokeSecret == Secret(Fixture.secret))
        #expect(standard.secrets.contains(Secret(Fixture.secret)))
    }

    @Test(
        arguments: [
            ("{ secret: \"${env.SHORT}\" }", "sources[0].poke.secret", "secret_invalid"),
            ("{ header: X-Sig }", "sources[0].poke.secret", "key_missing"),
            (
                "{ secret: \"${env.SECRET}\", prefix: a }", "sources[0].poke.prefix",
                "key_missing"
            ),
            (
                "{ secret: \"${env.SHORT}\", header: X, algorithm: md5 }",
                "sources[0].poke.algorithm", "value_unknown"
            ),
        ])
    func `a poke that could check nothing is refused`(
        poke: String, path: String, code: String
    ) throws {
        guard case .failure(let report) = Self.load("{}", poke: poke) else {
            Issue.record("accepted: \(poke)")
            return
        }
        let first = try #require(report.errors.first)
        #expect(first.keyPath == path && first.code == code, "\(report.text())")
    }
}
