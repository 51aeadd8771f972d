import ServiceLifecycle
import Synchronization

/// A value that is known later, for one who waits for it.
final class Announcement<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func make(_ value: Value) {
        continuation.yield(value)
        continuation.finish()
    }

    /// The value, once it was announced; to be asked for once.
    ///
    /// Throws `CancellationError` if the task is cancelled before.
    func value() async throws -> Value {
        for await value in stream { return value }
        throw CancellationError()
    }
}

/// A service that is a piece of work.
struct Work: Service {
    private let work: @Sendable () async throws -> Void

    init(_ work: @escaping @Sendable () async throws -> Void) { self.work = work }

    func run() async throws { try await work() }
}

/// A service that ends after so many counts, and with it the group; never for 0.
final class Countdown: Service {
    private let left: Mutex<Int>
    private let end = Announcement<Void>()

    init(_ count: Int) { left = Mutex(count) }

    func count() {
        let isLast = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { end.make(()) }
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await self.end.value() }
    }
}
