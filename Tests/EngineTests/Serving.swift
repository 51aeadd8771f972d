import PullcordEngine
import ServiceLifecycle
import ServiceLifecycleTestKit

/// Running services, as the body of a test sees them.
struct Serving: Sendable {
    fileprivate let trigger: GracefulShutdownTestTrigger

    /// Asks for an orderly stop; returns when every service has been told.
    func stop() { trigger.triggerGracefulShutdown() }
}

extension Bridge {
    /// Runs the delivering service for the time of `body`, and stops it in good order.
    func delivering(_ body: @escaping @Sendable (Serving) async throws -> Void) async throws {
        let deliver = services().deliver
        try await serve([deliver], body)
    }

    /// Runs the polling service for the time of `body`, and stops it in good order.
    func polling(_ body: @escaping @Sendable (Serving) async throws -> Void) async throws {
        let poll = services().poll
        try await serve([poll], body)
    }

    /// Runs both for the time of `body`, and stops them in good order.
    func serving(_ body: @escaping @Sendable (Serving) async throws -> Void) async throws {
        let both = services()
        try await serve([both.deliver, both.poll], body)
    }

    private func serve(
        _ services: [any Service], _ body: @escaping @Sendable (Serving) async throws -> Void
    ) async throws {
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                for service in services { group.addTask { try await service.run() } }
                let serving = Serving(trigger: trigger)
                try await body(serving)
                serving.stop()
                try await group.waitForAll()
            }
        }
    }

    /// Runs a service and cuts it off in the middle, as the end of the deadline does.
    func cutting(
        _ service: some Service, when body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
