package import PullcordAdapter
package import PullcordModel
package import PullcordTransfer

/// Asks for one record, to learn whether it is gone: the request, and what its answer means.
package struct RecordProbe: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// 404 or 410.
        case gone
        /// The API still has it: the list has lost it, the API has not.
        case there
        /// Anything else says nothing.
        case undecided
    }

    private let builder: RequestBuilder
    private let path: Template

    package init(
        plan: PollPlan, path: Template, time: Timestamp
    ) throws(PollError) {
        self.path = path
        builder = try RequestBuilder(
            plan: plan, start: PollStart(cursor: nil, validators: nil, time: time))
    }

    /// A GET with the adapter's headers, query and credentials.
    package func request(for key: RecordKey) throws(PollError) -> HTTPRequest {
        try builder.probe(path, key: key)
    }

    package static func judge(_ answer: Result<HTTPResponse, TransferError>) -> Verdict {
        guard case .success(let response) = answer else { return .undecided }
        switch response.status {
        case 404, 410: return .gone
        case 200...299: return .there
        default: return .undecided
        }
    }
}
