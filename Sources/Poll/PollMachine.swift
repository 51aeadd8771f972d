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
    private var state = State.asking
    private var position: PagePosition
    private var request: HTTPRequest
    private var attempt = 1
    private var asked: Set<Fingerprint> = []
    private var firstValidators: Validators?
    private var statedTotal: Int?
    /// How long the last answer asked to wait before any further request.
    private var rest: Duration?

    /// Pages read so far.
    package private(set) var pages = 0
    /// Records in those pages, before any filter.
    package private(set) var records = 0

    package init(plan: PollPlan, start: PollStart) throws(PollError) {
        self.plan = plan
        builder = try RequestBuilder(plan: plan, start: start)
        paginator = Paginator(plan: plan)
        position = try builder.first(paginator.first)
        let plain = try builder.request(for: position)
        firstIdentity = builder.identity(of: plain)
        firstRequest = builder.conditional(plain)
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
        pages += 1
        records += facts.records
        statedTotal = paginator.statedTotal(facts) ?? statedTotal
        do {
            let next = try paginator.next(
                after: position, facts: facts, headers: { response.headers.values(of: $0) },
                url: request.url)
            switch next {
            case .end: return complete()
            case .page(let next): return try turn(to: next)
            }
        } catch {
            return finish(.failed(error))
        }
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
                place: WebURL.withoutQuery(nextRequest.url),
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
        if let statedTotal, statedTotal > records {
            return finish(
                .failed(
                    PollError(
                        code: .incomplete, address: plan.address,
                        message: "the API counts \(statedTotal) records, yet \(pages) pages held "
                            + "\(records)",
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
        let date = response.headers.value(of: "Last-Modified")
        guard tag != nil || date != nil else { return nil }
        return Validators(entityTag: tag, lastModified: date, request: firstIdentity)
    }

    private func misuse(_ what: String) -> PollError {
        PollError(code: .request, address: plan.address, message: "the poll has \(what)")
    }

    /// The longest pause within a poll; whoever asks for more is polled again later.
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
