import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

@Suite
struct PagingTests {
    private func expression(_ text: String) -> ExpressionText { PollFixture.expression(text) }

    @Test func `a stream of one page ends with it`() throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        #expect(machine.begin().request?.url == "https://api.example.com/v1/orders")
        #expect(machine.page(PollFixture.facts(3)).isComplete)
        #expect(machine.pages == 1 && machine.records == 3)
    }

    @Test func `page numbers count up until a page is empty`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1), size: 2),
                query: ["page": "${page.number}", "size": "${page.size}"]))
        #expect(
            machine.begin().request?.url == "https://api.example.com/v1/orders?page=1&size=2")
        let second = machine.page(PollFixture.facts(2)).request?.url
        #expect(second == "https://api.example.com/v1/orders?page=2&size=2")
        let third = machine.page(PollFixture.facts(1)).request?.url
        #expect(third == "https://api.example.com/v1/orders?page=3&size=2")
        #expect(machine.page(PollFixture.facts(0)).isComplete)
    }

    @Test func `a short page ends a poll only where the adapter says so`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 0), size: 2, stops: [.short]),
                query: ["page": "${page.number}"]))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(2)).request != nil)
        #expect(machine.page(PollFixture.facts(1)).isComplete)
    }

    @Test func `an offset grows by the records that came, before any filter`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .offset(start: 0)), query: ["o": "${page.offset}"]))
        #expect(machine.begin().request?.url.hasSuffix("?o=0") == true)
        #expect(machine.page(PollFixture.facts(30)).request?.url.hasSuffix("?o=30") == true)
        #expect(machine.page(PollFixture.facts(12)).request?.url.hasSuffix("?o=42") == true)
        #expect(machine.page(PollFixture.facts(0)).isComplete)
    }

    @Test func `a token is left out of the first request and ends the poll when it is empty`()
        throws
    {
        for last in [nil, ""] as [String?] {
            var machine = try PollFixture.machine(
                PollFixture.plan(
                    pages: PagesSpec(scheme: .token(.body(expression(".next")))),
                    query: ["cursor": "${page.token}"]))
            #expect(machine.begin().request?.url == "https://api.example.com/v1/orders")
            let second = machine.page(PollFixture.facts(5, fields: ["a b+c"]))
            #expect(
                second.request?.url == "https://api.example.com/v1/orders?cursor=a%20b%2Bc")
            let end = machine.page(
                PollFixture.facts(5, fields: [last.flatMap { $0.isEmpty ? nil : $0 }]))
            #expect(end.isComplete)
        }
    }

    @Test func `a token may come in a header`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .token(.header("X-Next"))),
                query: ["cursor": "${page.token}"]))
        _ = machine.begin()
        let second = machine.page(PollFixture.facts(1), headers: [HTTPField("x-next", "t2")])
        #expect(second.request?.url.hasSuffix("cursor=t2") == true)
        #expect(machine.page(PollFixture.facts(1)).isComplete)
    }

    @Test(
        arguments: [
            (#"<https://api.example.com/v1/orders?page=2>; rel="next""#, "?page=2"),
            (#"<?page=2>; rel=next"#, "?page=2"),
            (#"</v1/orders?page=2&x=a,b>; title="a, b; rel=x"; rel="prev next""#, "?page=2&x=a,b"),
            (#"<x>; rel="prev", <orders?page=9>; REL="NEXT""#, "?page=9"),
        ])
    func `a Link header leads on`(header: String, suffix: String) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .link(relation: "next"))))
        _ = machine.begin()
        let second = machine.page(PollFixture.facts(1), headers: [HTTPField("Link", header)])
        #expect(second.request?.url == "https://api.example.com/v1/orders\(suffix)")
    }

    @Test(arguments: [#"<x>; rel="last""#, "rel=next", "<", #"<x>"#, ""])
    func `a Link header without that relation ends the poll`(header: String) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .link(relation: "next"))))
        _ = machine.begin()
        let end = machine.page(PollFixture.facts(1), headers: [HTTPField("Link", header)])
        #expect(end.isComplete)
    }

    @Test(
        arguments: [
            "https://evil.example.net/v1/orders?page=2", "http://api.example.com/v1/orders?page=2",
            "https://api.example.com:8443/x", "//evil.example.net/x",
        ])
    func `credentials never follow a link to another host, scheme or port`(url: String) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .nextURL(.body(expression(".next"))))))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(1, fields: [url])).error?.code == .foreignHost)
    }

    @Test(arguments: [
        "https://", "http://[::1", "https://user:pw@api.example.com/", "ftp://api.example.com/",
    ])
    func `a next address that is no plain web address is an error`(url: String) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .nextURL(.body(expression(".next"))))))
        _ = machine.begin()
        let error = try #require(machine.page(PollFixture.facts(1, fields: [url])).error)
        #expect([.nextPage, .foreignHost].contains(error.code))
    }

    @Test(arguments: [("https://api.example.com/v1/orders?page=2", true), ("", false)])
    func `the next address may stand in a header`(value: String, goesOn: Bool) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .nextURL(.header("Next-Page")))))
        _ = machine.begin()
        let step = machine.page(
            PollFixture.facts(1), headers: [HTTPField("next-page", value)])
        #expect(step.request?.url == (goesOn ? value : nil))
        #expect(step.isComplete == !goesOn)
    }

    @Test func `a link back to a page that was read is a loop`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(scheme: .nextURL(.body(expression(".next"))))))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(1, fields: ["?page=2"])).request != nil)
        let error = machine.page(PollFixture.facts(1, fields: ["/v1/orders"])).error
        #expect(error?.code == .pageLoop)
    }

    @Test func `a token that repeats is a loop`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .token(.body(expression(".next")))),
                query: ["cursor": "${page.token}"]))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(1, fields: ["t"])).request != nil)
        #expect(machine.page(PollFixture.facts(1, fields: ["t"])).error?.code == .pageLoop)
    }

    @Test func `more pages than allowed end the poll with an error, not with a cut list`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)), query: ["page": "${page.number}"],
                limits: LimitsSpec(pages: 3)))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(1)).request != nil)
        #expect(machine.page(PollFixture.facts(1)).request != nil)
        #expect(machine.page(PollFixture.facts(1)).error?.code == .pageBudget)
    }

    @Test(arguments: [("false", true), (nil, true), ("0", true), ("true", false), ("1", false)])
    func `a flag that there is more decides`(flag: String?, ends: Bool) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1), more: .body(expression(".more"))),
                query: ["page": "${page.number}"]))
        _ = machine.begin()
        let step = machine.page(PollFixture.facts(1, fields: [flag]))
        #expect(step.isComplete == ends)
    }

    @Test func `a flag that there is more makes a list of one page incomplete`() throws {
        let plan = try PollFixture.plan(pages: PagesSpec(more: .body(expression(".more"))))
        var cut = try PollFixture.machine(plan)
        _ = cut.begin()
        #expect(cut.page(PollFixture.facts(1, fields: ["true"])).error?.code == .incomplete)
        var whole = try PollFixture.machine(plan)
        _ = whole.begin()
        #expect(whole.page(PollFixture.facts(1, fields: ["false"])).isComplete)
    }

    @Test func `fewer records than the API itself counts are no complete scan`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .number(start: 1), size: 2, stops: [.short],
                    total: .body(expression(".total"))
                ),
                query: ["page": "${page.number}"]))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(2, fields: ["5"])).request != nil)
        #expect(machine.page(PollFixture.facts(1, fields: ["5"])).error?.code == .incomplete)
    }

    @Test func `a status that means past the end is no error behind the first page`() throws {
        let plan = try PollFixture.plan(
            pages: PagesSpec(scheme: .number(start: 1), endStatuses: [400, 404]),
            query: ["page": "${page.number}"])
        var machine = try PollFixture.machine(plan)
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(9)).request != nil)
        #expect(machine.status(400).isComplete)
        var first = try PollFixture.machine(plan)
        _ = first.begin()
        #expect(first.status(400).error?.code == .status)
    }

    @Test func `a server that repeats its last page is a loop`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)), query: ["page": "${page.number}"]))
        _ = machine.begin()
        // Two new records in front would send the page again too.
        for _ in 0...4 {
            #expect(machine.page(PollFixture.facts(2), body: "[1,2]").request != nil)
        }
        #expect(machine.page(PollFixture.facts(2), body: "[1,2]").error?.code == .pageLoop)
    }

    @Test func `a total that no page states makes a scan incomplete`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(pages: PagesSpec(total: .body(expression(".total")))))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(2, fields: [nil])).error?.code == .incomplete)
    }

    @Test func `a token may be sent in a header`() throws {
        var adapter = try PollFixture.plan(
            pages: PagesSpec(scheme: .token(.body(expression(".next")))))
        var stream = adapter.stream
        stream.request.headers = try PollFixture.items(["X-Page": "${page.token}"])
        adapter = try PollPlan(
            address: adapter.address, adapter: adapter.adapter, stream: stream,
            parameters: [:], rules: adapter.rules)
        var machine = try PollFixture.machine(adapter)
        _ = machine.begin()
        let second = machine.page(PollFixture.facts(1, fields: ["t2"])).request
        #expect(second?.headers.contains(HTTPField("X-Page", "t2")) == true)
    }

    /// A stream in the cursor's order, three records a page.
    private func ordered(_ scheme: PagesSpec.Scheme) throws -> PollMachine {
        try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: scheme),
                query: ["from": "${cursor}", "page": "${page.number}"],
                cursor: CursorSpec(
                    from: expression(".n"), format: .integer,
                    initial: try PollFixture.template("0"), isAscending: true)))
    }

    @Test func `pages in order are asked for from the cursor, so that none moves up unseen`()
        throws
    {
        var machine = try ordered(.number(start: 1))
        #expect(machine.begin().request?.url.hasSuffix("?from=0&page=1") == true)
        let second = machine.page(PollFixture.facts(3, cursor: 30)).request?.url
        #expect(second?.hasSuffix("?from=30&page=1") == true)
        let third = machine.page(PollFixture.facts(3, cursor: 50)).request?.url
        #expect(third?.hasSuffix("?from=50&page=1") == true)
        let fourth = machine.page(PollFixture.facts(1, cursor: 50)).request?.url
        #expect(fourth?.hasSuffix("?from=50&page=2") == true)
        #expect(machine.page(PollFixture.facts(0)).isComplete)
    }

    @Test func `a cursor sent in whole seconds does not make a filtering API look like none`()
        throws
    {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)),
                query: ["from": "${cursor}", "page": "${page.number}"],
                cursor: CursorSpec(from: expression(".t"), isAscending: true)))
        _ = machine.begin()
        let facts = { (text: String) in
            PageFacts(
                records: 3, fields: [], lastFields: [],
                orderedCursor: CursorValue(text, format: .rfc3339))
        }
        _ = machine.page(facts("2026-01-01T00:00:05.700Z"))
        // The second holds more than a page: it is paged through, and then left by a new start.
        let second = machine.page(facts("2026-01-01T00:00:05.150Z")).request?.url
        #expect(second?.hasSuffix("page=2") == true)
        let third = machine.page(facts("2026-01-01T00:00:06.200Z")).request?.url
        #expect(third?.hasSuffix("from=2026-01-01T00%3A00%3A06Z&page=1") == true)
    }

    @Test func `the same page again after a fresh start is no loop`() throws {
        var machine = try ordered(.number(start: 1))
        _ = machine.begin()
        _ = machine.page(PollFixture.facts(1, cursor: 30), body: "[30]")
        let next = machine.page(PollFixture.facts(1, cursor: 30), body: "[30]").request?.url
        #expect(next?.hasSuffix("?from=30&page=2") == true)
        #expect(machine.page(PollFixture.facts(0), body: "[]").isComplete)
    }

    @Test func `a page full of one cursor value is followed by the next page`() throws {
        var machine = try ordered(.number(start: 1))
        _ = machine.begin()
        _ = machine.page(PollFixture.facts(3, cursor: 30))
        let same = machine.page(PollFixture.facts(3, cursor: 30)).request?.url
        #expect(same?.hasSuffix("?from=30&page=2") == true)
        let next = machine.page(PollFixture.facts(3, cursor: 60)).request?.url
        #expect(next?.hasSuffix("?from=60&page=1") == true)
    }

    @Test func `an API that does not filter by the cursor is paged as it is`() throws {
        var machine = try ordered(.number(start: 1))
        _ = machine.begin()
        _ = machine.page(PollFixture.facts(3, cursor: 30))
        _ = machine.page(PollFixture.facts(3, cursor: 30))
        let restarted = machine.page(PollFixture.facts(3, cursor: 60)).request?.url
        #expect(restarted?.hasSuffix("?from=60&page=1") == true)
        // The first page comes again, with values from before: it starts no third time.
        let second = machine.page(PollFixture.facts(3, cursor: 30)).request?.url
        #expect(second?.hasSuffix("?from=60&page=2") == true)
        let third = machine.page(PollFixture.facts(3, cursor: 90)).request?.url
        #expect(third?.hasSuffix("?from=60&page=3") == true)
    }

    @Test func `a keyset goes on behind the last record and ends when nothing new comes`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .keyset(expression(".id"), start: nil), size: 3),
                query: ["after": "${page.after}"]))
        #expect(machine.begin().request?.url == "https://api.example.com/v1/orders")
        #expect(
            machine.page(PollFixture.facts(3, last: ["7"])).request?.url.hasSuffix("after=7")
                == true)
        #expect(machine.page(PollFixture.facts(1, last: ["7"])).isComplete)
    }

    @Test func `a full page of one keyset value is an error, never an early end`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .keyset(expression(".time"), start: nil), size: 3),
                query: ["from": "${page.after}"]))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(3, last: ["noon"])).request != nil)
        #expect(machine.page(PollFixture.facts(3, last: ["noon"])).error?.code == .pageLoop)
    }
}
