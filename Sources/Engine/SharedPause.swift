import Synchronization

/// Counts the visits of one poll that wait: the poll itself waits while all of them do.
final class SharedPause: Sendable {
    private let waiting = Mutex(0)
    private let visits: Int
    private let tell: @Sendable (Bool) -> Void

    init(visits: Int, tell: @escaping @Sendable (Bool) -> Void) {
        self.visits = visits
        self.tell = tell
    }

    func pause(_ isPausing: Bool) {
        let turns = waiting.withLock { waiting in
            let before = waiting >= visits
            waiting += isPausing ? 1 : -1
            return before != (waiting >= visits)
        }
        if turns { tell(isPausing) }
    }
}

extension PollOptions {
    /// The same for visits of which so many go on at once.
    func shared(among visits: Int) -> PollOptions {
        guard let pausing else { return self }
        let shared = SharedPause(visits: visits, tell: pausing)
        var options = self
        options.pausing = { shared.pause($0) }
        return options
    }
}
