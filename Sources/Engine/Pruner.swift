package import PullcordAdapter
package import PullcordCommit
package import PullcordModel
import Synchronization

/// Walks the log in small steps and forgets what is old.
package final class Pruner: Sendable {
    /// Between two steps of a pass: deliveries come first.
    static let stepPause: Duration = .milliseconds(100)
    /// Between two passes.
    static let passPause: Duration = .seconds(3600)

    private enum Place {
        case payloads
        case events(after: Int64)
    }

    private let store: any RetentionStore
    private let spec: Mutex<RetentionSpec>
    private let place = Mutex(Place.payloads)

    package init(store: any RetentionStore, retention: RetentionSpec) {
        self.store = store
        spec = Mutex(retention)
    }

    /// Keeps everything for so long from now on.
    func set(_ retention: RetentionSpec) { spec.withLock { $0 = retention } }

    /// Does one step; how long to wait before the next.
    package func step(now: Timestamp) async throws(StoreError) -> Duration {
        let retention = spec.withLock { $0 }
        let cutoffs = RetentionCutoffs(
            payloads: retention.payloads.map { now - $0 }, dead: retention.dead.map { now - $0 },
            attempts: retention.attempts.map { now - $0 })
        switch place.withLock({ $0 }) {
        case .payloads:
            let step = try await store.prunePayloads(cutoffs)
            if step.next == nil { place.withLock { $0 = .events(after: 0) } }
        case .events(let after):
            let step = try await store.pruneEvents(cutoffs, after: after)
            guard let next = step.next else {
                place.withLock { $0 = .payloads }
                return Self.passPause
            }
            place.withLock { $0 = .events(after: next) }
        }
        return Self.stepPause
    }
}
