import PullcordModel
import Synchronization

/// A bell that one task waits for and any number of others ring.
///
/// A ring that nobody waits for is kept, so none is lost between a look and the wait after it;
/// several rings before a wait count as one.
final class Wakeup: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            state.isRung = waiter == nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when `instant` has come, or when the task is cancelled.
    func wait(until instant: Duration?, time: any TimeSource) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.ringing() }
            if let instant {
                group.addTask { try? await time.sleep(until: instant) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func ringing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
