package import PullcordModel
import Synchronization

/// Which deliveries are in somebody's hands.
///
/// It lives in memory only: a store has one owner, so what an owner that died had claimed is
/// free again for the next one.
package final class Claims: Sendable {
    private let state = Mutex(State())

    package init() {}

    fileprivate struct State {
        var claimed: Set<DeliveryID> = []
        /// Settled while a round was under way: the round reads the store as it was before.
        var settledMeanwhile: Set<DeliveryID> = []
        var rounds = 0
    }

    /// Opens a round, which must be opened before the store is read for it.
    package func round() -> ClaimRound {
        state.withLock { $0.rounds += 1 }
        return ClaimRound(self)
    }

    /// Frees deliveries whose settlement is on disk.
    package func settle(_ deliveries: some Sequence<DeliveryID>) {
        state.withLock { state in
            for delivery in deliveries {
                state.claimed.remove(delivery)
                if state.rounds > 0 { state.settledMeanwhile.insert(delivery) }
            }
        }
    }

    /// Frees deliveries about which nothing has changed.
    package func release(_ deliveries: some Sequence<DeliveryID>) {
        state.withLock { $0.claimed.subtract(deliveries) }
    }

    fileprivate func take(_ delivery: DeliveryID) -> Bool {
        state.withLock { state in
            !state.settledMeanwhile.contains(delivery) && state.claimed.insert(delivery).inserted
        }
    }

    /// Whether nobody holds a delivery, which is then held for a writer.
    fileprivate func reserve(_ delivery: DeliveryID) -> Bool {
        state.withLock { $0.claimed.insert(delivery).inserted }
    }

    fileprivate func isFree(_ delivery: DeliveryID) -> Bool {
        state.withLock { state in
            !state.settledMeanwhile.contains(delivery) && !state.claimed.contains(delivery)
        }
    }

    fileprivate func end() {
        state.withLock { state in
            state.rounds -= 1
            if state.rounds == 0 { state.settledMeanwhile.removeAll() }
        }
    }
}

/// One reading of the queue, from before its snapshot was taken until it is dropped.
///
/// Rounds follow one another on one queue, so what ``Claims`` keeps for them stays small.
package final class ClaimRound {
    private let claims: Claims
    private var taken: [DeliveryID] = []

    fileprivate init(_ claims: Claims) { self.claims = claims }

    deinit { claims.end() }

    /// Claims a delivery; false if it is claimed or was settled after the snapshot.
    package func take(_ delivery: DeliveryID) -> Bool {
        guard claims.take(delivery) else { return false }
        taken.append(delivery)
        return true
    }

    package func isFree(_ delivery: DeliveryID) -> Bool { claims.isFree(delivery) }

    /// Gives back all that the round has taken, because it could not be handed out.
    package func undo() {
        claims.release(taken)
        taken.removeAll()
    }
}

/// What a write transaction takes out of the queue: held as if claimed until it is on disk, so
/// that nobody sends what is being left out, and nothing is left out that somebody sends.
package final class Reservation: Sendable {
    private let claims: Claims
    private let held = Mutex<Set<DeliveryID>>([])

    package init(_ claims: Claims) { self.claims = claims }

    /// False if somebody else has the delivery in hands.
    package func take(_ delivery: DeliveryID) -> Bool {
        held.withLock { held in
            guard !held.contains(delivery) else { return true }
            guard claims.reserve(delivery) else { return false }
            held.insert(delivery)
            return true
        }
    }

    /// The transaction is on disk: rounds that read what was before it must not take these.
    package func commit() { claims.settle(drain()) }

    /// The transaction was rolled back, and may be tried again.
    package func undo() { claims.release(drain()) }

    private func drain() -> Set<DeliveryID> {
        held.withLock { held in
            defer { held = [] }
            return held
        }
    }
}
