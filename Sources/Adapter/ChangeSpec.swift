package import PullcordModel

/// What of a stream's records counts, and where else their changes show, besides the list itself.
package struct ChangeSpec: Sendable, Equatable {
    /// Whether items of a feed that are edited later are events as well.
    package var feedUpdates = false
    /// How many items a feed keeps in mind that it no longer shows.
    package var remembers = FeedMemory.standard
    /// A record for which this is true is deleted.
    package var tombstone: ExpressionText?
    /// Makes the record of what the API sent.
    package var transform: ExpressionText?
    /// Strings that are compared by what they stand for.
    package var normal: [NormalSpec] = []
    package var reconcile: ReconcileSpec?
    package var deletions: DeletionsSpec?

    package init() {}
}

/// How many items of a feed are kept in mind.
package enum FeedMemory {
    /// About five megabytes, and years of most feeds.
    package static let standard = 100_000
    package static let range = 1000...10_000_000
}

/// A path whose strings are compared as numbers or times.
package struct NormalSpec: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case number, time
    }

    package var path: ExpressionText
    package var kind: Kind

    package init(path: ExpressionText, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

/// When and how an incremental stream reads its whole list.
package struct ReconcileSpec: Sendable, Equatable {
    package enum Rhythm: Sendable, Equatable {
        /// So long after the last one.
        case every(Duration)
        /// Times of the calendar, in the zone of the source.
        case cron(CronExpression)
    }

    package var rhythm: Rhythm
    /// Instead of the stream's own; nil sends that without `${cursor}`.
    package var request: RequestSpec?
    package var pages: PagesSpec?
    package var records: ExpressionText?

    package init(
        _ rhythm: Rhythm, request: RequestSpec? = nil, pages: PagesSpec? = nil,
        records: ExpressionText? = nil
    ) {
        self.rhythm = rhythm
        self.request = request
        self.pages = pages
        self.records = records
    }
}

/// A list of what was deleted, with a cursor of its own.
package struct DeletionsSpec: Sendable, Equatable {
    package var request: RequestSpec
    package var pages: PagesSpec
    package var records: ExpressionText
    /// The key of the record that was deleted, as the stream's own key makes it.
    package var key: [ExpressionText]
    package var cursor: CursorSpec?
    /// When the record was deleted; nil takes the cursor's field.
    package var at: ExpressionText?
    /// How far the answer itself says that it reaches; nil takes the greatest line.
    package var covered: ExpressionText?

    package init(
        request: RequestSpec, pages: PagesSpec = PagesSpec(), records: ExpressionText,
        key: [ExpressionText], cursor: CursorSpec? = nil, at: ExpressionText? = nil,
        covered: ExpressionText? = nil
    ) {
        self.request = request
        self.pages = pages
        self.records = records
        self.key = key
        self.cursor = cursor
        self.at = at
        self.covered = covered
    }
}

extension StreamSpec {
    /// The stream as it is read when it is reconciled; nil without `reconcile`.
    package var reconciling: StreamSpec? {
        guard let reconcile = changes.reconcile else { return nil }
        var whole = self
        whole.detect = .snapshot
        whole.request = reconcile.request ?? request
        whole.pages = reconcile.pages ?? pages
        whole.records = reconcile.records ?? records
        // What holds of the stream's own list is not there where its records are not.
        if reconcile.records != nil { whole.answers.expected.path = nil }
        whole.pages.stops.remove(.known)
        // What the first poll begins with would hide all that is older.
        whole.cursors = cursors.map { entry in
            var spec = entry.spec
            spec.initial = nil
            spec.isStated = reconcile.request == nil
            return NamedCursor(name: entry.name, spec: spec)
        }
        whole.isConditional = false
        return whole
    }

    /// The list of deletes as a stream; nil without `deletes`.
    package var deletionStream: StreamSpec? {
        guard let deletions = changes.deletions else { return nil }
        var stream = StreamSpec(
            name: name, request: deletions.request, pages: deletions.pages, format: format,
            records: deletions.records, key: deletions.key, cursor: deletions.cursor,
            detect: .incremental, isConditional: false, answers: answers, place: place)
        stream.pages.stops.remove(.known)
        stream.answers.expected = ExpectSpec()
        return stream
    }

    /// The templates of requests besides that for a page.
    package var sideTemplates: [Template] {
        (changes.reconcile?.request?.templates ?? [])
            + (changes.deletions?.request.templates ?? [])
            + [changes.deletions?.cursor?.initial, changes.deletions?.cursor?.zoneParameter]
            .compactMap { $0 }
            + [changes.reconcile?.pages?.sizeParameter, changes.deletions?.pages.sizeParameter]
            .compactMap { $0 }
    }
}
