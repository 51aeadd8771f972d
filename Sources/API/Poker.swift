import PullcordEngine
import PullcordModel
import Synchronization

/// Has sources polled at once because somebody heard of a change; many calls become few polls.
///
/// The first call of a source polls at once. What follows within the interval becomes one more
/// poll at its end, so that no change that was told of is missed.
final class Poker: Sendable {
    /// From one poll of a source by a poke to the next.
    static let interval: Duration = .seconds(1)
    /// Sources that are remembered.
    private static let sourcesMax = 100_000

    enum Outcome: String, Sendable, CaseIterable {
        case polled
        /// A poll that is about to come counts for this one too.
        case coalesced
    }

    private struct State {
        var last: [String: Duration] = [:]
        var waiting: Set<String> = []
    }

    private let state = Mutex(State())
    private let operations: Operations
    private let time: any TimeSource
    private let later: AsyncStream<(name: String, due: Duration)>.Continuation
    private let queue: AsyncStream<(name: String, due: Duration)>

    init(_ operations: Operations, time: any TimeSource) {
        self.operations = operations
        self.time = time
        (queue, later) = AsyncStream.makeStream(of: (name: String, due: Duration).self)
    }

    func poke(_ source: String) async throws -> Outcome {
        let now = time.monotonic()
        let due: Duration? = state.withLock { state in
            if state.waiting.contains(source) { return nil }
            if state.last.count >= Self.sourcesMax { state.last = [:] }
            let due = state.last[source].map { max(now, $0 + Self.interval) } ?? now
            if due > now { state.waiting.insert(source) } else { state.last[source] = now }
            return due
        }
        guard let due else { return .coalesced }
        guard due <= now else {
            later.yield((source, due))
            return .coalesced
        }
        try await poll(source)
        return .polled
    }

    /// Carries out what was put off, until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await (name, due) in queue {
                group.addTask {
                    try? await self.time.sleep(until: due)
                    self.state.withLock { state in
                        state.waiting.remove(name)
                        state.last[name] = self.time.monotonic()
                    }
                    // Whoever poked has had an answer; a source that is gone needs no poll.
                    try? await self.poll(name)
                }
            }
            group.cancelAll()
        }
    }

    private func poll(_ source: String) async throws {
        do {
            _ = try await operations.run("poll", ["name": source, "source": source, "by": "poke"])
        } catch let problem as Problem {
            throw APIProblem(problem)
        }
    }
}
