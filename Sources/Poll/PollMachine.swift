import PullcordAdapter
package import PullcordModel
package import PullcordTransfer

/// One poll of one stream, page by page: a pure machine that decides and does nothing itself.
///
/// The caller asks for the first step, does what a step says, and tells the machine what came of
/// it: ``answered(_:now:jitter:)`` after `send`, ``waited()`` after `wait`, ``read(_:)`` after
/// `read`, until a step is `end`.
package struct PollMachine {
    package enum Step {
        case send(HTTPRequest)
        /// Nothing is to be done for so long; then the same page is asked for again, or the next.
        case wait(Duration)
        /// The bytes of a page: find its records, commit its changes, and say what it held.
        case read([UInt8])
        case end(PollEnd)
    }

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

    /// Pages read so far.
    package private(set) var pages = 0
    /// Records in those pages, before any filter.
    package private(set) var records = 0
    /// Whether the page under way was asked for from the cursor, not as the next of the last.
    package private(set) var isFreshStart = false
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
        switch rule.judge(answer, now: now) {
        case .page(let response, let rest):
            self.rest = rest
            attempt = 1
            if pages == 0 { firstValidators = validators(of: response) }
            state = .reading(response)
            return .read(response.body)
        case .notModified:
            return finish(.notModified)
        case .pastTheEnd:
            return complete()
        case .retry(let error):
            return retry(error, jitter: jitter)
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

    private func validators(of response: HTTPResponse) -> Validators? {
        let tag = response.headers.value(of: "ETag")
        let modified = response.headers.value(of: "Last-Modified").flatMap {
            isStrong($0, date: response.headers.value(of: "Date")) ? $0 : nil
        }
        guard tag != nil || modified != nil else { return nil }
        return Validators(entityTag: tag, lastModified: modified, request: firstIdentity)
    }

    /// Whether nothing can have changed unseen within the second that the stamp stands for
    /// (RFC 9110, section 8.8.2.2).
    private func isStrong(_ modified: String, date: String?) -> Bool {
        guard let date, let sent = HTTPDate.parse(date, now: startTime),
            let changed = HTTPDate.parse(modified, now: startTime)
        else { return false }
        return sent - changed >= .seconds(1)
    }

    private func misuse(_ what: String) -> PollError {
        PollError(code: .request, address: plan.address, message: "the poll has \(what)")
    }

    /// The longest pause before a retry; an API that asks for more is polled again later.
    package static let pauseMax: Duration = .seconds(300)
}

/// How a poll ended.
package enum PollEnd: Sendable {
    /// Every page was read.
    ///
    /// `validators` are those of the only page, nil if there were more; `rest` is how long the
    /// API asked to be left alone.
    case complete(validators: Validators?, rest: Duration?)
    /// The API said that nothing has changed since the last complete poll.
    case notModified
    case failed(PollError)
}
