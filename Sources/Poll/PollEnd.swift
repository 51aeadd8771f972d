package import PullcordModel
package import PullcordTransfer

/// How a poll ended.
package enum PollEnd: Sendable {
    /// Every page was read.
    ///
    /// `validators` are those of the only page, nil if there were more; `rest` is how long the
    /// API asked to be left alone.
    case complete(validators: Validators?, rest: Duration?)
    /// The API said that nothing has changed since the last complete poll.
    /// `rest` is how long the API asked to be left alone.
    case notModified(rest: Duration?)
    /// The poll came to its end, yet pages were left out: what was not seen may well be there.
    case partial(rest: Duration?)
    /// The API rejects what the poll went on from: everything has to be read from the start.
    ///
    /// The error is what to say if it was the start already.
    case resync(PollError)
    case failed(PollError)
}

extension PollMachine {
    package enum Step {
        case send(HTTPRequest)
        /// Nothing is to be done for so long; then the same page is asked for again, or the next.
        case wait(Duration)
        /// The bytes of a page: find its records, commit its changes, and say what it held.
        case read([UInt8])
        case end(PollEnd)
    }

    /// The longest pause before a retry; an API that asks for more is polled again later.
    package static let pauseMax: Duration = .seconds(300)
}

extension Validators {
    /// What an answer gives to be sent back with the same request; nil if it gives nothing.
    init?(_ response: HTTPResponse, request: Fingerprint, now: Timestamp) {
        let tag = response.headers.value(of: "ETag")
        let modified = response.headers.value(of: "Last-Modified").flatMap {
            Self.isStrong($0, date: response.headers.value(of: "Date"), now: now) ? $0 : nil
        }
        guard tag != nil || modified != nil else { return nil }
        self.init(entityTag: tag, lastModified: modified, request: request)
    }

    /// Whether nothing can have changed unseen within the second that the stamp stands for
    /// (RFC 9110, section 8.8.2.2).
    private static func isStrong(_ modified: String, date: String?, now: Timestamp) -> Bool {
        guard let date, let sent = HTTPDate.parse(date, now: now),
            let changed = HTTPDate.parse(modified, now: now)
        else { return false }
        return sent - changed >= .seconds(1)
    }
}

extension AnswerRule.Judgement {
    /// For people who look at what a poll does.
    var words: String {
        switch self {
        case .page: "success"
        case .notModified: "not modified"
        case .pastTheEnd: "stop"
        case .skip: "skip"
        case .resync: "resync"
        case .retry(let error): error.code == .rateLimited ? "rate_limited" : "retry"
        case .fail(let error): error.code == .login ? "login" : "fail"
        }
    }
}
