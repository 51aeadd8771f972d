import PullcordAdapter
package import PullcordModel
package import PullcordTransfer

/// One poll of one stream, page by page: a pure machine that decides and does nothing itself.
///
/// The caller asks for the first step, does what a step says, and tells the machine what came of
/// it: ``answered(_:now:jitter:)`` after `send`, ``waited()`` after `wait`, ``read(_:)`` after
/// `read`, until a step is `end`.
package struct PollMachine {
    enum State {
        /// A request for a page is due, or under way.
        case asking
        case pausing
        /// A page came; what it holds is not known yet.
        case reading(HTTPResponse)
        case ended
    }

    let plan: PollPlan
    let builder: RequestBuilder
    let paginator: Paginator
    let firstRequest: HTTPRequest
    let firstIdentity: Fingerprint
    let hasSentValidators: Bool
    let startTime: Timestamp
    /// What the first page's cursor values are at or after, as far as is known.
    let startCursor: CursorValue
    /// Why the poll cannot go on from where the last one ended; nil if it can.
    var rejection: PollError?
    var stating: StatedCursors
    var window: CappedWindow?
    var range: NumberRange?
    var restartedAt: CursorValue?
    var mayRestart = true
    var state = State.asking
    var position: PagePosition
    var request: HTTPRequest
    var attempt = 1
    var asked: Set<Fingerprint> = []
    var firstValidators: Validators?
    var statedTotal: Int?
    /// The page before, where pages are counted.
    var lastBody: [UInt8]?
    /// How often that page has come again.
    var repeats = 0
    /// Whether the page was unreadable once already.
    var hasRefused = false
    /// How long the last answer asked to wait before any further request.
    var rest: Duration?
    /// How long the API asked to wait until the next poll.
    var advice: Duration?
    /// Refusals of the page under way for asking too much.
    var limitRefusals = 0
    /// Whether a page was left out, or the rest of the list.
    var isPartial = false

    /// Pages read so far.
    package private(set) var pages = 0
    /// Records in those pages, before any filter.
    package private(set) var records = 0
    /// Whether the page under way was asked for from the cursor, not as the next of the last.
    package var isFreshStart = false
    /// Which of the adapter's rules decided on the last answer, and as what; nil if none did.
    package private(set) var ruling: String?
    /// Why the last `wait` is before the same request again.
    package internal(set) var again: PollError?
    /// What the last answer said of the API's limits; nil if none came.
    package private(set) var sight: LimitSight?
    /// Where the next poll starts, as the pages so far say beside their records' own values.
    package var stated: [CursorMark?] { stating.marks }
    /// Records since the last fresh start, which is what a stated total speaks of.
    var counted = 0
    /// After how many pages the poll counts as ended; nil for as many as there are.
    let pagesWanted: Int?
    /// Whether there are more pages than were wanted.
    package private(set) var isCut = false

    package init(
        plan: PollPlan, start: PollStart, pagesWanted: Int? = nil
    ) throws(PollError) {
        self.plan = plan
        self.pagesWanted = pagesWanted
        startTime = start.time
        startCursor =
            start.cursor
            ?? CursorValue(format: plan.stream.cursor?.format ?? .integer, position: .min)
        builder = try RequestBuilder(plan: plan, start: start)
        paginator = Paginator(plan: plan)
        stating = StatedCursors(plan)
        window = CappedWindow(
            plan, from: builder.startValue, until: RequestBuilder.until(plan: plan, start: start))
        range = NumberRange(plan)
        position = try builder.first(paginator.first)
        var plain: HTTPRequest
        if case .range(let end) = plan.stream.pages.scheme {
            plain = try builder.rangeEnd(end.path)
        } else {
            plain = try builder.request(for: position)
        }
        if case .url(let url)? = start.marks.first ?? nil {
            // The adapter may have been edited since the link was handed out.
            do throws(PollError) {
                position = PagePosition(url: try paginator.resolve(url, from: plain.url))
                plain = try builder.request(for: position)
            } catch {
                rejection = error
            }
        }
        firstIdentity = builder.identity(of: plain)
        firstRequest =
            range == nil ? builder.conditional(plain, identity: firstIdentity) : plain
        hasSentValidators = firstRequest.headers.count > plain.headers.count
        request = firstRequest
        asked.insert(firstIdentity)
    }

    /// The page of the last `read` where it is too large for memory; what `read` gave is its
    /// beginning.
    package var bodyFile: BodyFile? {
        guard case .reading(let response) = state else { return nil }
        return response.file
    }

    /// The first step.
    package func begin() -> Step {
        rejection.map { .end(.resync($0)) } ?? .send(firstRequest)
    }

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
            if range?.isOpen == true { return measured(response) }
            if pages == 0 {
                firstValidators = Validators(
                    response, request: firstIdentity, now: startTime)
            }
            // A source in code says so itself (206).
            if response.status == 206, request.call != nil { isPartial = true }
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
            if range?.isOpen == true { return complete() }
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
        let headers = { (name: String) in response.headers.values(of: name) }
        statedTotal = paginator.statedTotal(facts, headers: headers) ?? statedTotal
        do {
            try stating.take(facts, headers: headers, url: request.url, paginator: paginator)
            window?.take(facts)
            let next: Paginator.Next
            if let range {
                next = range.next(after: position).map { .page($0) } ?? .end
            } else {
                next = try paginator.next(
                    after: position, facts: facts, headers: headers, url: request.url)
            }
            if window?.isFull(counted: counted, total: statedTotal) == true {
                return try divide()
            }
            switch next {
            case .end: return try endWindow()
            case .page(let next) where isRepeated(next):
                return try endWindow()
            case .page where facts.isAllKnown && plan.stream.pages.stops.contains(.known):
                // What lies beyond was not looked at, so nothing of it can be called gone.
                isPartial = plan.stream.detect == .snapshot
                return complete()
            case .page(var next):
                if response.file == nil { try checkProgress(response.body, facts) }
                next.cursor = position.cursor
                next.until = position.until
                let restart = restart(facts)
                isFreshStart = restart != nil
                if isFreshStart { counted = 0 }
                return try turn(to: restart ?? next)
            }
        } catch {
            return finish(.failed(error))
        }
    }

    /// Whether a page leads to itself, where the adapter says that this is the end.
    func isRepeated(_ next: PagePosition) -> Bool {
        guard plan.stream.pages.stops.contains(.unchanged) else { return false }
        return (next.url ?? "") == (position.url ?? "") && next.values == position.values
            && next.merged == position.merged
            || next.url == request.url
    }

    /// Takes that the page of the last `read` could not be read: it is asked for once more.
    ///
    /// Servers send half a page or an error in the shape of a success now and then; an adapter
    /// that does not fit its API is not worth more than one look again.
    ///
    /// A page of which something was committed is not asked for again before the next poll.
    package mutating func refused(
        _ problem: Problem, mayRetry: Bool = true, jitter: Double
    ) -> Step {
        guard case .reading = state else { return finish(.failed(misuse("no page to refuse"))) }
        let error = PollError(
            page: problem, address: plan.address, url: RequestURL.withoutSecrets(request.url),
            retryAfter: rest)
        guard mayRetry, !hasRefused else { return finish(.failed(error)) }
        hasRefused = true
        return retry(error, jitter: jitter)
    }

    mutating func turn(to next: PagePosition) throws(PollError) -> Step {
        if let pagesWanted, pages >= pagesWanted {
            isCut = true
            return finish(.complete(validators: nil, rest: nil))
        }
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

    mutating func finish(_ end: PollEnd) -> Step {
        state = .ended
        return .end(end)
    }

    func misuse(_ what: String) -> PollError {
        PollError(code: .request, address: plan.address, message: "the poll has \(what)")
    }
}
