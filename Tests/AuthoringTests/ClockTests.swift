import PullcordAuthoring
import Testing

/// What depends on the time that a case moves.
@Suite
struct ClockTests {
    private static func outcome(_ stream: String, _ polls: String) async throws -> FileOutcome {
        let bench = try Bench([
            "shop.yaml": """
            adapter: shop
            base_url: https://shop.example
            streams:
              orders: \(stream)
            """,
            "shop.test.yaml": """
            adapter: shop
            cases:
              - case: it works
                now: 2026-01-01T00:00:00Z
                polls:
            \(polls.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
            """,
        ])
        return try await bench.outcome("shop.test.yaml")
    }

    @Test func `a whole list is due when the clock of the case says so`() async throws {
        let outcome = try await Self.outcome(
            """
            { request: { path: /orders, query: { since: "${cursor}" } }, key: .id, \
            cursor: { from: .at, format: integer, overlap: 0 }, reconcile: 1h }
            """,
            """
            - exchanges: [{ get: /orders, answer: { json: [{ id: 1, at: 5 }, { id: 2, at: 6 }] } }]
            - after: 30m
              exchanges: [{ get: /orders?since=6, answer: { json: [{ id: 2, at: 6 }] } }]
              events: []
            - after: 30m
              exchanges: [{ get: /orders, times: 2, answer: { json: [{ id: 2, at: 6 }] } }]
              events: [{ deleted: 1 }]
            """)
        #expect(outcome.account == "")
    }

    @Test func `a wait passes at once, and the next poll begins when it should`() async throws {
        let outcome = try await Self.outcome(
            "{ request: { path: /orders, query: { t: \"${poll.started}\" } }, key: .id }",
            """
            - exchanges:
                - get: /orders?t=2026-01-01T00:00:00Z
                  answer: { status: 429, headers: { retry-after: "200" } }
                - { get: "/orders?t=2026-01-01T00:00:00Z", answer: { json: [] } }
            - exchanges: [{ get: "/orders?t=2026-01-01T00:01:00Z", answer: { json: [] } }]
            - now: 2025-12-31T00:00:00Z
              exchanges: [{ get: "/orders?t=2025-12-31T00:00:00Z", answer: { json: [] } }]
            - after: 1d
              exchanges: [{ get: "/orders?t=2026-01-01T00:00:00Z", answer: { json: [] } }]
            """)
        #expect(outcome.account == "")
    }

    @Test func `a token that has expired is fetched anew`() async throws {
        let bench = try Bench([
            "shop.yaml": """
            adapter: shop
            base_url: https://shop.example
            params: { secret: secret }
            auth:
              oauth2: { grant: client_credentials, token_url: "https://login.example/token", client_id: me, client_secret: "${params.secret}" }
            streams:
              orders: { request: /orders, key: .id }
            """,
            "tests/shop.yaml": """
            adapter: shop
            with: { secret: hush-hush }
            cases:
              - case: it works
                polls:
                  - exchanges:
                      - post: https://login.example/token
                        headers: { authorization: Basic bWU6aHVzaC1odXNo }
                        body: grant_type=client_credentials
                        answer: { json: { access_token: first, expires_in: 3600, token_type: Bearer } }
                      - get: /orders
                        headers: { authorization: Bearer first }
                        answer: { json: [] }
                  - after: 2h
                    exchanges:
                      - post: https://login.example/token
                        answer: { json: { access_token: second, expires_in: 3600, token_type: Bearer } }
                      - get: /orders
                        headers: { authorization: Bearer second }
                        answer: { json: [] }
            """,
        ])
        #expect(try await bench.outcome("tests/shop.yaml").account == "")
    }
}
