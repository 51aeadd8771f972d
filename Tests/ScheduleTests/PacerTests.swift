import PullcordModel
import PullcordSchedule
import PullcordTestSupport
import Testing

@Suite struct PacerTests {
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)
    private static let rules = PaceRules(
        least: .seconds(30), most: .seconds(3600), budget: 4 / 300, window: .seconds(86_400))

    /// Four streams that share a budget of one poll each in five minutes.
    private static func pacer(_ rules: PaceRules = rules) -> Pacer {
        var pacer = Pacer()
        for number in 0..<4 { pacer.add(StreamID(Int64(number)), rules) }
        return pacer
    }

    /// Polls all streams at their paces for a while; `changes` tells how many each poll finds.
    @discardableResult
    private static func poll(
        _ pacer: inout Pacer, from begin: Timestamp = start, hours: Int,
        requests: (_ stream: Int) -> Int = { _ in 1 },
        changes: (_ stream: Int, _ seconds: Double) -> Int
    ) -> Int {
        var due = Array(repeating: begin, count: 4)
        var last = due
        var polls = 0
        while let stream = due.indices.min(by: { due[$0] < due[$1] }),
            due[stream] < begin + .seconds(hours * 3600)
        {
            let now = due[stream]
            let count = changes(stream, (now - last[stream]) / .seconds(1))
            let pace = pacer.learn(
                StreamID(Int64(stream)), changes: count, requests: requests(stream), started: now)
            last[stream] = now
            due[stream] = now + (pace?.interval ?? .seconds(300))
            polls += 1
        }
        return polls
    }

    private static func seconds(_ pacer: Pacer, _ stream: Int) -> Int {
        let interval = pacer.pace(of: StreamID(Int64(stream)))?.interval ?? .zero
        return Int(interval / .seconds(1))
    }

    @Test func `streams of which nothing is known are polled alike`() {
        let pacer = Self.pacer()
        #expect((0..<4).map { Self.seconds(pacer, $0) } == [75, 150, 225, 300])
        var learning = pacer
        Self.poll(&learning, hours: 1) { _, _ in 0 }
        #expect((0..<4).allSatisfy { (280...320).contains(Self.seconds(learning, $0)) })
    }

    @Test func `what changes often is polled more often, and the budget is kept`() throws {
        var pacer = Self.pacer()
        let polls = Self.poll(&pacer, hours: 48) { stream, seconds in
            stream == 0 ? Int(seconds / 60) : 0
        }
        #expect(Self.seconds(pacer, 0) < 130)
        #expect(Self.seconds(pacer, 3) > 600)
        let budget = 48 * 3600 * 4 / 300
        #expect(abs(polls - budget) < budget / 20, "\(polls) of \(budget)")
        let pace = try #require(pacer.pace(of: StreamID(0)))
        #expect(pace.reason == .rate)
        #expect((1000...1700).contains(pace.changesPerDay))
    }

    @Test func `one that falls silent and one that wakes up change places`() {
        var pacer = Self.pacer()
        Self.poll(&pacer, hours: 24) { stream, seconds in stream == 0 ? Int(seconds / 60) : 0 }
        let noon = Self.start + .seconds(24 * 3600)
        Self.poll(&pacer, from: noon, hours: 3) { stream, seconds in
            stream == 3 ? Int(seconds / 60) : 0
        }
        #expect(Self.seconds(pacer, 3) < Self.seconds(pacer, 0))
    }

    @Test func `a stream whose polls cost more is polled less often`() {
        var pacer = Self.pacer()
        Self.poll(&pacer, hours: 48, requests: { $0 == 0 ? 9 : 1 }) { _, seconds in
            Int(seconds / 120)
        }
        #expect(Self.seconds(pacer, 0) > 2 * Self.seconds(pacer, 1))
    }

    @Test(arguments: [(0.0001, 40_000), (100, 30)])
    func `bounds hold, but a budget that is too small for the longest one`(
        budget: Double, expected: Int
    ) {
        let rules = PaceRules(least: .seconds(30), most: .seconds(3600), budget: budget)
        var pacer = Self.pacer(rules)
        Self.poll(&pacer, hours: 96) { _, _ in 1 }
        #expect((0..<4).allSatisfy { Self.seconds(pacer, $0) == expected })
    }

    @Test func `without a budget it is a poll of each in five minutes`() {
        let rules = PaceRules(least: .seconds(30), most: .seconds(3600))
        var pacer = Self.pacer(rules)
        let polls = Self.poll(&pacer, hours: 24, requests: { _ in 3 }) { stream, _ in
            stream == 0 ? 1 : 0
        }
        #expect(abs(polls - 24 * 12 * 4) < 24 * 12 * 4 / 10, "\(polls)")
    }

    @Test func `the smallest budget of those who share one holds`() {
        var pacer = Self.pacer()
        let small = PaceRules(least: .seconds(30), most: .seconds(86_400), budget: 1 / 600)
        pacer.add(StreamID(9), small)
        #expect(Self.seconds(pacer, 9) == 3000)
        pacer.remove(StreamID(9))
        pacer.add(StreamID(0), Self.rules)
        #expect(Self.seconds(pacer, 0) == 300)
        #expect(pacer.pace(of: StreamID(9)) == nil)
    }

    @Test func `what was learnt comes back from a text`() throws {
        var pacer = Self.pacer()
        Self.poll(&pacer, hours: 24) { stream, seconds in stream == 0 ? Int(seconds / 60) : 0 }
        var other = Pacer()
        for number in 0..<4 {
            let evidence = try #require(pacer.evidence(of: StreamID(Int64(number))))
            let read = try #require(ChangeEvidence(evidence.text))
            #expect(read.last == evidence.last)
            other.add(StreamID(Int64(number)), Self.rules, read)
        }
        #expect(Self.seconds(other, 0) < Self.seconds(other, 1))
        #expect(other.pace(of: StreamID(0))?.reason == .rate)
    }

    @Test(arguments: [
        "", "1", "2 - 1 0 0 0 0 0 0 0 0 0", "1 - 0 0 0 0 0 0 0 0 0 0",
        "1 - 1 0 0 0 0 0 0 0 0 nan", "1 - 1 0 0 1 0 0 0 0 0 0", "1 - 1 -1 0 0 0 0 0 0 0 0",
        "1 x 1 0 0 0 0 0 0 0 0 0", "1 - inf 0 0 0 0 0 0 0 0 0",
    ])
    func `a text that is something else is nothing`(text: String) {
        #expect(ChangeEvidence(text) == nil)
    }

    @Test func `a clock that jumps teaches nothing absurd`() {
        var pacer = Self.pacer()
        for step in [0, 300, -90_000, 600, 40_000_000, 900] {
            let pace = pacer.learn(
                StreamID(0), changes: 1, requests: 1, started: Self.start + .seconds(step))
            let interval = pace?.interval ?? .zero
            #expect(interval >= .seconds(30) && interval <= .seconds(3600))
        }
    }

    @Test(arguments: PaceWorld.Shape.allCases)
    func `changes are found much sooner where that can be, and never much later`(
        _ shape: PaceWorld.Shape
    ) {
        var world = PaceWorld(shape, lists: 100, days: 3, seed: 7)
        let result = world.run()
        #expect(result.ratio <= (shape.isHeavyTailed ? 0.6 : 1.2), "\(result)")
        #expect(result.spent < 1.03)
    }
}
