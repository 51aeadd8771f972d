package import PullcordCommit
package import PullcordModel
import ServiceLifecycle
import Synchronization

/// Ends a run when everything that was due has been polled and what it found has been sent.
package final class OnceService: Service {
    /// How a run ended.
    package enum End: Sendable, Equatable {
        case done
        /// A poll failed, or an endpoint did not take its deliveries.
        case incomplete
        /// It was not done in time.
        case late
    }

    /// What is due so soon is polled too: who calls every minute may come a little early.
    private static let slack: Duration = .seconds(5)
    private static let look: Duration = .milliseconds(100)

    private let runtime: Runtime
    private let store: any StoreReader
    private let time: any TimeSource
    private let longest: Duration
    private let started: Timestamp
    private let result = Mutex(End.late)

    /// To be made before anything runs.
    package init(
        _ runtime: Runtime, store: any StoreReader, time: any TimeSource, longest: Duration
    ) {
        self.runtime = runtime
        self.store = store
        self.time = time
        self.longest = longest
        started = time.wall()
        runtime.poll.pollOnce(slack: Self.slack)
    }

    package var end: End { result.withLock { $0 } }

    package func run() async throws {
        let last = time.monotonic() + longest
        while !Task.isShuttingDownGracefully, !Task.isCancelled, time.monotonic() < last {
            let isPolled = runtime.poll.isStill
            let isSent = try await runtime.deliver.isStill()
            if isPolled, isSent {
                let end = try await outcome()
                return result.withLock { $0 = end }
            }
            let next = time.monotonic() + Self.look
            try? await cancelWhenGracefulShutdown { try await self.time.sleep(until: next) }
        }
    }

    private func outcome() async throws -> End {
        let hasFailed = try await store.streams().contains {
            $0.isInFile && $0.failures > 0 && ($0.lastPoll.map { $0.started >= started } ?? false)
        }
        let now = time.wall()
        let waits = try await store.subscriptions().contains { subscription in
            subscription.isInFile && subscription.backlog > 0
                && (subscription.oldestBacklog.map { $0 <= now } ?? false)
        }
        return hasFailed || waits ? .incomplete : .done
    }
}
