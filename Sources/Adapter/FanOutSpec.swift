package import PullcordModel

/// A stream that is asked for once for each record of another stream.
package struct ParentSpec: Sendable, Equatable {
    /// Which parents a poll visits.
    package enum Visits: String, Sendable, CaseIterable {
        /// Each of them at each poll.
        case all
        /// Those that are new or have changed since their last visit.
        case changed
    }

    /// A value of a parent's record, by the name that requests use for it.
    package struct FieldSpec: Sendable, Equatable {
        package var name: String
        package var value: ExpressionText

        package init(name: String, value: ExpressionText) {
            self.name = name
            self.value = value
        }
    }

    /// The stream whose records are the parents.
    package var stream: StreamName
    package var fields: [FieldSpec]
    /// Only parents for which this is true are visited; nil means all.
    package var condition: ExpressionText?
    package var visits: Visits
    /// After how long a parent is visited again though it has not changed; nil for never.
    package var every: Duration?
    /// How many parents are visited at once.
    package var concurrency: Int
    /// Which fields each record carries along.
    package var include: [String]
    /// The member of the record that carries them.
    package var member: String
    /// Whether what a parent leads to is its own record in full.
    package var isDetail = false
    /// Fields of the parent's own parent that are handed on.
    package var inherited: [String] = []

    package static let memberDefault = "parent"
    package static let concurrencyDefault = 4

    package init(
        stream: StreamName, fields: [FieldSpec] = [], visits: Visits = .all,
        every: Duration? = nil, concurrency: Int = concurrencyDefault, include: [String] = [],
        member: String = memberDefault
    ) {
        self.stream = stream
        self.fields = fields
        self.visits = visits
        self.every = every
        self.concurrency = concurrency
        self.include = include
        self.member = member
    }
}

/// A request for each record of a list that gives ids or summaries only.
package struct DetailSpec: Sendable, Equatable {
    package var request: RequestSpec
    /// How the answer is written; nil for as the list.
    package var format: FormatSpec?
    /// Where the record stands in the answer.
    package var records: ExpressionText
    /// Only records for which this is true are kept; nil means all.
    package var condition: ExpressionText?
    /// The members of a summary that tell that its record has changed; empty means all.
    package var watch: [ExpressionText]
    /// After how long a record is asked for again though its summary is the same; nil for never.
    package var refresh: Duration?
    package var concurrency: Int

    package init(
        request: RequestSpec, format: FormatSpec? = nil, records: ExpressionText,
        condition: ExpressionText? = nil,
        watch: [ExpressionText] = [], refresh: Duration? = nil,
        concurrency: Int = ParentSpec.concurrencyDefault
    ) {
        self.request = request
        self.format = format
        self.records = records
        self.condition = condition
        self.watch = watch
        self.refresh = refresh
        self.concurrency = concurrency
    }
}

extension StreamSpec {
    /// The stream as it is polled: one with details is a list that nobody hears of, and the
    /// details of its records.
    package var parts: [StreamSpec] {
        guard let detail else { return [self] }
        var list = self
        list.detail = nil
        list.name = StreamName("\(name).list")
        list.mask = detail.watch.isEmpty ? .all : .only(detail.watch)
        list.unordered = []
        list.keep = .fingerprint
        list.changes.transform = nil
        list.changes.tombstone = nil
        list.changes.normal = []
        list.isSilent = true
        var full = self
        full.detail = nil
        full.request = detail.request
        full.pages = PagesSpec()
        full.format = detail.format ?? (format.kind.isFeed ? .json : format)
        full.records = detail.records
        full.condition = detail.condition
        // The record is known by the key of its summary.
        full.key = [ExpressionText(text: #""-""#, place: place)]
        full.cursors = []
        full.detect = .snapshot
        full.changes.reconcile = nil
        full.changes.deletions = nil
        full.belief.confirmation = nil
        full.answers.expected = ExpectSpec()
        full.parent = detail.parent(list.name)
        return [list, full]
    }
}

extension DetailSpec {
    fileprivate func parent(_ list: StreamName) -> ParentSpec {
        var fields: [ParentSpec.FieldSpec] = []
        var inherited: [String] = []
        let subjects = request.templates.flatMap(\.placeholders)
        for placeholder in subjects {
            switch placeholder.subject {
            case .record(let path) where !fields.contains { $0.name == path }:
                let text = ExpressionText(text: ".\(path)", place: placeholder.place)
                fields.append(ParentSpec.FieldSpec(name: path, value: text))
            case .parent(let name) where !inherited.contains(name): inherited.append(name)
            default: break
            }
        }
        var parent = ParentSpec(
            stream: list, fields: fields, visits: .changed, every: refresh,
            concurrency: concurrency)
        parent.isDetail = true
        parent.inherited = inherited
        return parent
    }
}

extension AdapterSpec {
    /// How many streams may stand one below the other.
    package static let generationsMax = 4

    /// The streams that are polled where those of `wanted` are (nil for all): parents before
    /// their children, and parents that nobody asked for without events.
    package func polled(_ wanted: Set<String>?) -> [StreamSpec] {
        var needed = wanted ?? Set(streams.map(\.name.text))
        for _ in 0..<Self.generationsMax {
            for stream in streams where needed.contains(stream.name.text) {
                if let parent = stream.parent { needed.insert(parent.stream.text) }
            }
        }
        let chosen = streams.filter { needed.contains($0.name.text) }.map { stream in
            var stream = stream
            if let wanted, !wanted.contains(stream.name.text) { stream.isSilent = true }
            return (stream: stream, generation: generation(of: stream))
        }
        return (0...Self.generationsMax).flatMap { generation in
            chosen.filter { $0.generation == generation }.flatMap(\.stream.parts)
        }
    }

    /// How many streams stand above this one; ``generationsMax`` where they go in a circle.
    package func generation(of stream: StreamSpec) -> Int {
        var count = 0
        var current = stream
        while let parent = current.parent, count < Self.generationsMax,
            let next = streams.first(where: { $0.name == parent.stream })
        {
            count += 1
            current = next
        }
        return count
    }
}
