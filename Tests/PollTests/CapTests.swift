import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

@Suite struct CapTests {
    /// A stream that begins at second 0 and is polled at second 1000, at most 4 records a filter.
    private func machine(total: Bool = false) throws -> PollMachine {
        let plan = try PollFixture.plan(
            pages: PagesSpec(
                scheme: .number(start: 1),
                total: total ? .body(PollFixture.expression(".total")) : nil,
                cap: 4),
            query: [
                "s": "${cursor}", "u": "${cursor.until}", "p": "${page.number}",
            ],
            cursor: CursorSpec(
                from: PollFixture.expression(".t"), format: .epochSeconds,
                initial: try PollFixture.template("0")))
        return try PollMachine(
            plan: plan,
            start: PollStart(
                cursor: nil, validators: nil, time: Timestamp(milliseconds: 1_000_000)))
    }

    private func query(_ step: PollMachine.Step) -> String? {
        step.request?.url.split(separator: "?").last.map(String.init)
    }

    @Test func `what is not in order is halved until each half fits, and both halves are read`()
        throws
    {
        var machine = try machine()
        #expect(query(machine.begin()) == "s=0&u=1000&p=1")
        #expect(query(machine.page(PollFixture.facts(2), body: "[1]")) == "s=0&u=1000&p=2")
        #expect(query(machine.page(PollFixture.facts(2), body: "[2]")) == "s=0&u=500&p=1")
        #expect(machine.isFreshStart)
        #expect(query(machine.page(PollFixture.facts(3), body: "[3]")) == "s=0&u=500&p=2")
        #expect(query(machine.page(PollFixture.facts(0), body: "[]")) == "s=500&u=1000&p=1")
        #expect(query(machine.page(PollFixture.facts(4), body: "[4]")) == "s=500&u=750&p=1")
        #expect(query(machine.page(PollFixture.facts(0), body: "[]")) == "s=750&u=1000&p=1")
        #expect(machine.page(PollFixture.facts(0), body: "[]").isComplete)
    }

    @Test func `a total over the cap is enough to halve at the first page`() throws {
        var machine = try machine(total: true)
        _ = machine.begin()
        let step = machine.page(PollFixture.facts(2, fields: ["9"]), body: "[1]")
        #expect(query(step) == "s=0&u=500&p=1")
        // Each half is counted by itself.
        let second = machine.page(PollFixture.facts(0, fields: ["0"]), body: "[]")
        #expect(query(second) == "s=500&u=1000&p=1")
        #expect(machine.page(PollFixture.facts(0, fields: ["0"]), body: "[]").isComplete)
    }

    @Test func `a half with fewer records than its total is no complete scan`() throws {
        var machine = try machine(total: true)
        _ = machine.begin()
        _ = machine.page(PollFixture.facts(2, fields: ["9"]), body: "[1]")
        #expect(
            machine.page(PollFixture.facts(0, fields: ["3"]), body: "[]").error?.code == .incomplete
        )
    }

    @Test func `a part that cannot be halved any more is a named error`() throws {
        var machine = try machine()
        var step = machine.begin()
        var count = 0
        while step.request != nil, count < 100 {
            step = machine.page(PollFixture.facts(4), body: "[\(count)]")
            count += 1
        }
        #expect(step.error?.code == .resultCap)
        #expect(step.error?.message.contains("from 0 to 1 ") == true)
        #expect(count == 10)
    }

    @Test func `a stream without a cursor says that it is not all`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .offset(start: 0), cap: 4),
                query: ["o": "${page.offset}"]))
        _ = machine.begin()
        let error = machine.page(PollFixture.facts(4)).error
        #expect(error?.code == .resultCap)
        #expect(error?.hint.contains("cursor") == true)
    }

    @Test
    func `a keyset of two fields goes on behind both, and is stuck only where both are equal`()
        throws
    {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .keyset(
                        PollFixture.expression(".t"), then: PollFixture.expression(".id"),
                        start: nil), size: 2),
                query: ["a": "${page.after}", "t": "${page.then}"]))
        _ = machine.begin()
        #expect(query(machine.page(PollFixture.facts(2, last: ["5", "1"]))) == "a=5&t=1")
        #expect(query(machine.page(PollFixture.facts(2, last: ["5", "2"]))) == "a=5&t=2")
        #expect(machine.page(PollFixture.facts(2, last: ["5", "2"])).error?.code == .pageLoop)
    }

    @Test(arguments: [["5", nil], [nil, "1"]] as [[String?]])
    func `a keyset of two fields needs both`(last: [String?]) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .keyset(
                        PollFixture.expression(".t"), then: PollFixture.expression(".id"),
                        start: nil)),
                query: ["a": "${page.after}", "t": "${page.then}"]))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(2, last: last)).error?.code == .nextPage)
    }

    @Test(arguments: ["[1]", "\"x\"", "7", "{\"a\":[1]}"])
    func `a continuation that no query can carry is an error`(text: String) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .merged(PollFixture.expression(".c"), into: .query))))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(1, fields: [text])).error?.code == .nextPage)
    }

    @Test func `a continuation that repeats is a loop, and an empty one the end`() throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .merged(PollFixture.expression(".c"), into: .query))))
        _ = machine.begin()
        let second = machine.page(PollFixture.facts(1, fields: [#"{"a":"x y","b":2,"c":true}"#]))
        #expect(query(second) == "a=x%20y&b=2&c=true")
        var other = machine
        #expect(other.page(PollFixture.facts(1, fields: ["{}"])).isComplete)
        let again = machine.page(PollFixture.facts(1, fields: [#"{"a":"x y","b":2,"c":true}"#]))
        #expect(again.error?.code == .pageLoop)
    }

    @Test(arguments: [PagesSpec.Stop.empty, .short])
    func `a page that the adapter calls the last is, whatever it links to`(
        stop: PagesSpec.Stop
    ) throws {
        var machine = try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(
                    scheme: .nextURL(.body(PollFixture.expression(".next"))), size: 2, stops: [stop]
                )))
        _ = machine.begin()
        #expect(machine.page(PollFixture.facts(2, fields: ["?p=2"])).request != nil)
        let count = stop == .empty ? 0 : 1
        #expect(machine.page(PollFixture.facts(count, fields: ["?p=3"])).isComplete)
    }
}
