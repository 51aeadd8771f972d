package import PullcordAdapter
import PullcordModel

/// Who may ask an API next, for all who share its limits: a pure machine.
///
/// Requests stand in one line; the first may be sent when every rate allows it, the API has said
/// nothing against it, and not too many are under way. Who has been served stands at the end
/// again, so that all get their turn. Instants are durations on the monotonic clock.
package struct Budget: Sendable {
    /// A place in the line, and later the request that was let through.
    package struct Ticket: Hashable, Sendable {
        let number: Int
    }

    package enum Verdict: Equatable, Sendable {
        /// Granted: it counts as under way until ``finish(_:_:now:)``.
        case go
        /// Nothing changes before this instant.
        case wait(until: Duration)
        /// Others are before it in the line, or too many requests are under way.
        case stand
    }

    private struct Stated {
        var left: Int
        /// What is kept for others; the API stops being asked before it is touched.
        var kept: Int
        /// When what was said is over.
        var until: Int64
    }

    private var windows: [RateWindow] = []
    private var concurrency: Int?
    private var reserve: BudgetSpec.Reserve
    private var line: [(ticket: Ticket, cost: Int)?] = []
    /// The first of the line that has not left it.
    private var head = 0
    private var places: [Ticket: Int] = [:]
    private var underWay: [Ticket: Int] = [:]
    private var nextNumber = 0
    private var stated: Stated?
    private var closure: (since: Int64, until: Int64)?
    /// After a closure: how far apart requests are until it is forgotten.
    private var opening: (distance: Int64, until: Int64, next: Int64)?
    private var refusals = 0

    package init(_ spec: BudgetSpec) {
        reserve = spec.reserve
        join(spec)
    }

    /// Takes up the bounds of another adapter that shares this budget: all hold.
    package mutating func join(_ spec: BudgetSpec) {
        for rate in spec.rates where !windows.contains(where: { $0.rate == rate }) {
            guard windows.count < Limits.budgetRatesMax else { break }
            windows.append(RateWindow(rate))
        }
        concurrency = [concurrency, spec.concurrency].compactMap { $0 }.min()
    }

    /// Takes the bounds of those who share it now in place of all before; what was asked and what
    /// the API said stays.
    package mutating func rebound(_ specs: [BudgetSpec]) {
        guard let first = specs.first else { return }
        let rates = specs.flatMap(\.rates)
        windows.removeAll { !rates.contains($0.rate) }
        concurrency = nil
        reserve = first.reserve
        for spec in specs { join(spec) }
    }

    /// How many stand in the line.
    package var waiting: Int { places.count }

    /// The first in the line; nil if nobody stands there.
    package var first: Ticket? { head < line.count ? line[head]?.ticket : nil }

    /// Stands at the end of the line.
    package mutating func ask(cost: Int) -> Ticket {
        nextNumber += 1
        let ticket = Ticket(number: nextNumber)
        places[ticket] = line.count
        line.append((ticket, max(0, cost)))
        return ticket
    }

    /// Whether time alone will not let this request through: others are before it, or under way.
    package func mustStand(_ ticket: Ticket) -> Bool {
        first != ticket || concurrency.map { underWay.count >= max(1, $0) } ?? false
    }

    /// Whether the request may be sent now; if so it leaves the line.
    package mutating func verdict(_ ticket: Ticket, now: Duration) -> Verdict {
        guard !mustStand(ticket), let cost = line[head]?.cost else { return .stand }
        let now = now.microseconds
        openAgain(now: now)
        let free = earliest(cost, now: now)
        guard free <= now else { return .wait(until: .microseconds(free)) }
        for index in windows.indices { windows[index].take(cost, now: now) }
        stated?.left -= cost
        if let opening { self.opening?.next = now + opening.distance }
        underWay[ticket] = cost
        leave(ticket)
        return .go
    }

    /// Leaves the line without having asked.
    package mutating func withdraw(_ ticket: Ticket) { leave(ticket) }

    /// Takes what came of a request; `sight` is nil if there was no answer.
    package mutating func finish(_ ticket: Ticket, _ sight: LimitSight?, now: Duration) {
        guard let cost = underWay.removeValue(forKey: ticket), let sight else { return }
        let now = now.microseconds
        if let actual = sight.cost, actual != cost {
            for index in windows.indices { windows[index].correct(by: actual - cost, now: now) }
        }
        if let remaining = sight.remaining {
            // Those under way may have been counted by the API or not: take it that they were not.
            let others = underWay.values.reduce(0, +)
            let wait = sight.wait ?? Self.unstatedWait
            stated = Stated(
                left: remaining - others, kept: reserve.kept(of: sight.limit),
                until: now + min(wait, Limits.retryAfterMax).microseconds)
        }
        guard let refusal = sight.refusal else {
            refusals = 0
            return
        }
        // Without a word from the API: a second, and twice as long with each refusal.
        refusals = min(refusals + 1, 7)
        let wait = refusal.wait ?? .seconds(1 << (refusals - 1))
        close(for: min(wait, Limits.retryAfterMax).microseconds, now: now)
    }

    /// When the API lets requests through again, after it has refused one or said that none is
    /// left; nil if it may now.
    package func closedUntil(now: Duration) -> Duration? {
        var until = closure?.until ?? 0
        if let stated, stated.left < 1 { until = max(until, stated.until) }
        return until > now.microseconds ? .microseconds(until) : nil
    }

    /// How long to wait where an API says that nothing is left, but not until when.
    private static let unstatedWait: Duration = .seconds(1)

    private mutating func earliest(_ cost: Int, now: Int64) -> Int64 {
        var free = now
        if let stated, stated.left - stated.kept < max(1, cost) {
            close(for: stated.until - now, now: now)
        }
        if let closure { free = max(free, closure.until) }
        if let opening { free = max(free, opening.next) }
        for index in windows.indices {
            free = max(free, windows[index].earliest(cost, now: now))
        }
        return free
    }

    private mutating func close(for span: Int64, now: Int64) {
        guard span > 0 else { return }
        let until = max(closure?.until ?? 0, now + span)
        closure = (since: closure?.since ?? now, until: until)
        opening = nil
    }

    /// Forgets what is over; after a closure those who wait are let through one by one, over the
    /// first part of the time that the closure took.
    private mutating func openAgain(now: Int64) {
        if let stated, stated.until <= now { self.stated = nil }
        if let opening, opening.until <= now { self.opening = nil }
        guard let closure, closure.until <= now else { return }
        self.closure = nil
        let span = min((closure.until - closure.since) / 10, Self.openingMax)
        opening = (
            distance: span / Int64(max(waiting, Self.openingParts)), until: now + span, next: now
        )
    }

    /// A minute.
    private static let openingMax: Int64 = 60_000_000
    /// So few that wait are let through as though they were so many.
    private static let openingParts = 8

    private mutating func leave(_ ticket: Ticket) {
        guard let place = places.removeValue(forKey: ticket) else { return }
        line[place] = nil
        while head < line.count, line[head] == nil { head += 1 }
        if head == line.count {
            line.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > line.count / 2 {
            line.removeFirst(head)
            for (ticket, place) in places { places[ticket] = place - head }
            head = 0
        }
    }
}
