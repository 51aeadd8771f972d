import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct WrongAnswerTests {
    @Test(arguments: rows)
    func `a mistake in answers and limits is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(top: wrong.text))
    }

    /// Lines after `adapter` and `base_url`; the first is line 3.
    static let rows: [Wrong] = [
        .init(
            "answers: { status: 404, then: stop }",
            3, 10, "answers", "type_mismatch", "a mapping was found"),
        .init("answers: []", 3, 10, "answers", "value_empty", "there is no rule in it"),
        .init(
            "answers: [{ status: 404 }]",
            3, 11, "answers[0].then", "key_missing", "`then` is missing in a rule of `answers`"),
        .init(
            "answers: [{ then: stop }]",
            3, 11, "answers[0]", "rule_empty", "does not say which answers it is about"),
        .init(
            "answers: [{ status: 404, then: ignore }]",
            3, 32, "answers[0].then", "value_unknown", "`ignore` is none of the allowed values"),
        .init(
            "answers: [{ status: 404, then: retri }]",
            3, 32, "answers[0].then", "value_unknown", "`retri` is none", suggestion: "retry"),
        .init(
            "answers: [{ status: 4x, then: stop }]",
            3, 21, "answers[0].status", "type_mismatch", "the text `4x` was found"),
        .init(
            "answers: [{ status: 6xx, then: stop }]",
            3, 21, "answers[0].status", "type_mismatch", "the text `6xx` was found"),
        .init(
            "answers: [{ status: [404, 4040], then: stop }]",
            3, 27, "answers[0].status[1]", "value_out_of_range", "`4040` is out of range"),
        .init(
            "answers: [{ status: [], then: stop }]",
            3, 21, "answers[0].status", "value_empty", "there is no status in it"),
        .init(
            "answers: [{ if: .ok, then: stop }]",
            3, 13, "answers[0].if", "key_unknown", "`if` is no key of a rule"),
        .init(
            "answers: [{ headers: { a: b }, then: stop }]",
            3, 13, "answers[0].headers", "key_unknown", "`headers` is no key"),
        .init(
            "answers: [{ header: x-error, then: stop }]",
            3, 21, "answers[0].header", "type_mismatch", "the text `x-error` was found"),
        .init(
            "answers: [{ header: { 'x error': '*' }, then: stop }]",
            3, 23, #"answers[0].header["x error"]"#, "header_name", "is no name of a header"),
        .init(
            "answers: [{ when: '(.ok', then: stop }]",
            3, 20, "answers[0].when", "expression_invalid", "this is no jq program"),
        .init(
            "answers: [{ status: 404, then: stop, after: 5s }]",
            3, 38, "answers[0].after", "after_useless", "`stop` does not wait"),
        .init(
            "answers: [{ status: 404, then: skip, message: .m }]",
            3, 38, "answers[0].message", "message_useless", "`skip` is no failure"),
        .init(
            "answers: [{ status: 500, then: retry, after: 5 }]",
            3, 46, "answers[0].after", "type_mismatch", "the number `5`", suggestion: "5s"),
        .init(
            "answers: [{ status: 500, then: retry, after: 2d }]",
            3, 46, "answers[0].after", "value_out_of_range", "`2d` is out of range"),
        .init(
            "answers: [{ status: 500, then: retry, after: { header: a, path: .b } }]",
            3, 59, "answers[0].after.path", "keys_exclude_each_other", "cannot stand beside"),
        .init(
            "answers: [{ status: 500, then: retry, after: { header: a, as: count } }]",
            3, 63, "answers[0].after.as", "value_unknown", "`count` is none"),
        .init(
            "expect: { content_type: json }",
            3, 25, "expect.content_type", "media_type", "`json` is no media type"),
        .init(
            "expect: { content_type: 'application/json; charset=utf-8' }",
            3, 25, "expect.content_type", "media_type", "is no media type"),
        .init(
            "expect: { content_type: [] }",
            3, 25, "expect.content_type", "value_empty", "no page would ever be right"),
        .init(
            "expect: { status: 200 }",
            3, 11, "expect.status", "key_unknown", "`status` is no key of `expect`"),
        .init(
            "limits: { remaining: { header: x, as: seconds } }",
            3, 39, "limits.remaining.as", "value_unknown", "`seconds` is none"),
        .init(
            "limits: { reset: { header: x, as: n_of_m } }",
            3, 35, "limits.reset.as", "value_unknown", "`n_of_m` is none"),
        .init(
            "limits: { budget: 5000 }",
            3, 19, "limits.budget", "type_mismatch", "the number `5000`", suggestion: "5000/h"),
        .init(
            "limits: { budget: 10 per s }",
            3, 19, "limits.budget", "type_mismatch", "the text `10 per s`"),
        .init(
            "limits: { budget: 0/s }", 3, 19, "limits.budget", "type_mismatch", "the text `0/s`"),
        .init(
            "limits: { budget: [10/s, 5000/y] }",
            3, 26, "limits.budget[1]", "type_mismatch", "the text `5000/y`"),
        .init("limits: { budget: [] }", 3, 19, "limits.budget", "value_empty", "needs a rate"),
        .init(
            "limits: { concurrency: 0 }",
            3, 24, "limits.concurrency", "value_out_of_range", "`0` is out of range"),
        .init(
            "limits: { reserve: 10.5 }",
            3, 20, "limits.reserve", "type_mismatch", "the number `10.5`", suggestion: "11%"),
        .init(
            "limits: { share: hosts }",
            3, 18, "limits.share", "value_unknown", "`hosts` is none", suggestion: "host"),
        .init(
            "limits: { cost: -1 }", 3, 17, "limits.cost", "value_out_of_range", "`-1` is out"),
        .init(
            "limits: { respect: [retry-after] }",
            3, 21, "limits.respect[0]", "value_unknown", "`retry-after` is none"),
        .init(
            "limits: { rate: 5/s }", 3, 11, "limits.rate", "key_unknown", "`rate` is no key"),
    ]

    @Test func `a request dearer than its budget is refused`() throws {
        let report = Wrong.report(
            "a.yaml",
            """
            adapter: a
            base_url: https://x.example
            limits: { budget: [100/h, 10/s] }
            streams: { s: { request: { path: /x, cost: 20 }, key: .id } }

            """)
        #expect(report.errors.map(\.code) == ["cost_over_budget"])
    }

    @Test(
        arguments: [
            ("10/s", 10, Duration.seconds(1)), ("5000/h", 5000, .seconds(3600)),
            ("100/15m", 100, .seconds(900)), ("1/d", 1, .seconds(86_400)),
            ("3/500ms", 3, .milliseconds(500)),
        ])
    func `a rate is a count in a window`(text: String, count: Int, window: Duration) throws {
        let spec = try Self.adapter("limits: { budget: \(text) }")
        #expect(spec.limits.budget.rates == [.init(count: count, window: window)])
    }

    @Test func `rules and limits are read as written`() throws {
        let spec = try Self.adapter(
            """
            answers:
              - { status: [4xx, 503], header: { x-error: quota* }, then: rate_limited, after: .wait }
              - { when: .ok == false, then: fail, message: .error }
              - { status: 429, then: retry, after: { header: x-wait, as: milliseconds } }
              - { status: 503, then: retry, after: 30s }
            expect: { content_type: application/json, path: .data }
            limits:
              remaining: { path: .left }
              limit: x-limit
              reserve: 10%
              share: host
              concurrency: 4
              cost: { header: x-cost }
              respect: []
            """)
        let rules = spec.answers.rules
        #expect(rules[0].statuses == [400...499, 503...503])
        #expect(rules[0].headers == [.init(name: "x-error", pattern: "quota*")])
        guard case .stated(let wait)? = rules[0].wait, case .body(let text) = wait.source else {
            Issue.record("no wait from the body")
            return
        }
        #expect(text.text == ".wait" && wait.meaning == .seconds)
        #expect(rules.map(\.meaning) == [.rateLimited, .fail, .retry, .retry])
        #expect(rules[1].message?.text == ".error")
        #expect(rules[2].wait == .stated(ValueReading(.header("x-wait"), as: .milliseconds)))
        #expect(rules[3].wait == .fixed(.seconds(30)))
        #expect(spec.answers.expected.contentTypes == ["application/json"])
        let budget = spec.limits.budget
        #expect(budget.reserve == .share(0.1) && budget.share == .host)
        #expect(budget.concurrency == 4 && spec.limits.respected.isEmpty)
        #expect(budget.cost == .stated(ValueReading(.header("x-cost"), as: .count)))
    }

    @Test(
        arguments: [
            ("answers: [{ status: 4xx, then: fail }, { status: 404, then: stop }]", "rule_hidden"),
            ("limits: { remaining: x-left, reset: x-reset, reserve: 10% }", "limits_limit_missing"),
        ])
    func `what is legal and most likely a mistake is warned of`(top: String, code: String) {
        let report = Wrong.report("a.yaml", Wrong.adapter(top: top))
        #expect(report.diagnostics.map(\.code) == [code])
    }

    private static func adapter(_ top: String) throws -> AdapterSpec {
        let files = [
            "a.yaml": Wrong.adapter(top: top),
            "b.yaml": "sources: [{ name: s, adapter: a.yaml, every: 60s }]\n",
        ]
        switch Fixture(files: files).loader.load("b.yaml", environment: [:]) {
        case .success(let configuration): return try #require(configuration.sources.first).adapter
        case .failure(let report):
            Issue.record("\(report.text())")
            throw Refused()
        }
    }

    private struct Refused: Error {}
}
