import PullcordAdapter
import PullcordModel

/// At most so many requests in any window of a length, wherever the window begins.
///
/// Requests are counted in 64 slots a window, each until all of its slot is a window old: what
/// is granted is never over the rate, and at most a sixty-fourth of the window is given away. A
/// second rule spreads them: after a quiet time a quarter of the window's requests may come at
/// once, then twice the average rate, so that the first half of a window uses it up.
///
/// Instants are microseconds on the monotonic clock.
struct RateWindow: Sendable {
    private static let slotsPerWindow: Int64 = 64

    let rate: BudgetSpec.Rate
    private let slotWidth: Int64
    /// Requests by slot, the oldest first; never more than a window's slots and one.
    private var slots: [(index: Int64, count: Int)] = []
    private var used = 0
    /// Where the next request would stand if all came at twice the average rate.
    private var virtualTime: Int64 = 0

    init(_ rate: BudgetSpec.Rate) {
        self.rate = rate
        let window = max(1, rate.window.microseconds)
        slotWidth = (window + Self.slotsPerWindow - 1) / Self.slotsPerWindow
    }

    /// What a cost counts for here: one that no window could ever hold takes all of a window.
    private func counted(_ cost: Int) -> Int { min(max(0, cost), max(1, rate.count)) }

    /// Twice the average distance of requests.
    private var distance: Int64 {
        max(1, slotWidth * Self.slotsPerWindow / Int64(max(1, rate.count)) / 2)
    }

    private var burst: Int64 { distance * Int64(max(1, rate.count / 4) - 1) }

    /// When a request of this cost may be sent, `now` or later.
    ///
    /// Changes nothing that counts, but forgets what is past.
    mutating func earliest(_ cost: Int, now: Int64) -> Int64 {
        forget(before: now)
        let spread = max(now, virtualTime - burst)
        var excess = used + counted(cost) - max(1, rate.count)
        guard excess > 0 else { return spread }
        for slot in slots {
            excess -= slot.count
            if excess <= 0 {
                let free = (slot.index + Self.slotsPerWindow + 1) * slotWidth
                // Nobody rushes in at the moment at which a window is given back.
                virtualTime = max(virtualTime, free + burst)
                return max(spread, free)
            }
        }
        return spread
    }

    mutating func take(_ cost: Int, now: Int64) {
        let cost = counted(cost)
        add(cost, at: now)
        let span = distance.multipliedReportingOverflow(by: Int64(cost))
        virtualTime = max(virtualTime, now) + (span.overflow ? slotWidth : span.partialValue)
    }

    /// Takes note that a request counted for more or less than was thought.
    mutating func correct(by difference: Int, now: Int64) {
        forget(before: now)
        if difference > 0 { return add(min(difference, 1 << 40), at: now) }
        var rest = -max(difference, -(1 << 40))
        for index in slots.indices.reversed() where rest > 0 {
            let back = min(rest, slots[index].count)
            slots[index].count -= back
            used -= back
            rest -= back
        }
    }

    private mutating func add(_ cost: Int, at now: Int64) {
        let index = now / slotWidth
        used += cost
        if let last = slots.last, last.index >= index {
            slots[slots.count - 1].count += cost
        } else {
            slots.append((index, cost))
        }
    }

    private mutating func forget(before now: Int64) {
        let oldest = now / slotWidth - Self.slotsPerWindow
        let count = slots.firstIndex { $0.index >= oldest } ?? slots.count
        guard count > 0 else { return }
        used -= slots[..<count].reduce(0) { $0 + $1.count }
        slots.removeFirst(count)
    }
}

extension Duration {
    /// Whole microseconds, cut; a span too long for them counts as three centuries.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 10_000_000_000
        return min(max(seconds, -limit), limit) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
