import PullcordCommit
import PullcordModel
import Synchronization

/// What a lane is made of, and when two of them are the same.
struct LanePlan: Sendable {
    let subscription: SubscriptionID
    /// Equal for lanes that deliver alike.
    let identity: Fingerprint
    /// Makes the lane as its endpoint fares; the text is the health that the store holds.
    let make: @Sendable (SubscriptionSummary?, String?) -> DeliveryLane
}

/// The place of one subscription's lane: it holds the one that runs and the plan of the next.
final class LaneSlot: Sendable {
    private struct State {
        var wanted: LanePlan?
        /// With the identity that it was made by.
        var running: (lane: DeliveryLane, identity: Fingerprint)?
    }

    let subscription: SubscriptionID
    private let state: Mutex<State>

    init(_ plan: LanePlan) {
        subscription = plan.subscription
        state = Mutex(State(wanted: plan))
    }

    /// A slot with its lane ready to run.
    init(_ plan: LanePlan, _ summary: SubscriptionSummary?) {
        subscription = plan.subscription
        state = Mutex(
            State(wanted: plan, running: (plan.make(summary, summary?.health), plan.identity)))
    }

    var isWanted: Bool { state.withLock { $0.wanted != nil } }

    /// The lane that runs or is about to.
    var lane: DeliveryLane? { state.withLock { $0.running?.lane } }

    /// Sets what is to run from now on; nil for nothing.
    ///
    /// A lane that is no longer wanted ends.
    func set(_ plan: LanePlan?) {
        let stale = state.withLock { state -> DeliveryLane? in
            state.wanted = plan
            guard let running = state.running, running.identity != plan?.identity else {
                return nil
            }
            return running.lane
        }
        stale?.retire()
    }

    /// Makes the lane that is wanted, with the reason why it is stopped; nil if none is wanted.
    ///
    /// What failed by the plan before it is forgotten: the change may have mended it.
    func begin(_ summary: SubscriptionSummary?) -> (lane: DeliveryLane, reason: String?)? {
        state.withLock { state in
            guard let plan = state.wanted else { return nil }
            var fresh = summary
            fresh?.health = summary?.health.flatMap { EndpointHealth(stored: $0) }?.fresh.kept
            let lane = plan.make(fresh, summary?.health)
            state.running = (lane, plan.identity)
            return (lane, summary?.disabledReason)
        }
    }

    func ended(_ lane: DeliveryLane) {
        state.withLock { state in
            if state.running?.lane === lane { state.running = nil }
        }
    }
}
