import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// Polls of streams that are asked for each of their parents.
extension Pipeline {
    /// Visits the parents that are due, some at once, the longest due first.
    ///
    /// Each page is committed as it comes, and each visit settles its parent when it has come to
    /// its end: a poll that is cut off goes on with the parents that it has not reached.
    func runFanOut(
        _ stream: LiveStream, _ spec: ParentSpec, options: PollOptions,
        nextPoll: @Sendable (RunEnd) -> Timestamp?
    ) async throws -> PollReport {
        let state = try await records.state(of: stream.address)
        try await forget(stream, state)
        let quarantine = state.isQuarantined ? try await records.quarantine(of: state.id) : nil
        let started = time.wall()
        let clock = time.monotonic()
        try await adopt(stream)
        let (options, pause) = options.shared()
        let poll = FanOutPoll(
            stream: stream, spec: spec, state: state, belief: FanOutBelief(quarantine, state),
            options: options, pause: pause, started: started,
            ordinals: OrdinalSource(next: state.nextOrdinal))
        var walk = try await walk(poll)
        try await deleteMissing(poll, &walk)
        try await writeSettled(poll, &walk)
        let end = walk.end
        let report = walk.report(
            stream, end, started: started, duration: time.monotonic() - clock)
        let now = time.wall()
        let lessons = options.lessons(report, end, state, at: now)
        var ending = CommitBatch(stream: stream.id, time: now)
        ending.fanOut.settled = walk.settled
        ending.ending = PollEnding(
            report: report, nextPoll: nextPoll(end), isSuccess: end.problem == nil,
            rules: stream.poll.rules)
        let (update, news) = try await judge(walk, stream, at: now)
        ending.quarantine = update
        ending.marks = stream.needlessMarks(state)
        ending.marks.merge(state.successMarks(isSuccess: end.problem == nil)) { _, new in new }
        ending.marks.merge(walk.belief.marks(state, update)) { _, new in new }
        ending.marks.merge(lessons) { _, new in new }
        try await tell(news, with: &ending, stream, state)
        try await commit(ending)
        return report
    }

    /// Decides what the poll means for the stream's quarantine.
    ///
    /// A finding about another parent than before is a new one: nothing that was said of the old
    /// one holds for it. As long as the old one is open, it is kept.
    private func judge(
        _ walk: FanOutWalk, _ stream: LiveStream, at now: Timestamp
    ) async throws -> (update: QuarantineUpdate, news: HealthNews?) {
        let belief = walk.belief
        guard !belief.isOpen(isExhausted: walk.isExhausted) else { return (.keep, nil) }
        if belief.isOfAnother {
            var batch = CommitBatch(stream: stream.id, time: now)
            batch.quarantine = .clear
            try await write(batch)
        }
        let keeper = QuarantineKeeper(stored: belief.isOfAnother ? nil : belief.quarantine)
        let (update, news) = keeper.end(
            belief.finding, isBelieved: walk.isWhole, address: stream.address, time: now)
        guard news == nil, belief.isOfAnother, let old = belief.quarantine,
            old.finding.isAnnounced
        else { return (update, news) }
        return (update, .recovered(old))
    }

    /// Has all parents visited anew where what is below them are parents by other rules now.
    private func adopt(_ stream: LiveStream) async throws {
        guard let rules = stream.fan.rules,
            stream.fan.unfilled(try await records.adoption(of: stream.id)) != nil
        else { return }
        var batch = CommitBatch(stream: stream.id, time: time.wall())
        batch.fanOut.adoption = FanOutUpdate.Adoption(
            rules: rules, children: stream.fan.children.map(\.id), revisits: true)
        try await write(batch)
    }

    private func walk(_ poll: FanOutPoll) async throws -> FanOutWalk {
        var walk = FanOutWalk(poll.belief, missingMax: poll.missingMax)
        var last: ParentState?
        let visitsMax = min(poll.options.visitsMax ?? .max, Limits.visitsPerPollMax)
        while !walk.mustStop, walk.visits < visitsMax {
            let due = try await records.dueParents(
                of: poll.stream.id, before: poll.started, after: last,
                limit: min(Limits.visitsPerRound, visitsMax - walk.visits))
            guard !due.isEmpty else {
                walk.isExhausted = true
                break
            }
            last = due.last
            try await visit(due, poll, &walk)
            try await writeSettled(poll, &walk)
        }
        return walk
    }

    /// Writes down visits that have ended, some at a time.
    func writeSettled(_ poll: FanOutPoll, _ walk: inout FanOutWalk) async throws {
        while walk.settled.count >= Limits.visitsPerRound {
            var batch = CommitBatch(stream: poll.stream.id, time: time.wall())
            batch.fanOut.settled = walk.takeSettled(Limits.visitsPerRound)
            try await write(batch)
        }
    }

    /// Visits these parents, as many at once as the adapter allows.
    private func visit(
        _ parents: [ParentState], _ poll: FanOutPoll, _ walk: inout FanOutWalk
    ) async throws {
        var rest = parents[...]
        walk = try await withThrowingTaskGroup(of: VisitOutcome.self) { [walk] group in
            var walk = walk
            for _ in 0..<poll.spec.concurrency {
                guard let parent = rest.popFirst() else { break }
                let visit = poll.visit(parent, backfilled: walk.events)
                group.addTask {
                    try await poll.pause.during { try await self.carryOut(visit, poll) }
                }
            }
            while let outcome = try await group.next() {
                walk.take(outcome)
                guard !walk.mustStop, let parent = rest.popFirst() else { continue }
                let visit = poll.visit(parent, backfilled: walk.events)
                group.addTask {
                    try await poll.pause.during { try await self.carryOut(visit, poll) }
                }
            }
            return walk
        }
    }

