package import PullcordModel
import Synchronization

/// Time that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        let number: Int
        let instant: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed: Duration = .zero
        var wallOffset: Duration = .zero
        var number = 0
        var sleepers: [Sleeper] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let start: Timestamp
    private let state = Mutex(State())

    /// Starts at 2026-01-01T00:00:00Z unless told otherwise.
    package init(start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        self.start = start
    }

    package func wall() -> Timestamp {
        state.withLock { start + $0.elapsed + $0.wallOffset }
    }

    package func monotonic() -> Duration { state.withLock { $0.elapsed } }

    package func sleep(until instant: Duration) async throws {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (answer, watchers) = state.withLock {
                    state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                    if Task.isCancelled { return (.failure(CancellationError()), []) }
                    if instant <= state.elapsed { return (.success(()), []) }
                    state.sleepers.append(
                        Sleeper(number: number, instant: instant, continuation: continuation))
                    defer { state.watchers = [] }
                    return (nil, state.watchers)
                }
                for watcher in watchers { watcher.resume() }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }.map {
                    state.sleepers.remove(at: $0)
                }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves both clocks forward and wakes who slept until then.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.elapsed += duration
            let woken = state.sleepers.filter { $0.instant <= state.elapsed }
            state.sleepers.removeAll { $0.instant <= state.elapsed }
            return woken
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Sets the wall clock alone, as an operator or a time server does.
    package func setWall(by offset: Duration) {
        state.withLock { $0.wallOffset += offset }
    }

    /// Waits until somebody sleeps, then moves time to the earliest wake-up.
    ///
    /// Returns how far time was moved; zero at once if the task is cancelled, so that a test that
    /// was given up comes to its end.
    @discardableResult
    package func advanceToNextSleeper() async -> Duration {
        while !Task.isCancelled {
            let step = state.withLock { state in
                state.sleepers.map(\.instant).min().map { $0 - state.elapsed }
            }
            if let step {
                advance(by: max(.zero, step))
                return step
            }
            await waitForSleeper()
        }
        return .zero
    }

    private func waitForSleeper() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { watcher in
                let isLate = state.withLock { state in
                    guard state.sleepers.isEmpty, !Task.isCancelled else { return true }
                    state.watchers.append(watcher)
                    return false
                }
                if isLate { watcher.resume() }
            }
        } onCancel: {
            // All of them look again.
            let watchers = state.withLock { state in
                defer { state.watchers = [] }
                return state.watchers
            }
            for watcher in watchers { watcher.resume() }
        }
    }
}
