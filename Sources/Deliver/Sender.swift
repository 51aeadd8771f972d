package import PullcordModel
package import PullcordTransfer

/// Makes the one POST of an attempt and says what came of it.
package struct Sender: Sendable {
    private let exchange: any Exchange
    private let userAgent: String

    /// `version` goes into `User-Agent: Pullcord/<version>`.
    package init(exchange: any Exchange, version: String) {
        self.exchange = exchange
        userAgent = "Pullcord/\(version)"
    }

    /// Sends a delivery once.
    ///
    /// The wall clock's time is signed; the monotonic one measures how long the attempt took.
    /// No error is thrown: whatever happens is an outcome.
    package func attempt(
        _ delivery: Delivery, to endpoint: Endpoint, time: any TimeSource
    ) async -> AttemptResult {
        await post(delivery, to: endpoint, time: time, extra: QueueMarks.headers(of: delivery)) {
            () throws(WireError) in
            try payload(for: delivery, to: endpoint)
        }
    }

    /// Sends several deliveries in one POST, once; the result of each, in their order.
    ///
    /// What was replied is kept with the first only.
    package func attempt(
        batch: [Delivery], to endpoint: Endpoint, time: any TimeSource
    ) async -> [AttemptResult] {
        guard let first = batch.first else { return [] }
        let extra = QueueMarks.headers(ofBatch: batch)
        let result = await post(first, to: endpoint, time: time, extra: extra) {
            () throws(WireError) in
            try endpoint.wire.payload(
                batch: batch.map { ($0.event, QueueMarks.members(of: $0, inBatch: true)) })
        }
        let shared = result.attempt
        let own = result.bodyBytes / batch.count
        return batch.enumerated().map { index, delivery in
            AttemptResult(
                delivery: delivery.id,
                attempt: Attempt(
                    number: Self.number(of: delivery), started: shared.started,
                    duration: shared.duration, status: shared.status, outcome: shared.outcome,
                    reason: shared.reason, reply: index == 0 ? shared.reply : "",
                    trace: shared.trace),
                outcome: result.outcome, bodyBytes: own)
        }
    }

    /// Makes a POST; its result as that of `delivery`, which gives its values to the headers.
    private func post(
        _ delivery: Delivery, to endpoint: Endpoint, time: any TimeSource, extra: [HTTPField],
        _ make: () throws(WireError) -> Wire.Payload
    ) async -> AttemptResult {
        let started = time.wall()
        let start = time.monotonic()
        let payload: Wire.Payload
        let sent: EndpointAccess.Outcome
        let trace: TraceContext?
        do throws(WireError) {
            payload = try make()
            trace =
                endpoint.isTraced
                ? EventTrace.context(of: payload.id, delivery, attempt: Self.number(of: delivery))
                : nil
            sent = try await endpoint.access.send(over: exchange, time: time) {
                now throws(WireError) in
                try request(
                    payload, of: delivery.event, to: endpoint, started: now, extra: extra,
                    trace: trace)
            }
        } catch {
            return unmade(delivery, error, endpoint, started: started)
        }
        let answer = sent.answer
        let duration = time.monotonic() - start
        var outcome: AttemptResult.Outcome
        switch answer {
        case .success(let response): outcome = .init(response, now: started + duration)
        case .failure(let error): outcome = .init(error)
        }
        if sent.refusal != nil, case .unreachable = outcome { outcome = .unauthorized }
        let redactor = sent.token.map { endpoint.redactor.adding($0) } ?? endpoint.redactor
        let attempt = Attempt(
            number: Self.number(of: delivery), started: started, duration: duration,
            status: try? answer.get().status, outcome: outcome.word,
            reason: redactor.redact(Self.reason(outcome, answer)),
            reply: Self.reply(answer, redactor), trace: trace?.header)
        return AttemptResult(
            delivery: delivery.id, attempt: attempt, outcome: outcome,
            bodyBytes: payload.body.count)
    }

    /// The attempt of a delivery of which no POST could be made.
    private func unmade(
        _ delivery: Delivery, _ error: WireError, _ endpoint: Endpoint, started: Timestamp
    ) -> AttemptResult {
        let outcome = AttemptResult.Outcome.unmade(error.code)
        let attempt = Attempt(
            number: Self.number(of: delivery), started: started, duration: .zero, status: nil,
            outcome: outcome.word, reason: endpoint.redactor.redact(error.description), reply: "")
        return AttemptResult(delivery: delivery.id, attempt: attempt, outcome: outcome)
    }

    private static func number(of delivery: Delivery) -> Int {
        let (next, overflow) = delivery.attempts.addingReportingOverflow(1)
        return overflow ? delivery.attempts : next
    }

    /// The request of one attempt: signed anew each time, with the secrets in use now.
    ///
    /// What ``QueueMarks`` tells of the delivery's place goes into headers and `data`. `extra` are
    /// headers of ours beside these; a signature of the whole request covers all of them.
    ///
    /// - Throws: ``WireError`` if the subscription's programs or secrets allow no request.
    package func request(
        for delivery: Delivery, to endpoint: Endpoint, started: Timestamp,
        extra: [HTTPField] = []
    ) throws(WireError) -> HTTPRequest {
        try request(
            try payload(for: delivery, to: endpoint), of: delivery.event, to: endpoint,
            started: started, extra: QueueMarks.headers(of: delivery) + extra)
    }

    private func payload(
        for delivery: Delivery, to endpoint: Endpoint
    ) throws(WireError) -> Wire.Payload {
        try endpoint.wire.payload(for: delivery.event, marks: QueueMarks.members(of: delivery))
    }

    /// The same for a payload that is made already; `event` gives its values to the headers.
    ///
    /// No signature covers `trace`: what stands between may replace it by its own.
    package func request(
        _ payload: Wire.Payload, of event: Event, to endpoint: Endpoint, started: Timestamp,
        extra: [HTTPField] = [], trace: TraceContext? = nil
    ) throws(WireError) -> HTTPRequest {
        var headers = try endpoint.signedHeaders(
            id: payload.id, contentType: payload.contentType, body: payload.body,
            others: payload.headers + extra, userAgent: userAgent, at: started)
        headers += endpoint.headers.map { HTTPField($0.name, $0.value(for: event)) }
        if let trace { headers.append(HTTPField("traceparent", trace.header)) }
        let standard = Deadlines.delivery
        return HTTPRequest(
            method: .post, url: endpoint.url.expose(), headers: headers, body: payload.body,
            deadlines: Deadlines(
                connect: min(standard.connect, endpoint.timeout),
                firstByte: endpoint.timeout, total: endpoint.timeout),
            bodyLimit: .truncate(over: Limits.replyBytesRead), acceptsEncoding: false)
    }

    private static func reply(
        _ answer: Result<HTTPResponse, TransferError>, _ redactor: Redactor
    ) -> String {
        guard case .success(let response) = answer else { return "" }
        return StrangerText.reply(
            response.body, isCut: response.isTruncated, redactor: redactor)
    }

    private static func reason(
        _ outcome: AttemptResult.Outcome, _ answer: Result<HTTPResponse, TransferError>
    ) -> String {
        switch (outcome, answer) {
        case (.delivered, _):
            return ""
        case (.redirect(let location), .success(let response)):
            let target = location.isEmpty ? "" : " to \(location)"
            return "answered \(response.status)\(target): redirects are not followed, put the "
                + "final address into the subscription"
        case (.throttled(let wait), .success(let response)):
            let asked = wait > .zero ? ", asked to wait \(wait.components.seconds) s" : ""
            return "answered \(response.status): the endpoint is overloaded\(asked)"
        case (.gone, _):
            return "answered 410: the endpoint is gone for good, the subscription is stopped"
        case (_, .success(let response)):
            return "answered \(response.status)"
        case (_, .failure(let error)):
            return error.message
        }
    }
}
