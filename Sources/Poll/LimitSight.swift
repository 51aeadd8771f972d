package import PullcordAdapter

/// What one answer says of the API's limits; whatever it does not say is nil.
package struct LimitSight: Sendable, Equatable {
    /// Requests that are left in the window.
    package var remaining: Int?
    /// Requests that the window has in all.
    package var limit: Int?
    /// From the answer to the moment when there are more again.
    package var reset: Duration?
    /// How long the window is.
    package var window: Duration?
    /// What the request counted for.
    package var cost: Int?
    /// Set if the answer was a refusal for asking too much.
    package var refusal: Refusal?

    /// A refusal for asking too much; `wait` is what the API or a rule says, if anything.
    package struct Refusal: Sendable, Equatable {
        package var wait: Duration?

        package init(wait: Duration?) { self.wait = wait }
    }

    package init(
        remaining: Int? = nil, limit: Int? = nil, reset: Duration? = nil, window: Duration? = nil,
        cost: Int? = nil, refusal: Refusal? = nil
    ) {
        self.remaining = remaining
        self.limit = limit
        self.reset = reset
        self.window = window
        self.cost = cost
        self.refusal = refusal
    }

    /// How long until there are more: the stated reset, else the time in which a window gives
    /// one request back; nil if nothing says so.
    package var wait: Duration? {
        if let reset { return reset }
        guard let window else { return nil }
        return window / max(1, limit ?? 1)
    }

    /// Whether no request is left but those that are kept for others.
    package func isSpent(_ reserve: BudgetSpec.Reserve) -> Bool {
        guard let remaining else { return false }
        return remaining <= reserve.kept(of: limit)
    }

    /// What this says, and where it says nothing what `other` says.
    func filled(from other: LimitSight) -> LimitSight {
        LimitSight(
            remaining: remaining ?? other.remaining, limit: limit ?? other.limit,
            reset: reset ?? other.reset, window: window ?? other.window, cost: cost ?? other.cost,
            refusal: refusal ?? other.refusal)
    }
}

extension BudgetSpec.Reserve {
    /// The number of requests that is kept; a share of an unknown limit keeps none.
    package func kept(of limit: Int?) -> Int {
        switch self {
        case .count(let count): return count
        case .share(let share):
            guard let limit, limit > 0 else { return 0 }
            return Int((Double(min(limit, 1 << 50)) * share).rounded(.up))
        }
    }
}
