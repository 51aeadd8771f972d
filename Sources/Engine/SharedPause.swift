import Synchronization

/// Counts what goes on at once within one poll, and what of it waits: the poll itself waits while
/// all of it does.
package final class SharedPause: Sendable {
    private struct Count {
        var running = 0
        var waiting = 0

        var isPausing: Bool { running > 0 && waiting >= running }
    }

    private let count = Mutex(Count())
    private let tell: @Sendable (Bool) -> Void

    init(tell: @escaping @Sendable (Bool) -> Void) { self.tell = tell }

    /// Carries out one thing of several.
    package func during<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        change { $0.running += 1 }
        defer { change { $0.running -= 1 } }
        return try await body()
    }

    fileprivate func pause(_ isPausing: Bool) {
        change { $0.waiting += isPausing ? 1 : -1 }
    }

    private func change(_ body: (inout Count) -> Void) {
        let (before, after) = count.withLock { count in
            let before = count.isPausing
            body(&count)
            return (before, count.isPausing)
        }
        if before != after { tell(after) }
    }
}

extension PollOptions {
    /// The same for things that go on at once, each of them under ``SharedPause/during(_:)``.
    package func shared() -> (options: PollOptions, pause: SharedPause) {
        let pause = SharedPause(tell: pausing ?? { _ in })
        var options = self
        options.pausing = { pause.pause($0) }
        return (options, pause)
    }
}
