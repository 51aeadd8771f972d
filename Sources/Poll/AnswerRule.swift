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
        /// Nothing to read, and the poll will not have seen everything.
        case skip(HTTPResponse, rest: Duration?)
        /// What the poll goes on from is not known to the API any more.
        case resync(PollError)
        case retry(PollError)
        case fail(PollError)
    }

    /// What was decided, by which of the adapter's rules, and what was learnt of the limits.
    struct Verdict {
        let judgement: Judgement
        /// As in `answers[2]`; nil if no rule matched.
        let rule: String?
        let sight: LimitSight?
        /// How long the API asks to wait until the next poll though nothing is wrong.
        let advice: Duration?
    }

    let plan: PollPlan
    /// Whether the answer is for the first page.
    let isFirst: Bool
    /// Whether validators were sent, so that a 304 has something to refer to.
    let isConditional: Bool
    /// What was asked for.
    let url: String

    func judge(_ answer: Result<HTTPResponse, TransferError>, now: Timestamp) -> Verdict {
        switch answer {
        case .failure(let error):
            return Verdict(judgement: judge(error), rule: nil, sight: nil, advice: nil)
        case .success(let response):
            let answer = plan.answers.read(response)
            var sight = plan.answers.limits.read(answer, now: now)
            let rule =
                response.status == 304 && isConditional ? nil : plan.answers.rule(for: answer)
            let wait = rule?.wait(answer, now: now) ?? statedWait(response, sight, now: now)
            let judgement =
                rule.map { judge(answer, by: $0, sight, wait: wait) }
                ?? judge(answer, sight, wait: wait)
            if case .retry(let error) = judgement, error.code == .rateLimited {
                sight.refusal = LimitSight.Refusal(wait: wait)
            }
            return Verdict(
                judgement: judgement, rule: rule?.name, sight: sight,
                advice: plan.answers.limits.advice(response, now: now))
        }
    }

    private func judge(_ error: TransferError) -> Judgement {
        let failure = PollError(
            code: .transfer, address: plan.address,
            place: "\(error.url) (\(error.phase.rawValue))",
            message: "\(error.message) [\(error.code.rawValue)]", hint: error.hint)
        switch error.code {
        case .program: return .fail(local(error))
        case .programBusy: return .retry(local(error))
        case .dns, .connect, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname, .tlsProtocol,
            .tlsClientCertificate, .timeoutConnect, .timeoutFirstByte, .timeoutTotal, .reset,
            .truncated, .encoding, .malformed, .overloaded:
            return .retry(failure)
        case .invalidURL, .invalidHeader, .refusedScheme, .refusedAddress, .bodyTooLarge,
            .headersTooLarge, .spool, .cancelled, .stopped:
            return .fail(failure)
        }
    }

    /// What a program says of its failure may hold what it was given.
    private func local(_ error: TransferError) -> PollError {
        let shown = { (text: String) in
            let masked = plan.redactor.redact(StrangerText.printable(text))
            return masked.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let text = shown(error.message)
        return PollError(
            code: .program, address: plan.address, place: error.url,
            message: text.count > Self.wordsMax ? text.prefix(Self.wordsMax) + "…" : text,
            hint: shown(error.hint))
    }

    /// Characters of such a message.
    private static let wordsMax = 1000

    /// What a rule of the adapter's author makes of an answer.
    private func judge(
        _ answer: ReadAnswer, by rule: CompiledAnswerRule, _ sight: LimitSight, wait: Duration?
    ) -> Judgement {
        let response = answer.response
        let rest = sight.isSpent(plan.answers.limits.reserve) ? sight.wait : nil
        let refusal = { (code: PollError.Code, hint: String) in
            self.refusal(answer, code, by: rule, hint: hint, wait: wait)
        }
        switch rule.spec.meaning {
        case .success: return page(answer, rest: rest, isRuled: true)
        case .skip: return .skip(response, rest: rest)
        case .stop: return .pastTheEnd
        case .retry: return .retry(refusal(.answer, ""))
        case .rateLimited:
            return .retry(refusal(.rateLimited, "poll less often, or give `limits.budget`"))
        case .login:
            return .fail(
                refusal(.login, "the API asks for a new login: renew the credentials under `with:`")
            )
        case .resync:
            return .resync(
                refusal(.resync, "the API did not take the start either; check the rule"))
        case .fail: return .fail(refusal(.answer, ""))
        }
    }

    private func refusal(
        _ answer: ReadAnswer, _ code: PollError.Code, by rule: CompiledAnswerRule, hint: String,
        wait: Duration?
    ) -> PollError {
        let text = rule.message(answer).map { line($0) } ?? excerpt(answer.response)
        return error(
            code, "status \(answer.response.status): \(text) [\(rule.name)]", hint: hint,
            retryAfter: wait)
    }

    /// A page, unless it is not what the adapter expects of one.
    private func page(_ answer: ReadAnswer, rest: Duration?, isRuled: Bool) -> Judgement {
        let response = answer.response
        switch plan.answers.expectation.complaint(answer, isRuled: isRuled) {
        case nil:
            let format = FormatRule(plan: plan, url: url)
            if !isRuled, !plan.answers.expectation.namesTypes,
                let refusal = format.foreignType(response)
            {
                return .retry(refusal)
            }
            return .page(response, rest: rest)
        case .webPage? where !plan.stream.format.checksContentType:
            return .page(response, rest: rest)
        case .webPage?:
            return .retry(
                error(
                    .notData,
                    "status \(response.status) brought a web page: \(excerpt(response))",
                    hint: "a login page or a proxy's answer; check the address and the credentials")
            )
        case .contentType(let found, let allowed)?:
            return .retry(
                error(
                    .notData,
                    "the content type is \(found), not \(allowed.joined(separator: " or ")): "
                        + excerpt(response),
                    hint: "`expect.content_type` says what a page is"))
        case .path(let path)?:
            return .retry(
                error(
                    .notData, "the answer has nothing at \(path): \(excerpt(response))",
                    hint: "`expect.path` says what every page has; if this is an error of the "
                        + "API, tell it by a rule under `answers`"))
        }
    }

    private func judge(
        _ answer: ReadAnswer, _ sight: LimitSight, wait: Duration?
    ) -> Judgement {
        let response = answer.response
        let format = FormatRule(plan: plan, url: url)
        if let (fault, mayPass) = format.fault(response, retryAfter: wait) {
            return mayPass ? .retry(fault) : .fail(fault)
        }
        switch response.status {
        case 200...299:
            let rest = sight.isSpent(plan.answers.limits.reserve) ? sight.wait : nil
            return page(answer, rest: rest, isRuled: false)
        case 304 where isConditional || plan.adapter.origin != .network:
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
        case let status where status == 429 || status == 403 && sight.remaining == 0:
            let pause = wait.map { ", and it asks to wait \($0.wholeMilliseconds / 1000)s" } ?? ""
            return .retry(
                error(
                    .rateLimited, "status \(response.status): the API's limit is reached\(pause)",
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

    /// Retry-After, else the reset if no requests are left or the answer is 429.
    private func statedWait(
        _ response: HTTPResponse, _ sight: LimitSight, now: Timestamp
    ) -> Duration? {
        if let stated = LimitReader.retryAfter(response, now: now) { return stated }
        return sight.remaining == 0 || response.status == 429 ? sight.wait : nil
    }

    /// The beginning of a body, on one line, for a message.
    private func excerpt(_ response: HTTPResponse) -> String {
        // Masked before it is cut: no secret can be known by the half of it that is left.
        let beginning = String(decoding: response.body.prefix(4096), as: UTF8.self)
        let text = line(beginning)
        return text.isEmpty ? "no body" : text
    }

    private func line(_ text: String) -> String {
        let charactersMax = 200
        let text = plan.redactor.redact(StrangerText.printable(text))
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return String(line.prefix(charactersMax))
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
