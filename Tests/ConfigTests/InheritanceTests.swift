import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite
struct InheritanceTests {
    private static let base = """
        adapter: forge
        version: 3
        params: { token: { type: secret }, page: { type: integer, default: 50 } }
        base_url: https://forge.example.com/api
        auth: { bearer: "${params.token}" }
        headers: { Accept: application/json, X-Old: "1" }
        limits: { pages: 10, timeout: 20s }
        defaults:
          pages: { number: 1, stop: short, size: 50 }
          max_delete: 50%
          request: { query: { page: "${page.number}", limit: "50" } }
        streams:
          issues: { request: { path: /issues, query: { state: all } }, key: .id }
          users: { request: { path: /users }, key: .login, max_delete: 5%, ignore: [.seen] }
        """

    private func adapter(_ text: String, base: String = base) -> Result<
        AdapterSpec, DiagnosticReport
    > {
        Fixture(files: ["a/own.yaml": text, "a/forge.yaml": base]).loader.adapter("a/own.yaml")
    }

    private func query(_ stream: StreamSpec?) -> [String] {
        stream?.request.query.map(\.name) ?? []
    }

    @Test func `streams take what they do not say from defaults`() throws {
        let adapter = try adapter(Self.base).get()
        let issues = try #require(adapter.streams.first)
        #expect(issues.deletes.maxShare == 0.5)
        #expect(issues.pages.size == 50)
        #expect(Set(query(issues)) == ["page", "limit", "state"])
        #expect(adapter.streams.last?.deletes.maxShare == 0.05)
    }

    @Test func `an adapter that extends another says the differences only`() throws {
        let adapter = try adapter(
            """
            adapter: own
            extends: forge
            base_url: https://own.example.com
            auth: { api_key: { header: X-Key, value: "${params.token}" } }
            headers: { X-Old: null, X-New: "2" }
            limits: { pages: 20 }
            streams:
              users: null
              issues: { key: [.repository.id, .number] }
              labels: { request: /labels, key: .id, pages: none }
            """
        ).get()
        #expect(adapter.name == "own")
        #expect(adapter.version == 1)
        #expect(adapter.baseURL?.literalText == "https://own.example.com")
        #expect(adapter.headers.map(\.name) == ["Accept", "X-New"])
        #expect(adapter.limits.pages == 20)
        #expect(adapter.limits.timeout == .seconds(20))
        #expect(adapter.streams.map(\.name.text) == ["issues", "labels"])
        #expect(adapter.streams.first?.key.count == 2)
        #expect(
            adapter.streams.first?.request.target
                == .path(
                    Template(
                        segments: [.literal("/issues")],
                        place: Place(file: "a/forge.yaml", line: 13, column: 30))))
        guard case .apiKey = adapter.auth else {
            Issue.record("the whole of auth is replaced: \(adapter.auth)")
            return
        }
    }

    @Test func `a mistake is told where it stands, in the file that it is in`() throws {
        let base = Self.base.replacing("max_delete: 5%", with: "max_delete: 5")
        let result = adapter("adapter: own\nextends: ./forge.yaml\n", base: base)
        let report = try #require(result.failure)
        #expect(report.text().contains("a/forge.yaml:14:"))
    }

    @Test(
        arguments: [
            ("extends: frge", "adapter_unknown"), ("extends: ./own.yaml", "extends_itself"),
            ("extends: own", "extends_itself"), ("extends: [forge]", "type_mismatch"),
            ("extends: \"\"", "value_empty"), ("extends: loop", "extends_itself"),
            ("extends: forge\ndefaults: 1", "type_mismatch"),
            ("extends: forge\ndefaults: { kye: 1 }", "key_unknown"),
            ("extends: forge\nstreams: { issues: null, users: null }", "value_empty"),
        ])
    func `what cannot be extended is refused`(text: String, code: String) {
        let files = [
            "a/own.yaml": "adapter: own\n\(text)\n", "a/forge.yaml": Self.base,
            "a/loop.yaml": "adapter: loop\nextends: own\n",
        ]
        let result = Fixture(files: files).loader.adapter("a/own.yaml")
        #expect(result.failure?.diagnostics.contains { $0.code == code } == true, "\(result)")
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
