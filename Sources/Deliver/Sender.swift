package import PullcordModel
import PullcordSigning
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
        let started = time.wall()
        let start = time.monotonic()
        let sent = await endpoint.access.send(over: exchange, time: time) { now in
            request(for: delivery, to: endpoint, started: now)
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
        let (next, overflow) = delivery.attempts.addingReportingOverflow(1)
        let attempt = Attempt(
            number: overflow ? delivery.attempts : next, started: started, duration: duration,
            status: try? answer.get().status, outcome: outcome.word,
            reason: redactor.redact(Self.reason(outcome, answer)),
            reply: Self.reply(answer, redactor))
        return AttemptResult(delivery: delivery.id, attempt: attempt, outcome: outcome)
    }

    /// The request of one attempt: signed anew each time, with the secrets in use now.
    package func request(
        for delivery: Delivery, to endpoint: Endpoint, started: Timestamp
    ) -> HTTPRequest {
        let body = Envelope.body(for: delivery.event)
        var headers = [HTTPField("Content-Type", "application/json")]
        if !endpoint.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            headers.append(HTTPField("User-Agent", userAgent))
        }
        let signed = Signer.headers(
            id: delivery.event.id, time: started, body: body, secrets: endpoint.secrets)
        headers += signed.map { HTTPField($0.name, $0.value) }
        headers += endpoint.headers.map { HTTPField($0.name, $0.value.expose()) }
        let standard = Deadlines.delivery
        return HTTPRequest(
            method: .post, url: endpoint.url.expose(), headers: headers, body: body,
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
