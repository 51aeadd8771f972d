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
        let request = request(for: delivery, to: endpoint, started: started)
        let start = time.monotonic()
        let answer: Result<HTTPResponse, TransferError>
        do {
            answer = .success(try await exchange.send(request))
        } catch {
            answer = .failure(error)
        }
        let duration = time.monotonic() - start
        let outcome: AttemptResult.Outcome
        switch answer {
        case .success(let response): outcome = .init(response, now: started + duration)
        case .failure(let error): outcome = .init(error)
        }
        let (next, overflow) = delivery.attempts.addingReportingOverflow(1)
        let attempt = Attempt(
            number: overflow ? delivery.attempts : next, started: started, duration: duration,
            status: try? answer.get().status, outcome: outcome.word,
            reason: endpoint.redactor.redact(Self.reason(outcome, answer)),
            reply: Self.reply(answer, endpoint))
        return AttemptResult(delivery: delivery.id, attempt: attempt, outcome: outcome)
    }

    /// The request of one attempt: signed anew each time, with the secrets in use now.
    package func request(
        for delivery: Delivery, to endpoint: Endpoint, started: Timestamp
    ) -> HTTPRequest {
        let body = Envelope.body(for: delivery.event, marks: QueueMarks.members(of: delivery))
        var headers = [HTTPField("Content-Type", "application/json")]
        if !endpoint.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            headers.append(HTTPField("User-Agent", userAgent))
        }
        let signed = Signer.headers(
            id: delivery.event.id, time: started, body: body, secrets: endpoint.secrets)
        headers += signed.map { HTTPField($0.name, $0.value) }
        headers += QueueMarks.headers(of: delivery)
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
        _ answer: Result<HTTPResponse, TransferError>, _ endpoint: Endpoint
    ) -> String {
        guard case .success(let response) = answer else { return "" }
        return StrangerText.reply(
            response.body, isCut: response.isTruncated, redactor: endpoint.redactor)
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
