import PullcordModel
import Synchronization

/// The clock of a case: a wait passes at once, and moves it.
final class CaseTime: TimeSource {
    private struct State {
        var elapsed: Duration = .zero
        /// What the wall clock shows when nothing has elapsed.
        var origin: Timestamp
        /// When the poll under way began.
        var began: Timestamp
        var beganElapsed: Duration = .zero
    }

    private let state: Mutex<State>

    init(_ start: Timestamp) { state = Mutex(State(origin: start, began: start)) }

    func wall() -> Timestamp { state.withLock { $0.origin + $0.elapsed } }
    func monotonic() -> Duration { state.withLock { $0.elapsed } }

    func sleep(until instant: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { $0.elapsed = max($0.elapsed, instant) }
    }

    /// Moves to the start of the next poll: `distance` after the start of the last one.
    ///
    /// The wall clock then shows exactly that, or `now` where it is given. Where the last poll has
    /// waited for longer, the steady clock stays, for it cannot go back.
    func beginPoll(after distance: Duration, now: Timestamp?) {
        state.withLock { state in
            state.elapsed = max(state.elapsed, state.beganElapsed + distance)
            state.began = now ?? state.began + distance
            state.beganElapsed = state.elapsed
            state.origin = state.began - state.elapsed
        }
    }
}
