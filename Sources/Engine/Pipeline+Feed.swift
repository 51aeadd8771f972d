import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What a feed forgets.
extension Pipeline {
    /// Forgets items that the feed no longer shows, once enough newer ones have come.
    ///
    /// Items are old or young, told apart by the ordinal that was next at the end of some poll:
    /// the items of one poll come in any order, so a line through them would say nothing. When the
    /// young are as many as the adapter says, the old are forgotten, and the young are old. So an
    /// item may leave the feed and come back without being news again until so many newer ones have
    /// come since.
    func forgetOldItems(_ run: inout PollRun) async throws {
        guard run.stream.isFeed else { return }
        guard let boundary = run.state.marks[StreamMark.feedBoundary].flatMap({ Int64($0) }) else {
            run.feedBoundary = run.nextOrdinal
            return
        }
        let remembers = Int64(run.stream.poll.stream.changes.remembers)
        guard run.nextOrdinal - boundary >= remembers else { return }
        var kept = run.seen
        for ordinal in max(0, boundary)..<run.nextOrdinal { kept.insert(ordinal) }
        var last: RecordKey?
        while true {
            let old = try await records.unseen(
                of: run.stream.id, seen: kept, after: last, limit: 1000)
            guard let end = old.last?.key else { break }
            last = end
            memory?.forget(old, of: run.stream.id)
            var batch = CommitBatch(stream: run.stream.id, time: time.wall())
            batch.forgotten = old.map(\.key)
            try await write(batch)
        }
        run.feedBoundary = run.nextOrdinal
    }
}
