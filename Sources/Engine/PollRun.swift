import PullcordAdapter
import PullcordCommit
import PullcordDeliver
import PullcordDetect
package import PullcordModel
import PullcordPoll
package import PullcordSchedule

/// What one poll has found so far, and the batches that it makes of it.
struct PollRun {
    let stream: LiveStream
    let state: StreamState
    let options: PollOptions
    let started: Timestamp

    private var differ: Differ
    private var cursor: CursorValue?
    private(set) var pages = 0
    private(set) var records = 0
    private var created = 0
    private var updated = 0
    private var deleted = 0

    init(stream: LiveStream, state: StreamState, options: PollOptions, started: Timestamp) {
        self.stream = stream
        self.state = state
        self.options = options
        self.started = started
        let stored = state.cursor.flatMap { CursorValue(stored: $0) }
        // A cursor of another format belongs to an adapter that has been changed since: reading
        // from the start is slow and right.
        cursor = stored?.format == stream.poll.stream.cursor?.format ? stored : nil
        differ = Differ(nextOrdinal: state.nextOrdinal, tracksSeen: stream.isSnapshot)
    }

    var start: PollStart {
        PollStart(
            cursor: cursor, validators: pages == 0 && state.hasBaseline ? state.validators : nil,
            time: started)
    }

    var seen: SeenSet { differ.seen ?? SeenSet() }

    /// How many records that were known when the poll began have not been seen.
    var missing: Int { max(0, state.liveCount - differ.seenLive) }

    /// Events are sent for what changed since the baseline; for the baseline itself only if
    /// the stream says so.
    private var origin: Origin? {
        if state.hasBaseline { return .live }
        return stream.first == .emit ? .backfill : nil
    }

    /// Whether the adapter's rules of comparison have changed since the last poll: then a new
    /// fingerprint says nothing about the record.
    private var isRebaselining: Bool {
        state.hasBaseline && state.rules != nil && state.rules != stream.poll.rules
    }

    mutating func take(
        _ page: Page, known: [KnownRecord?], readAt: Timestamp, matcher: EventMatcher
    ) -> CommitBatch {
        pages += 1
        records += page.total
        let found = differ.compare(page, known: known)
        if let greatest = page.cursors?.greatest { cursor = max(cursor ?? greatest, greatest) }
        var batch = batch(found, readAt: readAt, matcher: matcher)
        if stream.poll.stream.cursor?.isAscending == true { batch.cursor = cursor?.stored }
        return batch
    }

    /// Fails if there are more deletes than can be believed.
    func checkDeletes() throws(Problem) {
        guard !options.acceptsDeletes, state.hasBaseline else { return }
        let guardian = DeleteGuard(
            maxShare: stream.deletes.maxShare, minimum: stream.deletes.minimum)
        switch guardian.judge(live: state.liveCount, seenLive: differ.seenLive) {
        case .none, .proceed: return
        case .suspicious(let count, let known):
            throw Problem(
                code: "mass_delete",
                message: "\(count) of \(known) records are gone at once; no delete was believed",
                place: stream.address.description,
                hint: "if they are really gone: pullcord poll \(stream.address) --accept-deletes; "
                    + "if that is usual here, raise `max_delete`")
        }
    }

    mutating func delete(
        _ gone: [(key: RecordKey, state: KnownRecord)], time: Timestamp, matcher: EventMatcher
    ) -> CommitBatch {
        batch(Differ.deletions(of: gone), readAt: time, matcher: matcher)
    }

    private mutating func batch(
        _ found: PageChanges, readAt: Timestamp, matcher: EventMatcher
    ) -> CommitBatch {
        var batch = CommitBatch(stream: stream.id, time: readAt, records: found.records)
        for change in found.changes {
            if isRebaselining, change.kind == .updated { continue }
            switch change.kind {
            case .created: created += 1
            case .updated: updated += 1
            case .deleted: deleted += 1
            }
            guard let origin else { continue }
            let event = Event(
                id: EventIdentity.id(
                    address: stream.address, key: change.key, version: change.version,
                    fingerprint: change.fingerprint, kind: change.kind),
                address: stream.address, key: change.key, kind: change.kind,
                version: change.version, fingerprint: change.fingerprint, time: readAt,
                origin: origin, record: change.record)
            batch.events.append(matcher.outgoing(event))
        }
        return batch
    }

    func end(_ end: PollEnd) -> RunEnd {
        switch end {
        case .complete(let validators, let rest): .complete(validators, rest: rest)
        case .notModified: .notModified
        case .failed(let error): .failed(error.problem, retryAfter: error.retryAfter)
        }
    }

    func report(_ end: RunEnd, duration: Duration) -> PollReport {
        PollReport(
            started: started, duration: duration, outcome: outcome(end),
            reason: stream.redactor.redact(end.problem?.description ?? ""), pages: pages,
            records: records, created: created, updated: updated, deleted: deleted)
    }

    private func outcome(_ end: RunEnd) -> String {
        switch end {
        case .failed(let problem, _): return problem.code
        case .notModified: return "not_modified"
        case .complete:
            if origin == nil { return "baseline" }
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
            batch.cursor = cursor?.stored
            batch.validators = validators.map { .set($0) } ?? .clear
        case .notModified, .failed:
            break
        }
        batch.ending = PollEnding(
            report: report, nextPoll: nextPoll, isSuccess: end.problem == nil,
            rules: stream.poll.rules)
        return batch
    }
}

/// How a poll ended, with what the schedule and the store need to know of it.
package enum RunEnd: Sendable {
    case complete(Validators?, rest: Duration?)
    case notModified
    case failed(Problem, retryAfter: Duration?)

    var problem: Problem? {
        if case .failed(let problem, _) = self { problem } else { nil }
    }

    package var outcome: RunOutcome {
        switch self {
        case .complete(_, let rest): .succeeded(notBefore: rest)
        case .notModified: .succeeded()
        case .failed(_, let retryAfter): .failed(notBefore: retryAfter)
        }
    }
}
