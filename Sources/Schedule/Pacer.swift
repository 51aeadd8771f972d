import Foundation
package import PullcordModel

/// How often a stream may be polled, and by which budget.
package struct PaceRules: Sendable, Equatable {
    /// It is polled no more often than that.
    package let least: Duration
    /// It is polled no more rarely than that, unless the budget is too small for that.
    package let most: Duration
    /// Requests a second on an average, all streams of the budget together; nil for as many as it
    /// takes to poll each of them every five minutes.
    package let budget: Double?
    /// Over how long the budget is an average, about.
    package let window: Duration

    package static let evenDefault: Duration = .seconds(300)
    private static let windowMin: Duration = .seconds(3600)

    package init(
        least: Duration, most: Duration, budget: Double? = nil, window: Duration = .zero
    ) {
        precondition(least > .zero && most >= least, "the shortest interval is the shorter one")
        self.least = least
        self.most = most
        self.budget = budget
        self.window = max(window, Self.windowMin)
    }
}

/// How often one stream is polled now, and why.
package struct Pace: Sendable, Equatable {
    package let interval: Duration
    package let reason: PaceReason
    package let changesPerDay: Double
    package let requestsPerPoll: Double
}

/// Shares a budget of requests among streams by how often each of them changes: a pure machine.
///
/// The sum of all delays is least where a stream is polled in proportion to the square root of its
/// rate of change over the requests of a poll (Cho and Garcia-Molina, "Effective page refresh
/// policies for web crawlers", 2003). The rates are those of the moment, the scale is that of the
/// long run: what quiet hours save, busy ones spend. A part of the budget is shared evenly, so that
/// a list that wakes up is found; the part is small where the estimates have been of use lately,
/// and nearly all where an even share would have found the changes sooner.
package struct Pacer: Sendable {
    private struct Entry: Sendable {
        var rules: PaceRules
        var evidence: ChangeEvidence
        /// What it adds to ``Pacer/roots``.
        var root: Double
        /// By the estimates alone, whatever is saved or owed, in seconds; nil before the first.
        var adaptive: Double?
        var pace: Pace
    }

    fileprivate struct StatedBudget: Hashable {
        /// In requests a second.
        let rate: Double
        let window: Duration
    }

    private var entries: [StreamID: Entry] = [:]
    /// The sum of the requests of one poll of each stream.
    private var costs = 0.0
    /// The sum of the square roots of rate times requests.
    private var roots = 0.0
    private var found = 0.0
    private var watched = 0.0
    private var lessonsSinceSum = 0
    /// The budgets that the streams name, and how many name each.
    private var budgets: [StatedBudget: Int] = [:]
    /// The smallest of them.
    private var stated: StatedBudget?
    /// Requests that were saved, or spent before their time.
    private var balance = 0.0
    private var settled: Timestamp?
    /// What delays by the estimates alone would have been, beside those of even intervals.
    private var adaptiveDelays = startWeight
    private var evenDelays = startWeight

    private static let startWeight = 8.0
    /// The shares of the budget that are always spent evenly.
    private static let cautionMin = 0.15
    private static let cautionMax = 0.85
    /// The ratios of delays at which these shares are reached.
    private static let gainGood = 0.75
    private static let gainNone = 1.0
    /// After so many changes, old comparisons of delays count little.
    private static let gainMemory = 64.0
    /// How strongly what is saved or owed changes the pace.
    private static let steering = 6.0

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Takes up a stream with what was stored of it, or gives one that is there other rules.
    package mutating func add(
        _ stream: StreamID, _ rules: PaceRules, _ evidence: ChangeEvidence? = nil
    ) {
        let old = entries[stream]
        remove(stream)
        let evidence = old?.evidence ?? evidence ?? ChangeEvidence()
        let root = root(evidence)
        count(evidence, root, 1)
        count(rules, 1)
        entries[stream] = Entry(
            rules: rules, evidence: evidence, root: root, adaptive: old?.adaptive,
            pace: Pace(
                interval: rules.least, reason: .learning, changesPerDay: 0, requestsPerPoll: 1))
        sumNowAndThen()
        repace(stream)
    }

    package mutating func remove(_ stream: StreamID) {
        guard let entry = entries.removeValue(forKey: stream) else { return }
        count(entry.evidence, entry.root, -1)
        count(entry.rules, -1)
    }

    /// Takes the end of a poll that found so many changes by so many requests; returns how often
    /// the stream is polled from now on.
    package mutating func learn(
        _ stream: StreamID, changes: Int, requests: Int, started: Timestamp
    ) -> Pace? {
        guard var entry = entries[stream] else { return nil }
        settle(requests, started)
        let even = even(entry.rules)
        compare(min(changes, ChangeEvidence.changesMax), entry.adaptive, even)
        count(entry.evidence, entry.root, -1)
        entry.evidence.learn(
            changes: changes, requests: requests, started: started, even: even, prior: prior)
        entry.root = root(entry.evidence)
        count(entry.evidence, entry.root, 1)
        entries[stream] = entry
        sumNowAndThen()
        repace(stream)
        return entries[stream]?.pace
    }

    /// Takes the end of a poll that says nothing of changes: it has cost its requests.
    package mutating func spend(requests: Int, started: Timestamp) { settle(requests, started) }

    /// How often a stream is polled; nil if it is not one of these.
    package func pace(of stream: StreamID) -> Pace? { entries[stream]?.pace }

    package func evidence(of stream: StreamID) -> ChangeEvidence? { entries[stream]?.evidence }

    // MARK: The budget

    private mutating func count(_ rules: PaceRules, _ sign: Int) {
        guard let named = rules.stated else { return }
        let count = budgets[named, default: 0] + sign
        budgets[named] = count > 0 ? count : nil
        stated = budgets.keys.min { ($0.rate, $1.window) < ($1.rate, $0.window) }
    }

    private var budget: Double {
        stated?.rate ?? costs / (PaceRules.evenDefault / .seconds(1))
    }

    private var window: Duration { stated?.window ?? .seconds(86_400) }

    /// The distance between polls if all streams were polled alike, in seconds.
    private func even(_ rules: PaceRules) -> Double {
        let least = rules.least / .seconds(1)
        return budget > 0 ? max(least, costs / budget) : least
    }

    /// What a stream of which nothing is known is taken to change: as the others, and once a day
    /// where there are none.
    private var prior: Double { (max(found, 0) + 1) / (max(watched, 0) + 86_400) }

    private func root(_ evidence: ChangeEvidence) -> Double {
        (evidence.rates(prior: prior).lasting * evidence.requests).squareRoot()
    }

    private mutating func count(_ evidence: ChangeEvidence, _ root: Double, _ sign: Double) {
        costs += sign * evidence.requests
        roots += sign * root
        found += sign * evidence.lasting.found
        watched += sign * evidence.lasting.watched
    }

    private mutating func sumNowAndThen() {
        lessonsSinceSum += 1
        if lessonsSinceSum >= entries.count { sum() }
    }

    /// Sums everything up again: the prior has moved, and small errors add up.
    private mutating func sum() {
        lessonsSinceSum = 0
        (costs, roots, found, watched) = (0, 0, 0, 0)
        for entry in entries.values {
            costs += entry.evidence.requests
            found += entry.evidence.lasting.found
            watched += entry.evidence.lasting.watched
        }
        for (stream, entry) in entries {
            let root = root(entry.evidence)
            entries[stream]?.root = root
            roots += root
        }
    }

    private mutating func settle(_ requests: Int, _ now: Timestamp) {
        if let settled, now > settled { balance += budget * ((now - settled) / .seconds(1)) }
        settled = max(now, settled ?? now)
        balance -= Double(max(1, requests))
        let bound = budget * (window / .seconds(1)) / 2
        balance = min(max(balance, -bound), bound)
    }

    // MARK: The pace

    /// Adds how long changes would have waited by the estimates alone, and by even intervals.
    private mutating func compare(_ changes: Int, _ adaptive: Double?, _ even: Double) {
        guard changes > 0, let adaptive else { return }
        let kept = exp(-Double(changes) / Self.gainMemory)
        adaptiveDelays = adaptiveDelays * kept + Double(changes) * adaptive / even
        evenDelays = evenDelays * kept + Double(changes)
    }

    /// Which share of the budget is spent evenly.
    private var caution: Double {
        let ratio = adaptiveDelays / evenDelays
        let share = (ratio - Self.gainGood) / (Self.gainNone - Self.gainGood)
        return Self.cautionMin
            + (Self.cautionMax - Self.cautionMin) * min(max(share, 0), 1)
    }

    private mutating func repace(_ stream: StreamID) {
        guard var entry = entries[stream] else { return }
        let least = entry.rules.least / .seconds(1)
        let even = even(entry.rules)
        // A budget that is too small for all is kept nevertheless.
        let most = max(entry.rules.most / .seconds(1), even)
        let evidence = entry.evidence
        let rate = evidence.rates(prior: prior).now
        let due = budget * (window / .seconds(1))
        let often = budget / max(roots, 1e-12) * (rate / evidence.requests).squareRoot()
        let steered = often * exp(Self.steering * balance / max(due, 1e-9))
        let adaptive = min(max(1 / max(steered, 1e-12), least), most)
        let caution = caution
        let mixed = 1 / (caution / even + (1 - caution) / adaptive)
        let interval = min(max(mixed, least), most)
        // Held against even intervals, which neither save nor owe.
        entry.adaptive = min(max(1 / max(often, 1e-12), least), most)
        entry.pace = Pace(
            interval: .milliseconds(Int64((interval * 1000).rounded())),
            reason: evidence.lasting.watched < 4 * even
                ? .learning : interval <= least ? .least : interval >= most ? .most : .rate,
            changesPerDay: rate * 86_400, requestsPerPoll: evidence.requests)
        entries[stream] = entry
    }
}

extension PaceRules {
    fileprivate var stated: Pacer.StatedBudget? {
        budget.map { Pacer.StatedBudget(rate: $0, window: window) }
    }
}
