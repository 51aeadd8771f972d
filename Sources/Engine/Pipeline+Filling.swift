import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// Writing all records of a stream down as parents, because there are other streams below it.
extension Pipeline {
    /// The rules that the stream's records have to be written down by; nil if they are already.
    func unfilled(_ stream: LiveStream) async throws -> Fingerprint? {
        guard !stream.fan.children.isEmpty else { return nil }
        return stream.fan.unfilled(try await records.adoption(of: stream.id))
    }

    /// Begins at the start of the list, unless a poll before has begun so already: then this one
    /// goes on from where that one came to.
    func beginFilling(
        by rules: Fingerprint, _ stream: LiveStream, _ state: inout StreamState
    ) async throws {
        let name = rules.description
        guard state.marks[StreamMark.filling] != name else { return }
        var batch = CommitBatch(stream: stream.id, time: time.wall())
        batch.marks[StreamMark.filling] = name
        // A start that is now would leave out all that changed since the last poll.
        let begins = stream.poll.stream.cursors.contains { $0.spec.beginsWithPoll }
        if let stored = state.cursor, !begins {
            // What is read anew because the API has forgotten the cursor stays that.
            let isResync =
                ResyncMark(stored, format: stream.poll.stream.cursor?.format) != nil
            let cursor = isResync ? ResyncMark(cursor: nil).stored : ""
            batch.cursor = cursor
            state.cursor = cursor.isEmpty ? nil : cursor
        }
        state.marks[StreamMark.filling] = name
        try await write(batch)
    }
}

extension LiveStream {
    /// What a poll writes its records down by.
    ///
    /// Where there is a whole list to read, only that shows all of them: the polls in between do
    /// not try.
    func filling(
        _ unfilled: Fingerprint?, _ state: StreamState, isReconciling: Bool
    ) -> Fingerprint? {
        reconciliation != nil && state.hasBaseline && !isReconciling ? nil : unfilled
    }
}
