import PullcordConfig
import PullcordModel
import Testing

/// A text that is not accepted, with the first complaint that is expected about it.
struct Wrong: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let column: Int
    let path: String
    let code: String
    let piece: String
    let suggestion: String?
    let errors: Int

    init(
        _ text: String, _ line: Int, _ column: Int, _ path: String, _ code: String,
        _ piece: String, suggestion: String? = nil, errors: Int = 1
    ) {
        self.text = text
        self.line = line
        self.column = column
        self.path = path
        self.code = code
        self.piece = piece
        self.suggestion = suggestion
        self.errors = errors
    }

    var testDescription: String { text }

    func verify(_ file: String, _ yaml: String) throws {
        let report = Self.report(file, yaml)
        let first = try #require(report.errors.first, "accepted:\n\(yaml)")
        #expect(first.place == Place(file: file, line: line, column: column))
        #expect(first.keyPath == path)
        #expect(first.code == code)
        #expect(first.message.contains(piece))
        #expect(first.suggestion == suggestion)
        #expect(report.errors.count == errors, "\(report.text())")
    }

    static func adapter(top: String) -> String {
        """
        adapter: a
        base_url: https://x.example
        \(top)
        streams:
          s:
            request: /x
            key: .id

        """
    }

    static func adapter(stream: String) -> String {
        let lines = stream.split(separator: "\n", omittingEmptySubsequences: false)
        return "adapter: a\nbase_url: https://x.example\nstreams:\n  s:\n"
            + lines.map { "    \($0)\n" }.joined()
    }

    static let environment = [
        "KEY": "k-12345", "SECRET": Fixture.secret, "EMPTY": "", "LINES": "a\nb",
    ]

    /// Checks a file beside the adapters `orders`, `needy` and `locked`.
    static func report(_ file: String, _ text: String) -> DiagnosticReport {
        var fixture = Fixture()
        fixture.files = [
            file: text, "adapters/orders.yaml": Fixture.orders,
            "adapters/needy/adapter.yaml": """
            adapter: needy
            base_url: "https://x.example/${params.n}/${params.m}"
            params: { n: { type: integer, required: true }, m: { required: true } }
            streams: { s: { request: /x, key: .id } }
            """, "adapters/locked.yaml": "(locked)", "/locked": "(locked)",
        ]
        return fixture.check(file, environment: environment)
    }
}
