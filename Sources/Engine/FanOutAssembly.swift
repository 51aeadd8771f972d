import PullcordCommit
import PullcordModel

extension Assembly {
    /// Forgets by which rules parents were written down for streams that are polled no longer.
    ///
    /// Should they come back, everything is written down anew.
    static func releaseParents(
        of streams: [LiveStream], _ store: any Store
    ) async throws {
        let idle = Set(try await store.adopters()).subtracting(
            streams.filter { !$0.fan.children.isEmpty }.map(\.id))
        for stream in idle.sorted(by: { $0.number < $1.number }) {
            var batch = CommitBatch(stream: stream, time: Timestamp(milliseconds: 0))
            batch.fanOut.adoption = FanOutUpdate.Adoption(
                rules: Fingerprint(high: 0, low: 0), children: [], revisits: false)
            try await store.commit(batch)
        }
    }
}
