import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// The header fields of an API's answer, how its adapter names them, and what they say.
struct LimitRow: Sendable, CustomTestStringConvertible {
    let api: String
    let headers: [HTTPField]
    let spec: LimitsSpec
    let body: String
    let sight: LimitSight

    init(
        _ api: String, _ headers: KeyValuePairs<String, String>, _ spec: LimitsSpec = LimitsSpec(),
        body: String = "[]", says sight: LimitSight
    ) {
        self.api = api
        self.headers = headers.map { HTTPField($0.key, $0.value) }
        self.spec = spec
        self.body = body
        self.sight = sight
    }

    var testDescription: String { "\(api) \(headers.map { "\($0.name): \($0.value)" })" }
}

@Suite
struct LimitHeaderTests {
    private static func header(
        _ name: String, _ meaning: ValueReading.Meaning
    ) -> ValueReading { ValueReading(.header(name), as: meaning) }

    private static func body(_ path: String, _ meaning: ValueReading.Meaning) -> ValueReading {
        ValueReading(.body(PollFixture.expression(path)), as: meaning)
    }

    private static func named(_ reset: ValueReading.Meaning) -> LimitsSpec {
        LimitsSpec(
            remaining: header("X-RateLimit-Remaining", .count),
            limit: header("X-RateLimit-Limit", .count), reset: header("X-RateLimit-Reset", reset))
    }

