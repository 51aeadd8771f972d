import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct `The wire of a subscription` {
    static let key = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    /// A bridge file whose one subscription has these lines.
    static func text(_ lines: String) -> String {
        """
        sources:
          - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }
        subscriptions:
          - name: t
            url: https://t.example

        """ + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    static func load(
        _ lines: String, now: Timestamp? = nil
    ) -> Result<Configuration, DiagnosticReport> {
        let files = ["b.yaml": text(lines), "adapters/orders.yaml": Fixture.orders]
        let loader = Loader(
            checkers: Fixture.checkers,
            files: FileAccess(
                read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in ["orders.yaml"] }), now: now)
        return loader.load(
            "b.yaml",
            environment: ["KEY": "k-1", "SECRET": Fixture.secret, "ED": key, "SHORT": "whsk_AAAA"])
    }

    @Test func `has defaults that are Standard Webhooks`() throws {
        let configuration = try Self.load("secret: \"${env.SECRET}\"").get()
        let subscription = try #require(configuration.subscriptions.first)
        #expect(subscription.spec.wire.format == .standard)
        #expect(subscription.spec.wire.payloadMax == 1 << 20)
        #expect(subscription.spec.wire.httpSignature == nil)
        #expect(subscription.wire.secrets.map(\.secret) == [Secret(Fixture.secret)])
        #expect(subscription.wire.secrets[0].until == nil && subscription.wire.ed25519 == nil)
    }

    @Test func `is read whole`() throws {
        let lines = """
            secret: ["${env.SECRET}", { value: "${env.SECRET}", until: 2026-12-24T00:00:00+01:00 }]
            ed25519: "${env.ED}"
            http_signature: ed25519
            format: cloudevents_binary
            transform: .data.record.total
            payload_max: 64KiB
            headers: { X-A: "a-${env.KEY}", X-B: "${env.KEY}/${event.type}", X-C: "$${event.x}" }
            """
        let configuration = try Self.load(lines).get()
        #expect(configuration.warnings.diagnostics.isEmpty, "\(configuration.warnings.text())")
        let subscription = try #require(configuration.subscriptions.first)
        let wire = subscription.spec.wire
        #expect(wire.format == .cloudeventsBinary && wire.httpSignature == .ed25519)
        #expect(wire.transform?.text == ".data.record.total" && wire.payloadMax == 65_536)
        #expect(subscription.wire.ed25519 == Secret(Self.key))
        let until = Timestamp(rfc3339: "2026-12-23T23:00:00Z")
        #expect(subscription.wire.secrets.map(\.until) == [nil, until])
        #expect(subscription.headers.map(\.constant) == ["a-k-1", nil, "${event.x}"])
        #expect(configuration.secrets.contains(Secret(Self.key)))
    }

    struct Row: Sendable {
        let lines: String
        let line: Int
        let column: Int
        let path: String
        let code: String
    }

    static let secret = "secret: \"${env.SECRET}\"\n"

    static let wrong: [Row] = [
        Row(lines: "secret: []", line: 6, column: 13, path: "secret", code: "value_empty"),
        Row(
            lines: "secret: { value: x }", line: 6, column: 13, path: "secret",
            code: "type_mismatch"),
        Row(
            lines: "secret: [{ until: 2026-12-24T00:00:00Z }]", line: 6, column: 14,
            path: "secret[0].value", code: "key_missing"),
        Row(
            lines: "secret: [{ value: \"${env.SECRET}\", until: 2026-12-24 }]", line: 6, column: 47,
            path: "secret[0].until", code: "type_mismatch"),
        Row(
            lines: "secret: [\"${env.SECRET}\", { value: \"${env.SECRET}\", til: x }]", line: 6,
            column: 57, path: "secret[1].til", code: "key_unknown"),
        Row(
            lines: "secret: [\"${env.SECRET}\", \"${env.KEY}\"]", line: 6, column: 31,
            path: "secret", code: "secret_invalid"),
        Row(
            lines: "secret: [a, a, a, a, a, a, a, a, a]", line: 6, column: 13, path: "secret",
            code: "value_range"),
        Row(
            lines: secret + "ed25519: \"${env.SECRET}\"", line: 7, column: 15, path: "ed25519",
            code: "key_invalid"),
        Row(
            lines: secret + "ed25519: \"${env.SHORT}\"", line: 7, column: 15, path: "ed25519",
            code: "key_invalid"),
        Row(
            lines: secret + "ed25519: \"${env.NONE}\"", line: 7, column: 15, path: "ed25519",
            code: "env_missing"),
        Row(
            lines: secret + "http_signature: ed25519", line: 7, column: 21,
            path: "http_signature", code: "key_missing"),
        Row(
            lines: secret + "http_signature: rsa", line: 7, column: 21, path: "http_signature",
            code: "value_unknown"),
        Row(
            lines: secret + "format: cloudevent", line: 7, column: 13, path: "format",
            code: "value_unknown"),
        Row(
            lines: secret + "format: thin\nbody: .data", line: 8, column: 5, path: "body",
            code: "keys_exclude_each_other"),
        Row(
            lines: secret + "body: '.a ('", line: 7, column: 12, path: "body",
            code: "expression_invalid"),
        Row(
            lines: secret + "transform: '{'", line: 7, column: 17, path: "transform",
            code: "expression_invalid"),
        Row(
            lines: secret + "payload_max: 2MiB", line: 7, column: 18, path: "payload_max",
            code: "value_out_of_range"),
        Row(
            lines: secret + "payload_max: 999B", line: 7, column: 18, path: "payload_max",
            code: "value_out_of_range"),
        Row(
            lines: secret + "headers: { ce-id: x }", line: 7, column: 16, path: "headers.ce-id",
            code: "header_reserved"),
        Row(
            lines: secret + "headers: { Pullcord-X: x }", line: 7, column: 16,
            path: "headers.Pullcord-X", code: "header_reserved"),
        Row(
            lines: secret + "headers: { Content-Language: x }", line: 7, column: 16,
            path: "headers.Content-Language", code: "header_reserved"),
        Row(
            lines: secret + "headers: { Signature-Input: x }", line: 7, column: 16,
            path: "headers.Signature-Input", code: "header_reserved"),
        Row(
            lines: secret + "headers: { X: \"${event.tpe}\" }", line: 7, column: 22,
            path: "headers.X", code: "placeholder_unknown"),
        Row(
            lines: secret + "headers: { X: \"${event.id | date '%s'}\" }", line: 7, column: 20,
            path: "headers.X", code: "filter_misplaced"),
        Row(
            lines: secret + "headers: { X: \"${cursor}\" }", line: 7, column: 20, path: "headers.X",
            code: "placeholder_misplaced"),
        Row(
            lines: "secret: \"${event.id}\"", line: 6, column: 14, path: "secret",
            code: "placeholder_misplaced"),
    ]

    @Test(arguments: wrong)
    func `is refused with its place where it is wrong`(row: Row) throws {
        guard case .failure(let report) = Self.load(row.lines) else {
            Issue.record("accepted: \(row.lines)")
            return
        }
        let first = try #require(report.errors.first)
        #expect(first.code == row.code, "\(report.text())")
        #expect(first.keyPath == "subscriptions[0].\(row.path)")
        #expect(first.place == Place(file: "b.yaml", line: row.line, column: row.column))
    }

    @Test func `belongs to subscriptions: an adapter names no event`() throws {
        let report = Wrong.report("a.yaml", Wrong.adapter(top: "query: { a: \"${event.id}\" }"))
        #expect(report.errors.map(\.code) == ["placeholder_misplaced"])
    }

    @Test(arguments: [
        ("secret: [{ value: \"${env.SECRET}\", until: 2026-12-24T00:00:00Z }]", "secret_ends"),
        (
            "secret: [\"${env.SECRET}\", { value: \"${env.SECRET}\", until: 2026-11-01T00:00:00Z }]",
            "secret_ended"
        ),
        (secret + "format: thin\ntransform: .data", "transform_unused"),
        (secret + "ed25519: \(key)", "secret_in_file"),
    ])
    func `is warned about where it works, but not as it may be meant`(
        lines: String, code: String
    ) throws {
        let now = Timestamp(rfc3339: "2026-11-23T00:00:00Z")
        let configuration = try Self.load(lines, now: now).get()
        #expect(configuration.warnings.diagnostics.map(\.code) == [code])
        #expect(!configuration.warnings.text().contains("AAECAwQ"))
    }

    @Test func `is not warned about a secret that still signs beside the current one`() throws {
        let lines =
            "secret: [\"${env.SECRET}\", { value: \"${env.SECRET}\", until: 2026-12-24T00:00:00Z }]"
        let now = Timestamp(rfc3339: "2026-11-23T00:00:00Z")
        #expect(try Self.load(lines, now: now).get().warnings.diagnostics.isEmpty)
    }
}
