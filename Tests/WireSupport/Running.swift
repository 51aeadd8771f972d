import Logging
package import ServiceLifecycle

/// Runs a server while `use` does something with its port, then shuts it down gracefully.
///
/// An error of the server is thrown, also one that comes before it listens.
package func withServer<Result: Sendable>(
    _ make: (_ onListening: @escaping @Sendable (Int) async -> Void) -> any Service,
    use: @escaping @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let service = make { port in continuation.yield(port) }
    let group = ServiceGroup(
        services: [service],
        logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { continuation.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.next()
            throw CancellationError()
        }
        let result: Result
        do {
            result = try await use(port)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.next()
        return result
    }
}
