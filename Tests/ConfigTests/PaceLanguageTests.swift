import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

/// `every` where streams are polled by how often they change.
@Suite struct PaceLanguageTests {
    private static func bridge(_ every: String) -> String {
        """
        sources:
          - name: s
            adapter: orders
            with: { key: "${env.KEY}" }
            every: \(every)
        subscriptions:
          - { name: t, url: https://t.example, secret: "${env.SECRET}" }

        """
    }

    @Test(arguments: ["auto", "{ between: [1m, 2h], budget: 1000/d, share: credential }", "{}"])
    func `auto takes its bounds and its budget, or does without`(every: String) {
        let report = Wrong.report("b.yaml", Self.bridge(every))
        #expect(report.diagnostics.isEmpty, "\(report.text())")
    }

    private static let wrong = [
        ("automatic", 5, 12, "type_mismatch"), ("{ between: 30s }", 5, 23, "type_mismatch"),
        ("{ between: [30s] }", 5, 23, "pace_between"),
        ("{ between: [1h, 30s] }", 5, 23, "pace_between"),
        ("{ between: [30s, 1m, 1h] }", 5, 23, "pace_between"),
        ("{ between: [10ms, 1h] }", 5, 24, "value_out_of_range"),
        ("{ budget: 1000 }", 5, 22, "rate_invalid"), ("{ budget: 5/d }", 5, 22, "pace_budget"),
        ("{ min: 30s }", 5, 14, "key_unknown"), ("{ share: all }", 5, 21, "value_unknown"),
    ]

    @Test(arguments: wrong)
    func `what is wrong with it is said where it stands`(
        every: String, line: Int, column: Int, code: String
    ) throws {
        let report = Wrong.report("b.yaml", Self.bridge(every))
        let first = try #require(report.diagnostics.first)
        #expect(first.code == code, "\(report.text())")
        #expect(first.place == Place(file: "b.yaml", line: line, column: column))
    }
}
