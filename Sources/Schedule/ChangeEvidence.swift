import Foundation
package import PullcordModel

/// What polls have told of how often a list changes.
///
/// Three memories of different length each hold how much was found in how much time, both fading;
/// each makes a gamma-Poisson estimate of the rate, the shorter one drawn towards the longer. How
/// well each has foretold what the polls found decides how much it counts: a list whose changes
/// come in bursts is known by its last minutes, a steady one by its last weeks.
package struct ChangeEvidence: Sendable, Equatable {
    struct Memory: Sendable, Equatable {
        /// How many changes, fading.
        var found: Double = 0
        /// How many seconds were watched, fading.
        var watched: Double = 0
        /// The logarithm of how well it has foretold, 0 for the best.
        var credit: Double = 0
    }

    /// From the shortest to the longest.
    private(set) var memories = Array(repeating: Memory(), count: halfLives.count)
    /// How many requests a poll makes, on a fading average.
    package private(set) var requests: Double = 1
    /// When the last poll started; nil before the first.
    package private(set) var last: Timestamp?

    /// In even intervals: the distance between polls if all streams were polled alike.
    static let halfLives: [Double] = [2, 24, 2000]
    /// So much is a prior worth, in changes.
    private static let priorChanges = 0.5
    /// More changes of one poll say nothing more: an import of thousands is one event.
    static let changesMax = 32
    private static let creditMin = -8.0
    private static let creditFading = 0.95
    /// A longer pause was none of the schedule's.
    private static let elapsedMax: Double = 30 * 86_400

    package init() {}

    /// Takes what a poll has found; `even` is the even interval in seconds, `prior` the rate that
    /// a stream of which nothing is known is taken to have.
    mutating func learn(
        changes: Int, requests: Int, started: Timestamp, even: Double, prior: Double
    ) {
        self.requests += (Double(max(1, requests)) - self.requests) * 0.1
        defer { last = max(started, last ?? started) }
        guard let last, started > last else { return }
        let elapsed = min((started - last) / .seconds(1), Self.elapsedMax)
        let count = min(max(0, changes), Self.changesMax)
        judge(count, elapsed, prior)
        for index in memories.indices {
            let halfLife = Self.halfLives[index] * even
            let kept = exp2(-elapsed / halfLife)
            // What happened at the interval's beginning has faded by its end.
            let weight = halfLife / M_LN2 * (1 - kept) / elapsed
            memories[index].found = memories[index].found * kept + Double(count) * weight
            memories[index].watched = memories[index].watched * kept + elapsed * weight
        }
    }

    /// The rate now, and on a long average, in changes a second.
    func rates(prior: Double) -> (now: Double, lasting: Double) {
        let estimates = estimates(prior)
        var sum = 0.0
        var weights = 0.0
        for (memory, estimate) in zip(memories, estimates) {
            let weight = exp(memory.credit)
            sum += weight * estimate.rate
            weights += weight
        }
        return (sum / weights, estimates.last?.rate ?? prior)
    }

    /// What the longest memory holds, for the prior of others.
    var lasting: (found: Double, watched: Double) {
        (memories.last?.found ?? 0, memories.last?.watched ?? 0)
    }

    private typealias Estimate = (shape: Double, seconds: Double, rate: Double)

    /// A gamma distribution each, in the order of the memories.
    private func estimates(_ prior: Double) -> [Estimate] {
        var result: [Estimate] = []
        var towards = prior
        for memory in memories.reversed() {
            let shape = memory.found + Self.priorChanges
            let seconds = memory.watched + Self.priorChanges / towards
            towards = shape / seconds
            result.append((shape, seconds, towards))
        }
        return result.reversed()
    }

    /// Credits each memory with the probability that it gave to what was found.
    private mutating func judge(_ count: Int, _ elapsed: Double, _ prior: Double) {
        let credits = zip(memories, estimates(prior)).map { memory, estimate in
            Self.creditFading * memory.credit + Self.logarithm(count, elapsed, estimate)
        }
        let best = credits.max() ?? 0
        for index in memories.indices {
            memories[index].credit = max(Self.creditMin, credits[index] - best)
        }
    }

    /// The logarithm of the negative binomial probability of so many changes in so long.
    private static func logarithm(
        _ count: Int, _ elapsed: Double, _ estimate: Estimate
    ) -> Double {
        let share = estimate.seconds / (estimate.seconds + elapsed)
        var result = estimate.shape * log(share) + Double(count) * log1p(-share)
        for index in 0..<count {
            result += log((estimate.shape + Double(index)) / Double(index + 1))
        }
        return result
    }
}

extension ChangeEvidence {
    /// As it is stored.
    package var text: String {
        let numbers = memories.flatMap { [$0.found, $0.watched, $0.credit] }
        let last = last.map { String($0.milliseconds) } ?? "-"
        return (["1", last, Self.short(requests)] + numbers.map(Self.short))
            .joined(separator: " ")
    }

    /// Reads what ``text`` wrote; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 + 3 * Self.halfLives.count, parts[0] == "1",
            let requests = Double(parts[2]), requests >= 1, requests.isFinite
        else { return nil }
        let numbers = parts.dropFirst(3).compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == 3 * Self.halfLives.count else { return nil }
        self.init()
        for index in memories.indices {
            let (found, watched) = (numbers[3 * index], numbers[3 * index + 1])
            let credit = numbers[3 * index + 2]
            guard found >= 0, watched >= 0, (Self.creditMin...0).contains(credit) else {
                return nil
            }
            memories[index] = Memory(found: found, watched: watched, credit: credit)
        }
        self.requests = requests
        guard parts[1] != "-" else { return }
        guard let milliseconds = Int64(parts[1]) else { return nil }
        last = Timestamp(milliseconds: milliseconds)
    }

    private static func short(_ value: Double) -> String {
        String(format: "%.5g", locale: nil, value)
    }
}
