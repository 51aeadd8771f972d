import Logging
import PullcordCommit
import PullcordModel
package import ServiceLifecycle
package import UnixSignals

/// How long everything goes on that a process keeps going.
package enum Lifetime {
    /// Runs services until one of them ends, a signal comes, or the task is cancelled.
    ///
    /// They stop in the opposite order; `stopMax` is how long that may take before what is left is
    /// cut off.
    package static func run(
        _ services: [any Service], until signals: [UnixSignal] = [.sigterm, .sigint],
        stopMax: Duration
    ) async throws {
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: signals, logger: silent)
        group.maximumGracefulShutdownDuration = stopMax
        try await ServiceGroup(configuration: group).run()
    }

    /// The service group's own words are about services, which users do not know of.
    private static let silent = Logger(label: "pullcord.services") { _ in
        SwiftLogNoOpLogHandler()
    }
}

/// Reloads at SIGHUP.
package struct HangupService: Service {
    private let runtime: Runtime

    package init(runtime: Runtime) { self.runtime = runtime }

    package func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try await runtime.reload()
            } catch is Problem {
                // The log has told of it, and the old configuration runs on.
            } catch let error as StoreError where error.mayPass {
                // Told too.
            }
        }
    }
}
