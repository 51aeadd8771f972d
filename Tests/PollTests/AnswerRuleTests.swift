import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// One answer of an API, the rule that its adapter has for it, and what becomes of it.
struct RuledAnswer: Sendable, CustomTestStringConvertible {
    let api: String
    let status: Int
    let body: String
    let when: String
    let then: AnswerRuleSpec.Meaning
    let message: String?
    /// nil where the rule must not match.
    let expected: String?

    init(
        _ api: String, _ status: Int, _ body: String, when: String,
        then: AnswerRuleSpec.Meaning, message: String? = nil, is expected: String?
    ) {
        self.api = api
        self.status = status
        self.body = body
        self.when = when
        self.then = then
        self.message = message
        self.expected = expected
    }

    var testDescription: String { "\(api): \(body)" }
}

@Suite
struct AnswerRuleTests {
    static let rows: [RuledAnswer] = [
        .init(
            "Slack", 200, #"{"ok":false,"error":"invalid_auth"}"#, when: ".ok == false",
            then: .fail, message: ".error", is: "invalid_auth"),
        .init(
            "Slack", 200, #"{"ok":false,"error":"token_expired"}"#,
            when: #".error | IN("invalid_auth", "token_expired")"#, then: .login, message: ".error",
            is: "token_expired"),
        .init(
            "Slack", 200, #"{"ok":true,"messages":[]}"#, when: ".ok == false", then: .fail, is: nil),
        .init("Slack", 200, #"{"ok": "false"}"#, when: ".ok == false", then: .fail, is: nil),
        .init("Slack", 200, #"{"messages":[]}"#, when: ".ok == false", then: .fail, is: nil),
        .init("Slack", 200, #"{"messages":[]}"#, when: ".ok != true", then: .fail, is: "messages"),
        .init(
            "GraphQL", 200, #"{"data":null,"errors":[{"message":"Field 'x' doesn't exist"}]}"#,
            when: ".errors", then: .fail, message: ".errors[0].message",
            is: "Field 'x' doesn't exist"),
        .init("GraphQL", 200, #"{"data":{},"errors":null}"#, when: ".errors", then: .fail, is: nil),
        .init(
            "Shopify", 200, #"{"errors":[{"extensions":{"code":"THROTTLED"}}]}"#,
            when: #".errors[0].extensions.code == "THROTTLED""#, then: .rateLimited,
            is: "THROTTLED"),
        .init(
            "Shopify", 200, #"{"errors":[{"extensions":{"code":"MAX_COST_EXCEEDED"}}]}"#,
            when: #".errors[0].extensions.code == "THROTTLED""#, then: .rateLimited, is: nil),
        .init(
            "JSON-RPC", 200, #"{"jsonrpc":"2.0","error":{"code":-32602,"data":"No permissions"}}"#,
            when: ".error.code == -32602", then: .fail, message: ".error.data",
            is: "No permissions"),
        .init(
            "JSON-RPC", 200, #"{"jsonrpc":"2.0","result":[]}"#, when: ".error", then: .fail,
            is: nil),
        .init(
            "Bugzilla", 200, #"{"error":true,"message":"nope","code":100}"#, when: ".code == 100",
            then: .fail, message: ".message", is: "nope"),
        .init(
            "AWS", 400, #"{"__type":"ThrottlingException"}"#,
            when: #".__type == "ThrottlingException""#, then: .rateLimited, is: "Throttling"),
        .init(
            "MediaWiki", 200, #"{"error":{"code":"maxlag","lag":5.2}}"#,
            when: #".error.code == "maxlag""#, then: .retry, is: "maxlag"),
        .init("any", 502, "<h1>Bad gateway</h1>", when: ".ok == false", then: .fail, is: nil),
        .init("any", 200, #"[{"id":1}]"#, when: ".ok == false", then: .fail, is: nil),
        .init("any", 200, #"[{"id":1}]"#, when: ".ok != true", then: .fail, is: nil),
        .init("any", 200, #"{"ok":false"#, when: ".ok == false", then: .fail, is: nil),
        .init("any", 200, "", when: ".ok != true", then: .fail, is: nil),
        .init("any", 200, #"{"a":"x"}"#, when: ".a | length > 5", then: .fail, is: nil),
    ]

    private static func machine(
        _ rules: [AnswerRuleSpec], expect: ExpectSpec = ExpectSpec(),
        pages: PagesSpec = PagesSpec(),
        query: KeyValuePairs<String, String> = [:]
    ) throws -> PollMachine {
        try PollFixture.machine(
            PollFixture.plan(
                pages: pages, query: query, answers: AnswersSpec(rules: rules, expected: expect)))
    }

    private static func rule(
        _ statuses: [ClosedRange<Int>], headers: [AnswerRuleSpec.HeaderPattern] = [],
        when: String? = nil, _ then: AnswerRuleSpec.Meaning, wait: AnswerRuleSpec.Wait? = nil,
        message: String? = nil
    ) -> AnswerRuleSpec {
        AnswerRuleSpec(
            statuses: statuses, headers: headers, condition: when.map(PollFixture.expression),
            meaning: then, wait: wait, message: message.map(PollFixture.expression),
            place: PollFixture.place)
    }

    @Test(arguments: rows)
    func `a rule tells an error by the body, whatever the status, and nothing else`(
        row: RuledAnswer
    ) throws {
        var machine = try Self.machine([
            Self.rule([], when: row.when, row.then, message: row.message)
        ])
        var step = machine.status(row.status, body: row.body)
        #expect((machine.ruling != nil) == (row.expected != nil))
        guard let expected = row.expected else { return }
        #expect(machine.ruling == "answers[0]: \(row.then.rawValue)")
        for _ in 0..<4 where step.pause != nil {
            _ = machine.waited()
            step = machine.status(row.status, body: row.body)
        }
        let error = try #require(step.error)
        #expect(error.message.contains(expected), "\(error)")
        let code: PollError.Code =
            switch row.then {
            case .login: .login
            case .rateLimited: .rateLimited
            default: .answer
            }
        #expect(error.code == code)
    }

    @Test func `the first rule that matches decides, the stream's before the adapter's`() throws {
        var machine = try Self.machine([
            Self.rule([404...404], .stop), Self.rule([400...499], .fail),
        ])
        #expect(machine.status(404).isComplete)
        #expect(machine.ruling == "answers[0]: stop")
        let both = AnswersSpec(rules: [Self.rule([], .stop)]).before(
            AnswersSpec(rules: [Self.rule([], .fail)], expected: ExpectSpec(contentTypes: ["a/b"])))
        #expect(both.rules.map(\.meaning) == [.stop, .fail])
        #expect(both.expected.contentTypes == ["a/b"])
    }

    @Test(
        arguments: [
            ("*", "anything", true), ("quota*", "Quota exceeded", true),
            ("*exceeded", "quota exceeded", true), ("q*e*d", "quota exceeded", true),
            ("quota", "quota exceeded", false), ("*x", "quota", false), ("", "", true),
            ("a*a", "a", false),
        ])
    func `a header is compared with a pattern`(pattern: String, value: String, fits: Bool) throws {
        var machine = try Self.machine([
            Self.rule([], headers: [.init(name: "X-Error", pattern: pattern)], .fail)
        ])
        _ = machine.status(200, [HTTPField("x-error", value)], body: "[]")
        #expect((machine.ruling != nil) == fits)
        var other = try Self.machine([
            Self.rule([], headers: [.init(name: "X-Error", pattern: "*")], .fail)
        ])
        _ = other.status(200, body: "[]")
        #expect(other.ruling == nil)
    }

    @Test func `a wait comes from the rule, the body or a header`() throws {
        let waits: [(AnswerRuleSpec.Wait, Duration)] = [
            (.fixed(.seconds(42)), .seconds(42)),
            (
                .stated(ValueReading(.body(PollFixture.expression(".retry_after")), as: .seconds)),
                .milliseconds(1337)
            ),
            (.stated(ValueReading(.header("X-Wait"), as: .milliseconds)), .milliseconds(2500)),
        ]
        for (wait, expected) in waits {
            var machine = try Self.machine([Self.rule([200...200], .retry, wait: wait)])
            let step = machine.status(
                200, [HTTPField("X-Wait", "2500")], body: #"{"retry_after":1.337}"#)
            #expect(step.pause == expected)
        }
    }

    @Test func `a page that is skipped leaves the scan incomplete`() throws {
        var machine = try Self.machine(
            [Self.rule([500...599], .skip)], pages: PagesSpec(scheme: .link(relation: "next")))
        let link = HTTPField("Link", "</v1/orders?page=2>; rel=next")
        #expect(machine.status(500, [link]).request?.url.hasSuffix("page=2") == true)
        guard case .end(.partial) = machine.page(PollFixture.facts(1)) else {
            Issue.record("what was left out counts as seen")
            return
        }
    }

    @Test func `a rejected cursor asks for a new start`() throws {
        var machine = try Self.machine([Self.rule([410...410], .resync)])
        guard case .end(.resync(let error)) = machine.status(410) else {
            Issue.record("no new start")
            return
        }
        #expect(error.code == .resync)
    }

    @Test(
        arguments: [
            (["application/json"], "application/json; charset=utf-8", true),
            (["application/json"], "text/html", false), (["application/json"], nil, false),
            (["application/*json"], "application/problem+json", true),
            (["text/csv", "text/plain"], "text/plain", true), (["text/html"], "text/html", true),
        ])
    func `a page has the content type that is expected`(
        types: [String], type: String?, fits: Bool
    ) throws {
        var machine = try Self.machine([], expect: ExpectSpec(contentTypes: types))
        let step = machine.status(
            200, type.map { [HTTPField("Content-Type", $0)] } ?? [], body: "[]")
        #expect(step.isRead == fits)
    }

    @Test(
        arguments: [
            (#"{"data":{"items":[]}}"#, true), (#"{"data":{"items":null}}"#, false),
            (#"{"data":null}"#, false), (#"{"message":"maintenance"}"#, false), ("[]", false),
            ("", false), ("nonsense", false),
        ])
    func `an empty list counts only where the list is`(body: String, fits: Bool) throws {
        var machine = try Self.machine(
            [], expect: ExpectSpec(path: PollFixture.expression(".data.items")))
        var step = machine.status(200, body: body)
        #expect(step.isRead == fits)
        guard !fits else { return }
        for _ in 0..<3 {
            _ = machine.waited()
            step = machine.status(200, body: body)
        }
        #expect(step.error?.code == .notData)
    }

    @Test func `a limit in the middle is waited out and the same page asked for again`() throws {
        var machine = try Self.machine(
            [], pages: PagesSpec(scheme: .number(start: 1)), query: ["p": "${page.number}"])
        _ = machine.page(PollFixture.facts(1))
        for _ in 0..<Limits.limitRefusalsMax {
            #expect(machine.status(429, [HTTPField("Retry-After", "900")]).pause == .seconds(900))
            #expect(machine.waited().request?.url.hasSuffix("p=2") == true)
        }
        #expect(machine.status(429, [HTTPField("Retry-After", "900")]).error != nil)
    }

    @Test(arguments: [PagesSpec.Stop.empty, .unchanged])
    func `a token that stays the same is the end only where the adapter says so`(
        stop: PagesSpec.Stop
    ) throws {
        var machine = try Self.machine(
            [],
            pages: PagesSpec(scheme: .token(.body(PollFixture.expression(".t"))), stops: [stop]),
            query: ["t": "${page.token}"])
        _ = machine.page(PollFixture.facts(1, fields: ["a"]))
        let step = machine.page(PollFixture.facts(1, fields: ["a"]))
        #expect(step.isComplete == (stop == .unchanged))
        #expect((step.error?.code == .pageLoop) == (stop == .empty))
    }

    @Test(
        arguments: [
            ("X-Poll-Interval", "60", Duration.seconds(60) as Duration?),
            ("x-poll-interval", "soon", nil), ("Cache-Control", "max-age=60", nil),
        ])
    func `the next poll is put off where the API asks for it`(
        name: String, value: String, rest: Duration?
    ) throws {
        var machine = try Self.machine([])
        guard
            case .end(.complete(_, let stated)) = machine.page(
                PollFixture.facts(1), headers: [HTTPField(name, value)])
        else {
            Issue.record("not complete")
            return
        }
        #expect(stated == rest)
    }
}
