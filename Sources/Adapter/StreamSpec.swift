package import PullcordModel

/// One list of records of an API: what to ask, how to page, what a record is, what counts.
package struct StreamSpec: Sendable, Equatable {
    package var name: StreamName
    package var summary: String
    package var request: RequestSpec
    package var pages: PagesSpec
    package var format: FormatSpec
    /// Where the list of records stands in an answer.
    package var records: ExpressionText
    /// Only records for which this is true are looked at; nil means all.
    package var condition: ExpressionText?
    /// One expression, or several that make a key together.
    package var key: [ExpressionText]
    package var cursor: CursorSpec?
    package var detect: DetectMode
    package var mask: MaskSpec
    /// Arrays whose order means nothing.
    package var unordered: [ExpressionText]
    /// What becomes of the records that exist at the first poll; a source may override it.
    package var first: FirstPoll
    package var deletes: DeleteSpec
    package var belief = BeliefSpec()
    package var keep = KeepMode.fingerprint
    package var changes = ChangeSpec()
    /// Whether to send If-None-Match and If-Modified-Since when the API gave validators.
    package var isConditional: Bool
    /// Rules that come before the adapter's.
    package var answers: AnswersSpec
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
        self.cursor = cursor
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
        /// Sent as `application/json`.
        case json(JSONTemplate)
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

/// How one page leads to the next.
package struct PagesSpec: Sendable, Equatable {
    package enum Scheme: Sendable, Equatable {
        /// The first page is all there is.
        case single
        /// The URL of a Link header with this relation (RFC 8288).
        case link(relation: String)
        /// A URL in the body, absolute or relative; null, absent or empty ends the poll.
        case nextURL(ExpressionText)
        /// A token for `${page.token}`, from the body or a header; null, absent or empty ends
        /// the poll.
        case token(TokenSource)
        /// `${page.number}` counts up from `start`.
        case number(start: Int)
        /// `${page.offset}` counts up by the records of each page, as sent by the API.
        case offset(start: Int)
        /// `${page.after}` is this field of the last record of the page before; on the first page
        /// it is `start`, or absent.
        case keyset(ExpressionText, start: Template?)
    }

    package enum TokenSource: Sendable, Equatable {
        case body(ExpressionText)
        case header(String)
    }

    package enum Stop: String, Sendable, CaseIterable {
        /// A page without records ends the poll.
        case empty
        /// A page with fewer than `size` records ends it too; only for an API that never sends
        /// fewer than asked for while it has more.
        case short
        /// A page that leads to itself, by its token or link, ends it too.
        case unchanged
        /// A page of nothing but known and unchanged records ends it too.
        case known
    }

    package var scheme: Scheme
    /// `${page.size}`; nil unless given.
    package var size: Int?
    /// Which pages end the poll; one without records ends a counted one in any case.
    package var stops: Set<Stop>
    /// False or absent in the body ends the poll; nil means there is no such flag.
    package var more: ExpressionText?
    /// The number of records in all, which a complete scan must have read; nil if unknown.
    package var total: ExpressionText?
    /// Statuses that mean "past the last page" for any page but the first.
    package var endStatuses: [Int]

    package init(
        scheme: Scheme = .single, size: Int? = nil, stops: Set<Stop> = [.empty],
        more: ExpressionText? = nil, total: ExpressionText? = nil, endStatuses: [Int] = []
    ) {
        self.scheme = scheme
        self.size = size
        self.stops = stops
        self.more = more
        self.total = total
        self.endStatuses = endStatuses
    }
}

/// Where the next incremental poll starts.
package struct CursorSpec: Sendable, Equatable {
    /// The field of a record that grows when the record changes.
    package var from: ExpressionText
    package var format: CursorFormat
    /// How far each poll goes back behind the greatest value seen: milliseconds for a time, a
    /// count for an integer.
    package var overlap: Int64
    /// What `${cursor}` is at the first poll; nil leaves the items out that use it.
    package var initial: Template?
    /// Whether the API sends records in ascending order of the cursor, so that each page moves
    /// the cursor and a poll cut short goes on where it was.
    package var isAscending: Bool
    /// How long after its stamp a record may show up in the API: the cursor stays so far behind
    /// the start of each poll.
    package var settle: Duration

    package init(
        from: ExpressionText, format: CursorFormat = .rfc3339, overlap: Int64 = 0,
        initial: Template? = nil, isAscending: Bool = false, settle: Duration = .zero
    ) {
        self.from = from
        self.format = format
        self.overlap = overlap
        self.initial = initial
        self.isAscending = isAscending
        self.settle = settle
    }
}
