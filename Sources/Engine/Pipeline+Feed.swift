import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What a feed forgets.
extension Pipeline {
    /// Forgets the oldest items that the feed no longer shows, once they are many.
    ///
    /// An item is kept in mind until as many newer ones have come as the adapter says: until then
    /// it may leave the feed and come back without being news again.
    func forgetOldItems(_ run: inout PollRun) async throws {
        let remembers = run.stream.poll.stream.changes.remembers
        guard run.stream.isFeed, run.liveCount > remembers + remembers / 10 else { return }
        var kept = run.seen
        let first = max(0, run.nextOrdinal - Int64(remembers))
        for ordinal in first..<max(first, run.nextOrdinal) { kept.insert(ordinal) }
        var last: RecordKey?
        while true {
            let old = try await records.unseen(
                of: run.stream.id, seen: kept, after: last, limit: 1000)
            guard let end = old.last?.key else { return }
            last = end
            memory?.forget(old, of: run.stream.id)
            var batch = CommitBatch(stream: run.stream.id, time: time.wall())
            batch.forgotten = old.map(\.key)
            try await write(batch)
        }
    }
}
