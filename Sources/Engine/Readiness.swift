import Logging
import PullcordCommit
package import PullcordModel
import Synchronization

/// Whether the process can do its work: the one place that knows, for everything that waits for
/// a store that is full.
package final class Readiness: Sendable {
    package enum State: Sendable, Equatable {
        case ready
        /// Nothing is polled, because what is found could not be kept.
        case full(message: String, since: Timestamp)
    }

    /// How often a full store is tried again.
    static let pause: Duration = .seconds(5)

    private let current = Mutex(State.ready)
    private let probe: @Sendable () async throws(StoreError) -> Void
    private let log: Logger

    /// `probe` writes to the store; it throws `full` as long as there is no room.
    init(
        log: Logger, probe: @escaping @Sendable () async throws(StoreError) -> Void
    ) {
        self.log = log
        self.probe = probe
    }

    package var state: State { current.withLock { $0 } }

    /// Hears of a write that failed.
    func failed(_ error: StoreError, now: Timestamp) {
        guard error.code == .full else { return }
        let isNew = current.withLock { state in
            guard state == .ready else { return false }
            state = .full(message: error.message, since: now)
            return true
        }
        guard isNew else { return }
        log.error(
            "polling stopped",
            metadata: ["reason": "\(error.message)", "hint": "\(error.hint)"])
    }

    /// Whether there may be polls; a full store is tried first.
    func mayPoll() async throws(StoreError) -> Bool {
        guard state != .ready else { return true }
        do throws(StoreError) {
            try await probe()
        } catch {
            guard error.mayPass else { throw error }
            return false
        }
        current.withLock { $0 = .ready }
        log.notice("polling again")
        return true
    }
}
