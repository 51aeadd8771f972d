import PullcordCommit
import PullcordModel
import Synchronization

/// How many changes each source had in each of the last hours.
///
/// What the log had is counted once; from then on only what is new.
final class ActivityTally: Sendable {
    /// Hours that are told of; the last is the current one.
    static let hours = 24
    /// Places of the log that are counted at the start, back from its end; older changes are left
    /// out.
    private static let startMax: Int64 = 100_000

    private let state = Mutex(State())

    private struct State {
        var position: Int64?
        var sources: [String: [Int64: Int]] = [:]
    }

    /// The counts of one moment.
    struct Activity: Sendable {
        fileprivate let sources: [String: [Int64: Int]]
        fileprivate let hour: Int64

        /// Of one source, the oldest hour first.
        func changes(of source: String) -> [Int] { Self.row(sources[source] ?? [:], hour) }

        /// Of all sources.
        var changes: [Int] {
            Self.row(sources.values.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }, hour)
        }

        private static func row(_ counts: [Int64: Int], _ hour: Int64) -> [Int] {
            (0..<Int64(ActivityTally.hours)).reversed().map { counts[hour - $0] ?? 0 }
        }
    }

    func read(_ store: any Store & StoreReader, now: Timestamp) async throws -> Activity {
        let end = try await store.logEnd()
        let known = state.withLock { $0.position }
        let start = known ?? max(0, end - Self.startMax)
        let hour = now.milliseconds / 3_600_000
        if end > start || known == nil {
            let counts = try await store.changeCounts(after: start, upTo: end)
            state.withLock { state in
                // Somebody else may have counted meanwhile.
                guard state.position == known else { return }
                state.position = end
                for count in counts {
                    state.sources[count.source.text, default: [:]][count.hour, default: 0] +=
                        count.count
                }
                let oldest = hour - Int64(Self.hours)
                for (source, hours) in state.sources
                where hours.keys.contains(where: { $0 < oldest }) {
                    let kept = hours.filter { $0.key >= oldest }
                    state.sources[source] = kept.isEmpty ? nil : kept
                }
            }
        }
        return Activity(sources: state.withLock { $0.sources }, hour: hour)
    }
}