    func carryOut(_ visit: Visit, _ poll: FanOutPoll) async throws -> VisitOutcome {
        try stopBetweenPages()
        let needsLive = poll.stream.isSnapshot && !visit.isDetail && !visit.parent.isGone
        let live =
            needsLive ? try await records.countLive(of: poll.stream.id, within: visit.span) : 0
        var run = poll.run(of: visit, live: live)
        var missing: KnownRecord?
        let clock = time.monotonic()
        var end: RunEnd
        do {
            if visit.parent.isGone {
                try await deleteBelow(visit, &run)
                end = .complete(nil, rest: nil)
            } else if visit.isDetail {
                (end, missing) = try await readDetail(visit, &run, poll)
            } else {
                end = try await scan(&run)
            }
        } catch let problem as Problem {
            end = .failed(problem, retryAfter: nil)
        } catch let refusal as LoginRefusal {
            end = .failed(refusal.problem, retryAfter: refusal.retryAfter)
        }
        if end.problem == nil { shapes?.add(run.shapes.shape, of: poll.stream.id) }
        let isSkipped = run.pages == 0 && run.isGone(end) && !visit.parent.isGone
        return VisitOutcome(
            settlement: poll.settlement(of: visit, run, end, isSkipped: isSkipped), end: end,
            isSkipped: isSkipped, isFirst: run.isBaseline,
            report: run.report(end, duration: time.monotonic() - clock),
            events: run.events, finding: run.finding(end),
            missing: missing.map { MissingDetail(visit: visit, known: $0) })
    }

    /// Deletes all that is known below a parent.
    ///
    /// That the parent is gone was proven before; no share of the records is too large.
    func deleteBelow(_ visit: Visit, _ run: inout PollRun) async throws {
        var last: RecordKey?
        while true {
            let missed = try await known(below: visit, run.stream, after: last)
            guard !missed.isEmpty else { return }
            last = missed.last?.key
            try await recall(missed.map(\.state), &run)
            try await write(run.delete(missed, time: time.wall(), matcher: matcher))
            guard !visit.isDetail else { return }
        }
    }

    func known(
        below visit: Visit, _ stream: LiveStream, after last: RecordKey?
    ) async throws -> [(key: RecordKey, state: KnownRecord)] {
        guard visit.isDetail else {
            return try await records.unseen(
                of: stream.id, within: visit.span, seen: SeenSet(), after: last,
                limit: stream.keepsRecords ? 50 : 1000)
        }
        let key = visit.parent.key
        let known = try await records.known(KeyList([key]), of: stream.id)
        return known.compactMap { $0 }.filter { $0.fingerprint != nil }.map { (key, $0) }
    }
}

/// What all visits of one poll share.
struct FanOutPoll: Sendable {
    let stream: LiveStream
    let spec: ParentSpec
    let state: StreamState
    let belief: FanOutBelief
    let options: PollOptions
    let pause: SharedPause
    let started: Timestamp
    let ordinals: OrdinalSource

    func visit(_ parent: ParentState, backfilled: Int) -> Visit {
        Visit(
            parent, spec, isComposite: stream.fan.hasCompositeParents, ordinals: ordinals,
            backfilled: backfilled)
    }

    /// The run of one visit, below which `live` records are known.
    func run(of visit: Visit, live: Int) -> PollRun {
        PollRun(
            stream: stream, state: visit.state(state, live: live),
            quarantine: belief.quarantine(
                below: visit.parent.key, of: stream.address, at: started),
            options: options, started: started,
            filling: stream.fan.unfilled(visit.parent.children), visit: visit)
    }

    /// What is written down of a visit that has ended.
    ///
    /// A parent that could not be read is due again at the next poll, behind those that are due
    /// already, so that it holds up nobody.
    func settlement(
        of visit: Visit, _ run: PollRun, _ end: RunEnd, isSkipped: Bool
    ) -> ParentSettlement {
        let settle = { (verdict: ParentSettlement.Verdict, due: Timestamp?) in
            ParentSettlement(
                key: visit.parent.key, mark: visit.parent.mark, verdict: verdict, due: due)
        }
        let nextVisit = visit.parent.isResting ? nil : nextVisit
        switch end {
        case .complete where visit.parent.isGone: return settle(.removed, nil)
        case .complete(let validators, _) where !run.isPartial:
            let cursor = run.cursors.storedAtEnd ?? (run.isResync ? "" : visit.parent.cursor)
            return settle(
                .read(
                    cursor: cursor, validators: validators, rules: stream.poll.rules,
                    children: stream.fan.rules), nextVisit)
        case .notModified: return settle(.kept, nextVisit)
        case .failed where isSkipped:
            // It may be back without a word of its list.
            let pause = visit.parent.isResting ? nil : started + Limits.skippedVisitPause
            return settle(.kept, nextVisit ?? pause)
        case .complete, .resync, .held, .failed, .behind: return settle(.kept, started)
        }
    }

    /// When a parent that was read is due again; nil for not until it changes.
    private var nextVisit: Timestamp? {
        if let every = spec.every { return started + every }
        return spec.visits == .all ? started : nil
    }
}
