import PullcordAdapter
import PullcordCommit
import PullcordDeliver
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What one poll has found so far, and the batches that it makes of it.
struct PollRun {
    let stream: LiveStream
    let state: StreamState
    let options: PollOptions
    let started: Timestamp

    private var comparison: Comparison
    private var differ: Differ
    private var cursor: CursorValue?
    /// Whether the pages so far came in ascending order of the cursor, as the adapter says.
    private var isInOrder: Bool
    /// The greatest cursor value of the page before.
    private var lastGreatest: CursorValue?
    private(set) var pages = 0
    private(set) var records = 0
    /// Whether all pages are read a second time, because records seem to be gone.
    private var isSecondLook = false
    private var hasReadAll = false
    /// Whether pages were left out: what was not seen may well be there.
    private(set) var isPartial = false
    /// Whether everything is read because the API rejected where the poll went on from.
    private var isResync: Bool
    private var hasGoneBack = false
    private var created = 0
    private var updated = 0
    private var deleted = 0

    init(stream: LiveStream, state: StreamState, options: PollOptions, started: Timestamp) {
        self.stream = stream
        self.state = state
        self.options = options
        self.started = started
        let mark = state.cursor.flatMap { ResyncMark($0) }
        isResync = mark != nil
        let comparison = Self.comparison(state, stream)
        self.comparison = mark != nil && comparison == .same ? .resync : comparison
        let stored = mark?.cursor ?? state.cursor.flatMap { CursorValue(stored: $0) }
        // A cursor of another format or of other records belongs to an adapter that has been
        // changed since: reading from the start is slow and right.
        let isSame = state.knownRules.allSatisfy { $0.high == stream.poll.rules.high }
        cursor = isSame && stored?.format == stream.poll.stream.cursor?.format ? stored : nil
        isInOrder = stream.poll.stream.cursor?.isAscending ?? false
        differ = Differ(nextOrdinal: state.nextOrdinal, tracksSeen: stream.isSnapshot)
    }

    var start: PollStart {
        PollStart(
            cursor: cursor,
            validators: isSecondLook || isResync || !state.hasBaseline ? nil : state.validators,
            time: started)
    }

    var seen: SeenSet { differ.seen ?? SeenSet() }

    /// How many records that were known when the poll began have not been seen.
    var missing: Int { max(0, state.liveCount - differ.seenLive) }

    /// How what is stored compares with what is polled, by ``ComparisonRules``.
    private enum Comparison {
        /// Nothing is known yet.
        case first
        case same
        /// What counts in a record has changed: a new fingerprint says nothing about the record.
        case remasked
        /// As `remasked`, after a poll that was cut short: some records are compared by the new
        /// rules already, and which is not known.
        case remaskedAgain
        /// The API rejected the cursor: what differs has changed at some time since.
        case resync
        /// What a record is has changed: all that is known is of other records.
        case reidentified
    }

    private static func comparison(_ state: StreamState, _ stream: LiveStream) -> Comparison {
        guard state.hasBaseline else { return .first }
        let rules = stream.poll.rules
        let others = state.knownRules.filter { $0 != rules }
        if others.isEmpty { return .same }
        if others.contains(where: { $0.high != rules.high }) { return .reidentified }
        // A stream with a cursor is not read as a whole: what comes may have changed indeed.
        return state.pendingRules == nil && stream.isSnapshot ? .remasked : .remaskedAgain
    }

    /// The origin of an event for a change of this kind; nil if there is to be none.
    private func origin(of kind: ChangeKind) -> Origin? {
        switch comparison {
        case .first: stream.first == .emit ? .backfill : nil
        case .same: .live
        case .remasked: .live
        // Rather an event too many, and labelled, than a change that nobody hears of.
        case .resync: .resync
        case .remaskedAgain: kind == .updated ? .resync : .live
        case .reidentified: nil
        }
    }

    /// Whether there is nothing left to go back to: the poll began at the start, or has gone back.
    var isAtStart: Bool { hasGoneBack || cursor == nil && pages == 0 }

    /// Begins to read everything from the start; the batch keeps that for the next poll, should
    /// this one not come to its end.
    mutating func resync(time: Timestamp) -> CommitBatch {
        hasGoneBack = true
        isResync = true
        if comparison == .same { comparison = .resync }
        cursor = nil
        isInOrder = stream.poll.stream.cursor?.isAscending ?? false
        pages = 0
        records = 0
        lastGreatest = nil
        return CommitBatch(
            stream: stream.id, time: time, cursor: ResyncMark(cursor: nil).stored,
            validators: .clear)
    }

    /// Begins to read all pages once more.
    mutating func lookAgain() {
        isSecondLook = true
        pages = 0
        records = 0
        lastGreatest = nil
    }

