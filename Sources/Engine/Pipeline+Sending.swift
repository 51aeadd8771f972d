import PullcordAuth
import PullcordModel
import PullcordPoll
import PullcordTransfer

/// A login that did not work, in the middle of a poll.
struct LoginRefusal: Error {
    let problem: Problem
    let retryAfter: Duration?
}

/// How a request gets to the API: in its turn, and with what its source's login has brought.
extension Pipeline {
    /// Sends a request, and again with other credentials where the answer asks for them.
    ///
    /// The ticket is that of the last time it was sent; who calls finishes it. `willSend` is told
    /// of each request as it is sent.
    ///
    /// - Throws: ``LoginRefusal`` if no login works, else what waiting for a turn throws.
    func send(
        _ request: HTTPRequest, cost: Int, _ stream: LiveStream, _ options: PollOptions
    ) async throws -> (ticket: Budget.Ticket, answer: Result<HTTPResponse, TransferError>) {
        guard let access = stream.access else {
            let ticket = try await stream.lane.enter(
                cost: cost, time: time, pausing: options.pausing)
            options.observe?(.request(request))
            let answer = await stream.sender.answer(to: request, over: exchange, time: time)
            return (ticket, answer)
        }
        let logins = LoginExchange(
            exchange: exchange, stream: stream, home: RequestURL.home(of: request.url), time: time,
            options: options)
        var sends = 0
        do {
            while true {
                let prepared = try await access.prepare(
                    request, over: logins, time: time, pausing: options.pausing)
                let ticket = try await stream.lane.enter(
                    cost: cost, time: time, pausing: options.pausing)
                options.observe?(.request(prepared.request))
                let answer = await stream.sender.answer(
                    to: prepared.request, over: exchange, time: time)
                sends += 1
                guard sends < SourceAccess.sendsMax, case .success(let response) = answer else {
                    return (ticket, answer)
                }
                do throws(AuthError) {
                    guard
                        try access.mayRepeat(
                            prepared, after: response,
                            wantsLogin: stream.poll.answers.wantsLogin(response), time: time)
                    else { return (ticket, answer) }
                } catch {
                    stream.lane.finish(ticket, nil, now: time.monotonic())
                    throw error
                }
                stream.lane.finish(ticket, nil, now: time.monotonic())
                options.observe?(.answer(response))
                try Task.checkCancellation()
            }
        } catch let error as AuthError {
            // A login that was stopped with the process says nothing of the credentials.
            if error.code == .unreachable(.cancelled) { throw CancellationError() }
            throw LoginRefusal(problem: error.problem, retryAfter: error.retryAfter)
        }
    }
}

extension RequestURL {
    /// The host and port of a URL; nil if it is none.
    fileprivate static func home(of url: String) -> AddressPolicy.Target? {
        try? RequestURL(url).target
    }
}

/// The requests of a login: they stand in line with all others that share the API's limits.
///
/// One that was sent is waited for even if the poll is cancelled: a server may have replaced a
/// credential, and what it says is to be kept.
private struct LoginExchange: Exchange {
    let exchange: any Exchange
    let stream: LiveStream
    /// Where the API is: what it is shown of certificates is not for other hosts.
    let home: AddressPolicy.Target?
    let time: any TimeSource
    let options: PollOptions

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        let ticket: Budget.Ticket
        do {
            ticket = try await stream.lane.enter(cost: 1, time: time, pausing: options.pausing)
        } catch {
            throw TransferError(
                code: .cancelled, url: RequestURL.withoutSecrets(request.url), phase: .queue,
                mayHaveBeenSent: false, message: "the poll was stopped")
        }
        options.observe?(.request(request))
        let (exchange, sender, time) = (exchange, stream.sender, time)
        let isHome = home != nil && RequestURL.home(of: request.url) == home
        let answer = await Task {
            isHome
                ? await sender.answer(to: request, over: exchange, time: time)
                : await exchange.answer(to: request)
        }.value
        stream.lane.finish(ticket, nil, now: time.monotonic())
        if case .success(let response) = answer { options.observe?(.answer(response)) }
        return try answer.get()
    }
}
