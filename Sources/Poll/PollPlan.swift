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
    /// Where the end of a range stands in the answer to the request for it.
    let rangeEnd: Expression?
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
        if case .range(let end) = stream.pages.scheme {
            rangeEnd = try Expression(parsing: end.value.text)
        } else {
            rangeEnd = nil
        }
        self.rules = rules
        self.redactor = redactor
        identityTexts = [rules.description, "\(stream.pages)", answers.identity]
    }

    /// Where each cursor stands at a first poll that it begins with; nil for the others.
    package func beginnings(at time: Timestamp, parent: ParentValues?) -> [CursorMark?] {
        let context = TemplateContext(parameters: parameters, pollStarted: time, parent: parent)
        return stream.cursors.map { (try? $0.spec.beginning(context)) ?? nil }
    }

    /// What the paginator wants to know of each page's body, in the order of
    /// ``PageFacts/fields``.
    package var pageFields: [ExpressionText] {
        [schemeField, moreField, totalField].compactMap { $0 }
            + stream.cursors.compactMap(\.spec.bodyField)
    }

    private var moreField: ExpressionText? { stream.pages.more?.bodyField }
    private var totalField: ExpressionText? { stream.pages.total?.bodyField }

    /// What of the body the scheme itself reads.
    private var schemeField: ExpressionText? {
        switch stream.pages.scheme {
        case .nextURL(.body(let expression)), .token(.body(let expression), _),
            .merged(let expression, _):
            expression
        case .nextURL(.header), .single, .link, .token(.header, _), .number, .offset, .keyset,
            .range:
            nil
        }
    }

    /// Where in ``pageFields`` the flag stands, if there is one.
    var moreIndex: Int? { moreField.map { _ in schemeField == nil ? 0 : 1 } }

    /// Where in ``pageFields`` the total stands, if there is one.
    var totalIndex: Int? {
        totalField.map { _ in (schemeField == nil ? 0 : 1) + (moreField == nil ? 0 : 1) }
    }

    /// Where in ``pageFields`` those of the cursors begin.
    var cursorIndex: Int {
        [schemeField, moreField, totalField].count { $0 != nil }
    }

    /// How the marks of the cursors are stored.
    package var cursorLayout: CursorMarks.Layout {
        stream.cursors.map { ($0.name, $0.spec.kind) }
    }

    /// What the paginator wants to know of each page's last record.
    package var lastFields: [ExpressionText] {
        guard case .keyset(let expression, let then, _) = stream.pages.scheme else { return [] }
        return [expression, then].compactMap { $0 }
    }
}

extension CursorSpec {
    /// What the cursor is made of in the body of an answer; nil if it is something else.
    fileprivate var bodyField: ExpressionText? {
        switch source {
        case .watermark(.body(let field)), .token(.body(let field)), .url(let field): field
        case .record, .watermark(.header), .token(.header), .link, .pollTime: nil
        }
    }
}

/// Where a poll starts.
package struct PollStart: Sendable {
    /// Where each cursor of the stream stands; nil at the first poll.
    package let marks: [CursorMark?]
    /// From the last answer to the same request; nil if there are none to send.
    package let validators: Validators?
    package let time: Timestamp
    /// What is asked for, in a stream that is asked for each of its parents.
    package let parent: ParentValues?
    /// Whether everything is wanted, so that "nothing new" is no answer.
    package var wantsAll = false
    /// Whether the whole list is read, so that what is missing is gone.
    package var isWhole = false

    /// The greatest value of the first cursor; nil at the first poll, or if it is no value.
    package var cursor: CursorValue? { marks.first.flatMap { $0?.value } }

    /// For a stream whose one cursor is a value.
    package init(cursor: CursorValue?, validators: Validators?, time: Timestamp) {
        self.init(marks: [cursor.map { .value($0) }], validators: validators, time: time)
    }

    package init(
        marks: [CursorMark?], validators: Validators?, time: Timestamp,
        parent: ParentValues? = nil
    ) {
        self.marks = marks
        self.validators = validators
        self.time = time
        self.parent = parent
    }
}

extension TemplateContext {
    /// What is known before the first request of a poll.
    init(parameters: [String: String], pollStarted: Timestamp, parent: ParentValues?) {
        self.init(parameters: parameters, pollStarted: pollStarted)
        guard let parent else { return }
        self.parent = parent.fields
        record = parent.record
        recordKey = parent.key
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
    /// The greatest value of each cursor but the first that is a record's field.
    package let otherCursors: [CursorValue?]

    package init(
        records: Int, fields: [String?], lastFields: [String?], orderedCursor: CursorValue? = nil,
        isAllKnown: Bool = false, otherCursors: [CursorValue?] = []
    ) {
        self.records = records
        self.fields = fields
        self.lastFields = lastFields
        self.orderedCursor = orderedCursor
        self.isAllKnown = isAllKnown
        self.otherCursors = otherCursors
    }
}
