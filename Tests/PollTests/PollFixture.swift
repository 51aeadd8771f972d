import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// Adapters in a few words, for tests that are about polling alone.
enum PollFixture {
    static let place = Place(file: "test.yaml", line: 1, column: 1)
    static let start = Timestamp(milliseconds: 1_767_225_600_000)

    static func template(_ text: String) throws -> Template {
        try Template(parsing: text, at: place)
    }

    static func expression(_ text: String) -> ExpressionText {
        ExpressionText(text: text, place: place)
    }

    static func items(_ items: KeyValuePairs<String, String>) throws -> [NamedTemplate] {
        try items.map { NamedTemplate(name: $0.key, value: try template($0.value)) }
    }

    static func plan(
        pages: PagesSpec = PagesSpec(), query: KeyValuePairs<String, String> = [:],
        body: RequestSpec.Body? = nil, cursor: CursorSpec? = nil, auth: AuthSpec = .none,
        limits: LimitsSpec = LimitsSpec(), retry: RetrySpec = RetrySpec(),
        base: String = "https://api.example.com/v1", path: String = "/orders",
        parameters: [String: String] = [:], answers: AnswersSpec = AnswersSpec(),
        format: FormatSpec = .json
    ) throws -> PollPlan {
        let stream = StreamSpec(
            name: StreamName("orders"),
            request: RequestSpec(
                method: body == nil ? .get : .post, target: .path(try template(path)),
                query: try items(query), body: body),
            pages: pages, format: format, records: expression("."), key: [expression(".id")],
            cursor: cursor,
            detect: cursor == nil ? .snapshot : .incremental, place: place)
        let adapter = AdapterSpec(
            name: "shop", baseURL: try template(base), auth: auth, limits: limits, answers: answers,
            retry: retry,
            streams: [stream], place: place)
        return try PollPlan(
            address: StreamAddress(source: SourceName("shop"), stream: stream.name),
            adapter: adapter, stream: stream, parameters: parameters,
            rules: Fingerprint(high: 1, low: 2))
    }

    static func machine(
        _ plan: PollPlan, cursor: CursorValue? = nil, validators: Validators? = nil
    ) throws -> PollMachine {
        try PollMachine(
            plan: plan, start: PollStart(cursor: cursor, validators: validators, time: start))
    }

    static func answer(
        _ status: Int, _ headers: [HTTPField] = [], body: String = "[]"
    ) -> Result<HTTPResponse, TransferError> {
        .success(
            HTTPResponse(status: status, headers: HTTPHeaders(headers), body: Array(body.utf8)))
    }

    static func facts(
        _ records: Int, fields: [String?] = [], last: [String?] = [], cursor: Int64? = nil
    ) -> PageFacts {
        PageFacts(
            records: records, fields: fields, lastFields: last,
            orderedCursor: cursor.map { CursorValue(format: .integer, position: $0) })
    }
}

extension PollMachine.Step {
    var request: HTTPRequest? { if case .send(let request) = self { request } else { nil } }
    var pause: Duration? { if case .wait(let pause) = self { pause } else { nil } }
    var end: PollEnd? { if case .end(let end) = self { end } else { nil } }
    var error: PollError? {
        if case .end(.failed(let error)) = self { error } else { nil }
    }
    var isComplete: Bool {
        if case .end(.complete) = self { true } else { false }
    }
    var isRead: Bool { if case .read = self { true } else { false } }
}

extension PollMachine {
    /// A page that came without trouble and held so much.
    mutating func page(
        _ facts: PageFacts, headers: [HTTPField] = [], body: String? = nil
    ) -> Step {
        let step = answered(
            PollFixture.answer(200, headers, body: body ?? "[\(pages)]"), now: PollFixture.start,
            jitter: 0)
        return step.isRead ? read(facts) : step
    }

    mutating func status(_ status: Int, _ headers: [HTTPField] = [], body: String = "") -> Step {
        answered(
            PollFixture.answer(status, headers, body: body), now: PollFixture.start, jitter: 0)
    }
}
