import PullcordAdapter
import PullcordModel

/// The part of a stream that is asked for, where the API gives no more than so many records for
/// one filter: what does not fit is asked for in further parts.
///
/// Where records come in order, the next part begins at the greatest value read; else the part
/// is halved.
struct CappedWindow: Sendable {
    struct Span: Sendable, Equatable {
        /// nil where the stream has no cursor value to begin at.
        var from: CursorValue?
        /// nil where the request has no upper bound.
        var until: CursorValue?
    }

    private let cap: Int
    private let isAscending: Bool
    private(set) var current: Span
    private var waiting: [Span] = []
    private var greatest: CursorValue?
    private var isOrdered = true

    /// nil if the API has no such cap.
    init?(_ plan: PollPlan, from: CursorValue?, until: CursorValue?) {
        guard let cap = plan.stream.pages.cap else { return nil }
        self.cap = cap
        isAscending = plan.stream.cursor?.isAscending ?? false
        current = Span(from: from, until: isAscending ? nil : until)
    }

    mutating func take(_ facts: PageFacts) {
        guard facts.records > 0 else { return }
        guard let value = facts.orderedCursor else {
            isOrdered = false
            return
        }
        greatest = max(value, greatest ?? value)
    }

    /// Whether the API holds more than it will give for this part.
    ///
    /// A part of exactly as many records as the cap may be one that was cut.
    func isFull(counted: Int, total: Int?) -> Bool {
        counted >= cap || !isAscending && (total ?? 0) > cap
    }

    /// The part to ask for instead; nil if it cannot be made smaller.
    mutating func divide() -> Span? {
        if isAscending {
            guard isOrdered, let greatest else { return nil }
            if let from = current.from, greatest.asSent <= from.asSent { return nil }
            begin(Span(from: greatest, until: nil))
            return current
        }
        guard let from = current.from?.asSent, let until = current.until?.asSent else { return nil }
        let (width, overflow) = until.position.subtractingReportingOverflow(from.position)
        guard !overflow, width > 0 else { return nil }
        let middle = CursorValue(format: from.format, position: from.position + width / 2).asSent
        guard from < middle, middle < until else { return nil }
        waiting.append(Span(from: middle, until: current.until))
        begin(Span(from: from, until: middle))
        return current
    }

    /// The next part that waits; nil if all were read.
    mutating func next() -> Span? {
        guard let span = waiting.popLast() else { return nil }
        begin(span)
        return span
    }

    /// Takes that this part is asked for from now on.
    mutating func begin(_ span: Span) {
        current = span
        greatest = nil
        isOrdered = true
    }
}

/// Numbers that are asked for from the cursor to an end that another request told.
struct NumberRange: Sendable {
    private let size: Int64
    private var end: Int64?

    /// nil if the stream is not paged so.
    init?(_ plan: PollPlan) {
        guard case .range = plan.stream.pages.scheme else { return nil }
        size = Int64(plan.stream.pages.size ?? 1)
    }

    /// Whether the end is still to be asked for.
    var isOpen: Bool { end == nil }

    /// The first page; nil if there is nothing new.
    ///
    /// Without a start it is the newest page alone.
    mutating func begin(at start: Int64?, end: Int64) -> PagePosition? {
        self.end = end
        let (newest, overflow) = end.subtractingReportingOverflow(size - 1)
        return page(from: start ?? (overflow ? end : max(0, newest)))
    }

    /// The page after `position`; nil at the end.
    func next(after position: PagePosition) -> PagePosition? {
        guard let last = position.values[.last].flatMap(Int64.init), last < .max else {
            return nil
        }
        return page(from: last + 1)
    }

    private func page(from first: Int64) -> PagePosition? {
        guard let end, first <= end else { return nil }
        let (last, overflow) = first.addingReportingOverflow(size - 1)
        return PagePosition(values: [
            .number: String(first), .last: String(overflow ? end : min(last, end)),
        ])
    }
}
