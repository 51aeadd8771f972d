import Logging
import PullcordCommit
import PullcordModel

/// Writes, again and again where the store cannot write now: a delivery that was made and not
/// written down would be made again.
struct PatientWriter: Sendable {
    let store: any Store
    let time: any TimeSource
    let readiness: Readiness
    let log: Logger

    /// How long to wait for a store that cannot write now.
    static let pause: Duration = .seconds(5)

    /// - Throws: a `StoreError` that does not pass, or `CancellationError`.
    func write(_ work: (any Store) async throws(StoreError) -> Void) async throws {
        while true {
            do throws(StoreError) {
                return try await work(store)
            } catch {
                guard error.mayPass else { throw error }
                log.store(error)
                readiness.failed(error, now: time.wall())
                try await time.sleep(until: time.monotonic() + Self.pause)
            }
        }
    }
}
