import PullcordAdapter
package import PullcordModel

/// Why a poll ended before its end.
package struct PollError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The request could not be made from the adapter and its parameters.
        case request
        /// The network failed; the transfer's own code is in the message.
        case transfer
        /// A program, or a source in code, failed; what it said is in the message.
        case program
        /// A status that is neither a success nor worth another try.
        case status
        /// 401, or a 403 that is no rate limit.
        case unauthorized
        /// 429, or no requests left.
        case rateLimited = "rate_limited"
        /// A 3xx answer; redirects are not followed.
        case redirect
        /// A rule of the adapter says that the answer is a failure.
        case answer
        /// A rule of the adapter says that the API wants a new login.
        case login
        /// The API rejects what the poll went on from, and reading from the start did not help.
        case resync
        /// The answer is not what a page must be: mostly a web page of a login or of a proxy.
        case notData = "not_data"
        /// The service says in SOAP that it failed.
        case soapFault = "soap_fault"
        /// A page asked for a page that this poll has read already.
        case pageLoop = "page_loop"
        /// More pages than the adapter allows.
        case pageBudget = "page_budget"
        /// The next page is on another host, which must not see the credentials.
        case foreignHost = "foreign_host"
        /// The next page's URL, token or number could not be read.
        case nextPage = "next_page"
        /// The API gives no more records for one filter, and the filter cannot be made narrower.
        case resultCap = "result_cap"
        /// An answer does not state where the next poll starts, or not in the adapter's format.
        case cursor
        /// What came could not be read as a page; the problem says why.
        case page
        /// All pages came, yet not as many records as the API itself counted.
        case incomplete
    }

    package let code: Code
    package let address: StreamAddress
    /// Where: URL without its query, or empty.
    package let place: String
    package let message: String
    package let hint: String
    /// How long the API asked to be left alone; nil if it did not.
    package let retryAfter: Duration?
    /// The name of what was wrong with a page, as in `records_missing`.
    private let pageCode: String?

    package init(
        code: Code, address: StreamAddress, place: String = "", message: String,
        hint: String = "", retryAfter: Duration? = nil
    ) {
        self.code = code
        self.address = address
        self.place = place
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
        pageCode = nil
    }

    /// A page that could not be read, with what was wrong with it.
    init(page problem: Problem, address: StreamAddress, url: String, retryAfter: Duration?) {
        code = .page
        self.address = address
        place = problem.place.isEmpty ? url : "\(url), \(problem.place)"
        message = problem.message
        hint = problem.hint
        self.retryAfter = retryAfter
        pageCode = problem.code
    }

    init(_ error: TemplateError, plan: PollPlan) {
        self.init(
            code: .request, address: plan.address,
            message: "the request could not be made: \(error)")
    }

    package var description: String { problem.description }

    /// The same in the words that are stored; a page's own problem keeps its name.
    package var problem: Problem {
        Problem(code: pageCode ?? code.rawValue, message: message, place: place, hint: hint)
    }

    /// Whether the API answered, and what it sent cannot be believed.
    package var isContent: Bool {
        switch code {
        case .notData, .page, .incomplete: true
        case .answer, .login, .resync, .request, .transfer, .program, .soapFault, .status,
            .unauthorized,
            .rateLimited, .redirect,
            .pageLoop,
            .pageBudget, .foreignHost, .nextPage, .resultCap, .cursor:
            false
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
