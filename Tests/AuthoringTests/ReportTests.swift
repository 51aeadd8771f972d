import Foundation
import PullcordAuthoring
import PullcordJSON
import Testing

/// What a run tells other programs.
@Suite
struct ReportTests {
    private static func outcomes() async throws -> (Bench, [FileOutcome]) {
        let bench = try Bench([
            "shop.yaml": """
            adapter: shop
            base_url: https://shop.example
            streams: { orders: { request: "/orders", key: .id } }
            """,
            "tests/shop.yaml": """
            adapter: shop
            cases:
              - case: a good one
                polls: [{ exchanges: [{ get: /orders, answer: { json: [] } }] }]
              - case: "a bad one: <&\\">"
                polls: [{ exchanges: [] }]
            """,
            "tests/wrong.yaml": "adapter: shop\n",
        ])
        let files = try TestDiscovery.files(in: [bench.folder])
        return (bench, await bench.run.run(files))
    }

    @Test func `JUnit's XML has a suite for each file`() async throws {
        let (_, outcomes) = try await Self.outcomes()
        let xml = JUnitReport.xml(outcomes)
        #expect(xml.contains("tests=\"3\" failures=\"1\" errors=\"1\""), "\(xml)")
        #expect(xml.contains("name=\"a bad one: &lt;&amp;&quot;&gt;\""), "\(xml)")
        #expect(xml.contains("<error message=\"1 error\">"), "\(xml)")
        #expect(xml.components(separatedBy: "<testsuite ").count == 3)
    }

    @Test func `JSON tells what failed and where`() async throws {
        let (_, outcomes) = try await Self.outcomes()
        let values = try outcomes.map { try JSONValue(parsing: $0.json) }
        let failure = values[0].text("cases.1.failures.0.message")
        #expect(failure == "a request fits no exchange")
        #expect(values[0].text("cases.1.failures.0.line") == "6")
        #expect(values[1].text("complaints.0.code") == "key_missing")
    }

    @Test func `the names of tests choose`() async throws {
        let (bench, _) = try await Self.outcomes()
        let files = try TestDiscovery.files(in: ["\(bench.folder)/tests/shop.yaml"])
        let outcomes = await bench.run.run(files, filter: "GOOD")
        #expect(outcomes.flatMap(\.cases).map(\.name) == ["a good one"])
        #expect(await bench.run.run(files, filter: "nothing of that").isEmpty)
        // An adapter stands for its tests.
        #expect(try TestDiscovery.files(in: ["\(bench.folder)/shop.yaml"]) == files)
    }

    @Test func `a path that is not there is refused`() throws {
        #expect(throws: (any Error).self) { try TestDiscovery.files(in: ["/nowhere/at/all"]) }
    }
}

extension JSONValue {
    /// The scalar at a path of members and indexes.
    fileprivate func text(_ path: String) -> String? {
        var value: JSONValue? = self
        for step in path.split(separator: ".") {
            if case .array(let items)? = value, let index = Int(step) {
                value = items.indices.contains(index) ? items[index] : nil
            } else {
                value = value?[String(step)]
            }
        }
        switch value {
        case .string(let text)?, .number(let text)?: return text
        default: return nil
        }
    }
}
