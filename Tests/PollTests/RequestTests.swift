import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

@Suite
struct RequestTests {
    private func header(_ name: String, _ plan: PollPlan) throws -> String? {
        let request = try #require(PollFixture.machine(plan).begin().request)
        return request.headers.first { $0.name == name }?.value
    }

    @Test(
        arguments: [
            ("https://x.example/", "/a", "https://x.example/a"),
            ("https://x.example", "a", "https://x.example/a"),
            ("https://x.example/v1", "", "https://x.example/v1"),
            ("https://x.example/v1/", "a?b=c", "https://x.example/v1/a?b=c"),
        ])
    func `base and path meet in one slash`(base: String, path: String, url: String) throws {
        let machine = try PollFixture.machine(PollFixture.plan(base: base, path: path))
        #expect(machine.begin().request?.url == url)
    }

    @Test func `a request that lacks a value says which, and what to do`() throws {
        let plan = try PollFixture.plan(path: "/p/${params.project}/x")
        let error = try #require(throws: PollError.self) { try PollFixture.machine(plan) }
        #expect(error.message.contains("`${params.project}`"))
        #expect(error.hint.contains("under `with:`"))
    }

    @Test(arguments: [("a, b&", "?t=a&t=b%26"), ("a", "?t=a"), ("", "")])
    func `a list repeats a query item`(value: String, query: String) throws {
        let plan = try PollFixture.plan(
            query: ["t": "${params.types | list}"], parameters: ["types": value])
        #expect(
            try PollFixture.machine(plan).begin().request?.url
                == "https://api.example.com/v1/orders\(query)")
    }

    @Test func `what a parameter holds cannot leave its place in the path`() throws {
        let plan = try PollFixture.plan(
            path: "/p/${params.project}/x", parameters: ["project": "group/name?a=b#c"])
        let machine = try PollFixture.machine(plan)
        #expect(
            machine.begin().request?.url
                == "https://api.example.com/v1/p/group%2Fname%3Fa%3Db%23c/x")
    }

    @Test func `the cursor is sent earlier by the overlap, and left out at the first poll`() throws
    {
        let plan = try PollFixture.plan(
            query: ["since": "${cursor}"],
            cursor: CursorSpec(from: PollFixture.expression(".t"), overlap: 120_000))
        #expect(
            try PollFixture.machine(plan).begin().request?.url
                == "https://api.example.com/v1/orders")
        let cursor = try #require(CursorValue("2026-01-01T00:02:00.700Z", format: .rfc3339))
        #expect(
            try PollFixture.machine(plan, cursor: cursor).begin().request?.url
                == "https://api.example.com/v1/orders?since=2026-01-01T00%3A00%3A00Z")
    }

    @Test(arguments: [
        (CursorFormat.rfc3339, "2026-01-01T00:02:00.700Z", "2026-01-01T00%3A01%3A59Z"),
        (
            CursorFormat(.rfc3339, sent: .epochMilliseconds), "2026-01-01T00:02:00.700Z",
            "1767225720699"
        ),
        (.epochSeconds, "1767225720", "1767225719"), (.epochMicroseconds, "9000", "8000"),
        (CursorFormat(.pattern(TimePattern("%Y-%m-%d"))), "2026-01-02", "2026-01-01"),
        (
            CursorFormat(.pattern(TimePattern("%Y-%m-%d %H:%M"))), "2026-01-02 00:00",
            "2026-01-01%2023%3A59"
        ),
        (.integer, "250", "249"), (.integer, "0", "0"),
    ])
    func `an API that gives only what is later is sent one unit less`(
        format: CursorFormat, last: String, sent: String
    ) throws {
        var spec = CursorSpec(from: PollFixture.expression(".t"), format: format)
        spec.isStrict = true
        let plan = try PollFixture.plan(query: ["since": "${cursor}"], cursor: spec)
        let url = try PollFixture.machine(plan, cursor: CursorValue(last, format: format))
            .begin().request?.url
        #expect(url?.hasSuffix("?since=\(sent)") == true, "\(url ?? "")")
    }

    @Test func `an initial cursor is sent as requests carry it, not as records hold it`() throws {
        let plan = try PollFixture.plan(
            query: ["since": "${cursor}"],
            cursor: CursorSpec(
                from: PollFixture.expression(".t"),
                format: CursorFormat(.rfc3339, sent: .epochMilliseconds),
                initial: try PollFixture.template("2026-01-01T00:00:00Z")))
        let url = try PollFixture.machine(plan).begin().request?.url
        #expect(url?.hasSuffix("since=1767225600000") == true)
    }

    @Test func `an initial cursor is used at the first poll only`() throws {
        let plan = try PollFixture.plan(
            query: ["from": "${cursor}"],
            cursor: CursorSpec(
                from: PollFixture.expression(".n"), format: .integer,
                initial: try PollFixture.template("100")))
        #expect(
            try PollFixture.machine(plan).begin().request?.url.hasSuffix("from=100") == true)
        let cursor = CursorValue(format: .integer, position: 250)
        #expect(
            try PollFixture.machine(plan, cursor: cursor).begin().request?.url
                .hasSuffix("from=250") == true)
    }

    @Test func `basic credentials are sent as RFC 7617 says`() throws {
        let plan = try PollFixture.plan(
            auth: .basic(
                username: try PollFixture.template("Aladdin"),
                password: try PollFixture.template("${params.password}")),
            parameters: ["password": "open sesame"])
        #expect(try header("Authorization", plan) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test func `a bearer token that is absent sends no header`() throws {
        let auth = AuthSpec.bearer(try PollFixture.template("${params.token}"))
        #expect(try header("Authorization", PollFixture.plan(auth: auth)) == nil)
        let plan = try PollFixture.plan(auth: auth, parameters: ["token": "t"])
        #expect(try header("Authorization", plan) == "Bearer t")
    }

    @Test func `an API key goes where the API wants it`() throws {
        let value = try PollFixture.template("k&1")
        let inHeader = try PollFixture.plan(auth: .apiKey(in: .header, name: "X-Key", value: value))
        #expect(try header("X-Key", inHeader) == "k&1")
        let inCookie = try PollFixture.plan(auth: .apiKey(in: .cookie, name: "key", value: value))
        #expect(try header("Cookie", inCookie) == "key=k&1")
        let inQuery = try PollFixture.plan(auth: .apiKey(in: .query, name: "key", value: value))
        #expect(
            try PollFixture.machine(inQuery).begin().request?.url.hasSuffix("?key=k%261") == true)
    }

    @Test func `an API key of the query follows a next link that lacks it, and doubles in none`()
        throws
    {
        let plan = try PollFixture.plan(
            pages: PagesSpec(scheme: .nextURL(.body(PollFixture.expression(".next")))),
            auth: .apiKey(in: .query, name: "key", value: try PollFixture.template("k")))
        var machine = try PollFixture.machine(plan)
        _ = machine.begin()
        #expect(
            machine.page(PollFixture.facts(1, fields: ["?page=2"])).request?.url
                == "https://api.example.com/v1/orders?page=2&key=k")
        #expect(
            machine.page(PollFixture.facts(1, fields: ["?key=k&page=3"])).request?.url
                == "https://api.example.com/v1/orders?key=k&page=3")
    }

    @Test func `a JSON body leaves members out whose value is absent`() throws {
        let body = JSONTemplate.object([
            (name: "from", value: .text(try PollFixture.template("${page.after}"))),
            (name: "limit", value: .literal("10")),
        ])
        let plan = try PollFixture.plan(
            pages: PagesSpec(scheme: .keyset(PollFixture.expression(".id"), start: nil)),
            body: .json(body))
        var machine = try PollFixture.machine(plan)
        let first = try #require(machine.begin().request)
        #expect(first.method == .post && first.body == Array(#"{"limit":10}"#.utf8))
        #expect(first.headers.contains(HTTPField("Content-Type", "application/json")))
        let second = machine.page(PollFixture.facts(2, last: [#"a"b"#])).request
        #expect(second?.body == Array(#"{"from":"a\"b","limit":10}"#.utf8))
    }

    @Test func `a form is encoded, and leaves items out whose value is absent`() throws {
        let items = [
            NamedTemplate(name: "q[]", value: try PollFixture.template("a b&c=ü*~+")),
            NamedTemplate(name: "after", value: try PollFixture.template("${page.after}")),
        ]
        let plan = try PollFixture.plan(
            pages: PagesSpec(scheme: .keyset(PollFixture.expression(".id"), start: nil)),
            body: .form(items))
        var machine = try PollFixture.machine(plan)
        let first = try #require(machine.begin().request)
        #expect(first.method == .post)
        #expect(first.body == Array("q%5B%5D=a+b%26c%3D%C3%BC*%7E%2B".utf8))
        #expect(
            first.headers.contains(
                HTTPField("Content-Type", "application/x-www-form-urlencoded")))
        let second = machine.page(PollFixture.facts(2, last: ["7+1"])).request
        #expect(second?.body == Array("q%5B%5D=a+b%26c%3D%C3%BC*%7E%2B&after=7%2B1".utf8))
    }

    @Test func `a path that needs an absent parameter is refused in words`() throws {
        let plan = try PollFixture.plan(path: "/p/${params.project}")
        #expect(throws: PollError(code: .request, address: plan.address, message: "")) {
            try PollFixture.machine(plan)
        }
    }
}
