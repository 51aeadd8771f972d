package import PullcordCommit
import PullcordDeliver
import PullcordDetect
package import PullcordModel
import PullcordPoll
package import PullcordTransfer
import ServiceLifecycle

/// The data's way for one stream: a poll that is due is read page by page, each page is compared
/// with what is known, and what changed is committed with the events made of it.
///
/// The steps before and after are ``PollService`` (schedule) and ``DeliverService`` (deliver).
package struct Pipeline: Sendable {
    private let records: any RecordReader
    private let exchange: any Exchange
    private let time: any TimeSource
    private let matcher: EventMatcher
    /// Writes a batch; a dry run keeps it instead.
    private let commit: @Sendable (CommitBatch) async throws -> Void

    package init(
        records: any RecordReader, exchange: any Exchange, time: any TimeSource,
        matcher: EventMatcher, commit: @escaping @Sendable (CommitBatch) async throws -> Void
    ) {
        self.records = records
        self.exchange = exchange
        self.time = time
        self.matcher = matcher
        self.commit = commit
    }

    /// Polls a stream once and commits what it finds.
    ///
    /// `nextPoll` is asked once, when the outcome is known, for the stream's next due time, which
    /// is committed with the end of the poll. Whatever goes wrong with the API is in the report;
    /// only ``StoreError`` and `CancellationError` are thrown.
    package func run(
        _ stream: LiveStream, options: PollOptions = PollOptions(),
        nextPoll: @Sendable (RunEnd) -> Timestamp?
    ) async throws -> PollReport {
        let state = try await records.state(of: stream.address)
        var run = PollRun(stream: stream, state: state, options: options, started: time.wall())
        let clock = time.monotonic()
        var end: RunEnd
        do {
            end = try await scan(&run)
        } catch let problem as Problem {
            end = .failed(problem, retryAfter: nil)
        }
        let report = run.report(end, duration: time.monotonic() - clock)
        try await commit(
            run.ending(end, report: report, nextPoll: nextPoll(end), time: time.wall()))
        return report
    }

    /// Reads all pages, and a second time where a delete depends on it.
    private func scan(_ run: inout PollRun) async throws -> RunEnd {
        let end = try await readPages(&run)
        if case .resync(let rejected) = end { return try await readAnew(&run, rejected) }
        guard case .complete = end, run.stream.isSnapshot, !run.isPartial else { return end }
        guard run.missing > 0 else { return end }
        // A record may slip past a scan while others move in front of it, and a server may lose
        // its head for a moment: a record counts as gone only if a second look at all pages
        // misses it as well.
        run.lookAgain()
        let second = try await readPages(&run)
        guard case .complete = second, run.missing > 0, !run.isPartial else { return second }
        if let refusal = run.deleteRefusal {
            return .held(refusal)
        }
        try await commitDeletes(&run)
        return second
    }

    /// Reads everything from the start, because the API rejects where the poll went on from.
    private func readAnew(_ run: inout PollRun, _ rejected: Problem) async throws -> RunEnd {
        guard !run.isAtStart else { return .failed(rejected, retryAfter: nil) }
        // Committed first: should the process end meanwhile, the next poll does the same.
        try await commit(run.resync(time: time.wall()))
        return try await scan(&run)
    }

    private func readPages(_ run: inout PollRun) async throws -> RunEnd {
        var machine: PollMachine
        do {
            machine = try PollMachine(plan: run.stream.poll, start: run.start)
        } catch {
            throw error.problem
        }
        var step = machine.begin()
        var cost = run.stream.poll.answers.fixedCost ?? 1
        while true {
            switch step {
            case .send(let request):
                let ticket = try await run.stream.lane.enter(
                    cost: cost, time: time, pausing: run.options.pausing)
                run.options.observe?(.request(request))
                let answer = await send(request)
                if case .success(let response) = answer {
                    run.options.observe?(.answer(response))
                }
                step = machine.answered(answer, now: time.wall(), jitter: .random(in: 0...1))
                run.stream.lane.finish(ticket, machine.sight, now: time.monotonic())
                cost = machine.sight?.cost ?? cost
                if let ruling = machine.ruling { run.options.observe?(.ruling(ruling)) }
                try Task.checkCancellation()
            case .wait(let pause):
                try await pauseUnlessStopping(pause, run.options)
                step = machine.waited()
            case .read(let body):
                do {
                    step = machine.read(
                        try await take(body, isFreshStart: machine.isFreshStart, &run))
                } catch let error as DetectError {
                    step = machine.refused(
                        error.problem, jitter: .random(in: 0...1))
                }
                if case .end = step { continue }
                try stopBetweenPages()
            case .end(let end):
                return run.end(end)
            }
        }
    }

    private func send(_ request: HTTPRequest) async -> Result<HTTPResponse, TransferError> {
        do {
            return .success(try await exchange.send(request))
        } catch {
            return .failure(error)
        }
    }

    /// Detects and commits the changes of one page.
    private func take(
        _ body: consuming [UInt8], isFreshStart: Bool, _ run: inout PollRun
    ) async throws -> PageFacts {
        let readAt = time.wall()
        let page = try run.stream.reader.read(body: body)
        let known = try await records.known(page.keys, of: run.stream.id)
        let batch = run.take(
            page, isFreshStart: isFreshStart, known: known, readAt: readAt, matcher: matcher)
        if batch.isWorthWriting { try await commit(batch) }
        return PageFacts(
            records: page.total, fields: page.pageTexts, lastFields: page.lastTexts,
            orderedCursor: page.cursors.flatMap { $0.isAscending ? $0.greatest : nil },
            isAllKnown: page.count > 0 && page.count + page.duplicates == page.total
                && batch.records.isEmpty)
    }

    /// Commits the deletes in batches, so that many need no more memory than few.
    private func commitDeletes(_ run: inout PollRun) async throws {
        var last: RecordKey?
        while true {
            let gone = try await records.unseen(
                of: run.stream.id, seen: run.seen, after: last, limit: 1000)
            guard !gone.isEmpty else { return }
            last = gone.last?.key
            try await commit(run.delete(gone, time: time.wall(), matcher: matcher))
        }
    }

    /// Waits without keeping others from polling; ends at once when the process is to stop.
    private func pauseUnlessStopping(_ pause: Duration, _ options: PollOptions) async throws {
        let end = time.monotonic() + pause
        options.pausing?(true)
        defer { options.pausing?(false) }
        try await cancelWhenGracefulShutdown { try await time.sleep(until: end) }
    }

    /// What was read is committed; the rest is read after the restart.
    private func stopBetweenPages() throws {
        if Task.isShuttingDownGracefully { throw CancellationError() }
    }
}

/// How one poll differs from an ordinary one.
package struct PollOptions: Sendable {
    /// Deletes are believed however many they are.
    package var acceptsDeletes: Bool
    /// Told when a poll begins and ends to wait for its API.
    package var pausing: (@Sendable (Bool) -> Void)?
    /// Told of each request and answer, for `pullcord poll`.
    package var observe: (@Sendable (PollSight) -> Void)?

    package init(
        acceptsDeletes: Bool = false, pausing: (@Sendable (Bool) -> Void)? = nil,
        observe: (@Sendable (PollSight) -> Void)? = nil
    ) {
        self.acceptsDeletes = acceptsDeletes
        self.pausing = pausing
        self.observe = observe
    }
}

/// What an observer of a poll gets to see.
package enum PollSight: Sendable {
    case request(HTTPRequest)
    case answer(HTTPResponse)
    /// Which of the adapter's rules decided on the answer, and as what.
    case ruling(String)
}
