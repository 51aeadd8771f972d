import PullcordAuthoring
import PullcordConfig
import Testing

/// The fake API of a case, read by adapters that page and filter in all the ways it knows.
@Suite
struct FakeTests {
    /// One row: how the adapter pages, and how the fake does.
    struct Pager: Sendable, CustomTestStringConvertible {
        let name: String
        let adapter: String
        let fake: String
        var query = ""

        var testDescription: String { name }
    }

    static let pagers = [
        Pager(name: "link", adapter: "pages: { link: next }", fake: "by: link"),
        Pager(name: "url", adapter: "pages: { next_url: .next }", fake: "by: url"),
        Pager(
            name: "token", adapter: "pages: { token: .paging.next }",
            fake: "by: token, next: paging.next", query: "token: \"${page.token}\""),
        Pager(
            name: "token in a header", adapter: "pages: { token: { header: x-next } }",
            fake: "by: token, next_header: x-next", query: "token: \"${page.token}\""),
        Pager(
            name: "number", adapter: "pages: { number: 1, size: 2, stop: short }",
            fake: "by: number, size_param: limit",
            query: "page: \"${page.number}\", limit: \"${page.size}\""),
        Pager(
            name: "number from 0", adapter: "pages: { number: 0, size: 2, stop: empty }",
            fake: "by: number, start: 0", query: "page: \"${page.number}\""),
        Pager(
            name: "offset", adapter: "pages: { offset: 0, size: 2, stop: short }",
            fake: "by: offset", query: "offset: \"${page.offset}\""),
        Pager(
            name: "keyset", adapter: "pages: { keyset: .id, size: 2, stop: short }",
            fake: "by: keyset", query: "after: \"${page.after}\""),
    ]

    private static func outcome(
        stream: String, fake: String, polls: String, source: String = "{ first: emit }"
    ) async throws -> FileOutcome {
        let bench = try Bench([
            "shop.yaml": """
            adapter: shop
            base_url: https://shop.example
            streams:
              orders: \(stream)
            """,
            "tests/shop.yaml": """
            adapter: shop
            cases:
              - case: it works
                source: \(source)
                fake:
                  - \(fake)
                polls:
            \(polls.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
            """,
        ])
        return try await bench.outcome("tests/shop.yaml")
    }

    @Test(arguments: pagers)
    func `every pager finds every record`(pager: Pager) async throws {
        let outcome = try await Self.outcome(
            stream:
                "{ request: { path: /orders, query: { \(pager.query) } }, records: .items, "
                + "key: .id, \(pager.adapter) }",
            fake:
                "{ list: /orders, items: items, fill: { count: 5, record: { id: 1 } }, "
                + "pages: { size: 2, \(pager.fake) } }",
            polls: """
                - events: [{ created: 1 }, { created: 2 }, { created: 3 }, { created: 4 }, { created: 5 }]
                - changes: [{ insert: { id: 6 } }, { update: { id: 2, a: 1 } }]
                  events: [{ created: 6 }, { updated: 2, record: { a: 1 } }]
                """)
        #expect(outcome.account == "")
    }

    private static let incremental = """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: .items, key: .id, \
        pages: { link: next }, cursor: { from: .at, overlap: 0s } }
        """

    private static let changing = """
        { list: /orders, items: items, sort: at, since: { param: since, field: at }, \
        pages: { by: link, size: 2 }, fill: { count: 4, record: { id: 1, at: "2025-12-31T00:00:00Z" } } }
        """

    @Test func `records are asked for from the cursor on`() async throws {
        let outcome = try await Self.outcome(
            stream: Self.incremental, fake: Self.changing,
            polls: """
                - events: [{ created: 1 }, { created: 2 }, { created: 3 }, { created: 4 }]
                  cursor: "2025-12-31T00:00:03Z"
                - changes: [{ update: { id: 1, at: "2025-12-31T00:00:03Z" } }]
                  events: [{ updated: 1 }]
                """)
        #expect(outcome.account == "")
    }

    @Test func `what is inserted while pages are read is not lost`() async throws {
        let outcome = try await Self.outcome(
            stream: Self.incremental, fake: Self.changing,
            polls: """
                - changes: [{ insert: { id: 9, at: "2025-12-31T00:00:09Z" }, during: 1 }]
                  events: [{ created: 1 }, { created: 2 }, { created: 3 }, { created: 4 }, { created: 9 }]
                """)
        #expect(outcome.account == "")
    }

