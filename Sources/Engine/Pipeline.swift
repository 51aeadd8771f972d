package import PullcordCommit
import PullcordDeliver
import PullcordDetect
import PullcordFormats
package import PullcordModel
import PullcordPoll
package import PullcordTransfer

/// The data's way for one stream: a poll that is due is read page by page, each page is compared
/// with what is known, and what changed is committed with the events made of it.
///
/// The steps before and after are ``PollService`` (schedule) and ``DeliverService`` (deliver).
package struct Pipeline: Sendable {
    let records: any RecordReader
    let exchange: any Exchange
    let time: any TimeSource
    let matcher: EventMatcher
    let health: HealthReporter?
    /// Writes a batch; a dry run keeps it instead.
    let commit: @Sendable (CommitBatch) async throws -> Void
    /// Pages that need not be read again; nil to read each.
    let memory: PageMemory?
    /// Notices when records begin to look otherwise; nil to leave that out.
    let shapes: ShapeWatch?

    /// A `memory` must hear of every commit to the streams: it belongs to one pipeline.
    package init(
        records: any RecordReader, exchange: any Exchange, time: any TimeSource,
        matcher: EventMatcher, health: HealthReporter? = nil, memory: PageMemory? = nil,
        shapes: ShapeWatch? = nil, commit: @escaping @Sendable (CommitBatch) async throws -> Void
    ) {
        self.records = records
        self.exchange = exchange
        self.time = time
        self.matcher = matcher
        self.health = health
        self.memory = memory
        self.shapes = shapes
        self.commit = commit
    }

    /// The same with others who listen.
    func with(_ matcher: EventMatcher) -> Pipeline {
        Pipeline(
            records: records, exchange: exchange, time: time, matcher: matcher, health: health,
            memory: memory, shapes: shapes, commit: commit)
    }

    func forgetPages(of stream: StreamID) { memory?.forget(stream) }

    /// Polls a stream once and commits what it finds.
    ///
    /// `nextPoll` is asked once, when the outcome is known, for the stream's next due time, which
    /// is committed with the end of the poll. Whatever goes wrong with the API is in the report;
    /// only ``StoreError`` and `CancellationError` are thrown.
    package func run(
        _ stream: LiveStream, options: PollOptions = PollOptions(),
        nextPoll: @Sendable (RunEnd) -> Timestamp?
    ) async throws -> PollReport {
        if let parent = stream.fan.parent {
            return try await runFanOut(stream, parent, options: options, nextPoll: nextPoll)
        }
        var state = try await records.state(of: stream.address)
        try await forget(stream, state)
        let quarantine = state.isQuarantined ? try await records.quarantine(of: state.id) : nil
        let started = time.wall()
        let unfilled = try await unfilled(stream)
        let isReconciling = stream.isToReconcile(
            state, quarantine, options, isFilling: unfilled != nil, now: started)
        let filling = stream.filling(unfilled, state, isReconciling: isReconciling)
        if let filling, !isReconciling { try await beginFilling(by: filling, stream, &state) }
        var run = PollRun(
            stream: stream, state: state, quarantine: quarantine, options: options,
            started: started, filling: filling, isReconciling: isReconciling)
        let clock = time.monotonic()
        var end: RunEnd
        do {
            end = try await scanWithDeletions(&run)
        } catch let problem as Problem {
            end = .failed(problem, retryAfter: nil)
        } catch let refusal as LoginRefusal {
            end = .failed(refusal.problem, retryAfter: refusal.retryAfter)
        }
        let report = run.report(end, duration: time.monotonic() - clock)
        let now = time.wall()
        let lessons = options.lessons(report, end, state, at: now)
        var ending = run.ending(
            end, report: report, nextPoll: nextPoll(run.isBehind(end) ? .behind(end) : end),
            time: now)
        ending.marks.merge(lessons) { _, new in new }
        let keeper = QuarantineKeeper(stored: quarantine)
        let (update, news) = keeper.end(
            run.finding(end),
            isBelieved: end.problem == nil && !run.isPartial && run.mayHeal,
            address: stream.address, time: now)
        ending.quarantine = update
        if end.problem == nil { shapes?.add(run.shapes.shape, of: stream.id) }
        try await tell(news, with: &ending, stream, state)
        try await commit(ending)
        return report
    }

    /// Reads the list, then the list of deletes, and forgets what a feed no longer needs.
    private func scanWithDeletions(_ run: inout PollRun) async throws -> RunEnd {
        let end = try await scan(&run)
        guard end.problem == nil else { return end }
        if let list = run.stream.deletions, run.deletions?.asks == true {
            if let failure = try await readPages(&run, of: list) { return failure }
        }
        if case .complete = end { try await forgetOldItems(&run) }
        return end
    }

    /// Reads all pages, and again where a delete or too many changes depend on it.
    ///
    /// A record may slip past a scan while others move in front of it, and a server may lose its
    /// head for a moment: a record counts as gone only if a second look misses it as well.
    func scan(_ run: inout PollRun) async throws -> RunEnd {
        while true {
            guard let end = try await readPages(&run) else { continue }
            if case .resync(let rejected) = end {
                // The API rejects where the poll went on from: everything is read from the start.
                // Committed first: should the process end meanwhile, the next poll does the same.
                guard !run.isAtStart else { return .failed(rejected, retryAfter: nil) }
                try await write(run.resync(time: time.wall()))
                continue
            }
            guard run.isWhole else { return end }
            guard case .complete = end, !run.isPartial else {
                try await commitAll(run.endFailed())
                return end
            }
            let (step, batches) = run.endPass()
            try await commitAll(batches)
            switch step {
            case .readAgain: run.lookAgain()
            case .done: return end
            case .delete:
                try await commitDeletes(&run)
                return end
            case .refuse(let refusal):
                run.refusal = refusal
                try await sampleGone(refusal, &run)
                return .held(run.problem(of: refusal))
            }
        }
    }

    private func commitAll(_ batches: [CommitBatch]) async throws {
        for batch in batches { try await write(batch) }
    }

    private func sampleGone(
        _ refusal: ScanGuard.Refusal, _ run: inout PollRun
    ) async throws {
        guard case .massDelete = refusal else { return }
        run.sample.add(
            gone: try await missed(run, after: nil, limit: Limits.sampledRecordsMax))
    }

    /// Reads the pages of the stream, or those of its list of deletes, of which nil says that all
    /// went well.
    func readPages(
        _ run: inout PollRun, of list: DeletionList? = nil
    ) async throws -> RunEnd? {
        let plan = list?.poll ?? run.poll
        var machine: PollMachine
        do {
            machine = try PollMachine(
                plan: plan, start: list == nil ? run.start : run.deletionsStart,
                pagesWanted: run.options.pagesMax)
        } catch {
            throw error.problem
        }
        var step = machine.begin()
        var contentType: String?
        var headers = HTTPHeaders()
        var cost = plan.answers.fixedCost ?? 1
        while true {
            switch step {
            case .send(var request):
                if request.spoolsOver != nil { request.spoolsOver = run.options.pieces.over }
                run.sight.url = request.url
                let ticket: Budget.Ticket
                let answer: Result<HTTPResponse, TransferError>
                do {
                    (ticket, answer) = try await send(request, cost: cost, run.stream, run.options)
                } catch let refusal as LoginRefusal {
                    return .failed(refusal.problem, retryAfter: refusal.retryAfter)
                }
                if case .success(let response) = answer {
                    contentType = response.headers.value(of: "Content-Type")
                    headers = response.headers
                    run.options.observe?(.answer(response))
                    // Some more than is kept: a secret that straddles the cut is masked too.
                    run.excerpt = Array(response.body.prefix(Limits.sampleBytesKept * 2))
                    run.sight.status = response.status
                    try run.takeStatedKey(response)
                }
                step = machine.answered(answer, now: time.wall(), jitter: .random(in: 0...1))
                run.stream.lane.finish(ticket, machine.sight, now: time.monotonic())
                cost = machine.sight?.cost ?? cost
                run.options.tell(of: machine)
                try Task.checkCancellation()
                try stopWithRun(answer)
            case .wait(let pause):
                if let error = machine.again { run.options.observe?(.again(error.message)) }
                try await pauseUnlessStopping(pause, run.options)
                step = machine.waited()
            case .read(let body):
                let committed = run.pages
                do {
                    let page = run.stream.readsHeaders ? HeaderPage.json(headers) : body
                    if let file = machine.bodyFile {
                        step = machine.read(
                            try await takePieces(
                                of: file, contentType, of: list,
                                isFreshStart: machine.isFreshStart, &run))
                    } else if let list {
                        step = machine.read(
                            try await takeDeletions(.whole(page, contentType), of: list, &run))
                    } else {
                        step = machine.read(
                            try await take(
                                .whole(page, contentType), isFreshStart: machine.isFreshStart,
                                &run
                            ).facts)
                    }
                } catch let error as DetectError {
                    step = machine.refused(
                        error.problem, mayRetry: run.pages == committed,
                        jitter: .random(in: 0...1))
                } catch let error as FormatError {
                    step = machine.refused(
                        error.problem, mayRetry: run.pages == committed,
                        jitter: .random(in: 0...1))
                }
                // What the list of deletes says is not where the stream's own list goes on.
                if list == nil { run.cursors.take(machine.stated) }
                if case .end = step { continue }
                try stopBetweenPages()
            case .end(let end):
                if machine.isCut { run.options.observe?(.cut) }
                return list == nil ? run.end(end) : run.endDeletions(end)
            }
        }
    }

    /// Detects and commits the changes of one page; `least` is where its cursor values begin.
    func take(
        _ content: PageContent, isFreshStart: Bool, _ run: inout PollRun
    ) async throws -> (facts: PageFacts, least: CursorValue?) {
        let readAt = time.wall()
        let stream = run.stream.id
        let digest =
            memory != nil && run.mayRemember ? content.digest : nil
        if let digest, let page = memory?.page(digest, of: stream) {
            try await commitAll(run.takeAgain(page, isFreshStart: isFreshStart, readAt: readAt))
            return (page.facts, page.cursors?.least)
        }
        let page = try run.placed(try read(content, run.stream, run.reader))
        run.options.show(page, of: run.stream)
        let known = try await records.known(page.keys, of: stream)
        let compared = try run.checkKeys(page, known: known)
        try await recall(page, run.overlaid(compared, page), &run)
        try await commitAll(
            run.take(
                page, isFreshStart: isFreshStart, known: compared, readAt: readAt,
                matcher: matcher))
        let isKnown = run.isOld(page, known: known)
        let facts = PageFacts(
            records: page.total, fields: page.pageTexts, lastFields: page.lastTexts,
            orderedCursor: page.cursors.flatMap { $0.isAscending ? $0.greatest : nil },
            isAllKnown: isKnown && run.marking.filling == nil && page.count > 0
                && page.count + page.duplicates == page.total,
            otherCursors: page.otherCursors)
        if let digest, isKnown, !page.hasTombstones {
            let ordinals = OrdinalSet(known.compactMap { $0?.ordinal })
            memory?.remember(
                RememberedPage(facts: facts, cursors: page.cursors, ordinals: ordinals), digest,
                of: stream)
        }
        return (facts, page.cursors?.least)
    }

    func write(_ batch: CommitBatch) async throws {
        guard batch.isWorthWriting else { return }
        memory?.forget(batch.records, of: batch.stream)
        try await commit(batch)
    }

    func read(
        _ content: PageContent, _ stream: LiveStream, _ reader: PageReader
    ) throws -> Page {
        let json = try content.json(stream.format)
        do throws(DetectError) {
            return try reader.read(body: json)
        } catch {
            // A place in the converted text helps nobody; the line in what was sent does.
            if case .json = error.code,
                let line = content.brokenLine(stream.format)
            {
                throw line
            }
            throw error
        }
    }
}