    /// The poll's clock stands at 2026-01-01T00:00:00Z, which is 1767225600.
    static let rows: [LimitRow] = [
        .init(
            "GitHub",
            [
                "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4987",
                "X-RateLimit-Reset": "1767229200",
            ], named(.epochSeconds),
            says: LimitSight(remaining: 4987, limit: 5000, reset: .seconds(3600))),
        .init(
            "Discord", ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1.337"],
            named(.seconds), says: LimitSight(remaining: 0, reset: .milliseconds(1337))),
        .init(
            "Discord",
            ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225601.5"],
            named(.epochSeconds), says: LimitSight(remaining: 0, reset: .milliseconds(1500))),
        .init(
            "HubSpot", ["X-RateLimit-Remaining": "6", "X-RateLimit-Reset": "10000"],
            named(.milliseconds), says: LimitSight(remaining: 6, reset: .seconds(10))),
        .init(
            "Linear", ["X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "1767225660000"],
            named(.epochMilliseconds), says: LimitSight(remaining: 1, reset: .seconds(60))),
        .init(
            "dates",
            ["X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "Thu, 01 Jan 2026 00:00:30 GMT"],
            named(.httpDate), says: LimitSight(remaining: 1, reset: .seconds(30))),
        .init(
            "Jira", ["X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "2026-01-01T00:01:00Z"],
            named(.rfc3339), says: LimitSight(remaining: 1, reset: .seconds(60))),
        .init(
            "Shopify", ["X-Shopify-Shop-Api-Call-Limit": "32/40"],
            LimitsSpec(remaining: header("X-Shopify-Shop-Api-Call-Limit", .usedOfAll)),
            says: LimitSight(remaining: 8, limit: 40)),
        .init(
            "Shopify", ["X-Shopify-Shop-Api-Call-Limit": "41/40"],
            LimitsSpec(remaining: header("X-Shopify-Shop-Api-Call-Limit", .usedOfAll)),
            says: LimitSight(remaining: 0, limit: 40)),
        .init(
            "Salesforce",
            ["Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=x)"],
            LimitsSpec(remaining: header("Sforce-Limit-Info", .usedOfAll)),
            says: LimitSight(remaining: 4975, limit: 5000)),
        .init(
            "Docker Hub",
            ["ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600"],
            says: LimitSight(remaining: 76, limit: 100, window: .seconds(21_600))),
        .init(
            "vendor", ["X-Left": "76;w=60"], LimitsSpec(remaining: header("X-Left", .rate)),
            says: LimitSight(remaining: 76, window: .seconds(60))),
        .init(
            "Shopify GraphQL", [:],
            LimitsSpec(
                remaining: body(".extensions.cost.throttleStatus.currentlyAvailable", .count),
                limit: body(".extensions.cost.throttleStatus.maximumAvailable", .count),
                budget: BudgetSpec(cost: .stated(body(".extensions.cost.actualQueryCost", .count)))),
            body:
                #"{"extensions":{"cost":{"actualQueryCost":12,"throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":1988.5}}}}"#,
            says: LimitSight(remaining: 1988, limit: 2000, cost: 12)),
        .init(
            "GitHub GraphQL", [:],
            LimitsSpec(
                remaining: body(".data.rateLimit.remaining", .count),
                reset: body(".data.rateLimit.resetAt", .rfc3339)),
            body: #"{"data":{"rateLimit":{"remaining":0,"resetAt":"2026-01-01T00:10:00Z"}}}"#,
            says: LimitSight(remaining: 0, reset: .seconds(600))),
        .init(
            "draft 03",
            [
                "RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "50",
                "RateLimit-Reset": "50",
            ],
            says: LimitSight(remaining: 50, limit: 100, reset: .seconds(50))),
        .init(
            "GitLab",
            [
                "RateLimit-Limit": "600", "RateLimit-Remaining": "599",
                "RateLimit-Reset": "1767225660",
            ], says: LimitSight(remaining: 599, limit: 600, reset: .seconds(60))),
        .init(
            "draft 07", ["RateLimit": "limit=100, remaining=50, reset=5"],
            says: LimitSight(remaining: 50, limit: 100, reset: .seconds(5))),
        .init(
            "draft 08",
            ["RateLimit": #""default";r=50;t=30"#, "RateLimit-Policy": #""default";q=100;w=60"#],
            says: LimitSight(remaining: 50, limit: 100, reset: .seconds(30), window: .seconds(60))),
        .init(
            "draft 08, several",
            [
                "RateLimit": #""day,all";r=900;t=3000, "burst";r=0;t=2;pk=:c2VjcmV0:"#,
                "RateLimit-Policy": #""burst";q=10;w=1, "day,all";q=1000;w=86400"#,
            ], says: LimitSight(remaining: 0, limit: 10, reset: .seconds(2), window: .seconds(1))),
        .init("nothing", [:], says: LimitSight()),
        .init(
            "nonsense", ["RateLimit": ";;=,\"", "RateLimit-Remaining": "-1"], says: LimitSight()),
        .init(
            "nonsense", ["RateLimit-Remaining": "1e3", "RateLimit-Reset": "٥"], says: LimitSight()),
        .init("nonsense", ["X-RateLimit-Remaining": "many"], named(.seconds), says: LimitSight()),
        .init(
            "nonsense", ["X-Left": "32"], LimitsSpec(remaining: header("X-Left", .usedOfAll)),
            says: LimitSight()),
        .init(
            "too long", ["X-RateLimit-Reset": "99999999999999999999"], named(.seconds),
            says: LimitSight()),
        .init(
            "past", ["X-RateLimit-Reset": "1000000000"], named(.epochSeconds),
            says: LimitSight(reset: .zero)),
        .init(
            "a week", ["X-RateLimit-Reset": "604800"], named(.seconds),
            says: LimitSight(reset: Limits.retryAfterMax)),
    ]

    @Test(arguments: rows)
    func `what an API says of its limits is understood, and nonsense is not`(row: LimitRow) throws {
        var machine = try PollFixture.machine(PollFixture.plan(limits: row.spec))
        _ = machine.begin()
        _ = machine.status(200, row.headers, body: row.body)
        #expect(machine.sight == row.sight)
    }

    @Test(
        arguments: [
            ("2.0", Duration.seconds(2)), ("0.25", .milliseconds(250)), ("7", .seconds(7)),
            ("Thu, 01 Jan 2026 00:00:05 GMT", .seconds(5)),
        ])
    func `Retry-After is understood with a fraction too`(text: String, wait: Duration) throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        _ = machine.status(429, [HTTPField("Retry-After", text)])
        #expect(machine.sight?.refusal == LimitSight.Refusal(wait: wait))
    }

    @Test(
        arguments: [
            ("max-age=60", "", Duration.seconds(60) as Duration?),
            ("max-age=60", "45", .seconds(15)),
            ("private, Max-Age=\"30\"", "", .seconds(30)), ("max-age=10", "90", .zero),
            ("no-cache, max-age=60", "", nil), ("no-store", "", nil), ("max-age=x", "", nil),
        ])
    func `max-age puts the next poll off where the adapter wants it`(
        text: String, age: String, rest: Duration?
    ) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(limits: LimitsSpec(respected: [.cacheControl])))
        _ = machine.begin()
        let step = machine.page(
            PollFixture.facts(1),
            headers: [HTTPField("Cache-Control", text), HTTPField("Age", age)])
        guard case .end(.complete(_, let stated)) = step else {
            Issue.record("not complete")
            return
        }
        #expect(stated == rest)
    }

    @Test func `a reserve is left to others`() throws {
        for (reserve, left, isSpent) in [
            (BudgetSpec.Reserve.count(100), 101, false), (.count(100), 100, true),
            (.share(0.1), 501, false), (.share(0.1), 500, true), (.share(0), 1, false),
        ] {
            #expect(LimitSight(remaining: left, limit: 5000).isSpent(reserve) == isSpent)
        }
        #expect(!LimitSight().isSpent(.count(5)))
        #expect(!LimitSight(remaining: 3).isSpent(.share(0.5)))
    }
}