    @Test func `what goes wrong once is tried again`() async throws {
        let outcome = try await Self.outcome(
            stream: Self.incremental, fake: Self.changing,
            polls: """
                - faults:
                    - { request: 2, status: 429, headers: { retry-after: "30" } }
                    - { request: 3, fault: reset }
                  events: [{ created: 1 }, { created: 2 }, { created: 3 }, { created: 4 }]
                - faults: [{ status: 401, times: 1 }]
                  error: unauthorized
                  events: []
                """)
        #expect(outcome.account == "")
    }

    @Test func `a record that is gone at two looks is deleted`() async throws {
        let outcome = try await Self.outcome(
            stream: "{ request: /orders, key: .id, pages: { link: next } }",
            fake:
                "{ list: /orders, etag: true, fill: { count: 6, record: { id: 1 } }, "
                + "pages: { by: link, size: 10 } }",
            polls: """
                - events: []
                - events: []
                - changes: [{ delete: 3 }]
                  events: [{ deleted: 3 }]
                """, source: "{}")
        #expect(outcome.account == "")
    }

    @Test func `details are asked for one by one`() async throws {
        let outcome = try await Self.outcome(
            stream:
                "{ request: /orders, key: .id, detail: { request: \"/orders/${record.id}\", "
                + "records: .order, watch: [.at] } }",
            fake:
                "{ list: /orders, one: \"/orders/{key}\", item: order, fields: [id, at], "
                + "records: [{ id: 1, at: 1, text: a }, { id: 2, at: 1, text: b }] }",
            polls: """
                - events: [{ created: 1, record: { text: a } }, { created: 2 }]
                - changes: [{ update: { id: 1, at: 2, text: c } }]
                  events: [{ updated: 1, record: { text: c } }]
                """)
        #expect(outcome.account == "")
    }

    @Test(arguments: [
        ("- changes: [{ delete: 77 }]", "there is no record 77 to delete"),
        ("- changes: [{ update: { id: 77 } }]", "there is no record 77 to update"),
        ("- changes: [{ insert: { id: 1 } }]", "there is a record 1"),
        ("- changes: [{ insert: { id: 7 }, during: 9 }]", "the change never came"),
        ("- faults: [{ request: 9, status: 500 }]", "the fault never came"),
    ])
    func `what cannot be done to the fake is told`(poll: String, message: String) async throws {
        let outcome = try await Self.outcome(
            stream: "{ request: /orders, key: .id }",
            fake: "{ list: /orders, records: [{ id: 1 }] }",
            polls: poll, source: "{}")
        #expect(outcome.account.contains(message), "\(outcome.account)")
    }

    @Test func `an item of the query that the fake does not know fits nothing`() async throws {
        let outcome = try await Self.outcome(
            stream: "{ request: { path: /orders, query: { sine: x } }, key: .id }",
            fake: "{ list: /orders, records: [{ id: 1 }] }", polls: "- events: []", source: "{}")
        #expect(outcome.account.contains("a request fits no exchange"))
        #expect(outcome.account.contains("the fake has: /orders"), "\(outcome.account)")
    }

    @Test(arguments: [
        ("{ list: /orders, records: [{ a: 1 }] }", "record_key"),
        ("{ list: /orders, total: n }", "items_missing"),
        ("{ list: /orders, pages: { by: token, size: 1 } }", "items_missing"),
        ("{ list: orders }", "url_relative"),
        ("{ list: /orders, one: /orders }", "key_hole"),
        ("{ list: /orders, pages: { by: pages, size: 1 } }", "value_unknown"),
        ("{ list: /orders, sine: x }", "key_unknown"),
    ])
    func `a wrong fake is refused`(fake: String, code: String) async throws {
        let outcome = try await Self.outcome(
            stream: "{ request: /orders, key: .id }", fake: fake, polls: "- events: []",
            source: "{}")
        let codes = outcome.report?.errors.map(\.code) ?? []
        #expect(codes.contains(code), "\(outcome.account)")
    }
}
