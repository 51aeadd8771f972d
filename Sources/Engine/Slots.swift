import DequeModule
import Synchronization

/// A number of places that tasks take and give back, handed on in the order of asking.
package final class Slots: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var waiting: Deque<(number: Int, continuation: CheckedContinuation<Bool, Never>)> = []
    }

    private let state: Mutex<State>

    package init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Waits for a place; false if the task was cancelled before it got one.
    func take() async -> Bool {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map {
                    state.waiting.remove(at: $0).continuation
                }
            }
            waiter?.resume(returning: false)
        }
    }

    func giveBack() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if let first = state.waiting.popFirst() { return first.continuation }
            state.free += 1
            return nil
        }
        waiter?.resume(returning: true)
    }
}
