import PullcordCommit
import PullcordModel

extension Pipeline {
    /// Adds to the end of a poll what it has shown of the stream's health.
    func tell(
        _ news: HealthNews?, with ending: inout CommitBatch, _ stream: LiveStream,
        _ state: StreamState
    ) async throws {
        let shape = shapes?.judge(stream, state, now: ending.time)
        ending.marks.merge(shape?.marks ?? [:]) { _, new in new }
        let all = [news, shape?.news].compactMap { $0 }
        guard let health, !all.isEmpty else { return }
        ending.alongside = [try await health.batch(all, at: ending.time)]
    }
}
