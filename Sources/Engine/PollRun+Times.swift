import PullcordAdapter
import PullcordModel

/// The moments that a poll reckons with.
extension PollRun {
    /// When what existed before is sent: not all at once.
    func due(of index: Int, at time: Timestamp) -> Timestamp {
        let rate = stream.belief.emitRate
        // By whole seconds: what belongs to one second needs no waiting in between.
        let wait = rate.window * index / max(rate.count, 1)
        return max(time, started + .seconds(wait.components.seconds))
    }
}
