import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// Pages of which headers say how many there are.
@Suite struct StatedHeaderTests {
    private func machine(_ pages: PagesSpec) throws -> PollMachine {
        try PollFixture.machine(
            PollFixture.plan(pages: pages, query: ["page": "${page.number}"]))
    }

    @Test(
        arguments: [
            ("false", true), ("False", true), ("0", true), ("True", false), (nil, true),
            (" ", true), ("true", false), ("2", false),
        ])
    func `a header says whether there is more`(flag: String?, ends: Bool) throws {
        var machine = try machine(
            PagesSpec(scheme: .number(start: 1), more: .header("X-More")))
        let headers = flag.map { [HTTPField("x-more", $0)] } ?? []
        #expect(machine.page(PollFixture.facts(1), headers: headers).isComplete == ends)
    }

    @Test(arguments: [("2", true), ("1", true), ("3", false), ("many", false), (nil, false)])
    func `a scan is complete if it has read what a header counts`(
        total: String?, isWhole: Bool
    ) throws {
        var machine = try machine(
            PagesSpec(scheme: .number(start: 1), total: .header("X-WP-Total")))
        let headers = total.map { [HTTPField("X-WP-Total", $0)] } ?? []
        _ = machine.page(PollFixture.facts(2), headers: headers)
        let end = machine.page(PollFixture.facts(0), headers: headers)
        #expect(end.isComplete == isWhole)
        #expect((end.error?.code == .incomplete) == !isWhole)
    }

    @Test func `what the body says beside it keeps its place`() throws {
        let pages = PagesSpec(
            scheme: .token(.body(PollFixture.expression(".next"))), more: .header("X-More"),
            total: .body(PollFixture.expression(".total")))
        let plan = try PollFixture.plan(pages: pages, query: ["t": "${page.token}"])
        #expect(plan.pageFields.map(\.text) == [".next", ".total"])
        var machine = try PollFixture.machine(plan)
        _ = machine.begin()
        let more = [HTTPField("X-More", "true")]
        let next = machine.page(PollFixture.facts(1, fields: ["a", "2"]), headers: more)
        #expect(next.request?.url.hasSuffix("t=a") == true)
        #expect(machine.page(PollFixture.facts(1, fields: ["b", "2"])).isComplete)
    }
}
