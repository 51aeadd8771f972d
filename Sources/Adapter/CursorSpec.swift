package import PullcordModel

/// Where the next incremental poll starts.
package struct CursorSpec: Sendable, Equatable {
    /// What a cursor is made of.
    package enum Source: Sendable, Equatable {
        /// A field of a record that grows when the record changes: the greatest value counts.
        case record(ExpressionText)
        /// A value of the cursor's format that the answer states.
        case watermark(AnswerValue)
        /// The time of the poll itself, whatever was found.
        case pollTime
        /// A text that only the API understands.
        case token(AnswerValue)
        /// A whole URL in the body, which is the first request of the next poll.
        case url(ExpressionText)
        /// The same in a Link header with this relation (RFC 8288).
        case link(relation: String)
    }

    /// What moves the cursor.
    package enum Moves: String, Sendable, CaseIterable {
        /// Records that are found.
        case withRecords = "with_records"
        /// Each poll that comes to its end: it then stands at the poll's start.
        case withTime = "with_time"
    }

    package var source: Source
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
    /// What a parameter says of the zone; until a source gives it, times are meant in UTC.
    package var zoneParameter: Template?
    package var moves = Moves.withRecords
    /// Whether what each page states may be kept, not only what the last one does.
    package var isOfEachPage = false
    /// Whether the API gives only what is later than what it is sent, and not what is at it.
    package var isStrict = false
    /// Whether the answers state it: those of another request know nothing of it.
    package var isStated = true

    package init(
        _ source: Source, format: CursorFormat = .rfc3339, overlap: Int64 = 0,
        initial: Template? = nil, isAscending: Bool = false, settle: Duration = .zero
    ) {
        self.source = source
        self.format = format
        self.overlap = overlap
        self.initial = initial
        self.isAscending = isAscending
        self.settle = settle
    }

    /// A cursor made of a record's field.
    package init(
        from: ExpressionText, format: CursorFormat = .rfc3339, overlap: Int64 = 0,
        initial: Template? = nil, isAscending: Bool = false, settle: Duration = .zero
    ) {
        self.init(
            .record(from), format: format, overlap: overlap, initial: initial,
            isAscending: isAscending, settle: settle)
    }

    /// The field of a record; nil if the cursor is made of something else.
    package var from: ExpressionText? {
        if case .record(let from) = source { from } else { nil }
    }

    /// Whether it begins with the first poll, whenever that is.
    package var beginsWithPoll: Bool { initial?.subjects.contains(.pollStarted) ?? false }

    /// Where it stands at a first poll that it begins with, no nearer to the present than the API
    /// is settled; nil if it begins elsewhere.
    package func beginning(_ context: TemplateContext) throws(TemplateError) -> CursorMark? {
        guard beginsWithPoll, let text = try initial?.render(context) else { return nil }
        switch kind {
        case .token: return .token(text)
        case .url: return nil
        case .value(let format):
            guard format.isTime, let started = context.pollStarted else {
                return CursorValue(text, format: format).map { .value($0) }
            }
            let placeholder = initial?.solePlaceholder
            let isNow = placeholder?.subject == .pollStarted && placeholder?.filters.isEmpty == true
            let now = CursorValue(format: format, position: started.milliseconds)
            guard let value = isNow ? now : CursorValue(text, format: format) else { return nil }
            let settled = CursorValue(
                format: format, position: (started - settle).milliseconds)
            return .value(min(value, settled))
        }
    }

    /// What a request carries, so that the API gives what is at a value too.
    package func sent(_ value: CursorValue) -> CursorValue {
        isStrict ? value.asSent.movedBack(by: value.format.sent.unit) : value
    }

    /// What is stored of it.
    package var kind: CursorMark.Kind {
        switch source {
        case .record, .watermark, .pollTime: .value(format)
        case .token: .token
        case .url, .link: .url
        }
    }
}

/// One of several cursors of a stream.
package struct NamedCursor: Sendable, Equatable {
    /// As in `${cursor.NAME}`; empty for the only one.
    package let name: String
    package let spec: CursorSpec

    package init(name: String, spec: CursorSpec) {
        self.name = name
        self.spec = spec
    }
}

extension CursorFormat {
    /// The same with its patterns meant in another zone.
    package func inZone(named name: String, _ rules: any ZoneRules) -> CursorFormat {
        let moved = { (notation: Notation) -> Notation in
            guard case .pattern(let pattern) = notation else { return notation }
            return .pattern(TimePattern(pattern.text, zoneName: name, zone: rules))
        }
        return CursorFormat(moved(read), sent: moved(sent))
    }
}
