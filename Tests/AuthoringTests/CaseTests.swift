import PullcordAuthoring
import PullcordConfig
import Testing

/// What a case finds out of an adapter that is right or wrong.
@Suite
struct CaseTests {
    private static let adapter = """
        adapter: shop
        params: { token: { type: secret, required: true } }
        base_url: https://shop.example/api
        auth: { bearer: "${params.token}" }
        streams:
          orders:
            request: { path: /orders, query: { since: "${cursor}" } }
            records: .items
            key: .id
            cursor: { from: .changed, overlap: 0s }
        """

    private static func outcome(_ polls: String) async throws -> FileOutcome {
        let bench = try Bench([
            "shop.yaml": adapter,
            "tests/shop.yaml": """
            adapter: shop
            with: { token: secret-token }
            cases:
              - case: it works
                polls:
            \(polls.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
            """,
        ])
        return try await bench.outcome("tests/shop.yaml")
    }

    @Test func `a case passes whose polls come out as it says`() async throws {
        let outcome = try await Self.outcome(
            """
            - exchanges:
                - get: /orders
                  headers: { authorization: Bearer secret-token, x-other: null, accept: "*" }
                  answer: { json: { items: [{ id: 1, changed: "2026-01-01T00:00:00Z" }] } }
              events: []
              cursor: "2026-01-01T00:00:00Z"
            - exchanges:
                - get: /orders?since=2026-01-01T00:00:00Z
                  answer: { json: { items: [{ id: 1, changed: "2026-01-01T00:01:00Z", a: 1.50 }] } }
              events: [{ updated: 1, record: { a: 1.5 }, origin: live }]
            """)
        #expect(outcome.account == "")
        #expect(outcome.cases.first?.polls.count == 2)
    }

    @Test(arguments: [
        (
            "- exchanges: [{ get: /orders?since=1, answer: { json: { items: [] } } }]",
            "a request fits no exchange", "query since: expected 1, not there"
        ),
        (
            """
            - exchanges:
                - { get: /orders, headers: { authorization: Bearer x }, answer: { json: {} } }
            """,
            "a request fits no exchange",
            "header authorization: expected Bearer x, found Bearer secret-token"
        ),
        (
            "- exchanges: [{ get: /orders, answer: { text: '{\"items\":[{' } }]",
            "a request fits no exchange", "asked again: "
        ),
        (
            "- exchanges: [{ get: /orders, answer: { status: 503 } }]",
            "a request fits no exchange", "asked again: "
        ),
        (
            """
            - exchanges:
                - { get: /orders, answer: { json: { items: [] } } }
                - { get: /orders, answer: { json: { items: [] } } }
            """,
            "an exchange was not asked for", "GET https://shop.example/api/orders"
        ),
        (
            "- exchanges: [{ get: /orders, answer: { status: 404 } }]",
            "the poll of orders failed: status", "status 404"
        ),
        (
            """
            - exchanges: [{ get: /orders, answer: { json: { items: [] } } }]
              error: status
            """, "the poll did not fail as expected", "found     no error"
        ),
        (
            """
            - exchanges: [{ get: /orders, answer: { json: { items: [] } } }]
              events: [{ created: 1 }]
            """, "an event is missing", "expected  created 1"
        ),
        (
            """
            - exchanges: [{ get: /orders, answer: { json: { items: [] } } }]
              cursor: x
            """, "the cursor is not as expected", "no cursor"
        ),
    ])
    func `what is not as the case says is told`(
        polls: String, message: String, detail: String
    ) async throws {
        let outcome = try await Self.outcome(polls)
        let failures = outcome.cases.flatMap(\.failures)
        #expect(failures.contains { $0.message == message }, "\(outcome.account)")
        #expect(outcome.account.contains(detail), "\(outcome.account)")
    }

    @Test(arguments: [("timeout", 4), ("reset", 4), ("refused", 4), ("truncated", 4)])
    func `what goes wrong on the way is tried again`(fault: String, times: Int) async throws {
        let outcome = try await Self.outcome(
            """
            - exchanges: [{ get: /orders, times: \(times), answer: { fault: \(fault) } }]
              error: \(fault)
            """)
        #expect(outcome.account == "")
    }

    @Test(arguments: [
        ("cases: []", "adapter", "key_missing"),
        ("adapter: shop\ncase: []", "case", "key_unknown"),
        ("adapter: shp\ncases: [{ case: a, polls: [{}] }]", "adapter", "adapter_unknown"),
        ("adapter: shop\ncases: [{ case: a, polls: [{}] }]", "with.token", "parameter_missing"),
        (
            "adapter: shop\nwith: { tokn: x }\ncases: [{ case: a, polls: [{}] }]",
            "with.tokn", "parameter_unknown"
        ),
        (
            "adapter: shop\nwith: { token: secret }\ncases: [{ case: a, polls: [{ evnts: [] }] }]",
            "cases[0].polls[0].evnts", "key_unknown"
        ),
        (
            "adapter: shop\nwith: { token: secret }\ncases: [{ case: a, polls: [{ cursor: {} }] }]",
            "cases[0].polls[0].cursor", "value_empty"
        ),
    ])
    func `a wrong test file is refused with its place`(
        text: String, path: String, code: String
    ) async throws {
        let bench = try Bench(["shop.yaml": Self.adapter, "tests/shop.yaml": text])
        let outcome = try await bench.outcome("tests/shop.yaml")
        let errors = outcome.report?.errors ?? []
        #expect(errors.contains { $0.code == code && $0.keyPath == path }, "\(outcome.account)")
    }

    /// Cases with a request below `base_url`, which nobody knows where the adapter is unknown.
    private static let cases = """
        cases:
          - case: a
            polls: [{ exchanges: [{ get: /orders, answer: { json: { items: [] } } }] }]
        """

    @Test(arguments: [
        ("adapter: shp\nwith: { token: secret }\n\(cases)", ["adapter_unknown"]),
        ("adapter: shop\n\(cases)", ["parameter_missing"]),
        ("adapter: shop\nwith: { token: secret }\nfoo: 1\n\(cases)", ["key_unknown"]),
        ("adapter: place\n\(cases)", ["parameter_missing"]),
        ("adapter: shop\nstreams: [ordrs]\nwith: { token: x }\n\(cases)", ["stream_unknown"]),
        (adapter, ["file_kind"]),
    ])
    func `one mistake of a test file is one complaint`(text: String, codes: [String]) async throws {
        let place = Self.adapter.replacing("name: shop", with: "name: place")
            .replacing("adapter: shop", with: "adapter: place")
            .replacing("https://shop.example", with: "https://${params.token}")
        let bench = try Bench([
            "shop.yaml": Self.adapter, "place.yaml": place, "tests/shop.yaml": text,
        ])
        let outcome = try await bench.outcome("tests/shop.yaml")
        let found = outcome.report?.diagnostics.map(\.code) ?? []
        #expect(found.filter { $0 != "secret_in_url" } == codes, "\(outcome.account)")
    }

    @Test func `an adapter without tests is told where they would be`() async throws {
        let bench = try Bench(["shop.yaml": Self.adapter])
        let outcome = try await bench.outcome("shop.yaml")
        #expect(outcome.account.contains("\(bench.folder)/tests/shop.yaml"), "\(outcome.account)")
    }
}
