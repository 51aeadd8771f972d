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
    /// Whether an incremental stream reads its whole list this time.
    let isReconciling: Bool
    /// How far the list of deletes was read; nil for a stream without one.
    var deletions: DeletionProgress?
    /// From which ordinal on the items of a feed are young; nil where that stays.
    var feedBoundary: Int64?

    /// What was not believed before the poll; nil if all was.
    let quarantine: Quarantine?
    /// The parent that the poll asks for; nil in a stream that stands alone.
    let visit: Visit?
    let marking: ParentMarking
    /// How some of the records look that it has found new or changed.
    private(set) var shapes = ShapeSample()
    /// How many events it has made.
    private(set) var events = 0
    /// How many records gave way to others of their page with the same key.
    private(set) var repeated = 0
    /// nil where the whole list is not read, or is one of several.
    var repeats: RepeatedKeyWatch?
    /// How many of the records read counted.
    private(set) var counted = 0
    /// nil where fingerprints are all that is kept.
    var keeping: RecordKeeping?
    var sight = PageSight()
    /// Reads records by the key that came with them; nil where the adapter gives the key.
    var statedReader: PageReader?
    private(set) var comparison: Comparison
    private var differ: Differ
    var guardian: ScanGuard
    private(set) var held = HeldChanges()
    var sample: FindingSample
    /// Why the last pass was not believed.
    var refusal: ScanGuard.Refusal?
    /// The beginning of the last answer, in case it cannot be read.
    var excerpt: [UInt8] = []
    /// Whether the poll failed because of what the API sent.
    private(set) var isContentFailure = false
    /// Records that are missed and must still be confirmed to be gone.
    var unconfirmed = 0
    private var backfilled = 0
    /// Where the next poll starts, as far as this one knows.
    var cursors: CursorKeeper
    private(set) var pages = 0
    private(set) var records = 0
    /// Whether all pages are read a second time, because records seem to be gone.
    private(set) var isSecondLook = false
    var hasReadAll = false
    /// Whether pages were left out: what was not seen may well be there.
    private(set) var isPartial = false
    /// Whether everything is read because the API rejected where the poll went on from.
    private(set) var isResync: Bool
    private var hasGoneBack = false
    private(set) var created = 0
    private(set) var updated = 0
    private(set) var deleted = 0

    init(
        stream: LiveStream, state: StreamState, quarantine: Quarantine?, options: PollOptions,
        started: Timestamp, filling: Fingerprint? = nil, visit: Visit? = nil,
        isReconciling: Bool = false
    ) {
        self.isReconciling = isReconciling
        let isWhole = isReconciling || stream.isSnapshot
        deletions = DeletionProgress(stream, state, started: started)
        self.stream = stream
        self.visit = visit
        backfilled = visit?.backfilled ?? 0
        self.state = state
        self.options = options
        self.started = started
        self.quarantine = quarantine
        keeping = RecordKeeping(stream, state)
        let mark = state.cursor.flatMap {
            ResyncMark($0, format: stream.poll.stream.cursor?.format)
        }
        isResync = mark != nil
        let compared = Comparison(state, stream, isWhole: isWhole)
        repeats = Self.watch(stream, state, visit, isWhole: isWhole, compared)
        comparison = mark != nil && compared == .same ? .resync : compared
        marking = ParentMarking(
            children: stream.fan.children, filling: filling,
            isFirst: compared == .first || compared == .reidentified,
            above: visit?.parent.fields)
        guardian = Self.guardian(
            stream, state, quarantine, options, comparesChanges: comparison == .same && isWhole,
            judgesDeletes: comparison != .first && comparison != .reidentified)
        sample = FindingSample(redactor: stream.redactor)
        // A cursor of other records belongs to an adapter that has been changed since: reading
        // from the start is slow and right.
        let isSame = state.knownRules.allSatisfy { $0.high == stream.poll.rules.high }
        cursors = CursorKeeper(
            stream.poll, stored: isSame ? state.cursor : nil, mark: isSame ? mark : nil,
            started: started, isReconciling: isReconciling, parent: visit?.values)
        differ = Differ(
            nextOrdinal: state.nextOrdinal, tracksSeen: isWhole || stream.isFeed,
            isOnce: stream.isOnce, ordinals: visit?.ordinals)
    }

    var start: PollStart {
        let needsPages =
            isSecondLook || isResync || !state.hasBaseline || keeping?.isFilling == true
            || marking.filling != nil || isReconciling
        var start = PollStart(
            marks: cursors.start, validators: needsPages ? nil : state.validators, time: started,
            parent: visit?.values)
        start.wantsAll = needsPages
        start.isWhole = isWhole
        return start
    }

    var nextOrdinal: Int64 { differ.nextOrdinal }

    var seen: SeenSet { differ.seen ?? SeenSet() }

    /// How many records that were known when the poll began have been seen.
    var seenLive: Int { differ.seenLive }

    /// Whether there is nothing left to go back to: the poll began at the start, or has gone back.
    var isAtStart: Bool { hasGoneBack || isReconciling || !cursors.isKnown && pages == 0 }

    /// Begins to read everything from the start; the batch keeps that for the next poll, should
    /// this one not come to its end.
    mutating func resync(time: Timestamp) -> CommitBatch {
        hasGoneBack = true
        isResync = true
        if comparison == .same { comparison = .resync }
        dropHeld()
        cursors.forget()
        pages = 0
        records = 0
        return placed(
            CommitBatch(
                stream: stream.id, time: time, cursor: ResyncMark(cursor: nil).stored,
                validators: .clear))
    }

    /// Begins to read all pages once more, because records seem to be gone or are not yet
    /// believed.
    mutating func lookAgain() {
        isSecondLook = true
        pages = 0
        records = 0
        cursors.beginPart()
    }

    /// What is known of a page's records with what waits to be believed.
    func overlaid(_ stored: [KnownRecord?], _ page: Page) -> [KnownRecord?] {
        held.overlaid(stored, page.keys)
    }

    mutating func take(
        _ page: Page, isFreshStart: Bool, known stored: [KnownRecord?], readAt: Timestamp,
        matcher: EventMatcher
    ) -> [CommitBatch] {
        pages += 1
        records += page.total
        counted += page.count
        repeated += page.repeated?.count ?? 0
        let found = differ.compare(page, known: held.overlaid(stored, page.keys))
        let action = guardian.take(held.tally(page, stored: stored, found))
        // Asked for from the cursor, a page may begin before the last one's end.
        if isFreshStart { cursors.beginPart() }
        if let span = page.cursors { cursors.move(along: span) }
        shapes.take(found)
        let notes = noteRecent(page, known: stored)
        var batch = batch(found, records: page.total, readAt: readAt, matcher: matcher)
        if let notes { batch.marks[StreamMark.recentRecords] = notes }
        batch.kept.records += keeping?.fill(from: page, known: stored) ?? []
        batch.fanOut.marks += marking.fill(from: page, known: stored)
        batch.cursor = cursors.storedWithPage(isResync: isResync)
        // The stored validators speak of a page that is no longer what is known.
        if !found.records.isEmpty, state.validators != nil { batch.validators = .clear }
        if comparison != .same, comparison != .resync { batch.pendingRules = stream.poll.rules }
        batch = placed(batch)
        if action != .commit { sample.add(page, stored: stored, kept: keeping) }
        switch action {
        case .commit:
            count(found)
            return releaseHeld() + [batch]
        case .hold: held.add(batch, found)
        case .count: dropHeld()
        }
        return []
    }

    /// What waited for the page after it, and is believed now.
    mutating func releaseHeld() -> [CommitBatch] {
        created += held.created
        updated += held.updated
        sample.clear()
        let batches = held.batches
        dropHeld()
        return batches
    }

    mutating func dropHeld() { held = HeldChanges() }

    private mutating func count(_ found: PageChanges) {
        created += found.created
        // A new fingerprint under new rules is no change that anybody should count.
        if comparison != .remasked { updated += found.updated }
        deleted += found.deleted
    }

    /// Takes a page that came as it was when each record of it was found unchanged.
    mutating func takeAgain(
        _ page: RememberedPage, isFreshStart: Bool, readAt: Timestamp
    ) -> [CommitBatch] {
        pages += 1
        records += page.facts.records
        let action = guardian.take(ChangeGuard.Tally(known: page.ordinals.total))
        page.ordinals.forEach { differ.markUnchanged(ordinal: $0) }
        if isFreshStart { cursors.beginPart() }
        if let span = page.cursors { cursors.move(along: span) }
        var batch = CommitBatch(stream: stream.id, time: readAt)
        batch.cursor = cursors.storedWithPage(isResync: isResync)
        return action == .commit ? releaseHeld() + [batch] : []
    }

    mutating func delete(
        _ gone: [(key: RecordKey, state: KnownRecord)], records: Int? = nil, time: Timestamp,
        matcher: EventMatcher
    ) -> CommitBatch {
        let found = Differ.deletions(of: gone)
        count(found)
        return batch(found, records: records, readAt: time, matcher: matcher)
    }

    /// `records` is how many the page held; nil where the whole scan is what tells.
    private mutating func batch(
        _ found: PageChanges, records: Int?, readAt: Timestamp, matcher: EventMatcher
    ) -> CommitBatch {
        var batch = CommitBatch(stream: stream.id, time: readAt, records: found.records)
        batch.kept.records = keeping?.updates(of: found) ?? []
        batch.fanOut.marks = marking.marks(of: found)
        for (change, record) in zip(found.changes, found.records) {
            if comparison == .remasked, change.kind == .updated { continue }
            guard !stream.fan.isSilent,
                let origin = comparison.origin(of: change.kind, stream.first)
            else { continue }
            let event = Event(
                id: EventIdentity.id(
                    address: stream.address, key: change.key, version: change.version,
                    fingerprint: change.fingerprint, kind: EventKind(change.kind)),
                address: stream.address, key: change.key, kind: EventKind(change.kind),
                version: change.version, fingerprint: change.fingerprint, time: readAt,
                origin: origin, record: change.record,
                difference: keeping?.difference(of: change, ordinal: record.state.ordinal))
            var outgoing = matcher.outgoing(event, before: change.before)
            if origin == .live { outgoing.moment = moment(of: change) }
            if origin == .backfill {
                outgoing.due = due(of: backfilled, at: readAt)
                backfilled += 1
            }
            batch.events.append(outgoing)
            events += 1
        }
        if !batch.events.isEmpty {
            batch.page = sight.origin(of: self, records: records, readAt: readAt)
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
            isContentFailure = error.isContent
            return .failed(error.problem, retryAfter: error.retryAfter)
        }
    }
}
