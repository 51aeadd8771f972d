import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll
import PullcordSchedule

/// What is written down of a poll at its end.
extension PollRun {
    func report(_ end: RunEnd, duration: Duration) -> PollReport {
        PollReport(
            started: started, duration: duration, outcome: outcome(end),
            reason: shown(end.problem?.description ?? remark), pages: pages,
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
        case .behind(let end): return outcome(end)
        case .complete:
            if isPartial { return created + updated + deleted > 0 ? "changed" : "partial" }
            let isChanged = created + updated + deleted > 0
            if comparison == .reidentified || comparison == .remasked && !isChanged {
                return "rebaselined"
            }
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
            let validators = unconfirmed == 0 && !hasDoubts ? validators : nil
            batch.validators = validators.map { .set($0) } ?? .clear
            if stream.belief.confirmation != nil, !isPartial, isWhole {
                batch.missing = MissingUpdate(poll: started, isEnd: true)
            }
        case .notModified, .held, .resync, .failed, .behind:
            break
        }
        if keeping?.isFilling == true, case .complete = end, !isPartial {
            batch.kept.isComplete = true
        }
        remember(end, &batch)
        if let rules = marking.filling, case .complete = end, !isPartial {
            batch.fanOut.adoption = FanOutUpdate.Adoption(
                rules: rules, children: stream.fan.children.map(\.id), revisits: false)
            if state.marks[StreamMark.filling] != nil { batch.marks[StreamMark.filling] = "" }
        }
        batch.ending = PollEnding(
            report: report, nextPoll: nextPoll,
            isSuccess: end.problem == nil && !(isPartial && comparison == .first),
            rules: hasReadAll ? stream.poll.rules : nil)
        return batch
    }

    /// What the stream remembers of the poll besides its cursor.
    private func remember(_ end: RunEnd, _ batch: inout CommitBatch) {
        let isGood = end.problem == nil && !isPartial
        if let rule = stream.reconciliation?.rule {
            // A first poll reads everything that there is to know, if it begins at the start.
            let isWhole = isReconciling || !state.hasBaseline && !rule.isFirst
            let isBelieved = isGood && (hasReadAll || !isWhole)
            batch.marks = rule.marks(
                state, isWhole: isReconciling || isWhole && isBelieved, isBelieved: isBelieved,
                started: started)
        }
        // Written down by other rules, the beginning of the list would be missing later.
        if marking.filling == nil, state.marks[StreamMark.filling] != nil {
            batch.marks[StreamMark.filling] = ""
        }
        if isGood { batch.marks.merge(repeatedMarks) { _, new in new } }
        if isGood, var deletions, !deletions.isPartial {
            let marks = deletions.marks(isWhole: isReconciling && unconfirmed == 0)
            batch.marks.merge(marks) { _, new in new }
        }
        batch.marks.merge(state.successMarks(isSuccess: end.problem == nil)) { _, new in new }
        if let feedBoundary { batch.marks[StreamMark.feedBoundary] = String(feedBoundary) }
        batch.marks.merge(stream.needlessMarks(state)) { _, new in new }
    }

    /// Whether the poll has come nearer to the present, and is still further from it than the
    /// distance between two polls.
    func isBehind(_ end: RunEnd) -> Bool {
        guard stream.timetable.catchUp != nil, !isReconciling, let cursor = cursors.leading,
            hasMoved
        else {
            return false
        }
        switch end {
        case .complete:
            guard cursor.format.isTime else { return false }
            let lag = started - Timestamp(milliseconds: cursor.position)
            return lag > stream.timetable.interval
        case .failed(let problem, _):
            // Out of order, nothing of the way is stored, and the next poll would go it again.
            return cursors.isInOrder && problem.code == PollError.Code.pageBudget.rawValue
        case .notModified, .resync, .held, .behind: return false
        }
    }
}

extension LiveStream {
    /// Takes away what the adapter no longer says: it must not be taken for what it says later.
    func needlessMarks(_ state: StreamState) -> [String: String] {
        var needless: [String] = []
        if reconciliation == nil { needless += StreamMark.ofReconcile }
        if deletions == nil { needless += StreamMark.ofDeletions }
        if fan.parent == nil { needless += StreamMark.ofParents }
        if reconciliation == nil, !isSnapshot { needless.append(StreamMark.repeatedKeys) }
        if !isFeed { needless.append(StreamMark.feedBoundary) }
        if pace == nil { needless += StreamMark.ofPace }
        if fan.children.isEmpty { needless.append(StreamMark.filling) }
        return needless.reduce(into: [:]) { marks, name in
            if state.marks[name] != nil { marks[name] = "" }
        }
    }
}

extension StreamState {
    /// Keeps the time of the last success while polls fail, and lets go of it after the next.
    func successMarks(isSuccess: Bool) -> [String: String] {
        guard !isSuccess else {
            return marks[StreamMark.lastSuccess] == nil ? [:] : [StreamMark.lastSuccess: ""]
        }
        guard failures == 0, let lastSuccess else { return [:] }
        return [StreamMark.lastSuccess: StreamMark.text(of: lastSuccess)]
    }
}
