import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel
import Testing

/// Labels, keys of the store, and definitions that are read as JSON.
@Suite struct DefinitionLanguageTests {
    private static let key = "plk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let adapter = """
        adapter: shop
        params: { site: { required: true }, token: { type: secret } }
        base_url: https://shop.example
        auth: { bearer: "${params.token}" }
        streams: { orders: { request: "/${params.site}", records: ., key: .id } }
        """

    private static func fixture(_ bridge: String, _ files: [String: String] = [:]) -> Fixture {
        Fixture(
            files: ["b.yaml": bridge, "shop.yaml": adapter].merging(files) { $1 })
    }

    private static func load(
        _ bridge: String, _ files: [String: String] = [:], environment: [String: String] = [:]
    ) -> Result<Configuration, DiagnosticReport> {
        fixture(bridge, files).loader.load("b.yaml", environment: environment)
    }

    // MARK: The bridge file

    @Test(
        arguments: [
            ("secrets: { key_file: key }", [key]), ("secrets: { key_file: keys }", [key, key]),
            ("secrets: { key: \"${env.KEY}\" }", [key]),
            ("secrets: { key: [\"${file:key}\", \"${env.KEY}\"] }", [key, key]),
        ])
    func `the keys are found where the file says`(text: String, keys: [String]) throws {
        let configuration = try Self.load(
            text, ["key": Self.key + "\n", "keys": "\(Self.key)\n\(Self.key)\n"],
            environment: ["KEY": Self.key]
        ).get()
        #expect(configuration.sealingKeys.map { $0.expose() } == keys)
        #expect(configuration.warnings.diagnostics.isEmpty)
    }

    @Test(
        arguments: [
            ("secrets: {}", "key_missing"), ("secrets: { key_file: nowhere }", "file_unreadable"),
            ("secrets: { key_file: short }", "key_invalid"),
            ("secrets: { key_file: empty }", "file_unreadable"),
            ("secrets: { key: \"${env.NOTHING}\" }", "env_missing"),
            ("secrets: { key: \"${env.SHORT}\" }", "key_invalid"),
            ("secrets: { key: [] }", "value_empty"), ("secrets: { keys: [] }", "key_unknown"),
            ("secrets: { key: a, key_file: b }", "keys_exclude_each_other"),
        ])
    func `a key that cannot be used keeps everything from running`(
        text: String, code: String
    ) {
        let result = Self.load(
            text, ["short": "plk_AAAA", "empty": "\n"], environment: ["SHORT": "plk_AAAA"])
        #expect { try result.get() } throws: { error in
            guard let report = error as? DiagnosticReport else { return false }
            return report.errors.contains { $0.code == code }
        }
    }

    @Test(
        arguments: [
            ("labels: { a: b, n: 7 }", nil), ("labels: [a]", "type_mismatch"),
            ("labels: { \"a b\": c }", "label_invalid"),
            ("labels: { a: \"b c\" }", "label_invalid"),
            ("labels: { 7: c }", "label_invalid"), ("labels: { a: [b] }", "type_mismatch"),
        ])
    func `labels are short plain words`(text: String, code: String?) {
        let result = Self.load(
            "sources: [{ name: s, adapter: shop, with: { site: a }, every: 1s, \(text) }]")
        switch result {
        case .success(let configuration):
            #expect(code == nil)
            #expect(configuration.sources[0].spec.labels == ["a": "b", "n": "7"])
        case .failure(let report): #expect(report.errors.map(\.code) == [code])
        }
    }

    @Test func `a subscription chooses its sources by their labels`() throws {
        let bridge = """
            sources:
              - { name: a, adapter: shop, with: { site: a }, every: 1s, labels: { customer: acme } }
              - { name: b, adapter: shop, with: { site: b }, every: 1s }
            subscriptions:
              - { name: t, url: https://t.example, secret: "\(Fixture.secret)",
                  sources: { labels: "customer in (acme,x)" } }
              - { name: u, url: https://t.example, secret: "\(Fixture.secret)",
                  sources: { labels: "!customer" } }
            """
        let configuration = try Self.load(bridge).get()
        let chosen = configuration.subscriptions.map { $0.spec.sources?.map(\.text) }
        #expect(chosen == [["a"], ["b"]])
        let wrong = bridge.replacing("!customer", with: "customer like x")
        #expect { try Self.load(wrong).get() } throws: { error in
            (error as? DiagnosticReport)?.errors.map(\.code) == ["selector_invalid"]
        }
    }

    @Test func `what the file says is shown without its secrets`() throws {
        let configuration = try Self.load(
            """
            sources: [{ name: s, adapter: shop, with: { site: a, token: "t0ken" }, every: 1s }]
            subscriptions:
              - { name: t, url: https://t.example, secret: "${env.S}", headers: { X-A: "abc" },
                  auth: { basic: { username: u, password: "${env.P}" } } }
            """, environment: ["S": Fixture.secret, "P": "pw"]
        ).get()
        let sealed = #"{"sealed":true}"#
        #expect(
            configuration.described.map(\.text) == [
                #"{"adapter":"shop","with":{"site":"a","token":\#(sealed)},"every":"1s"}"#,
                #"{"url":"https://t.example","secret":"${env.S}","headers":{"X-A":\#(sealed)},"#
                    + #""auth":{"basic":{"username":\#(sealed),"password":"${env.P}"}}}"#,
            ])
    }

    @Test(
        arguments: [
            ("https://t.example/hook", true), ("https://t.example/hook?key=abc", false),
            ("${env.URL}", true), ("https://t.example/hook?key=${env.URL}", false),
        ])
    func `a URL with a query is not shown, for many carry a token there`(
        url: String, isShown: Bool
    ) throws {
        let configuration = try Self.load(
            """
            sources: [{ name: s, adapter: shop, with: { site: a, token: "${env.T}" }, every: 1s }]
            subscriptions: [{ name: t, url: "\(url)", secret: "${env.S}" }]
            """, environment: ["S": Fixture.secret, "T": "pw", "URL": "https://t.example/a"]
        ).get()
        let text = try #require(configuration.described.last).text
        #expect(text.contains(#""url":"\#(url)""#) == isShown)
        #expect(text.contains(#""url":{"sealed":true}"#) == !isShown)
    }

    @Test(
        arguments: [
            ("${env.T}", true), ("Bearer ${env.T}", true), ("abc${env.T}", false),
            ("${env.T}abc", false), ("${env.T} abc", false), ("abc ${env.T}", false),
            ("${env.T | default \\\"abc\\\"}", false), ("${env.T}${env.T}", false),
        ])
    func `what stands beside a placeholder may be half of a secret`(
        token: String, isShown: Bool
    ) throws {
        let configuration = try Self.load(
            """
            sources: [{ name: s, adapter: shop, with: { site: a, token: "\(token)" }, every: 1s }]
            subscriptions: [{ name: t, url: "https://t.example", secret: "${env.S}" }]
            """, environment: ["S": Fixture.secret, "T": "pw"]
        ).get()
        let text = try #require(configuration.described.first).text
        #expect(text.contains("${env.T}") == isShown, "\(text)")
    }

    // MARK: Definitions

    private static func binder(_ files: [String: String] = [:]) throws -> DefinitionBinder {
        let fixture = fixture("secrets: { key: \"\(key)\" }\n", files)
        let configuration = try fixture.loader.load("b.yaml", environment: [:]).get()
        return fixture.loader.definitions(over: configuration)
    }

    @Test(
        arguments: [
            (#"{"adapter":"shop","every":"1s"}"#, "parameter_missing", "/with/site"),
            (#"{"adapter":"shop","every":7,"with":{"site":"a"}}"#, "type_mismatch", "/every"),
            (#"{"adapter":"shoop","every":"1s"}"#, "adapter_unknown", "/adapter"),
            (#"{"adapter":"wrong","every":"1s"}"#, "adapter_invalid", "/adapter"),
            (#"{"adapter":"/etc/passwd.yaml","every":"1s"}"#, "adapter_path", "/adapter"),
            (#"{"adapter":"../shop","every":"1s"}"#, "name_invalid", "/adapter"),
            (
                #"{"adapter":"shop","every":"1s","with":{"site":"${env.HOME}"}}"#,
                "placeholder_misplaced", "/with/site"
            ),
            (
                #"{"adapter":"shop","every":"1s","with":{"site":"x","a.b":"${ file:/etc/shadow }"}}"#,
                "placeholder_misplaced", "/with/a.b"
            ),
            (
                #"{"adapter":"shop","every":"1s","with":{"site":"${env.HOME | default \"x\"}"}}"#,
                "placeholder_misplaced", "/with/site"
            ),
            (
                #"{"adapter":"shop","every":"1s","with":{"site":"a"},"streams":["x"]}"#,
                "stream_unknown", "/streams/0"
            ),
            (
                #"{"adapter":"shop","every":"1s","with":{"site":"a"},"zzz":1}"#, "key_unknown",
                "/zzz"
            ),
            (#"{}"#, "key_missing", "/adapter"),
        ])
    func `a wrong source of the store is told at its field`(
        text: String, code: String, pointer: String
    ) throws {
        let binder = try Self.binder(["wrong.yaml": "adapter: wrong\nstreams: {}\n"])
        let outcome = binder.source("s", try JSONValue(parsing: text), secrets: [])
        guard case .broken(let report) = outcome else {
            Issue.record("accepted: \(text)")
            return
        }
        let found = try #require(report.errors.first { $0.code == code }, "\(report)")
        #expect(found.pointer == pointer)
    }

    @Test(
        arguments: [
            (#""tls":{"key":"/etc/ssl/private/k.pem"}"#, "key_misplaced", "/tls"),
            (#""sources":["nobody"]"#, "source_unknown", "/sources/0"),
            (#""sources":{"labels":"a b"}"#, "selector_invalid", "/sources/labels"),
            (#""events":["nothing.created"]"#, "event_never", "/events/0"),
            (#""events":["orders"]"#, "event_pattern", "/events/0"),
            (#""auth":{"bearer":"${file:/etc/shadow}"}"#, "placeholder_misplaced", "/auth/bearer"),
            (#""headers":{"X":"a\r\nB: c"}"#, "header_value", "/headers/X"),
        ])
    func `a wrong subscription of the store is told at its field`(
        more: String, code: String, pointer: String
    ) throws {
        let binder = try Self.binder()
        let source = try JSONValue(
            parsing: #"{"adapter":"shop","every":"1s","with":{"site":"a"}}"#)
        guard case .bound(let bound, _) = binder.source("a", source, secrets: []) else {
            Issue.record("the source is right")
            return
        }
        binder.add(name: "a", bound)
        let text = #"{"url":"https://t.example","secret":"\#(Fixture.secret)",\#(more)}"#
        let outcome = binder.subscription("t", try JSONValue(parsing: text), secrets: [])
        guard case .broken(let report) = outcome else {
            Issue.record("accepted: \(text)")
            return
        }
        let found = try #require(report.errors.first { $0.code == code }, "\(report)")
        #expect(found.pointer == pointer)
    }

    @Test func `JSON means what the same YAML means`() throws {
        let json =
            #"{"adapter":"shop","every":"1s","with":{"site":"\u00fc\ud83d\ude00","token":"t"},"#
            + #""max_delete":"5%","labels":{"a":"b"}}"#
        guard
            case .bound(let bound, let warnings) = try Self.binder()
                .source("s", try JSONValue(parsing: json), secrets: [Secret("t")])
        else {
            Issue.record("it is right")
            return
        }
        let yaml = try Self.load(
            "sources: [{ name: s, adapter: shop, every: 1s, with: { site: ü😀, token: t }, "
                + "max_delete: 5%, labels: { a: b } }]"
        ).get().sources[0]
        #expect(warnings.diagnostics.isEmpty)
        #expect(bound.parameters == yaml.parameters && bound.secrets == yaml.secrets)
        #expect(bound.spec.maxDeleteShare == yaml.spec.maxDeleteShare)
        #expect(bound.spec.schedule == yaml.spec.schedule)
        #expect(bound.spec.labels == yaml.spec.labels)
    }
}
