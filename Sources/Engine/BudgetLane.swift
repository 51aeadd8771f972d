package import PullcordAdapter
package import PullcordModel
package import PullcordPoll
import ServiceLifecycle
import Synchronization

/// The line in which all stand who share the limits of an API: every request of a poll asks here
/// first.
///
/// Only the first in the line waits for time to pass; the others wait to be the first.
package final class BudgetLane: Sendable {
    private struct State {
        var budget: Budget
        /// Those who stand and are told when that may have changed.
        var standing: [Budget.Ticket: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state: Mutex<State>

    package init(_ spec: BudgetSpec) { state = Mutex(State(budget: Budget(spec))) }

    /// Takes up the bounds of another adapter that shares this budget.
    func join(_ spec: BudgetSpec) { state.withLock { $0.budget.join(spec) } }

    /// Takes the bounds of those who share this budget now.
    func rebound(_ specs: [BudgetSpec]) {
        state.withLock { $0.budget.rebound(specs) }
        wakeFirst()
    }

    /// Returns when a request may be sent; ``finish(_:_:now:)`` has to follow.
    ///
    /// `pausing` is told when the wait begins and ends. Throws `CancellationError` if the task is
    /// cancelled or the process stops meanwhile; then nothing has to follow.
    package func enter(
        cost: Int, time: any TimeSource, pausing: (@Sendable (Bool) -> Void)?
    ) async throws -> Budget.Ticket {
        let ticket = state.withLock { $0.budget.ask(cost: cost) }
        var isPausing = false
        defer { if isPausing { pausing?(false) } }
        do {
            while true {
                let verdict = state.withLock {
                    $0.budget.verdict(ticket, now: time.monotonic())
                }
                if verdict != .go, !isPausing {
                    isPausing = true
                    pausing?(true)
                }
                switch verdict {
                case .go:
                    wakeFirst()
                    return ticket
                case .wait(let instant):
                    try await cancelWhenGracefulShutdown { try await time.sleep(until: instant) }
                case .stand:
                    try await cancelWhenGracefulShutdown { try await self.stand(ticket) }
                }
            }
        } catch {
            state.withLock { $0.budget.withdraw(ticket) }
            wakeFirst()
            throw error
        }
    }

    /// When the API lets requests through again, having said that it will not before.
    ///
    /// nil if it does now; on the clock of `now`, which does not go back.
    func closedUntil(now: Duration) -> Duration? {
        state.withLock { $0.budget.closedUntil(now: now) }
    }

    /// Takes what came of a request that was let through; `sight` is nil if no answer came.
    package func finish(_ ticket: Budget.Ticket, _ sight: LimitSight?, now: Duration) {
        state.withLock { $0.budget.finish(ticket, sight, now: now) }
        wakeFirst()
    }

    private func stand(_ ticket: Budget.Ticket) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let answer = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.budget.mustStand(ticket) else { return .success(()) }
                    state.standing[ticket] = continuation
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.standing.removeValue(forKey: ticket) }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func wakeFirst() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard let first = state.budget.first, !state.budget.mustStand(first) else { return nil }
            return state.standing.removeValue(forKey: first)
        }
        waiter?.resume()
    }
}

/// The lanes of a process, one for each host and credential.
package final class Budgets: Sendable {
    private let lanes = Mutex<[Fingerprint: BudgetLane]>([:])

    package init() {}

    /// The lane of a key; whoever has the same key shares it, and all their bounds hold.
    package func lane(_ key: Fingerprint, _ spec: BudgetSpec) -> BudgetLane {
        lanes.withLock { lanes in
            if let lane = lanes[key] {
                lane.join(spec)
                return lane
            }
            let lane = BudgetLane(spec)
            lanes[key] = lane
            return lane
        }
    }

    /// Keeps the lanes that these streams use, each by the bounds of those who use it.
    func keep(_ uses: [BudgetUse]) {
        let specs = Dictionary(grouping: uses, by: \.key).mapValues { $0.map(\.spec) }
        let kept = lanes.withLock { lanes in
            lanes = lanes.filter { specs[$0.key] != nil }
            return lanes
        }
        for (key, lane) in kept { lane.rebound(specs[key] ?? []) }
    }
}

/// Which budget a stream uses, and by which bounds.
struct BudgetUse: Sendable {
    let key: Fingerprint
    let spec: BudgetSpec
}
