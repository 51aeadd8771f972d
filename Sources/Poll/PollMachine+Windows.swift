import PullcordAdapter
import PullcordJQ
import PullcordModel
import PullcordTransfer

/// Ranges, parts of a stream that is too large for one filter, and the end of all.
extension PollMachine {
    /// How often a page may come again before that counts as an API that repeats its last one.
    private static var repeatsMax: Int { 4 }

    /// The page that begins at the greatest cursor value, where that is better than the next.
    mutating func restart(_ facts: PageFacts) -> PagePosition? {
        guard let cursor = facts.orderedCursor else { return nil }
        // The API does not filter by the cursor: starting again would read all again. What was
        // asked for may be coarser than what was seen.
        if let restartedAt, let spec = plan.stream.cursor, cursor < spec.sent(restartedAt).asSent {
            mayRestart = false
        }
        guard mayRestart, cursor > restartedAt ?? startCursor,
            let restart = paginator.restart(at: cursor, sent: builder.cursor(at: position)),
            let request = try? builder.request(for: restart),
            !asked.contains(builder.identity(of: request))
        else { return nil }
        restartedAt = cursor
        window?.begin(CappedWindow.Span(from: cursor, until: nil))
        // Asked from its own last record, a page may well come again as it was.
        lastBody = nil
        return restart
    }

    /// An API that is asked for a page behind the last may send the last one again.
    mutating func checkProgress(
        _ body: [UInt8], _ facts: PageFacts
    ) throws(PollError) {
        switch plan.stream.pages.scheme {
        case .number, .offset: break
        case .single, .link, .nextURL, .token, .keyset, .merged, .range: return
        }
        defer { lastBody = body }
        guard facts.records > 0, body == lastBody else {
            repeats = 0
            return
        }
        // As many new records in front as a page holds, and it comes again though all is well.
        repeats += 1
        guard repeats > Self.repeatsMax else { return }
        throw PollError(
            code: .pageLoop, address: plan.address, place: RequestURL.withoutSecrets(request.url),
            message: "page \(pages) is the same as the one before",
            hint: "the API repeats its last page: give `stop: short` with `size`, `more` or "
                + "`end_statuses`")
    }

    /// Takes how far a range goes, and begins with its first page.
    mutating func measured(_ response: HTTPResponse) -> Step {
        let text = (try? plan.rangeEnd?.valueText(in: response.body)) ?? nil
        guard let end = text.flatMap({ Int64($0) }) else {
            return finish(
                .failed(
                    PollError(
                        code: .nextPage, address: plan.address,
                        place: RequestURL.withoutSecrets(request.url),
                        message: "the answer does not say how far the range goes",
                        hint: "`range.value` names a whole number in the answer to `range.to`")))
        }
        do {
            let start = builder.startValue?.position
            guard let first = range?.begin(at: start, end: end) else {
                return complete()
            }
            request = try builder.request(for: first)
            asked.insert(builder.identity(of: request))
            position = first
        } catch {
            return finish(.failed(error))
        }
        state = .asking
        return .send(request)
    }

    /// Goes on with a smaller part, as the API does not give all of this one.
    mutating func divide() throws(PollError) -> Step {
        let part = window?.current
        guard let span = window?.divide() else {
            let from = part?.from.map { " from \($0)" } ?? ""
            let until = part?.until.map { " to \($0)" } ?? ""
            throw PollError(
                code: .resultCap, address: plan.address,
                place: RequestURL.withoutSecrets(request.url),
                message: "the API holds more records\(from)\(until) than it gives for one request "
                    + "(`cap`), and there is no smaller part to ask for",
                hint: plan.stream.cursor == nil
                    ? "only a stream with a cursor can be read in parts"
                    : "too many records share one value of the cursor: page by `keyset` with "
                        + "`then`, or by a finer field")
        }
        return try begin(span)
    }

    /// Ends what was asked for; what else waits to be asked for comes next.
    mutating func endWindow() throws(PollError) -> Step {
        if let failure = incompleteness() { throw failure }
        if let span = window?.next() { return try begin(span) }
        try stating.checkComplete()
        return complete()
    }

    mutating func begin(_ span: CappedWindow.Span) throws(PollError) -> Step {
        var next = paginator.first
        next.cursor = span.from.map { plan.stream.cursor?.sent($0) ?? $0 }?.description
        next.until = span.until?.description
        isFreshStart = true
        counted = 0
        statedTotal = nil
        lastBody = nil
        return try turn(to: try builder.first(next))
    }

    mutating func complete() -> Step {
        let rest = [rest, advice].compactMap { $0 }.max()
        guard !isPartial else { return finish(.partial(rest: rest)) }
        if let failure = incompleteness() { return finish(.failed(failure)) }
        return finish(.complete(validators: firstValidators, rest: rest))
    }

    /// Why what was read cannot be all, by the API's own count; nil if it can.
    func incompleteness() -> PollError? {
        guard !isPartial, plan.stream.pages.total != nil else { return nil }
        guard let statedTotal else {
            return PollError(
                code: .incomplete, address: plan.address,
                message: "no page says how many records there are in all",
                hint: "`total` names a number of the answer; leave it out if there is none")
        }
        guard statedTotal > counted else { return nil }
        return PollError(
            code: .incomplete, address: plan.address,
            message: "the API counts \(statedTotal) records, yet its pages held \(counted)",
            hint: "records that moved while paging come with the next poll; if this stays, check "
                + "`pages` and `total`")
    }
}
