import PullcordAdapter
import PullcordModel
import PullcordPoll

/// The moments that a poll reckons with.
extension PollRun {
    /// The start of the poll, or as long before it as the API takes to settle, if the cursor is
    /// a time.
    ///
    /// One record stamped in the far future would otherwise be all that is ever asked for, and
    /// one that shows up late, with a stamp of before the poll, would never be.
    var horizon: CursorValue {
        guard let spec = stream.poll.stream.cursor, spec.format.isTime else {
            return CursorValue(format: .integer, position: .max)
        }
        return CursorValue(format: spec.format, position: (started - spec.settle).milliseconds)
    }

    /// When what existed before is sent: not all at once.
    func due(of index: Int, at time: Timestamp) -> Timestamp {
        let rate = stream.belief.emitRate
        // By whole seconds: what belongs to one second needs no waiting in between.
        let wait = rate.window * index / max(rate.count, 1)
        return max(time, started + .seconds(wait.components.seconds))
    }
}
