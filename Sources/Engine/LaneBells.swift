import PullcordCommit
import PullcordModel
import Synchronization

/// The bells of all delivery lanes, for whoever commits events.
package final class LaneBells: Sendable {
    private let bells = Mutex<[SubscriptionID: Wakeup]>([:])

    package init() {}

    func add(_ bell: Wakeup, for subscription: SubscriptionID) {
        bells.withLock { $0[subscription] = bell }
    }

    /// Rings for the deliveries of a batch that was committed.
    func ring(for batch: CommitBatch) {
        let events = batch.allEvents
        guard !events.isEmpty else { return }
        let wanted = Set(events.lazy.flatMap(\.subscriptions))
        let ringing = bells.withLock { bells in wanted.compactMap { bells[$0] } }
        for bell in ringing { bell.ring() }
    }
}
