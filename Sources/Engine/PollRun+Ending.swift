import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll

/// What is written down of a poll at its end.
extension PollRun {
    func report(_ end: RunEnd, duration: Duration) -> PollReport {
        PollReport(
            started: started, duration: duration, outcome: outcome(end),
            reason: shown(end.problem?.description), pages: pages,
            records: records, created: created, updated: updated, deleted: deleted)
    }

    /// A text as it may be stored and shown: no secrets, no end of text.
    func shown(_ text: String?) -> String {
        guard let text else { return "" }
        let safe = stream.redactor.redact(StrangerText.printable(text))
        let charactersMax = 1000
        return safe.count > charactersMax ? safe.prefix(charactersMax) + "…" : safe
    }

    private func outcome(_ end: RunEnd) -> String {
        switch end {
        case .held(let problem), .resync(let problem), .failed(let problem, _):
            return problem.code
        case .notModified: return "not_modified"
        case .complete:
            if isPartial { return created + updated + deleted > 0 ? "changed" : "partial" }
            if comparison.origin(of: .created, stream.first) == nil { return "baseline" }
            return created + updated + deleted > 0 ? "changed" : "unchanged"
        }
    }

    /// The batch that ends the poll: cursor, validators and report together.
    func ending(
        _ end: RunEnd, report: PollReport, nextPoll: Timestamp?, time: Timestamp
    ) -> CommitBatch {
        var batch = CommitBatch(stream: stream.id, time: time)
        switch end {
        case .complete(let validators, _):
            // What was left out is asked for again.
            if !isPartial { batch.cursor = cursors.storedAtEnd ?? (isResync ? "" : nil) }
            // A list that has not changed is not read, and misses nobody.
            let validators = unconfirmed == 0 ? validators : nil
            batch.validators = validators.map { .set($0) } ?? .clear
            if stream.belief.confirmation != nil, !isPartial {
                batch.missing = MissingUpdate(poll: started, isEnd: true)
            }
        case .notModified, .held, .resync, .failed:
            break
        }
        if keeping?.isFilling == true, case .complete = end, !isPartial {
            batch.kept.isComplete = true
        }
        batch.ending = PollEnding(
            report: report, nextPoll: nextPoll,
            isSuccess: end.problem == nil && !(isPartial && comparison == .first),
            rules: hasReadAll ? stream.poll.rules : nil)
        return batch
    }
}
