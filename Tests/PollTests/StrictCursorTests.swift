import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// Streams in order, of an API that gives only what is later than the cursor.
@Suite struct StrictCursorTests {
    private func machine(
        _ format: CursorFormat = .integer, cap: Int? = nil
    ) throws -> PollMachine {
        var spec = CursorSpec(
            from: PollFixture.expression(".n"), format: format,
            initial: try PollFixture.template("0"), isAscending: true)
        spec.isStrict = true
        return try PollFixture.machine(
            PollFixture.plan(
                pages: PagesSpec(scheme: .number(start: 1), cap: cap),
                query: ["after": "${cursor}", "page": "${page.number}"], cursor: spec))
    }

    private func query(_ step: PollMachine.Step) -> String? {
        step.request?.url.split(separator: "?").last.map(String.init)
    }

    @Test func `each page is asked for so that what ties with the last one comes too`() throws {
        var machine = try machine()
        // What the file says is sent as it stands.
        #expect(query(machine.begin()) == "after=0&page=1")
        #expect(query(machine.page(PollFixture.facts(3, cursor: 30))) == "after=29&page=1")
        #expect(query(machine.page(PollFixture.facts(3, cursor: 50))) == "after=49&page=1")
        #expect(query(machine.page(PollFixture.facts(3, cursor: 50))) == "after=49&page=2")
        #expect(query(machine.page(PollFixture.facts(3, cursor: 51))) == "after=50&page=1")
        #expect(query(machine.page(PollFixture.facts(1, cursor: 51))) == "after=50&page=2")
        #expect(machine.page(PollFixture.facts(0)).isComplete)
    }

    @Test func `a part behind a cap begins at the last value, too`() throws {
        var machine = try machine(cap: 4)
        _ = machine.begin()
        #expect(query(machine.page(PollFixture.facts(4, cursor: 9))) == "after=8&page=1")
        #expect(query(machine.page(PollFixture.facts(2, cursor: 10))) == "after=9&page=1")
    }

    @Test func `what comes again below the last value does not look like an unfiltered list`()
        throws
    {
        var machine = try machine(.epochSeconds)
        let facts = { (text: String) in
            PageFacts(
                records: 3, fields: [], lastFields: [],
                orderedCursor: CursorValue(text, format: .epochSeconds))
        }
        _ = machine.begin()
        #expect(query(machine.page(facts("100"))) == "after=99&page=1")
        #expect(query(machine.page(facts("100"))) == "after=99&page=2")
        #expect(query(machine.page(facts("120"))) == "after=119&page=1")
    }
}
