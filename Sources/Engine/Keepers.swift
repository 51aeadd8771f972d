import Logging
import PullcordCommit
import PullcordModel
import ServiceLifecycle

/// Services beside polling and delivering: each looks, does a bounded part of its work, and waits.
package struct Keeper: Service {
    private let name: String
    private let time: any TimeSource
    private let log: Logger
    /// Does the work that there is; how long to wait before the next look.
    private let work: @Sendable () async throws -> Duration

    init(
        _ name: String, time: any TimeSource, log: Logger,
        work: @escaping @Sendable () async throws -> Duration
    ) {
        self.name = name
        self.time = time
        self.log = log
        self.work = work
    }

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let pause: Duration
            do {
                pause = try await work()
            } catch is CancellationError {
                return
            } catch let error as StoreError where error.mayPass {
                log.store(error)
                pause = Readiness.pause
            }
            let next = time.monotonic() + pause
            try? await cancelWhenGracefulShutdown { try await time.sleep(until: next) }
        }
    }
}

extension Keeper {
    /// Carries out what operators ask for, looking every second.
    static func operations(
        _ operations: Operations, time: any TimeSource, log: Logger
    ) -> Keeper {
        Keeper("operations", time: time, log: log) {
            try await operations.carryOutAll()
            return .seconds(1)
        }
    }

    /// Puts the events of replays into the queue, each at its rate.
    static func replays(
        _ feeder: ReplayFeeder, time: any TimeSource, log: Logger
    ) -> Keeper {
        Keeper("replays", time: time, log: log) {
            try await feeder.feed()
            return .seconds(1)
        }
    }

    /// Forgets what is old, a part at a time, and begins again every hour.
    static func retention(
        _ pruner: Pruner, time: any TimeSource, log: Logger
    ) -> Keeper {
        Keeper("retention", time: time, log: log) {
            try await pruner.step(now: time.wall())
        }
    }

    /// Tells of streams that have been silent for too long.
    static func stalls(_ reporter: StallReporter, time: any TimeSource, log: Logger) -> Keeper {
        Keeper("stalls", time: time, log: log) {
            try await reporter.look()
            return SourceWatch.look
        }
    }
}
