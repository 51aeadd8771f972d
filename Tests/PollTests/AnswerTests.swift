import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

@Suite
struct AnswerTests {
    @Test(
        arguments: [
            (301, PollError.Code.redirect), (302, .redirect), (304, .redirect), (400, .status),
            (401, .unauthorized), (403, .unauthorized), (404, .status), (410, .status),
            (418, .status), (501, .status), (600, .status),
        ])
    func `an answer that will not get better fails at once`(status: Int, code: PollError.Code)
        throws
    {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        #expect(machine.status(status, body: "no").error?.code == code)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func `an answer that may get better is asked for again, with longer and longer pauses`(
        status: Int
    ) throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        for seconds in [1, 2, 4] {
            #expect(machine.status(status).pause == .seconds(seconds))
            #expect(machine.waited().request?.url == "https://api.example.com/v1/orders")
        }
        #expect(machine.status(status).error != nil)
    }

    @Test func `a success gives the next page all its attempts back`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)), query: ["p": "${page.number}"]))
        _ = machine.begin()
        for _ in 0..<3 {
            #expect(machine.status(500).pause != nil)
            _ = machine.waited()
        }
        #expect(machine.page(PollFixture.facts(1)).request != nil)
        #expect(machine.status(500).pause == .seconds(1))
    }

    @Test func `Retry-After is never undercut, and one too long ends the poll with it`() throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        #expect(machine.status(503, [HTTPField("Retry-After", "120")]).pause == .seconds(120))
        _ = machine.waited()
        let error = machine.status(429, [HTTPField("Retry-After", "3600")]).error
        #expect(error?.code == .rateLimited && error?.retryAfter == .seconds(3600))
    }

    @Test func `jitter lengthens a pause by a fifth at most`() throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        let step = machine.answered(
            PollFixture.answer(500), now: PollFixture.start, jitter: 1)
        #expect(step.pause == .milliseconds(1200))
    }

    @Test func `a 403 with nothing left is a limit, not a refusal`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                limits: LimitsSpec(
                    remaining: ValueReading(.header("X-Left"), as: .count),
                    reset: ValueReading(.header("X-Reset"), as: .epochSeconds))))
        _ = machine.begin()
        let reset = String(PollFixture.start.seconds + 60)
        let step = machine.status(403, [HTTPField("x-left", "0"), HTTPField("x-reset", reset)])
        #expect(step.pause == .seconds(60))
    }

    @Test func `the next page waits for the reset when nothing is left`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)), query: ["p": "${page.number}"],
                limits: LimitsSpec(
                    remaining: ValueReading(.header("X-Left"), as: .count),
                    reset: ValueReading(.header("X-Reset"), as: .seconds))))
        _ = machine.begin()
        let step = machine.page(
            PollFixture.facts(1), headers: [HTTPField("X-Left", "0"), HTTPField("X-Reset", "30")])
        #expect(step.pause == .seconds(30))
        #expect(machine.waited().request?.url.hasSuffix("p=2") == true)
    }

    @Test func `a web page is no list, whatever its status says`() throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        let step = machine.status(
            200, [HTTPField("Content-Type", "text/html; charset=utf-8")], body: "<h1>Log in</h1>")
        // It may be a passing fault of a proxy, so it is asked for again before it counts.
        #expect(step.pause == .seconds(1))
        var last = step
        for _ in 1..<4 {
            _ = machine.waited()
            last = machine.status(
                200, [HTTPField("Content-Type", "text/html")], body: "<h1>Log in</h1>")
        }
        #expect(last.error?.code == .notData)
    }

    @Test(
        arguments: [
            (TransferError.Code.dns, true), (.connect, true), (.tls, true), (.timeoutTotal, true),
            (.reset, true), (.truncated, true), (.refusedAddress, false), (.bodyTooLarge, false),
            (.invalidURL, false), (.stopped, false),
        ])
    func `a network that may get better is asked again, a refusal of ours is not`(
        code: TransferError.Code, isRetried: Bool
    ) throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        let error = TransferError(code: code, url: "https://x", phase: .connect, message: "no")
        let step = machine.answered(.failure(error), now: PollFixture.start, jitter: 0)
        #expect((step.pause != nil) == isRetried)
        #expect((step.error != nil) == !isRetried)
    }

    @Test func `validators of a single page are kept and sent with the same request`() throws {
        let plan = try PollFixture.plan()
        var machine = try PollFixture.machine(plan)
        _ = machine.begin()
        let step = machine.page(
            PollFixture.facts(1), headers: [HTTPField("ETag", #"W/"a""#)])
        guard case .end(.complete(let validators, _)) = step else {
            Issue.record("not complete: \(step)")
            return
        }
        var second = try PollFixture.machine(plan, validators: validators)
        let headers = try #require(second.begin().request?.headers)
        #expect(headers.contains(HTTPField("If-None-Match", #"W/"a""#)))
        guard case .end(.notModified) = second.status(304) else {
            Issue.record("304 was not understood")
            return
        }
    }

    @Test(
        arguments: [
            ("Sat, 31 Jan 2026 09:30:00 GMT", "Sat, 31 Jan 2026 09:30:00 GMT", false),
            ("Sat, 31 Jan 2026 09:30:00 GMT", "Sat, 31 Jan 2026 09:30:01 GMT", true),
            ("Sat, 31 Jan 2026 09:30:00 GMT", "", false), ("nonsense", "nonsense", false),
        ])
    func `a date alone is a validator only if the second it stands for is over`(
        modified: String, date: String, isKept: Bool
    ) throws {
        var machine = try PollFixture.machine(PollFixture.plan())
        _ = machine.begin()
        let step = machine.page(
            PollFixture.facts(1),
            headers: [HTTPField("Last-Modified", modified), HTTPField("Date", date)])
        guard case .end(.complete(let validators, _)) = step else {
            Issue.record("not complete: \(step)")
            return
        }
        #expect((validators != nil) == isKept)
    }

    @Test func `validators are not kept when there was a second page`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1)), query: ["p": "${page.number}"]))
        _ = machine.begin()
        _ = machine.page(PollFixture.facts(1), headers: [HTTPField("ETag", #""a""#)])
        let step = machine.page(PollFixture.facts(0), headers: [HTTPField("ETag", #""b""#)])
        guard case .end(.complete(let validators, _)) = step else {
            Issue.record("not complete: \(step)")
            return
        }
        #expect(validators == nil)
    }

    @Test func `validators of another request are not sent`() throws {
        let validators = Validators(
            entityTag: #""a""#, lastModified: nil, request: Fingerprint(high: 9, low: 9))
        let machine = try PollFixture.machine(PollFixture.plan(), validators: validators)
        let headers = try #require(machine.begin().request?.headers)
        #expect(!headers.contains { $0.name == "If-None-Match" })
    }
}
