import Foundation
import HeapModule
import PullcordModel
import PullcordSchedule

/// Lists that change by themselves, polled by even intervals and by a ``Pacer`` with equal budgets.
///
/// Everything is made of a seed: the same one gives the same figures.
package struct PaceWorld: Sendable {
    /// How the lists change.
    package enum Shape: String, Sendable, CaseIterable {
        /// Rates by Zipf's law, exponent 1.5: few lists have most of the changes.
        case zipf
        /// Rates by a Pareto distribution of exponent 2/3, drawn at random.
        case pareto
        /// Gaps between changes by a Pareto distribution: bursts, and long silences.
        case bursts
        /// As `zipf`, and each day the busiest tenth falls silent and another one wakes up.
        case waking
        /// All lists change equally often, by chance: nothing can be learnt.
        case even
        /// One list alone, changing in bursts.
        case single
        /// Each change comes to the list that is polled most rarely at that moment.
        case adversary
        /// As `zipf`, and all rates change places every two hours.
        case shuffled

        /// Whether changes are spread so unevenly that there is much to gain.
        package var isHeavyTailed: Bool {
            switch self {
            case .zipf, .pareto, .bursts: true
            case .waking, .even, .single, .adversary, .shuffled: false
            }
        }
    }

    package struct Result: Sendable {
        /// The mean delay of a change until it is found, in seconds.
        package let paced: Double
        /// The same by even intervals with as many requests.
        package let even: Double
        /// Requests that were made, as a share of the budget.
        package let spent: Double
        package let changes: Int

        package var ratio: Double { paced / even }
    }

    private struct Turn: Comparable, Sendable {
        let time: Double
        let list: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.time, left.list) < (right.time, right.list)
        }
    }

    package let shape: Shape
    package let lists: Int
    package let days: Double
    /// The even interval in seconds that the budget allows for.
    package static let even = 300.0
    private var random: SeededRandom

    package init(_ shape: Shape, lists: Int, days: Double, seed: UInt64) {
        self.shape = shape
        self.lists = shape == .single ? 1 : lists
        self.days = days
        random = SeededRandom(seed: seed)
    }

    private var end: Double { days * 86_400 }

    package mutating func run() -> Result {
        var changes = (0..<lists).map { _ in [Double]() }
        if shape != .adversary { changes = makeChanges() }
        let budget = Double(lists) / Self.even
        var pacer = Pacer()
        let rules = PaceRules(
            least: .seconds(15), most: .seconds(6 * 3600), budget: budget,
            window: .seconds(86_400))
        for list in 0..<lists { pacer.add(StreamID(Int64(list)), rules) }
        let (paced, requests) = poll(&changes, &pacer)
        let count = changes.reduce(0) { $0 + $1.count { $0 < end } }
        // As many requests as were made, at even distances.
        let interval = Double(lists) * end / Double(requests)
        var even = 0.0
        for (list, times) in changes.enumerated() {
            let offset = interval * Double(list) / Double(lists)
            for time in times where time < end {
                let turn = ((time - offset) / interval).rounded(.up)
                even += min(offset + turn * interval, end) - time
            }
        }
        let found = Double(max(1, count))
        return Result(
            paced: paced / found, even: even / found,
            spent: Double(requests) / (budget * end), changes: count)
    }

    /// Polls until the end; the sum of all delays, and how many polls it took.
    private mutating func poll(
        _ changes: inout [[Double]], _ pacer: inout Pacer
    ) -> (delays: Double, requests: Int) {
        var queue = Heap<Turn>(
            (0..<lists).map { Turn(time: Self.even * Double($0) / Double(lists), list: $0) })
        var intervals = Array(repeating: Self.even, count: lists)
        var seen = Array(repeating: 0, count: lists)
        var delays = 0.0
        var requests = 0
        var next = exponential(adversaryRate)
        while let turn = queue.popMin(), turn.time < end {
            let (list, now) = (turn.list, turn.time)
            while shape == .adversary, next < now {
                changes[mostNeglected(intervals)].append(next)
                next += exponential(adversaryRate)
            }
            var count = 0
            while seen[list] < changes[list].count, changes[list][seen[list]] <= now {
                delays += now - changes[list][seen[list]]
                seen[list] += 1
                count += 1
            }
            requests += 1
            let pace = pacer.learn(
                StreamID(Int64(list)), changes: count, requests: 1,
                started: Timestamp(milliseconds: Int64(now * 1000)))
            let interval = (pace?.interval ?? .seconds(300)) / .seconds(1)
            intervals[list] = interval
            queue.insert(Turn(time: now + max(1, interval), list: list))
        }
        // What was not found by the end has waited until then.
        for (list, times) in changes.enumerated() {
            for time in times.dropFirst(seen[list]) where time < end { delays += end - time }
        }
        return (delays, requests)
    }

    /// The list with the longest interval, one of them by chance.
    private mutating func mostNeglected(_ intervals: [Double]) -> Int {
        let longest = intervals.max() ?? 0
        let choice = intervals.indices.filter { intervals[$0] == longest }
        return choice.randomElement(using: &random) ?? 0
    }

    private var adversaryRate: Double { Double(lists) / 3600 }

    // MARK: Changes

    private mutating func makeChanges() -> [[Double]] {
        switch shape {
        case .zipf: return rates(zipf).map { steady($0, from: 0, to: end) }
        case .pareto: return rates(pareto()).map { steady($0, from: 0, to: end) }
        case .even: return (0..<lists).map { _ in steady(1 / 3600, from: 0, to: end) }
        case .bursts, .single: return (0..<lists).map { _ in bursts() }
        case .waking: return waking(every: 86_400, share: 10)
        case .shuffled: return waking(every: 7200, share: 1)
        case .adversary: return []
        }
    }

    private var zipf: [Double] { (1...lists).map { 1 / (Double($0) * Double($0).squareRoot()) } }

    private mutating func pareto() -> [Double] {
        (0..<lists).map { _ in
            let share = uniform()
            return 1 / (share * share.squareRoot())
        }
    }

    /// The shares as rates that are one change an hour and list on an average.
    private func rates(_ shares: [Double]) -> [Double] {
        let sum = shares.reduce(0, +)
        return shares.map { $0 / sum * Double(lists) / 3600 }
    }

    private mutating func steady(_ rate: Double, from start: Double, to end: Double) -> [Double] {
        var times: [Double] = []
        var time = start + exponential(rate)
        while time < end {
            times.append(time)
            time += exponential(rate)
        }
        return times
    }

    /// Gaps of 20 seconds and more, of which the mean has no bound.
    private mutating func bursts() -> [Double] {
        var times: [Double] = []
        var time = uniform() * 86_400
        while time < end {
            times.append(time)
            // The square of what a uniform number is the reciprocal of: exponent one half.
            let gap = uniform()
            time += min(20 / (gap * gap), 30 * 86_400)
        }
        return times
    }

    /// Each time, one of so many changes places with another.
    private mutating func waking(every span: Double, share: Int) -> [[Double]] {
        var rates = rates(zipf)
        var changes = (0..<lists).map { _ in [Double]() }
        var start = 0.0
        while start < end {
            for list in 0..<lists {
                changes[list] += steady(rates[list], from: start, to: min(start + span, end))
            }
            let busiest = rates.indices.sorted { rates[$0] > rates[$1] }
            for list in busiest.prefix(max(1, lists / share)) {
                rates.swapAt(list, Int.random(in: 0..<lists, using: &random))
            }
            start += span
        }
        return changes
    }

    private mutating func exponential(_ rate: Double) -> Double {
        -log(uniform()) / rate
    }

    private mutating func uniform() -> Double {
        Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
    }
}
