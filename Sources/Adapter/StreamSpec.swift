package import PullcordModel

/// One list of records of an API: what to ask, how to page, what a record is, what counts.
package struct StreamSpec: Sendable, Equatable {
    package var name: StreamName
    package var summary: String
    @Boxed package var request: RequestSpec
    @Boxed package var pages: PagesSpec
    package var format: FormatSpec
    /// Where the list of records stands in an answer.
    package var records: ExpressionText
    /// Only records for which this is true are looked at; nil means all.
    package var condition: ExpressionText?
    /// One expression, or several that make a key together.
    package var key: [ExpressionText]
    /// Where the next poll starts: mostly one and without a name; the first is the one that orders.
    package var cursors: [NamedCursor]
    package var detect: DetectMode
    package var mask: MaskSpec
    /// Arrays whose order means nothing.
    package var unordered: [ExpressionText]
    /// What becomes of the records that exist at the first poll; a source may override it.
    package var first: FirstPoll
    package var deletes: DeleteSpec
    @Boxed package var belief = BeliefSpec()
    package var keep = KeepMode.fingerprint
    /// The stream whose records this one is asked for, one by one; nil for one that stands alone.
    @Boxed package var parent: ParentSpec?
    /// How each record is asked for, where the list gives summaries.
    @Boxed package var detail: DetailSpec?
    /// Whether nobody is told of its changes: only its children need it.
    package var isSilent = false
    @Boxed package var changes = ChangeSpec()
    @Boxed package var program = ProgramPartSpec()
    /// Whether what brings the records says what their key is; ``key`` means nothing then.
    package var keyIsStated = false
    /// Whether to send If-None-Match and If-Modified-Since when the API gave validators.
    package var isConditional: Bool
    /// Rules that come before the adapter's.
    @Boxed package var answers: AnswersSpec
    package var place: Place

    package init(
        name: StreamName, summary: String = "", request: RequestSpec, pages: PagesSpec = .init(),
        format: FormatSpec = .json, records: ExpressionText, condition: ExpressionText? = nil,
        key: [ExpressionText],
        cursor: CursorSpec? = nil, detect: DetectMode, mask: MaskSpec = .all,
        unordered: [ExpressionText] = [], first: FirstPoll = .baseline,
        deletes: DeleteSpec = DeleteSpec(), isConditional: Bool = true,
        answers: AnswersSpec = AnswersSpec(), place: Place
    ) {
        self.name = name
        self.summary = summary
        self.request = request
        self.pages = pages
        self.format = format
        self.records = records
        self.condition = condition
        self.key = key
        cursors = cursor.map { [NamedCursor(name: "", spec: $0)] } ?? []
        self.detect = detect
        self.mask = mask
        self.unordered = unordered
        self.first = first
        self.deletes = deletes
        self.isConditional = isConditional
        self.answers = answers
        self.place = place
    }
}

extension StreamSpec {
    /// The first cursor, which orders the records where one does; nil without any.
    package var cursor: CursorSpec? { cursors.first?.spec }
}

/// How changes are found.
package enum DetectMode: String, Sendable, CaseIterable {
    /// Asks for what changed since the cursor; sees no deletes.
    case incremental
    /// Reads the whole list each time; sees deletes.
    case snapshot
    /// Each new record is an event, once; what is no longer listed is not gone.
    case feed
}

/// What becomes of the records that exist when a stream is polled for the first time.
package enum FirstPoll: String, Sendable, CaseIterable {
    /// They are remembered and no event is sent.
    case baseline
    /// Each becomes a `created` event with the origin `backfill`.
    case emit
}

/// What the store keeps of a record.
package enum KeepMode: String, Sendable, CaseIterable {
    /// Enough to see that it has changed.
    case fingerprint
    /// All of it, so that events tell what was before.
    case record
}

/// Which members of a record count as its meaning.
package enum MaskSpec: Sendable, Equatable {
    case all
    /// All but these plain paths.
    case ignoring([ExpressionText])
    /// None but these plain paths.
    case only([ExpressionText])
}

/// When a number of deletes is too large to be believed.
package struct DeleteSpec: Sendable, Equatable {
    /// The share of the known records, 0…1, over which a poll's deletes are held back.
    package var maxShare: Double
    /// So few deletes are always believed.
    package var minimum: Int

    package init(maxShare: Double = 0.2, minimum: Int = 10) {
        self.maxShare = maxShare
        self.minimum = minimum
    }
}

/// The request for a page; the same for each page but for what `${page.…}` stands for.
package struct RequestSpec: Sendable, Equatable {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        /// For what headers alone tell.
        case head = "HEAD"
    }

    package enum Target: Sendable, Equatable {
        /// Appended to the adapter's `base_url`; placeholders in it are percent-encoded.
        case path(Template)
        /// A whole URL; placeholders in it are taken as they are.
        case url(Template)
    }

    package enum Body: Sendable, Equatable {
        /// Sent as it is rendered, with this content type.
        case text(Template, contentType: String)
        /// Sent with this content type, mostly `application/json`.
        case json(JSONTemplate, contentType: String = jsonType)
        /// Sent as a form, each value percent-encoded.
        case form([NamedTemplate], contentType: String = formType)

        package static let jsonType = "application/json"
        package static let formType = "application/x-www-form-urlencoded"

        /// Every template of it, in order.
        package var templates: [Template] {
            switch self {
            case .text(let template, _): [template]
            case .json(let json, _): json.templates
            case .form(let items, _): items.map(\.value)
            }
        }
    }

    package var method: Method
    package var target: Target
    package var query: [NamedTemplate]
    package var headers: [NamedTemplate]
    package var body: Body?
    /// What it counts for in the budget; nil leaves that to the adapter's `limits`.
    package var cost: BudgetSpec.Cost?

    package init(
        method: Method = .get, target: Target, query: [NamedTemplate] = [],
        headers: [NamedTemplate] = [], body: Body? = nil, cost: BudgetSpec.Cost? = nil
    ) {
        self.method = method
        self.target = target
        self.query = query
        self.headers = headers
        self.body = body
        self.cost = cost
    }
}

/// A JSON body with placeholders in its strings.
package indirect enum JSONTemplate: Sendable, Equatable {
    /// A number, `true`, `false` or `null`, as JSON text.
    case literal(String)
    /// A string; a member whose template needs an absent value is left out.
    case text(Template)
    case array([JSONTemplate])
    case object([(name: String, value: JSONTemplate)])

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.literal(let left), .literal(let right)): left == right
        case (.text(let left), .text(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.elementsEqual(right) { $0.name == $1.name && $0.value == $1.value }
        case (.literal, _), (.text, _), (.array, _), (.object, _): false
        }
    }
}
