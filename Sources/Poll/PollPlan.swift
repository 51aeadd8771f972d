package import PullcordAdapter
package import PullcordJQ
package import PullcordModel

/// Everything that a poll of one stream needs to know beforehand; it does not change.
package final class PollPlan: Sendable {
    package let address: StreamAddress
    package let adapter: AdapterSpec
    package let stream: StreamSpec
    /// The adapter's parameters as the source gives them, defaults included.
    package let parameters: [String: String]
    /// What answers mean, and what they say of the API's limits.
    package let answers: AnswerPlan
    /// A hash of the rules that read an answer: validators kept under other rules are not sent.
    package let rules: Fingerprint
    /// Takes the source's secrets out of whatever is shown, logged or stored about its polls.
    package let redactor: Redactor
    /// What of the plan tells one request from another: the same for every poll, so made once.
    let identityTexts: [String]

    package init(
        address: StreamAddress, adapter: AdapterSpec, stream: StreamSpec,
        parameters: [String: String], rules: Fingerprint, redactor: Redactor = Redactor([])
    ) throws(JQError) {
        self.address = address
        self.adapter = adapter
        self.stream = stream
        self.parameters = parameters
        answers = try AnswerPlan(adapter, stream)
        self.rules = rules
        self.redactor = redactor
        identityTexts = [rules.description, "\(stream.pages)", answers.identity]
    }

    /// What the paginator wants to know of each page's body, in the order of
    /// ``PageFacts/fields``.
    package var pageFields: [ExpressionText] {
        var fields: [ExpressionText] = []
        switch stream.pages.scheme {
        case .nextURL(let expression), .token(.body(let expression)): fields.append(expression)
        case .single, .link, .token(.header), .number, .offset, .keyset: break
        }
        if let more = stream.pages.more { fields.append(more) }
        if let total = stream.pages.total { fields.append(total) }
        return fields
    }

    /// What the paginator wants to know of each page's last record.
    package var lastFields: [ExpressionText] {
        if case .keyset(let expression, _) = stream.pages.scheme { [expression] } else { [] }
    }
}

/// Where a poll starts.
package struct PollStart: Sendable {
    /// The greatest cursor value seen; nil at the first poll.
    package let cursor: CursorValue?
    /// From the last answer to the same request; nil if there are none to send.
    package let validators: Validators?
    package let time: Timestamp
    /// What is asked for, in a stream that is asked for each of its parents.
    package let parent: ParentValues?

    package init(
        cursor: CursorValue?, validators: Validators?, time: Timestamp,
        parent: ParentValues? = nil
    ) {
        self.cursor = cursor
        self.validators = validators
        self.time = time
        self.parent = parent
    }
}

/// What requests say of the parent that they ask for.
package struct ParentValues: Sendable {
    package let key: String
    /// What `${parent.…}` stands for.
    package let fields: [String: String]
    /// What `${record.…}` stands for.
    package let record: [String: String]

    package init(key: String, fields: [String: String], record: [String: String] = [:]) {
        self.key = key
        self.fields = fields
        self.record = record
    }
}

/// What detection found in a page, as far as paging depends on it.
package struct PageFacts: Sendable {
    /// Records as the API sent them, before any filter.
    package let records: Int
    /// The values of ``PollPlan/pageFields``; nil for null, absent and empty.
    package let fields: [String?]
    /// The values of ``PollPlan/lastFields``; nil where the page had no record.
    package let lastFields: [String?]
    /// The greatest cursor value, if the page's values came in ascending order; else nil.
    package let orderedCursor: CursorValue?
    /// Whether the page held records, all of them known and unchanged.
    package let isAllKnown: Bool

    package init(
        records: Int, fields: [String?], lastFields: [String?], orderedCursor: CursorValue? = nil,
        isAllKnown: Bool = false
    ) {
        self.records = records
        self.fields = fields
        self.lastFields = lastFields
        self.orderedCursor = orderedCursor
        self.isAllKnown = isAllKnown
    }
}
