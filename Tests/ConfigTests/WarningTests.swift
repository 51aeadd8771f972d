import PullcordConfig
import PullcordModel
import Testing

@Suite struct WarningTests {
    @Test(arguments: [
        (#"params: { a: string }"#, 3, 11, "parameter_unused"),
        (
            #"params: { a: { required: true, default: x } }"# + "\n"
                + #"query: { a: "${params.a}" }"#, 3, 32,
            "parameter_default_unused"
        ),
        (
            #"params: { k: secret }"# + "\n" + #"query: { key: "${params.k}" }"#, 4, 16,
            "secret_in_url"
        ),
        (#"auth: { bearer: abcdef }"#, 3, 17, "secret_in_adapter"),
        (#"limits: { remaining: x-left }"#, 3, 11, "limits_reset_missing"),
    ])
    func `an adapter that works is warned about`(
        top: String, line: Int, column: Int, code: String
    ) throws {
        let report = Wrong.report("a.yaml", Wrong.adapter(top: top))
        #expect(!report.hasErrors, "\(report.text())")
        let warning = try #require(report.warnings.first)
        #expect(warning.place == Place(file: "a.yaml", line: line, column: column))
        #expect(warning.code == code)
        #expect(report.warnings.count == 1)
    }

    @Test(arguments: [
        ("cursor: { from: .u }", 7, 13, "cursor_unused"),
        ("pages: { link: next, size: 5 }", 7, 32, "page_size_unused"),
        ("when: '.a == \"${params.x}\"'", 7, 12, "expression_placeholder"),
    ])
    func `a stream that works is warned about`(
        lines: String, line: Int, column: Int, code: String
    ) throws {
        let report = Wrong.report(
            "a.yaml", Wrong.adapter(stream: "request: /x\nkey: .id\n" + lines))
        #expect(!report.hasErrors, "\(report.text())")
        let warning = try #require(report.warnings.first)
        #expect(warning.place == Place(file: "a.yaml", line: line, column: column))
        #expect(warning.code == code)
    }

    @Test(arguments: [
        ("$HELPDESK_KEY", "${env.HELPDESK_KEY}"), ("$(cat /run/key)", "${file:/run/key}"),
        ("$(get key)", "${env.key}"), ("{{ env.SHOP_KEY }}", "${env.SHOP_KEY}"),
        ("{{}}", "${env.NAME}"), ("k-12$A", "${env.NAME}"), ("$A-B", "${env.NAME}"),
    ])
    func `what others would replace is shown as it is written here`(value: String, hint: String)
        throws
    {
        let report = Wrong.report(
            "b.yaml",
            """
            sources:
              - { name: s, adapter: orders, every: 60s, with: { key: "\(value)" } }
            subscriptions:
              - { name: t, url: https://t.example, secret: "${env.SECRET}" }
            """)
        let warning = try #require(report.diagnostics.first)
        #expect(report.diagnostics.map(\.code) == ["secret_in_file"])
        #expect(warning.hint.contains("\"\(hint)\""), "\(warning.hint)")
    }

    @Test func `a secret that is not understood is not shown, and not warned about`() {
        let report = Wrong.report(
            "b.yaml",
            """
            sources:
              - { name: s, adapter: orders, every: 60s, with: { key: "hunter22${env.KEY" } }
            subscriptions:
              - { name: t, url: https://t.example, secret: "${env.SECRET}" }
            """)
        #expect(report.diagnostics.map(\.code) == ["placeholder_unclosed"])
        #expect(!report.text().contains("hunter22"), "\(report.text())")
    }

    @Test func `a list of deletes whose lines have no time is warned about`() {
        let report = Wrong.report(
            "a.yaml",
            Wrong.adapter(
                stream: """
                    request: { path: /x, query: { s: "${cursor}" } }
                    key: .id
                    cursor: { from: .u }
                    deletes: { request: { path: /d, query: { s: "${cursor}" } }, key: .id, cursor: { from: .n, format: integer } }
                    """))
        #expect(!report.hasErrors, "\(report.text())")
        #expect(report.warnings.map(\.code) == ["deletes_without_time"])
    }

    @Test func `a bridge without a source yet is warned about, for one may come`() {
        let report = Wrong.report(
            "b.yaml",
            """
            sources: []
            subscriptions:
              - { name: t, url: https://t.example, secret: "${env.SECRET}" }
            """)
        #expect(report.diagnostics.map(\.code) == ["sources_empty"])
        #expect(!report.hasErrors)
    }

    @Test(arguments: ["http://10.0.0.1", "http://api.example/x", "HTTP://api.example"])
    func `credentials over plain HTTP are warned about`(url: String) {
        let text =
            "adapter: a\nbase_url: \(url)\nparams: { t: secret }\n"
            + "auth: { bearer: \"${params.t}\" }\nstreams: { s: { request: /x, key: .id } }\n"
        #expect(Wrong.report("a.yaml", text).warnings.map(\.code) == ["credentials_over_http"])
    }

    @Test(arguments: [
        "http://127.0.0.1:80", "http://localhost", "http://[::1]:8080", "https://x.example",
    ])
    func `credentials to this machine or over TLS are not`(url: String) {
        let text =
            "adapter: a\nbase_url: \(url)\nparams: { t: secret }\n"
            + "auth: { bearer: \"${params.t}\" }\nstreams: { s: { request: /x, key: .id } }\n"
        #expect(Wrong.report("a.yaml", text).diagnostics.isEmpty)
    }

    @Test(arguments: [
        ("url: http://t.example, secret: \"${env.SECRET}\"", 5, 10, "webhook_over_http"),
        ("url: https://t.example, secret: \(Fixture.secret)", 6, 13, "secret_in_file"),
        (
            "url: https://t.example, secret: \"${env.SECRET}\", events: [orders.deleted]", 7, 14,
            "event_never"
        ),
    ])
    func `a subscription that works is warned about`(
        fields: String, line: Int, column: Int, code: String
    ) throws {
        let text = """
            sources:
              - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }
            subscriptions:
              - name: t
                \(fields.replacing(", secret", with: "\n    secret").replacing(", ev", with: "\n    ev"))
            """
        let report = Wrong.report("b.yaml", text)
        #expect(!report.hasErrors, "\(report.text())")
        let warning = try #require(report.warnings.first)
        #expect(warning.code == code)
        #expect(warning.place == Place(file: "b.yaml", line: line, column: column))
    }

    @Test func `a credential in a header is warned about and never shown`() {
        let top = "headers: { Authorization: Bearer-abc123, X-Trace-Token: trace-77 }\nfoo: 1"
        let report = Wrong.report("a.yaml", Wrong.adapter(top: top))
        #expect(report.diagnostics.map(\.code) == ["secret_in_file", "key_unknown"])
        #expect(!report.text().contains("abc123"))
        #expect(!report.text().contains("trace-77"))
    }

    @Test(arguments: [
        "sources:\n  - { name: s, adapter: nope, every: 60s, with: { api_token: hunter2-x } }\n",
        "sources:\n  - { token: hunter2-x, a: ]\n",
        "sources: 1\nsubscriptions:\n  - { name: t, url: 'https://u:hunter2@x', secret: x }\n",
    ])
    func `what looks like a secret is not shown even where nobody can tell`(text: String) {
        let report = Wrong.report("b.yaml", text)
        #expect(report.hasErrors)
        #expect(!report.text().contains("hunter2"))
    }

    private static let cursor = "\nkey: .id\ncursor: { from: .t }"
    private static let vanishing = [
        "request: { path: /x, query: { q: 'updated >= ${cursor} order by updated' } }",
        "request: { path: /x, headers: { X-Filter: 't ge ${cursor} and open' } }",
        "request: { path: /x, method: POST, body: { a: ['t>=${cursor}^ORDERBYt'] } }",
    ]

    @Test(arguments: vanishing)
    func `what vanishes with the cursor at the first poll is warned about`(request: String) {
        let codes = { (lines: String) in
            Wrong.report("a.yaml", Wrong.adapter(stream: lines)).diagnostics.map(\.code)
        }
        #expect(codes(request + Self.cursor) == ["cursor_vanishes"])
        let initial = "\nkey: .id\ncursor: { from: .t, initial: '2020-01-01T00:00:00Z' }"
        #expect(codes(request + initial) == [])
        let fallback = request.replacing("${cursor}", with: "${cursor | default \"1\"}")
        #expect(codes(fallback + Self.cursor) == [])
    }

    @Test(arguments: [
        "updated >= ${cursor}", "updated:>=${cursor}", "t ge datetime'${cursor}'",
        "modified:[${cursor} TO ${cursor.until}]", "t>=${cursor} AND t<${cursor.until}",
        "t >= ${cursor}T00:00:00Z", "updated:gte:${cursor}", #"[["t",">","${cursor}"]]"#,
        #"{"t":{"$gte":"${cursor}"}}"#, #"{"t":{"$gte":"${cursor}","$lt":"${cursor.until}"}}"#,
        "${params.p}:${cursor}",
    ])
    func `a condition about the cursor alone may vanish with it`(text: String) {
        #expect(Self.vanishes(text) == false)
    }

    @Test(arguments: [
        "is:open updated:>=${cursor}", "t>=${cursor};state==open", "t>=${cursor}^ORDERBYt",
        "select id from a where t >= ${cursor}", "t >= ${cursor} order by t",
        "project = ${params.p} and t >= ${cursor}", "a=b,t>=${cursor}",
        #"{"t":{"$gte":"${cursor}"},"open":true}"#, #"[["a","=","b"],["t",">","${cursor}"]]"#,
    ])
    func `what else stands beside it is missed`(text: String) {
        #expect(Self.vanishes(text) == true)
    }

    private static func vanishes(_ text: String) -> Bool? {
        let stream = """
            request: { path: /x, query: { q: '\(text.replacing("'", with: "''"))', r: "${params.p}" } }
            key: .id
            cursor: { from: .t, overlap: 1m }
            """
        let adapter = Wrong.adapter(stream: stream).replacing(
            "streams:", with: "params: { p: { required: true } }\nstreams:")
        let report = Wrong.report("a.yaml", adapter)
        guard !report.hasErrors else { return nil }
        return report.warnings.contains { $0.code == "cursor_vanishes" }
    }

    @Test(arguments: [
        ("application/soap+xml; action=x", "${params.m}", "xml_unescaped"),
        ("text/xml", "${page.token}", "xml_unescaped"),
        ("text/xml", "${params.m | xml}", nil), ("text/xml", "${page.number}", nil),
        ("text/xml", "${params.m | raw}", nil), ("text/plain", "${params.m}", nil),
    ])
    func `what could break an XML document is warned about`(
        type: String, value: String, code: String?
    ) {
        let pages = value.contains("token") ? "pages: { token: .t }" : "pages: { number: 1 }"
        let lines = """
            request: { path: /x, method: POST, content_type: '\(type)', body: '<a>\(value)</a>' }
            format: { xml: { content_type: any } }
            key: .id
            \(pages)
            """
        let text = Wrong.adapter(stream: lines).replacing(
            "streams:", with: "params: { m: { type: string } }\nstreams:")
        let report = Wrong.report("a.yaml", text)
        #expect(
            report.diagnostics.map(\.code).filter { $0.hasPrefix("xml") }
                == [code].compactMap { $0 })
    }

    @Test func `json has no use within a JSON body`() {
        let lines =
            "request: { path: /x, method: POST, body: { a: '${poll.started | json}' } }\nkey: .id"
        let report = Wrong.report("a.yaml", Wrong.adapter(stream: lines))
        #expect(report.diagnostics.map(\.code) == ["filter_needless"])
    }

    @Test func `a literal secret of a source is warned about and never shown`() {
        let text = """
            sources:
              - { name: s, adapter: orders, every: 60s, with: { key: hunter2-secret, regio: eu } }
            subscriptions:
              - { name: t, url: https://t.example, secret: "${env.SECRET}" }
            """
        let report = Wrong.report("b.yaml", text)
        #expect(report.diagnostics.map(\.code) == ["secret_in_file", "parameter_unknown"])
        #expect(!report.text().contains("hunter2"))
        #expect(!report.json.contains("hunter2"))
        #expect(report.text().contains("key: ***, regio"))
    }
}
