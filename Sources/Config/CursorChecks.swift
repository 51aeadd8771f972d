import PullcordAdapter
import PullcordModel

/// What only shows when cursors, pages and request of a stream are compared.
struct CursorChecks {
    let stream: StreamSpec
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex

    private var name: String { stream.name.text }
    private var path: String { "streams.\(name)" }
    private var used: Set<Placeholder.Subject> { spec.subjects(for: stream) }

    func run(isClean: Bool) {
        guard isClean else { return }
        checkNames()
        checkURL()
        checkRange()
        checkCap()
        checkEndless()
    }

    private func checkNames() {
        let names = stream.cursors.map(\.name).filter { !$0.isEmpty }
        let templates = stream.request.templates + stream.pages.templates
        for placeholder in templates.flatMap(\.placeholders) {
            guard case .namedCursor(let word) = placeholder.subject, !stream.cursors.isEmpty else {
                continue
            }
            if word == "until" {
                if case .value(let format)? = stream.cursor?.kind, format.isTime { continue }
                collector.error(
                    "cursor_until", at: placeholder.place, path: index.path(of: placeholder),
                    "`${cursor.until}` is a time, and the stream's cursor is none",
                    hint: "`${poll.started}` is when the poll started")
            } else if !names.contains(word) {
                collector.error(
                    "cursor_unknown", at: placeholder.place, path: index.path(of: placeholder),
                    found: word, "the stream has no cursor `\(word)`",
                    allowed: names.map { "cursor.\($0)" } + ["cursor", "cursor.until"],
                    suggestion: Suggestion.nearest(to: word, among: names).map { "cursor.\($0)" })
            }
        }
        for name in names where !used.contains(.namedCursor(name)) && name != names.first {
            collector.warning(
                "cursor_unused", at: index.place("streams", self.name, "cursors", name),
                path: "\(path).cursors.\(name)", "the cursor `\(name)` is never sent",
                hint: "send it, as in query: { since: \"${cursor.\(name)}\" }")
        }
    }

    /// A cursor that is a whole URL stands for nothing within a request.
    private func checkURL() {
        guard stream.cursor?.kind == .url else { return }
        for placeholder in stream.request.templates.flatMap(\.placeholders)
        where placeholder.subject == .cursor {
            collector.error(
                "cursor_is_url", at: placeholder.place, path: index.path(of: placeholder),
                "`${cursor}` has no value: the cursor is the URL that the next poll begins with",
                hint: "leave it out; the request is for the first poll only")
        }
    }

    private func checkRange() {
        guard case .range = stream.pages.scheme else { return }
        if case .value(let format)? = stream.cursor?.kind, !format.isTime { return }
        collector.error(
            "range_cursor", at: index.place("streams", name, "pages", "range"),
            path: path + ".pages.range",
            "a range begins at a cursor that counts, and there is none",
            hint: "add `cursor: { from: .id, format: integer }`")
    }

    /// Parts that are not in order are halved, which needs both ends.
    private func checkCap() {
        guard stream.pages.cap != nil, let cursor = stream.cursor, !cursor.isAscending else {
            return
        }
        let place = index.place("streams", name, "pages", "cap")
        let hint = "or, if the API sorts by the cursor, say `ascending: true`"
        if case .value(let format) = cursor.kind, format.isTime {
            if !used.contains(.namedCursor("until")) {
                collector.error(
                    "cap_until", at: place, path: path + ".pages.cap",
                    "a part is halved by its upper end, which the request does not send",
                    hint: "send `${cursor.until}`; " + hint)
            }
            if cursor.initial == nil {
                collector.error(
                    "cap_initial", at: place, path: path + ".pages.cap",
                    "the first poll has no beginning, so it cannot be halved",
                    hint: "give the cursor an `initial`; " + hint)
            }
        } else {
            collector.error(
                "cap_cursor", at: place, path: path + ".pages.cap",
                "only a cursor that is a time can be halved", hint: hint)
        }
    }

    /// A link that is always there can be no end.
    private func checkEndless() {
        guard case .link(let relation)? = stream.cursor?.source,
            case .link(relation) = stream.pages.scheme, stream.pages.more == nil,
            stream.pages.stops.isDisjoint(with: [.empty, .short, .unchanged])
        else { return }
        collector.error(
            "cursor_link_endless", at: index.place("streams", name, "cursor"),
            path: path + ".cursor",
            "the link that is kept is the link to the next page, so the poll would have no end",
            hint: "say which page is the last, as in pages: { link: \(relation), stop: empty }")
    }
}

extension Placeholder.Subject {
    /// Whether it stands for where a poll starts or how far it looks.
    var isCursor: Bool {
        switch self {
        case .cursor, .namedCursor: true
        case .parameter, .environment, .file, .page, .pollStarted, .event, .recordKey, .record,
            .parent, .request, .session:
            false
        }
    }
}
