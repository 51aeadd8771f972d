import PullcordAdapter
import PullcordModel

/// What only shows when a stream is compared with those above it.
struct FanOutChecks {
    let stream: StreamSpec
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex
    /// Whether the stream was read without an error.
    let isClean: Bool

    private var name: String { stream.name.text }
    private var path: String { "streams.\(name)" }
    private var placeholders: [Placeholder] {
        (spec.templates(for: stream) + stream.sideTemplates).flatMap(\.placeholders)
    }

    func run() {
        if let parent = stream.parent { check(parent) }
        checkParentValues()
        checkRecordValues()
        checkFeed()
        if let detail = stream.detail { check(detail) }
    }

    private func check(_ parent: ParentSpec) {
        let place = index.place("streams", name, "parent", "stream")
        let names = spec.streams.map(\.name.text).filter { $0 != name }
        let parentPath = "\(path).parent.stream"
        guard let above = spec.streams.first(where: { $0.name == parent.stream }) else {
            collector.error(
                "parent_unknown", at: place, path: parentPath, found: parent.stream.text,
                "the adapter has no stream `\(parent.stream)`", allowed: names,
                suggestion: Suggestion.nearest(to: parent.stream.text, among: names))
            return
        }
        if isBelow(above) {
            collector.error(
                "parent_cycle", at: place, path: parentPath, found: parent.stream.text,
                above.name == stream.name
                    ? "a stream cannot be its own parent"
                    : "`\(parent.stream)` is asked for each record of `\(name)` itself",
                hint: "the topmost stream has no `parent`")
            return
        }
        if spec.generation(of: stream) >= AdapterSpec.generationsMax {
            collector.error(
                "parent_depth", at: place, path: parentPath, found: parent.stream.text,
                "more than \(AdapterSpec.generationsMax) streams stand one below the other")
        }
        if stream.belief.confirmation != nil {
            collector.error(
                "confirm_below_parent", at: index.place("streams", name, "confirm_deletes"),
                path: "\(path).confirm_deletes", found: "confirm_deletes",
                "deletes below a parent are not confirmed this way",
                hint: "they are believed after a second look at the parent's whole list")
        }
        refuse(
            "reconcile", stream.changes.reconcile != nil, "reconcile_below_parent",
            "a stream with `parent` reads no whole list of its own",
            hint: "`detect: snapshot` sees the deletes of each parent that is visited")
        refuse(
            "deletes", stream.changes.deletions != nil, "deletes_below_parent",
            "a list of deletes cannot be read below a parent",
            hint: "`detect: snapshot` sees the deletes of each parent that is visited")
        guard isClean else { return }
        let used = stream.request.templates.flatMap(\.placeholders).contains {
            if case .parent = $0.subject { true } else { false }
        }
        if !used {
            collector.error(
                "parent_unused", at: index.place("streams", name, "parent"),
                path: "\(path).parent",
                "the request is the same for every parent",
                hint: "say which one it asks for: ${parent.\(parent.fields.first?.name ?? "key")}")
        }
    }

    private func isBelow(_ above: StreamSpec) -> Bool {
        var current = above
        for _ in 0...spec.streams.count {
            if current.name == stream.name { return true }
            guard let parent = current.parent,
                let next = spec.streams.first(where: { $0.name == parent.stream })
            else { return false }
            current = next
        }
        return false
    }

    private func refuse(
        _ key: String, _ isSaid: Bool, _ code: String, _ message: String, hint: String
    ) {
        guard isSaid else { return }
        collector.error(
            code, at: index.place("streams", name, key), path: "\(path).\(key)", found: key,
            message, hint: hint)
    }

    /// A feed forgets what it no longer shows, and with it what was asked for because of it.
    private func checkFeed() {
        guard stream.detect == .feed else { return }
        let reason: String
        if stream.parent != nil {
            reason = "a stream with `parent` cannot be a feed: its parents come and go"
        } else if stream.detail != nil {
            reason = "a feed forgets its old items, so their details cannot be kept"
        } else if let child = spec.streams.first(where: { $0.parent?.stream == stream.name }) {
            reason = "a feed forgets its old items, so `\(child.name)` cannot be asked for each"
        } else {
            return
        }
        collector.error(
            "feed_fan_out", at: index.place("streams", name, "detect"), path: "\(path).detect",
            found: "feed", reason, allowed: ["snapshot", "incremental"],
            hint: "`incremental` with a `cursor` keeps every item; `snapshot` follows the list")
    }

    /// `${parent.…}` needs a parent with such a field.
    private func checkParentValues() {
        let names = stream.parent.map { $0.fields.map(\.name) + ["key"] } ?? []
        for placeholder in placeholders {
            guard case .parent(let field) = placeholder.subject else { continue }
            let place = index.path(of: placeholder)
            guard stream.parent != nil else {
                if isShared(placeholder) { continue }
                collector.error(
                    "parent_missing", at: placeholder.place, path: place,
                    "`${parent.\(field)}` has no value: the stream has no `parent`",
                    hint: "parent: { stream: NAME, fields: { \(field): .\(field) } }")
                continue
            }
            guard isClean, !names.contains(field) else { continue }
            collector.error(
                "parent_field_unknown", at: placeholder.place, path: place,
                found: "parent.\(field)", "`fields` of the parent has no `\(field)`",
                allowed: names.map { "parent.\($0)" },
                suggestion: Suggestion.nearest(to: field, among: names).map { "parent.\($0)" },
                hint: "take it out of the parent's record: fields: { \(field): .\(field) }")
        }
    }

    /// Whether it stands in what all streams share: there it is left out where it has no value.
    private func isShared(_ placeholder: Placeholder) -> Bool {
        (spec.headers + spec.query).contains { $0.value.placeholders.contains(placeholder) }
            && spec.streams.contains { $0.parent != nil }
    }

    /// `${record.…}` is known to the request for details only.
    private func checkRecordValues() {
        let details = stream.detail?.request.templates.flatMap(\.placeholders) ?? []
        for placeholder in placeholders {
            guard case .record(let member) = placeholder.subject,
                !details.contains(placeholder)
            else { continue }
            collector.error(
                "placeholder_misplaced", at: placeholder.place, path: index.path(of: placeholder),
                "`${record.\(member)}` has a value only in the request of `detail`")
        }
    }

    private func check(_ detail: DetailSpec) {
        let placeholders = detail.request.templates.flatMap(\.placeholders)
        let place = index.place("streams", name, "detail", "request")
        let isUsed = placeholders.contains {
            switch $0.subject {
            case .record, .recordKey: true
            default: false
            }
        }
        if !isUsed, isClean {
            collector.error(
                "record_value_unused", at: place, path: "\(path).detail.request",
                "the request is the same for every record",
                hint: "say which one it asks for: ${record.key}, or a member of the list's record")
        }
        for placeholder in placeholders {
            let word: String
            switch placeholder.subject {
            case .cursor: word = "cursor"
            case .namedCursor(let name): word = "cursor.\(name)"
            case .page(let value): word = "page.\(value.rawValue)"
            default: continue
            }
            collector.error(
                "placeholder_misplaced", at: placeholder.place, path: index.path(of: placeholder),
                "`${\(word)}` belongs to the request for the list",
                hint: "a record's details are one answer")
        }
        if case .path(let template) = detail.request.target, spec.baseURL == nil {
            collector.error(
                "base_url_missing", at: template.place, path: index.path(of: template.place),
                "`path` is appended to `base_url`, which the adapter has not",
                hint: "write `base_url` at the top, or a whole `url` here")
        }
    }
}