    mutating func take(
        _ page: Page, isFreshStart: Bool, known: [KnownRecord?], readAt: Timestamp,
        matcher: EventMatcher
    ) -> CommitBatch {
        pages += 1
        records += page.total
        let found = differ.compare(page, known: known)
        // Asked for from the cursor, a page may begin before the last one's end.
        if isFreshStart { lastGreatest = nil }
        if let span = page.cursors { move(along: span) }
        var batch = batch(found, readAt: readAt, matcher: matcher)
        if isInOrder {
            batch.cursor = isResync ? ResyncMark(cursor: cursor).stored : cursor?.stored
        }
        // The stored validators speak of a page that is no longer what is known.
        if !found.records.isEmpty, state.validators != nil { batch.validators = .clear }
        if comparison != .same, comparison != .resync { batch.pendingRules = stream.poll.rules }
        return batch
    }

    /// Moves the cursor to the greatest value of a page, never back.
    ///
    /// A page that is out of order may be followed by any other: from then on the cursor is
    /// stored at the end of the poll only.
    private mutating func move(along span: CursorSpan) {
        let isAfterLast = lastGreatest.map { span.least >= $0 } ?? true
        if !span.isAscending || !isAfterLast { isInOrder = false }
        lastGreatest = span.greatest
        let greatest = min(span.greatest, horizon)
        cursor = max(cursor ?? greatest, greatest)
    }

    /// The start of the poll, if the cursor is a time.
    ///
    /// One record stamped in the far future would otherwise be all that is ever asked for.
    private var horizon: CursorValue {
        let format = stream.poll.stream.cursor?.format ?? .integer
        return CursorValue(
            format: format, position: format.isTime ? started.milliseconds : .max)
    }

    /// Why the deletes that a scan implies are not believed; nil if they are.
    var deleteRefusal: Problem? {
        guard !options.acceptsDeletes, comparison != .first, comparison != .reidentified else {
            return nil
        }
        let share = stream.deletes.maxShare
        let guardian = DeleteGuard(
            maxShare: share, minimum: share > 0 ? stream.deletes.minimum : 0)
        if share < 1,
            case .suspicious(let count, let known) = guardian.judge(
                live: state.liveCount, seenLive: differ.seenLive)
        {
            return Problem(
                code: "mass_delete",
                message: "\(count) of \(known) records are gone at once; no delete was believed",
                place: stream.address.description,
                hint: "if they are really gone: stop the daemon and run pullcord poll "
                    + "\(stream.address) --accept-deletes; if that is usual here, raise "
                    + "`max_delete`")
        }
        guard records == 0, state.lastPoll?.outcome != Self.emptyList else { return nil }
        return Problem(
            code: Self.emptyList,
            message: "the list is empty where \(state.liveCount) records were known; it is "
                + "believed if the next poll finds the same",
            place: stream.address.description)
    }

    private static let emptyList = "empty_list"

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
            // A new fingerprint under new rules is no change that anybody should count.
            if comparison == .remasked, change.kind == .updated { continue }
            switch change.kind {
            case .created: created += 1
            case .updated: updated += 1
            case .deleted: deleted += 1
            }
            guard let origin = origin(of: change.kind) else { continue }
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

    mutating func end(_ end: PollEnd) -> RunEnd {
        switch end {
        case .complete(let validators, let rest):
            hasReadAll = true
            return .complete(validators, rest: rest)
        case .partial(let rest):
            isPartial = true
            hasReadAll = false
            return .complete(nil, rest: rest)
        case .notModified(let rest):
            return .notModified(rest: rest)
        case .resync(let error):
            return .resync(error.problem)
        case .failed(let error):
            hasReadAll = false
            return .failed(error.problem, retryAfter: error.retryAfter)
        }
    }

    func report(_ end: RunEnd, duration: Duration) -> PollReport {
        PollReport(
            started: started, duration: duration, outcome: outcome(end),
            reason: shown(end.problem), pages: pages,
            records: records, created: created, updated: updated, deleted: deleted)
    }

    /// A problem as it may be stored and shown: no secrets, no end of text.
    private func shown(_ problem: Problem?) -> String {
        guard let problem else { return "" }
        let text = stream.redactor.redact(StrangerText.printable(problem.description))
        let charactersMax = 1000
        return text.count > charactersMax ? text.prefix(charactersMax) + "…" : text
    }

    private func outcome(_ end: RunEnd) -> String {
        switch end {
        case .held(let problem), .resync(let problem), .failed(let problem, _):
            return problem.code
        case .notModified: return "not_modified"
        case .complete:
            if isPartial { return created + updated + deleted > 0 ? "changed" : "partial" }
            if origin(of: .created) == nil { return "baseline" }
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
            if !isPartial { batch.cursor = cursor?.stored ?? (isResync ? "" : nil) }
            batch.validators = validators.map { .set($0) } ?? .clear
        case .notModified, .held, .resync, .failed:
            break
        }
        batch.ending = PollEnding(
            report: report, nextPoll: nextPoll,
            isSuccess: end.problem == nil && !(isPartial && comparison == .first),
            rules: hasReadAll ? stream.poll.rules : nil)
        return batch
    }
}

extension StreamState {
    /// The rules that what is stored may have been compared by.
    fileprivate var knownRules: [Fingerprint] { [rules, pendingRules].compactMap { $0 } }
}
