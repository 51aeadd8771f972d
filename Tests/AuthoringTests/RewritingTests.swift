import Foundation
import PullcordAuthoring
import Testing

/// What `--update` makes of a file.
@Suite
struct RewritingTests {
    private static let adapter = """
        adapter: shop
        base_url: https://shop.example
        streams:
          orders:
            request: { path: /orders, query: { since: "${cursor}" } }
            key: .id
            cursor: { from: .at, format: integer, overlap: 0 }
            keep: record
        """

    /// A file whose polls are these lines, updated; run again it passes.
    private static func updated(_ polls: String) async throws -> String {
        let head = "adapter: shop\ncases:\n  - case: it works\n    polls:\n"
        let indented = polls.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "      \($0)" }.joined(separator: "\n")
        let bench = try Bench([
            "shop.yaml": adapter, "tests/shop.yaml": head + indented + "\n",
        ])
        let outcome = try await bench.outcome("tests/shop.yaml")
        #expect(!outcome.isGood)
        let text = try bench.text(of: "tests/shop.yaml")
        var rewriter = try #require(ExpectationRewriter(Array(text.utf8), path: outcome.path))
        rewriter.take(outcome)
        #expect(rewriter.refusals.isEmpty)
        try bench.write(rewriter.text, to: "tests/shop.yaml")
        #expect(try await bench.outcome("tests/shop.yaml").account == "")
        return rewriter.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(4)
            .map { String($0.dropFirst(6)) }.joined(separator: "\n").trimmingCharacters(
                in: .newlines)
    }

    @Test func `events in a block keep what was asked of them, and comments stay`() async throws {
        let text = try await Self.updated(
            """
            - exchanges: [{ get: /orders, answer: { json: [{ id: 1, at: 5, a: x }] } }]
              events: []   # nothing yet
              # The next poll goes on from there.
              cursor: "4"
            # Now it changes.
            - exchanges: [{ get: /orders?since=5, answer: { json: [{ id: 1, at: 6, a: b }, { id: 2, at: 6 }] } }]
              events:
                # the first
                - updated: "1"
                  record: { a: z }
                - deleted: "9"

              cursor: "5"   # not really
            """)
        #expect(
            text == """
                - exchanges: [{ get: /orders, answer: { json: [{ id: 1, at: 5, a: x }] } }]
                  events: []   # nothing yet
                  # The next poll goes on from there.
                  cursor: "5"
                # Now it changes.
                - exchanges: [{ get: /orders?since=5, answer: { json: [{ id: 1, at: 6, a: b }, { id: 2, at: 6 }] } }]
                  events:
                    - { updated: "1", record: { a: b } }
                    - created: "2"

                  cursor: "6"   # not really
                """)
    }

    @Test func `a poll in brackets stays in brackets`() async throws {
        let text = try await Self.updated(
            """
            - { exchanges: [{ get: /orders, answer: { json: [{ id: 1, at: 5 }] } }], events: [{ created: "1" }], cursor: "1" }
            - { exchanges: [{ get: /orders?since=5, answer: { status: 404 } }], events: [] }
            """)
        #expect(
            text == """
                - { exchanges: [{ get: /orders, answer: { json: [{ id: 1, at: 5 }] } }], events: [], cursor: "5" }
                - { exchanges: [{ get: /orders?since=5, answer: { status: 404 } }], events: [], error: status }
                """)
    }

    @Test func `an error that comes no more is taken out, one that is new is added`() async throws {
        let text = try await Self.updated(
            """
            - exchanges: [{ get: /orders, answer: { json: [] } }]
              error: status
              events: []
            - exchanges: [{ get: /orders, answer: { json: [] } }]
              error: status
            - exchanges:
                - get: /orders
                  times: any
                  answer: { fault: timeout }
            """)
        #expect(
            text == """
                - exchanges: [{ get: /orders, answer: { json: [] } }]
                  events: []
                - exchanges: [{ get: /orders, answer: { json: [] } }]
                - exchanges:
                    - get: /orders
                      times: any
                      answer: { fault: timeout }
                  error: timeout
                """)
    }

    @Test func `a poll that asks for what nobody answers is left alone`() async throws {
        let text = "adapter: shop\ncases: [{ case: a, polls: [{ events: [{ created: 1 }] }] }]\n"
        let bench = try Bench(["shop.yaml": Self.adapter, "tests/shop.yaml": text])
        let outcome = try await bench.outcome("tests/shop.yaml")
        var rewriter = try #require(ExpectationRewriter(Array(text.utf8), path: outcome.path))
        rewriter.take(outcome)
        #expect(rewriter.text == text)
        #expect(rewriter.refusals.count == 1)
    }
}
