import PullcordAdapter
import PullcordModel

/// What only shows when the parts of a stream are compared.
struct StreamChecks {
    let stream: StreamSpec
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex
    /// Whether the stream was read without an error, so that what is not there is truly missing.
    let isClean: Bool
    let hasBaseURL: Bool

    private var name: String { stream.name.text }
    private var path: String { "streams.\(name)" }

    func run() {
        checkTarget()
        PresenceChecks(stream: stream, spec: spec, collector: collector, index: index).run()
        checkDetect()
        checkCursor()
        CursorChecks(stream: stream, spec: spec, collector: collector, index: index)
            .run(isClean: isClean)
        checkPages()
        checkCost()
        checkAuthClash()
        checkRecordKey()
        FanOutChecks(
            stream: stream, spec: spec, collector: collector, index: index, isClean: isClean
        ).run()
        ChangeChecks(
            stream: stream, spec: spec, collector: collector, index: index, hasBaseURL: hasBaseURL
        ).run()
    }

    /// Only a request for one record knows which.
    private func checkRecordKey() {
        var templates = spec.templates(for: stream) + stream.cursors.compactMap(\.spec.initial)
        templates += stream.sideTemplates
        if case .get(let path)? = stream.belief.confirmation { templates.removeAll { $0 == path } }
        templates.removeAll { stream.detail?.request.templates.contains($0) ?? false }
        for placeholder in templates.flatMap(\.placeholders)
        where placeholder.subject == .recordKey {
            collector.error(
                "placeholder_misplaced", at: placeholder.place, path: index.path(of: placeholder),
                "`${record.key}` has a value only under `confirm_deletes` and `detail`")
        }
    }

    private func checkTarget() {
        guard case .path(let path) = stream.request.target, !hasBaseURL else { return }
        collector.error(
            "base_url_missing", at: path.place, path: index.path(of: path.place),
            "`path` is appended to `base_url`, which the adapter has not",
            hint: "write `base_url` at the top, or a whole `url` here")
    }

    private func checkDetect() {
        let place = index.place("streams", name, "detect")
        switch stream.detect {
        case .incremental where stream.cursor == nil && isClean:
            collector.error(
                "cursor_missing", at: place, path: path + ".detect", found: "incremental",
                "`incremental` asks for what changed since a cursor, and there is none",
                hint: "add `cursor: { from: .updated_at }`, or use snapshot")
        case .snapshot where stream.cursor != nil:
            collector.error(
                "cursor_with_snapshot", at: place, path: path + ".detect", found: "snapshot",
                "`snapshot` reads the whole list each time, so a cursor has no use",
                hint: "remove `cursor`, or use incremental")
        case .incremental, .snapshot, .feed: break
        }
    }

