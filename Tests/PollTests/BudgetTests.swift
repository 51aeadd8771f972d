import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTestSupport
import Testing

/// A budget with people who ask, on a clock that the test moves.
private struct Counter {
    var budget: Budget
    var now: Duration = .zero
    var granted: [(ticket: Budget.Ticket, at: Duration, cost: Int)] = []

    init(_ spec: BudgetSpec) { budget = Budget(spec) }

    /// Lets through whom it may and moves the clock until the line is empty or stands still.
    mutating func serve(
        until end: Duration = .seconds(1_000_000), cost: Int = 1,
        _ finish: (Budget.Ticket) -> LimitSight? = { _ in nil }
    ) {
        while let first = budget.first {
            switch budget.verdict(first, now: now) {
            case .go:
                granted.append((first, now, cost))
                budget.finish(first, finish(first), now: now)
            case .wait(let instant):
                #expect(instant > now)
                guard instant <= end, instant > now else { return }
                now = instant
            case .stand: return
            }
        }
    }

    /// The greatest sum of costs within any span of that length.
    func peak(within window: Duration) -> Int {
        var (peak, sum, start) = (0, 0, 0)
        for end in granted.indices {
            sum += granted[end].cost
            while granted[end].at - granted[start].at >= window {
                sum -= granted[start].cost
                start += 1
            }
            peak = max(peak, sum)
        }
        return peak
    }
}

@Suite
struct BudgetTests {
    private static func spec(_ rates: (Int, Duration)..., concurrency: Int? = nil) -> BudgetSpec {
        BudgetSpec(
            rates: rates.map { .init(count: $0.0, window: $0.1) }, concurrency: concurrency)
    }

    @Test func `without bounds everybody may ask at once`() {
        var counter = Counter(BudgetSpec())
        for _ in 0..<1000 { _ = counter.budget.ask(cost: 1) }
        counter.serve()
        #expect(counter.granted.count == 1000 && counter.now == .zero)
    }

    @Test(
        arguments: [
            (1, Duration.seconds(1), 20), (10, .seconds(1), 95), (60, .seconds(3600), 200),
            (5000, .seconds(3600), 12_000), (3, .milliseconds(1), 10),
        ])
    func `a rate is never exceeded in any window, and nearly used up`(
        count: Int, window: Duration, requests: Int
    ) {
        var counter = Counter(Self.spec((count, window)))
        for _ in 0..<requests { _ = counter.budget.ask(cost: 1) }
        counter.serve()
        #expect(counter.granted.count == requests)
        #expect(counter.peak(within: window) <= count)
        let windows = (requests + count - 1) / count
        #expect(counter.now <= window * windows * 1.05)
    }

    @Test func `two rates hold together`() {
        var counter = Counter(Self.spec((10, .seconds(1)), (50, .seconds(60))))
        for _ in 0..<120 { _ = counter.budget.ask(cost: 1) }
        counter.serve()
        #expect(counter.peak(within: .seconds(1)) <= 10)
        #expect(counter.peak(within: .seconds(60)) <= 50)
        #expect(counter.granted.count == 120)
    }

    @Test func `what shares a budget is bound by all its adapters`() {
        var counter = Counter(Self.spec((1000, .seconds(1)), concurrency: 4))
        counter.budget.join(Self.spec((5, .seconds(1)), concurrency: 2))
        let tickets = (0..<10).map { _ in counter.budget.ask(cost: 1) }
        #expect(counter.budget.verdict(tickets[0], now: .zero) == .go)
        _ = counter.budget.verdict(tickets[1], now: .seconds(5))
        #expect(counter.budget.verdict(tickets[2], now: .seconds(10)) == .stand)
    }

    @Test func `nobody overtakes, and who leaves keeps nobody waiting`() {
        var counter = Counter(Self.spec((1, .seconds(1))))
        let tickets = (0..<5).map { _ in counter.budget.ask(cost: 1) }
        #expect(counter.budget.verdict(tickets[1], now: .zero) == .stand)
        counter.budget.withdraw(tickets[0])
        counter.budget.withdraw(tickets[2])
        counter.serve()
        #expect(counter.granted.map(\.ticket) == [tickets[1], tickets[3], tickets[4]])
    }

    @Test func `only so many are under way`() {
        var budget = Budget(Self.spec(concurrency: 2))
        let tickets = (0..<3).map { _ in budget.ask(cost: 1) }
        #expect(budget.verdict(tickets[0], now: .zero) == .go)
        #expect(budget.verdict(tickets[1], now: .zero) == .go)
        #expect(budget.verdict(tickets[2], now: .zero) == .stand)
        budget.finish(tickets[0], nil, now: .zero)
        #expect(budget.verdict(tickets[2], now: .zero) == .go)
    }

    @Test func `a refusal closes the budget for all, and they come back one by one`() throws {
        var counter = Counter(BudgetSpec())
        let first = counter.budget.ask(cost: 1)
        #expect(counter.budget.verdict(first, now: .zero) == .go)
        counter.budget.finish(
            first, LimitSight(refusal: .init(wait: .seconds(600))), now: .zero)
        for _ in 0..<1000 { _ = counter.budget.ask(cost: 1) }
        counter.serve()
        let times = counter.granted.map(\.at)
        #expect(times.first == .seconds(600))
        // A tenth of the closure, a minute at most.
        let last = try #require(times.last)
        #expect(last > .seconds(640) && last <= .seconds(660))
        for second in 600..<660 {
            let span = Duration.seconds(second)..<Duration.seconds(second + 1)
            #expect(times.count { span.contains($0) } <= 20)
        }
    }

