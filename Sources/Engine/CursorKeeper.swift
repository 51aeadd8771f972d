import PullcordAdapter
import PullcordDetect
import PullcordModel
import PullcordPoll

/// Where a stream's next poll starts, as far as the poll under way knows.
///
/// All cursors of a stream are stored together: with each page where that is safe, else at the
/// end of the poll.
struct CursorKeeper {
    private let specs: [CursorSpec]
    private let layout: CursorMarks.Layout
    private let started: Timestamp
    /// Where this poll started.
    private var first: CursorMarks
    /// The greatest value of the first cursor, if that is made of records.
    private(set) var leading: CursorValue?
    /// What the pages said of the others.
    private var stated: [CursorMark?] = []
    /// Whether the pages so far came in ascending order of the first cursor, as the adapter says.
    private(set) var isInOrder: Bool
    /// Whether the whole list is read whatever is stored.
    private let isReconciling: Bool
    /// The greatest cursor value of the page before.
    private var lastGreatest: CursorValue?
    /// Where cursors would stand that begin with this poll.
    private let possibleBeginnings: [CursorMark?]

    init(
        _ plan: PollPlan, stored: String?, mark: ResyncMark?, started: Timestamp,
        isReconciling: Bool = false, parent: ParentValues? = nil
    ) {
        self.isReconciling = isReconciling
        specs = plan.stream.cursors.map(\.spec)
        layout = plan.cursorLayout
        self.started = started
        possibleBeginnings = plan.beginnings(at: started, parent: parent)
        if let mark {
            first = CursorMarks(specs.map { _ in nil })
            if !first.marks.isEmpty { first.marks[0] = mark.cursor.map { .value($0) } }
        } else {
            first = CursorMarks(stored: stored, layout)
        }
        leading = first.marks.first.flatMap { $0?.value }
        isInOrder = !isReconciling && (specs.first?.isAscending ?? false)
    }

    /// What the poll's first request is made of.
    var start: [CursorMark?] { isReconciling ? specs.map { _ in nil } : begun }

    /// Where cursors stand that begin with this poll, as nothing was stored of them.
    ///
    /// Stored at its end whatever it has found, they begin once, and not with each poll anew.
    private var beginnings: [CursorMark?] {
        zip(first.marks, possibleBeginnings).map { $0 == nil ? $1 : nil }
    }

    /// Where the poll stands, its own beginning included.
    private var begun: [CursorMark?] { zip(current, beginnings).map { $0 ?? $1 } }

    /// Where the poll stands, as far as that was stored or seen.
    private var current: [CursorMark?] {
        var marks = first.marks
        if let leading, !marks.isEmpty { marks[0] = .value(leading) }
        return marks
    }

    var isKnown: Bool { leading != nil || first.marks.contains { $0 != nil } }

    /// Begins again without any.
    mutating func forget() {
        first = CursorMarks(specs.map { _ in nil })
        leading = nil
        stated = []
        isInOrder = specs.first?.isAscending ?? false
        lastGreatest = nil
    }

    /// Takes that the next page was asked for apart: it may begin before the last one's end.
    mutating func beginPart() { lastGreatest = nil }

    /// Moves the first cursor to the greatest value of a page, never back.
    ///
    /// A page that is out of order may be followed by any other: from then on the cursor is
    /// stored at the end of the poll only.
    mutating func move(along span: CursorSpan) {
        let isAfterLast = lastGreatest.map { span.least >= $0 } ?? true
        if !span.isAscending || !isAfterLast { isInOrder = false }
        lastGreatest = span.greatest
        let greatest = bounded(span.greatest, specs.first)
        leading = max(leading ?? greatest, greatest)
    }

    /// Takes what the pages so far say beside their records; it is stored with the next page, or
    /// at the end.
    mutating func take(_ stated: [CursorMark?]) { self.stated = stated }

    /// What may be stored with a page, whatever becomes of the pages after it; nil for nothing.
    func storedWithPage(isResync: Bool) -> String? {
        if isInOrder {
            if isResync { return ResyncMark(cursor: leading).stored }
            return leading == nil ? nil : CursorMarks(current).stored(layout)
        }
        // What a page states leads to the page at hand, which is read by now.
        guard specs.first?.isOfEachPage == true, !isResync, !isReconciling,
            let mark = stated.first ?? nil
        else {
            return nil
        }
        var marks = first
        marks.marks[0] = mark
        return marks.stored(layout)
    }

    /// What is stored at the end of a poll that has read all; nil if nothing is known.
    var storedAtEnd: String? {
        var marks = zip(current, beginnings).map(Self.later)
        for (index, spec) in specs.enumerated() {
            let said = stated.indices.contains(index) ? stated[index] : nil
            switch spec.source {
            case .record, .pollTime:
                var value = index == 0 ? leading : said?.value.map { bounded($0, spec) }
                if spec.moves == .withTime { value = horizon(spec) ?? value }
                guard let value else { continue }
                marks[index] = .value(max(value, marks[index]?.value ?? value))
            case .watermark:
                guard let value = said?.value else { continue }
                marks[index] = .value(max(value, marks[index]?.value ?? value))
            case .token, .url, .link:
                marks[index] = said ?? marks[index]
            }
        }
        return CursorMarks(marks).stored(layout)
    }

    /// The start of the poll, or as long before it as the API takes to settle, if the cursor is
    /// a time.
    ///
    /// One record stamped in the far future would otherwise be all that is ever asked for, and
    /// one that shows up late, with a stamp of before the poll, would never be.
    private func horizon(_ spec: CursorSpec) -> CursorValue? {
        guard spec.format.isTime else { return nil }
        return CursorValue(format: spec.format, position: (started - spec.settle).milliseconds)
    }

    /// A poll that looks back behind its beginning may find nothing but what is older than that.
    private static func later(_ mark: CursorMark?, _ beginning: CursorMark?) -> CursorMark? {
        guard let value = mark?.value, let first = beginning?.value else {
            return mark ?? beginning
        }
        return .value(max(value, first))
    }

    private func bounded(_ value: CursorValue, _ spec: CursorSpec?) -> CursorValue {
        guard let horizon = spec.flatMap({ horizon($0) }) else { return value }
        return min(value, horizon)
    }
}
