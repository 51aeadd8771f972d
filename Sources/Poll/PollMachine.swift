import PullcordAdapter
package import PullcordModel
package import PullcordTransfer

/// One poll of one stream, page by page: a pure machine that decides and does nothing itself.
///
/// The caller asks for the first step, does what a step says, and tells the machine what came of
/// it: ``answered(_:now:jitter:)`` after `send`, ``waited()`` after `wait`, ``read(_:)`` after
/// `read`, until a step is `end`.
package struct PollMachine {
    private enum State {
        /// A request for a page is due, or under way.
        case asking
        case pausing
        /// A page came; what it holds is not known yet.
        case reading(HTTPResponse)
        case ended
    }

    private let plan: PollPlan
    private let builder: RequestBuilder
    private let paginator: Paginator
    private let firstRequest: HTTPRequest
    private let firstIdentity: Fingerprint
    private let hasSentValidators: Bool
    private let startTime: Timestamp
    /// What the first page's cursor values are at or after, as far as is known.
    private let startCursor: CursorValue
    private var restartedAt: CursorValue?
    private var mayRestart = true
    private var state = State.asking
    private var position: PagePosition
    private var request: HTTPRequest
    private var attempt = 1
    private var asked: Set<Fingerprint> = []
    private var firstValidators: Validators?
    private var statedTotal: Int?
    /// The page before, where pages are counted.
    private var lastBody: [UInt8]?
    /// Whether the page was unreadable once already.
    private var hasRefused = false
    /// How long the last answer asked to wait before any further request.
    private var rest: Duration?
    /// How long the API asked to wait until the next poll.
    private var advice: Duration?
    /// Refusals of the page under way for asking too much.
    private var limitRefusals = 0
    /// Whether a page was left out, or the rest of the list.
    private var isPartial = false

    /// Pages read so far.
    package private(set) var pages = 0
    /// Records in those pages, before any filter.
    package private(set) var records = 0
    /// Whether the page under way was asked for from the cursor, not as the next of the last.
    package private(set) var isFreshStart = false
    /// Which of the adapter's rules decided on the last answer, and as what; nil if none did.
    package private(set) var ruling: String?
    /// What the last answer said of the API's limits; nil if none came.
    package private(set) var sight: LimitSight?
    /// Records since the last fresh start, which is what a stated total speaks of.
    private var counted = 0

    package init(plan: PollPlan, start: PollStart) throws(PollError) {
        self.plan = plan
        startTime = start.time
        startCursor =
            start.cursor
            ?? CursorValue(format: plan.stream.cursor?.format ?? .integer, position: .min)
        builder = try RequestBuilder(plan: plan, start: start)
        paginator = Paginator(plan: plan)
        position = try builder.first(paginator.first)
        let plain = try builder.request(for: position)
        firstIdentity = builder.identity(of: plain)
        firstRequest = builder.conditional(plain, identity: firstIdentity)
        hasSentValidators = firstRequest.headers.count > plain.headers.count
        request = firstRequest
        asked.insert(firstIdentity)
    }

    /// The first step.
    package func begin() -> Step { .send(firstRequest) }

    /// Takes the answer to the request of the last `send`.
    ///
    /// `jitter` is a random number in 0…1 that spreads retries.
    package mutating func answered(
        _ answer: Result<HTTPResponse, TransferError>, now: Timestamp, jitter: Double
    ) -> Step {
        let rule = AnswerRule(
            plan: plan, isFirst: pages == 0, isConditional: pages == 0 && hasSentValidators,
            url: request.url)
        let verdict = rule.judge(answer, now: now)
        ruling = verdict.rule.map { "\($0): \(verdict.judgement.words)" }
        sight = verdict.sight
        advice = [advice, verdict.advice].compactMap { $0 }.max()
        switch verdict.judgement {
        case .page(let response, let rest):
            self.rest = rest
            attempt = 1
            limitRefusals = 0
            if pages == 0 {
                firstValidators = Validators(
                    response, request: firstIdentity, now: startTime)
            }
            state = .reading(response)
            return .read(response.body)
        case .notModified:
            return finish(.notModified(rest: advice))
        case .pastTheEnd:
            return complete()
        case .skip(let response, let rest):
            self.rest = rest
            attempt = 1
            limitRefusals = 0
            isPartial = true
            state = .reading(response)
            return read(PageFacts(records: 0, fields: [], lastFields: []))
        case .resync(let error):
            return finish(.resync(error))
        case .retry(let error):
            return error.code == .rateLimited && pages > 0
                ? standBack(error, jitter: jitter) : retry(error, jitter: jitter)
        case .fail(let error):
            return finish(.failed(error))
        }
    }

    /// Goes on after a pause.
    package mutating func waited() -> Step {
        guard case .pausing = state else { return finish(.failed(misuse("no pause to end"))) }
        state = .asking
        return .send(request)
    }

    /// Takes what the page of the last `read` held, once its changes are committed.
    package mutating func read(_ facts: PageFacts) -> Step {
        guard case .reading(let response) = state else {
            return finish(.failed(misuse("no page to read")))
        }
        hasRefused = false
        pages += 1
        records += facts.records
        counted += facts.records
        statedTotal = paginator.statedTotal(facts) ?? statedTotal
        do {
            let next = try paginator.next(
                after: position, facts: facts, headers: { response.headers.values(of: $0) },
                url: request.url)
            switch next {
            case .end: return complete()
            case .page(let next) where isRepeated(next):
                return complete()
            case .page where facts.isAllKnown && plan.stream.pages.stops.contains(.known):
                // What lies beyond was not looked at, so nothing of it can be called gone.
                isPartial = plan.stream.detect == .snapshot
                return complete()
            case .page(var next):
                try checkProgress(response.body, facts)
                next.cursor = position.cursor
                let restart = restart(facts)
                isFreshStart = restart != nil
                if isFreshStart { counted = 0 }
                return try turn(to: restart ?? next)
            }
        } catch {
            return finish(.failed(error))
        }
    }

    /// The page that begins at the greatest cursor value, where that is better than the next.
    private mutating func restart(_ facts: PageFacts) -> PagePosition? {
        guard let cursor = facts.orderedCursor else { return nil }
        // The API does not filter by the cursor: starting again would read all again. What was
        // asked for may be coarser than what was seen.
        if let restartedAt, cursor < restartedAt.asSent { mayRestart = false }
        guard mayRestart, cursor > restartedAt ?? startCursor,
            let restart = paginator.restart(at: cursor, sent: builder.cursor(at: position)),
            let request = try? builder.request(for: restart),
            !asked.contains(builder.identity(of: request))
        else { return nil }
        restartedAt = cursor
        // Asked from its own last record, a page may well come again as it was.
        lastBody = nil
        return restart
    }

    /// Whether a page leads to itself, where the adapter says that this is the end.
    private func isRepeated(_ next: PagePosition) -> Bool {
        guard plan.stream.pages.stops.contains(.unchanged) else { return false }
        return (next.url ?? "") == (position.url ?? "") && next.values == position.values
            || next.url == request.url
    }

    /// An API that is asked for a page behind the last may send the last one again.
    private mutating func checkProgress(
        _ body: [UInt8], _ facts: PageFacts
    ) throws(PollError) {
        switch plan.stream.pages.scheme {
        case .number, .offset: break
        case .single, .link, .nextURL, .token, .keyset: return
        }
        defer { lastBody = body }
        guard facts.records > 0, body == lastBody else { return }
        throw PollError(
            code: .pageLoop, address: plan.address, place: RequestURL.withoutSecrets(request.url),
            message: "page \(pages) is the same as the one before",
            hint: "the API repeats its last page: give `stop: short` with `size`, `more` or "
                + "`end_statuses`")
    }

    /// Takes that the page of the last `read` could not be read: it is asked for once more.
    ///
    /// Servers send half a page or an error in the shape of a success now and then; an adapter
    /// that does not fit its API is not worth more than one look again.
    package mutating func refused(_ problem: Problem, jitter: Double) -> Step {
        guard case .reading = state else { return finish(.failed(misuse("no page to refuse"))) }
        let error = PollError(
            page: problem, address: plan.address, url: RequestURL.withoutSecrets(request.url),
            retryAfter: rest)
        guard !hasRefused else { return finish(.failed(error)) }
        hasRefused = true
        return retry(error, jitter: jitter)
    }

    private mutating func turn(to next: PagePosition) throws(PollError) -> Step {
        guard pages < plan.adapter.limits.pages else {
            throw PollError(
                code: .pageBudget, address: plan.address,
                message: "the API has more than \(plan.adapter.limits.pages) pages",
                hint: "raise `limits.pages`, or ask for larger pages")
        }
        let nextRequest = try builder.request(for: next)
        guard asked.insert(builder.identity(of: nextRequest)).inserted else {
            throw PollError(
                code: .pageLoop, address: plan.address,
                place: RequestURL.withoutSecrets(nextRequest.url),
                message: "page \(pages) leads back to a page that was read before",
                hint: "check `pages`: is the placeholder used in the request, and does the API "
                    + "know it?")
        }
        position = next
        request = nextRequest
        // Validators belong to a single page: another page may have changed while the first
        // has not, and then a 304 to the first would hide it.
        firstValidators = nil
        guard let rest, rest > .zero else {
            state = .asking
            return .send(request)
        }
        self.rest = nil
        state = .pausing
        return .wait(rest)
    }

    /// Waits out a limit that was reached in the middle of a poll, and asks for the same page.
    ///
    /// It takes more patience than a failure: reading all pages anew would reach the limit again.
    private mutating func standBack(_ error: PollError, jitter: Double) -> Step {
        let spread = 1 + 0.2 * min(max(jitter, 0), 1)
        let backoff = Duration.seconds(1 << min(limitRefusals, 6)) * spread
        let pause = max(backoff, error.retryAfter ?? .zero)
        limitRefusals += 1
        guard limitRefusals <= Limits.limitRefusalsMax, pause <= Limits.limitPauseMax else {
            return finish(.failed(error))
        }
        state = .pausing
        return .wait(pause)
    }

    private mutating func retry(_ error: PollError, jitter: Double) -> Step {
        let backoff =
            Duration.seconds(1 << min(attempt - 1, 6)) * (1 + 0.2 * min(max(jitter, 0), 1))
        let pause = max(backoff, error.retryAfter ?? .zero)
        guard attempt < plan.adapter.retry.attempts, pause <= Self.pauseMax else {
            return finish(.failed(error))
        }
        attempt += 1
        state = .pausing
        return .wait(pause)
    }

    private mutating func complete() -> Step {
        let rest = [rest, advice].compactMap { $0 }.max()
        guard !isPartial else { return finish(.partial(rest: rest)) }
        if plan.stream.pages.total != nil, statedTotal == nil {
            return finish(
                .failed(
                    PollError(
                        code: .incomplete, address: plan.address,
                        message: "no page says how many records there are in all",
                        hint: "`total` names a number in the answer; leave it out if there is none"
                    )))
        }
        if let statedTotal, statedTotal > counted {
            return finish(
                .failed(
                    PollError(
                        code: .incomplete, address: plan.address,
                        message: "the API counts \(statedTotal) records, yet its pages held "
                            + "\(counted)",
                        hint: "records that moved while paging come with the next poll; if this "
                            + "stays, check `pages` and `total`")))
        }
        return finish(.complete(validators: firstValidators, rest: rest))
    }

    private mutating func finish(_ end: PollEnd) -> Step {
        state = .ended
        return .end(end)
    }

    private func misuse(_ what: String) -> PollError {
        PollError(code: .request, address: plan.address, message: "the poll has \(what)")
    }
}
