import PullcordAdapter
import PullcordModel
import PullcordTransfer

/// What an answer means for the poll that asked.
struct AnswerRule {
    enum Judgement {
        /// A page to read; `rest` is how long to wait before the next request.
        case page(HTTPResponse, rest: Duration?)
        case notModified
        case pastTheEnd
        case retry(PollError)
        case fail(PollError)
    }

    let plan: PollPlan
    /// Whether the answer is for the first page.
    let isFirst: Bool
    /// Whether validators were sent, so that a 304 has something to refer to.
    let isConditional: Bool
    /// What was asked for.
    let url: String

    func judge(_ answer: Result<HTTPResponse, TransferError>, now: Timestamp) -> Judgement {
        switch answer {
        case .failure(let error): judge(error)
        case .success(let response): judge(response, now: now)
        }
    }

    private func judge(_ error: TransferError) -> Judgement {
        let failure = PollError(
            code: .transfer, address: plan.address,
            place: "\(error.url) (\(error.phase.rawValue))",
            message: "\(error.message) [\(error.code.rawValue)]", hint: error.hint)
        switch error.code {
        case .dns, .connect, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname, .tlsProtocol,
            .tlsClientCertificate, .timeoutConnect, .timeoutFirstByte, .timeoutTotal, .reset,
            .truncated, .encoding, .malformed, .overloaded:
            return .retry(failure)
        case .invalidURL, .invalidHeader, .refusedScheme, .refusedAddress, .bodyTooLarge,
            .headersTooLarge, .cancelled, .stopped:
            return .fail(failure)
        }
    }

    private func judge(_ response: HTTPResponse, now: Timestamp) -> Judgement {
        let wait = statedWait(response, now: now)
        switch response.status {
        case 200...299:
            if let refusal = webPage(response) { return .retry(refusal) }
            return .page(response, rest: hasNoneLeft(response) ? wait : nil)
        case 304 where isConditional:
            return .notModified
        case let status where !isFirst && plan.stream.pages.endStatuses.contains(status):
            return .pastTheEnd
        case 300...399:
            let location = response.headers.value(of: "Location") ?? "no Location"
            return .fail(
                error(
                    .redirect,
                    "status \(response.status) leads to \(StrangerText.location(location))",
                    hint: "redirects are not followed; put the new address into the adapter"))
        case let status where status == 429 || status == 403 && hasNoneLeft(response):
            return .retry(
                error(
                    .rateLimited, "status \(response.status): the API's limit is reached",
                    hint: "poll less often, or give `limits` in the adapter", retryAfter: wait))
        case 401, 403:
            return .fail(
                error(
                    .unauthorized, "status \(response.status): \(excerpt(response))",
                    hint: "check the credentials under `with:` and their rights",
                    retryAfter: wait))
        case let status where plan.adapter.retry.statuses.contains(status):
            return .retry(
                error(
                    .status, "status \(status): \(excerpt(response))", retryAfter: wait))
        case let status:
            return .fail(
                error(
                    .status, "status \(status): \(excerpt(response))",
                    hint: status == 404 ? "check base_url, path and parameters" : "",
                    retryAfter: wait))
        }
    }

    /// A page for people where data was asked for: a login, a proxy's complaint.
    private func webPage(_ response: HTTPResponse) -> PollError? {
        guard let type = response.headers.value(of: "Content-Type")?.lowercased(),
            type.hasPrefix("text/html") || type.hasPrefix("application/xhtml")
        else { return nil }
        return error(
            .notData, "status \(response.status) brought a web page: \(excerpt(response))",
            hint: "a login page or a proxy's answer; check the address and the credentials")
    }

    private func hasNoneLeft(_ response: HTTPResponse) -> Bool {
        guard let header = plan.adapter.limits.remaining,
            let text = response.headers.value(of: header)
        else { return false }
        return text.trimmingSpaces() == "0"
    }

    /// Retry-After, else the adapter's reset header if no requests are left.
    private func statedWait(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        let stated = RetryAfter.wait(response.headers.values(of: "Retry-After"), now: now)
        if let stated { return stated }
        guard hasNoneLeft(response), let reset = plan.adapter.limits.reset,
            let text = response.headers.value(of: reset.header)?.trimmingSpaces()
        else { return nil }
        let wait: Duration?
        switch reset.format {
        case .seconds: wait = Int64(text).map { .seconds($0) }
        case .epochSeconds:
            wait = CursorValue(text, format: .epochSeconds).map {
                Timestamp(milliseconds: $0.position) - now
            }
        case .epochMilliseconds:
            wait = Int64(text).map { Timestamp(milliseconds: $0) - now }
        case .httpDate: wait = RetryAfter.wait([text], now: now)
        }
        return wait.map { min(max(.zero, $0), Limits.retryAfterMax) }
    }

    /// The beginning of a body, on one line, for a message.
    private func excerpt(_ response: HTTPResponse) -> String {
        let charactersMax = 200
        // Masked before it is cut: no secret can be known by the half of it that is left.
        let beginning = String(decoding: response.body.prefix(4096), as: UTF8.self)
        let text = plan.redactor.redact(StrangerText.printable(beginning))
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? "no body" : String(line.prefix(charactersMax))
    }

    private func error(
        _ code: PollError.Code, _ message: String, hint: String = "",
        retryAfter: Duration? = nil
    ) -> PollError {
        PollError(
            code: code, address: plan.address, place: RequestURL.withoutSecrets(url),
            message: message, hint: hint, retryAfter: retryAfter)
    }
}
