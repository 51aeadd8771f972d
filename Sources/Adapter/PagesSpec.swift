/// How one page leads to the next.
package struct PagesSpec: Sendable, Equatable {
    package enum Scheme: Sendable, Equatable {
        /// The first page is all there is.
        case single
        /// The URL of a Link header with this relation (RFC 8288).
        case link(relation: String)
        /// A URL in the body, absolute or relative; null, absent or empty ends the poll.
        case nextURL(AnswerValue)
        /// A token for `${page.token}`, from the body or a header; null, absent or empty ends
        /// the poll.
        ///
        /// On the first page it is `start`, or absent.
        case token(AnswerValue, start: Template? = nil)
        /// `${page.number}` counts up from `start`.
        case number(start: Int)
        /// `${page.offset}` counts up by the records of each page, as sent by the API.
        case offset(start: Int)
        /// `${page.after}` is this field of the last record of the page before, and `${page.then}`
        /// that of `then`, which orders the records whose first field is equal.
        ///
        /// On the first page `${page.after}` is `start`, or absent.
        case keyset(ExpressionText, then: ExpressionText? = nil, start: Template?)
        /// An object of the body, all of whose members are merged into the next request; null,
        /// absent or empty ends the poll.
        case merged(ExpressionText, into: MergeTarget)
        /// `${page.number}` to `${page.last}` count up to a number that another request tells.
        case range(RangeEnd)
    }

    /// Where the members of a continuation go.
    package enum MergeTarget: String, Sendable, CaseIterable {
        case query, body
    }

    /// The request that tells how far a range goes.
    package struct RangeEnd: Sendable, Equatable {
        /// Appended to `base_url`.
        package var path: Template
        /// Where the number stands in its answer.
        package var value: ExpressionText

        package init(path: Template, value: ExpressionText) {
            self.path = path
            self.value = value
        }
    }

    package enum Stop: String, Sendable, CaseIterable {
        /// A page without records ends the poll, also where it names a next one.
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
    /// What a parameter says of `size`, which stands in its place until a source gives it.
    package var sizeParameter: Template?
    /// False or absent ends the poll; nil means there is no such flag.
    package var more: AnswerValue?
    /// The number of records in all, which a complete scan must have read; nil if unknown.
    package var total: AnswerValue?
    /// Statuses that mean "past the last page" for any page but the first.
    package var endStatuses: [Int]
    /// More records than this the API never gives for one filter, however many pages are asked
    /// for; nil if it has no such cap.
    package var cap: Int?

    package init(
        scheme: Scheme = .single, size: Int? = nil, stops: Set<Stop> = [],
        more: AnswerValue? = nil, total: AnswerValue? = nil, endStatuses: [Int] = [],
        cap: Int? = nil
    ) {
        self.scheme = scheme
        self.size = size
        self.stops = stops
        self.more = more
        self.total = total
        self.endStatuses = endStatuses
        self.cap = cap
    }
}

/// A value that an answer gives beside its records.
package enum AnswerValue: Sendable, Equatable {
    case body(ExpressionText)
    case header(String)

    /// Where it stands in the body; nil if it is in a header.
    package var bodyField: ExpressionText? {
        if case .body(let field) = self { field } else { nil }
    }
}