    private func checkCursor() {
        let own = stream.request.templates + stream.program.templates
        let placeholders = (own + stream.pages.templates)
            .flatMap(\.placeholders).filter { $0.subject.isCursor }
        if stream.cursor == nil, isClean {
            for placeholder in placeholders {
                collector.error(
                    "cursor_missing", at: placeholder.place, path: index.path(of: placeholder),
                    "`${cursor}` has no value: the stream has no `cursor`",
                    hint: "add `cursor: { from: .updated_at }` to the stream")
            }
        }
        let isSent = spec.subjects(for: stream).contains(where: \.isCursor)
        // A program is told by a variable, and code by itself.
        if let cursor = stream.cursor, isClean, cursor.kind != .url, !isSent,
            !stream.pages.isRange, spec.origin.isNetwork
        {
            collector.warning(
                "cursor_unused", at: index.place("streams", name, "cursor"),
                path: path + ".cursor",
                "the cursor is never sent, so each poll reads everything",
                hint: #"send it, as in query: { since: "${cursor}" }"#)
        }
    }

    private func checkPages() {
        guard spec.origin.isNetwork else { return refusePages() }
        let placeholders = stream.request.templates.flatMap(\.placeholders)
        for placeholder in placeholders {
            guard case .page(let value) = placeholder.subject else { continue }
            guard isClean, !stream.pages.gives(value) else { continue }
            let key = Self.key(value)
            collector.error(
                "page_value_missing", at: placeholder.place, path: index.path(of: placeholder),
                "`${page.\(value.rawValue)}` has no value: `pages` has no `\(key)`",
                hint: value == .size
                    ? "add `size: 100` to `pages`" : "add `\(key)` to `pages` of this stream")
        }
        guard isClean else { return }
        let used = spec.subjects(for: stream)
        if let needed = stream.pages.neededValue, !used.contains(.page(needed)) {
            let key = stream.pages.isRange ? "range" : Self.key(needed)
            collector.error(
                "page_value_unused", at: index.place("streams", name, "pages", key),
                path: path + ".pages." + key,
                "`${page.\(needed.rawValue)}` is never sent, so every page would be the first",
                hint: #"send it, as in query: { page: "${page.\#(needed.rawValue)}" }"#)
        }
        if stream.pages.stops.contains(.known), stream.detect == .snapshot {
            collector.warning(
                "known_without_deletes", at: index.place("streams", name, "pages", "stop"),
                path: path + ".pages.stop",
                "with `stop: known` the list is seldom read to its end, "
                    + "so no delete is seen")
        }
        if stream.pages.size != nil, !stream.pages.stops.contains(.short),
            !stream.pages.isRange, !used.contains(.page(.size))
        {
            collector.warning(
                "page_size_unused", at: index.place("streams", name, "pages", "size"),
                path: path + ".pages.size", "`${page.size}` is never sent",
                hint: "write `stop: short` if it is what the API sends anyhow")
        }
    }

    /// A run has no pages.
    private func refusePages() {
        for placeholder in stream.program.templates.flatMap(\.placeholders) {
            guard case .page(let value) = placeholder.subject else { continue }
            collector.error(
                "page_value_missing", at: placeholder.place, path: index.path(of: placeholder),
                "`${page.\(value.rawValue)}` has no value: a run has no pages")
        }
    }

    /// A request that is dearer than a whole window could never be sent as the budget says.
    private func checkCost() {
        guard case .fixed(let cost)? = stream.request.cost else { return }
        for rate in spec.limits.budget.rates where rate.count < cost {
            collector.error(
                "cost_over_budget", at: index.place("streams", name, "request", "cost"),
                path: path + ".request.cost", found: "\(cost)",
                "the request counts for \(cost), and the budget has no more than \(rate.count)",
                hint: "raise `limits.budget`, or lower `cost`")
        }
    }

    private static func key(_ value: Placeholder.PageValue) -> String {
        switch value {
        case .after: "keyset"
        case .last: "range"
        case .token, .number, .offset, .then, .size: value.rawValue
        }
    }

    private func checkAuthClash() {
        let taken: String
        let items: [NamedTemplate]
        switch spec.auth {
        case .none: return
        case .hmac(let hmac):
            checkClash(of: hmac)
            return
        case .basic, .bearer, .digest, .ntlm, .awsSignature:
            (taken, items) = ("authorization", spec.headers + stream.request.headers)
        case .apiKey(.header, let name, _):
            (taken, items) = (name.lowercased(), spec.headers + stream.request.headers)
        case .apiKey(.cookie, _, _):
            (taken, items) = ("cookie", spec.headers + stream.request.headers)
        case .apiKey(.query, let name, _):
            (taken, items) = (name.lowercased(), spec.query + stream.request.query)
        case .login(.oauth2), .login(.registry):
            (taken, items) = ("authorization", spec.headers + stream.request.headers)
        case .login(.session(let session)):
            checkSession(session)
            return
        }
        refuse(items, sentAs: taken)
    }

    private func checkSession(_ session: SessionSpec) {
        for send in session.sends {
            let items =
                send.location == .query
                ? spec.query + stream.request.query : spec.headers + stream.request.headers
            let name = send.location == .cookie ? "cookie" : send.name.lowercased()
            if send.location != .body { refuse(items, sentAs: name) }
        }
    }

    private func refuse(_ items: [NamedTemplate], sentAs taken: String) {
        for item in items where item.name.lowercased() == taken {
            collector.error(
                "auth_twice", at: item.value.place, path: index.path(of: item.value.place),
                "`auth` sends `\(item.name)` already", hint: "remove one of them")
        }
    }
}

extension PagesSpec {
    /// The value without which every request would be the same.
    fileprivate var neededValue: Placeholder.PageValue? {
        switch scheme {
        case .single, .link, .nextURL, .merged: nil
        case .token: .token
        case .number, .range: .number
        case .offset: .offset
        case .keyset: .after
        }
    }

    /// Whether a placeholder for the value ever stands for something.
    func gives(_ value: Placeholder.PageValue) -> Bool {
        switch value {
        case .size: size != nil
        case .last: isRange
        case .then: if case .keyset(_, _?, _) = scheme { true } else { false }
        case .token, .number, .offset, .after: neededValue == value
        }
    }

    fileprivate var isRange: Bool { if case .range = scheme { true } else { false } }

    /// Whether the first page has a token or key to begin behind.
    var hasStart: Bool {
        switch scheme {
        case .token(_, _?), .keyset(_, _, _?): true
        case .single, .link, .nextURL, .token, .number, .offset, .keyset, .merged, .range: false
        }
    }
}

extension PlaceIndex {
    /// The path of the text that a placeholder stands in.
    func path(of placeholder: Placeholder) -> String { enclosingPath(of: placeholder.place) }
}