    @Test func `a window that is full is not followed by a burst`() {
        var counter = Counter(Self.spec((3600, .seconds(3600))))
        for _ in 0..<7200 { _ = counter.budget.ask(cost: 1) }
        counter.serve()
        let times = counter.granted.map(\.at)
        let reopened = times[3600]
        #expect(reopened >= .seconds(3600))
        #expect(times.count { $0 >= reopened && $0 < reopened + .seconds(60) } <= 130)
    }

    @Test func `refusals that say nothing close it longer and longer`() {
        var budget = Budget(BudgetSpec())
        var now = Duration.zero
        for wait in [1, 2, 4, 8] {
            let ticket = budget.ask(cost: 1)
            #expect(budget.verdict(ticket, now: now) == .go)
            budget.finish(ticket, LimitSight(refusal: .init(wait: nil)), now: now)
            let next = budget.ask(cost: 1)
            #expect(budget.verdict(next, now: now) == .wait(until: now + .seconds(wait)))
            budget.withdraw(next)
            now += .seconds(wait + 100)
        }
    }

    @Test func `it stops before the reserve, counting those under way`() {
        var spec = BudgetSpec(reserve: .count(10))
        spec.concurrency = 100
        var budget = Budget(spec)
        let tickets = (0..<20).map { _ in budget.ask(cost: 1) }
        #expect(budget.verdict(tickets[0], now: .zero) == .go)
        #expect(budget.verdict(tickets[1], now: .zero) == .go)
        budget.finish(tickets[0], LimitSight(remaining: 14, reset: .seconds(30)), now: .zero)
        // 14, less the one under way, less ten: three may go.
        for ticket in tickets[2...4] { #expect(budget.verdict(ticket, now: .zero) == .go) }
        #expect(budget.verdict(tickets[5], now: .zero) == .wait(until: .seconds(30)))
        #expect(budget.verdict(tickets[5], now: .seconds(30)) == .go)
    }

    @Test func `a cost that was higher than thought slows those who follow`() {
        var budget = Budget(Self.spec((100, .seconds(10))))
        let first = budget.ask(cost: 1)
        #expect(budget.verdict(first, now: .zero) == .go)
        budget.finish(first, LimitSight(cost: 100), now: .zero)
        let second = budget.ask(cost: 1)
        guard case .wait(let instant) = budget.verdict(second, now: .seconds(1)) else {
            Issue.record("nothing is left")
            return
        }
        #expect(instant >= .seconds(10))
    }

    @Test func `a request dearer than a window goes alone, not never`() {
        var counter = Counter(Self.spec((10, .seconds(1))))
        for _ in 0..<3 { _ = counter.budget.ask(cost: 50) }
        counter.serve(cost: 10)
        #expect(counter.granted.count == 3 && counter.peak(within: .seconds(1)) <= 10)
    }

    @Test func `ten thousand random schedules: never over, never stuck, nobody left behind`() {
        for seed in 0..<10_000 {
            var random = SeededRandom(seed: UInt64(seed))
            Self.play(&random, seed: seed)
        }
    }

    /// One random life of a budget: people come, leave, ask, are refused, and time goes on.
    private static func play(_ random: inout SeededRandom, seed: Int) {
        let rates = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            BudgetSpec.Rate(
                count: Int.random(in: 1...30, using: &random),
                window: .milliseconds(Int.random(in: 1...20_000, using: &random)))
        }
        let concurrency = Bool.random(using: &random) ? Int.random(in: 1...5, using: &random) : nil
        var counter = Counter(BudgetSpec(rates: rates, concurrency: concurrency))
        var line: [Budget.Ticket] = []
        var underWay: [Budget.Ticket] = []
        var asked = 0
        for _ in 0..<60 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                line.append(counter.budget.ask(cost: 1))
                asked += 1
            case 4 where !line.isEmpty:
                let index = Int.random(in: 0..<line.count, using: &random)
                counter.budget.withdraw(line.remove(at: index))
                asked -= 1
            case 5, 6:
                guard !underWay.isEmpty else { continue }
                let ticket = underWay.removeFirst()
                counter.budget.finish(ticket, sight(&random), now: counter.now)
            case 7:
                counter.now += .milliseconds(Int.random(in: 0...3000, using: &random))
            default:
                guard let first = line.first else { continue }
                guard counter.budget.verdict(first, now: counter.now) == .go else { continue }
                underWay.append(line.removeFirst())
                counter.granted.append((first, counter.now, 1))
            }
            #expect(counter.budget.first == line.first, "seed \(seed)")
            #expect(underWay.count <= concurrency ?? .max, "seed \(seed)")
        }
        for ticket in underWay { counter.budget.finish(ticket, nil, now: counter.now) }
        counter.serve()
        #expect(counter.granted.count == asked, "seed \(seed)")
        for rate in rates {
            #expect(counter.peak(within: rate.window) <= rate.count, "seed \(seed)")
        }
    }

    private static func sight(_ random: inout SeededRandom) -> LimitSight? {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: nil
        case 1: LimitSight()
        case 2:
            LimitSight(
                remaining: Int.random(in: 0...20, using: &random),
                reset: .milliseconds(Int.random(in: 0...60_000, using: &random)))
        default:
            LimitSight(
                refusal: .init(
                    wait: Bool.random(using: &random)
                        ? .milliseconds(Int.random(in: 0...60_000, using: &random)) : nil))
        }
    }
}
