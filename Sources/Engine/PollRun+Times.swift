import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll

/// The moments that a poll reckons with.
extension PollRun {
    /// When what existed before is sent: not all at once.
    func due(of index: Int, at time: Timestamp) -> Timestamp {
        let rate = stream.belief.emitRate
        // By whole seconds: what belongs to one second needs no waiting in between.
        let wait = rate.window * index / max(rate.count, 1)
        return max(time, started + .seconds(wait.components.seconds))
    }

    /// Since when a change could be found: the time that the record states by the cursor, else
    /// the start of the last poll that ended well.
    func moment(of change: Change) -> ChangeMoment? {
        if let position = change.position, stream.poll.stream.cursor?.format.isTime == true {
            return .stated(Timestamp(milliseconds: position))
        }
        return state.lastSuccess.map { .after($0) }
    }
}
