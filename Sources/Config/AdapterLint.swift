import PullcordAdapter
import PullcordModel

/// Warns of what is legal and most likely loses changes or gives secrets away.
struct AdapterLint {
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex

    func run() {
        checkLiteralSecrets(spec.query, "query")
        for stream in spec.streams {
            checkLiteralSecrets(stream.request.query, "streams.\(stream.name).request.query")
            checkStrictCursor(stream)
            checkCoarseCursor(stream)
            checkUnsortedCursor(stream)
            checkCutList(stream)
            checkReading(stream)
        }
    }

    /// Names of query items that hold nothing but credentials.
    private static let secretItems: Set<String> = [
        "api_key", "apikey", "api-key", "access_token", "auth_token", "client_secret", "secret",
        "password", "passwd", "pwd",
    ]

    private func checkLiteralSecrets(_ items: [NamedTemplate], _ path: String) {
        for item in items where Self.secretItems.contains(item.name.lowercased()) {
            guard let literal = item.value.literalText, !literal.isEmpty else { continue }
            collector.secrets.append(Secret(literal))
            collector.warning(
                "secret_in_adapter", at: item.value.place, path: join(path, item.name),
                "a credential is written into the adapter, and becomes part of the URL",
                hint: "declare a parameter of type secret and write "
                    + "auth: { api_key: { query: \(item.name), value: \"${params.NAME}\" } }")
        }
    }

    /// An API that is asked for what is later than the cursor, and not at it, gives a record no
    /// second chance that gets the same stamp a moment later.
    private func checkStrictCursor(_ stream: StreamSpec) {
        guard let cursor = stream.cursor, cursor.from != nil, cursor.overlap == 0,
            cursor.settle == .zero, !cursor.isStrict
        else {
            return
        }
        for item in stream.request.query + spec.query {
            let name = item.name.lowercased().filter { $0 != "]" }
            let words = name.split { !$0.isLetter && !$0.isNumber }
            guard item.value.subjects.contains(.cursor), words.count > 1, words.last == "gt"
            else { continue }
            warnOfStrictness(item.value.place, cursor)
        }
        for template in stream.request.templates {
            guard let place = Self.strictPlace(in: template) else { continue }
            warnOfStrictness(place, cursor)
        }
    }

    /// Where a `>` without `=` stands before the cursor, as in JQL or SOQL.
    private static func strictPlace(in template: Template) -> Place? {
        var before = ""
        for segment in template.segments {
            switch segment {
            case .literal(let text): before = text
            case .placeholder(let placeholder):
                let end = before.last { !" \t\n\"'".contains($0) }
                if placeholder.subject == .cursor, end == ">" { return placeholder.place }
                before = ""
            }
        }
        return nil
    }

    private func warnOfStrictness(_ place: Place, _ cursor: CursorSpec) {
        collector.warning(
            "cursor_strict", at: place, path: index.enclosingPath(of: place),
            "a record that gets the same stamp as the last one, only later, is never asked for",
            hint: "ask for what is at or after the cursor, or add `strict: true` to `cursor`")
    }

    /// A stamp of a day or minute stands still while records change.
    private func checkCoarseCursor(_ stream: StreamSpec) {
        guard let cursor = stream.cursor, cursor.from != nil, cursor.overlap == 0,
            !cursor.isStrict, case .pattern(let pattern) = cursor.format.read
        else { return }
        let fine = ["%S", "%T", "%s", "%Q", "%L"]
        guard !fine.contains(where: pattern.text.contains) else { return }
        let hasMinutes = pattern.text.contains("%M")
        collector.warning(
            "cursor_coarse", at: index.place("streams", stream.name.text, "cursor"),
            path: "streams.\(stream.name).cursor", found: pattern.text,
            "the cursor tells no seconds: an API that asks for later ones skips what changes in "
                + "the same \(hasMinutes ? "minute" : "day or hour")",
            hint: "add `overlap: \(hasMinutes ? "1m" : "1d")`")
    }

    /// Pages that are counted move under the reader's feet unless something keeps their order.
    private func checkUnsortedCursor(_ stream: StreamSpec) {
        guard let cursor = stream.cursor, cursor.from != nil, !cursor.isAscending,
            cursor.overlap == 0
        else { return }
        switch stream.pages.scheme {
        case .number, .offset: break
        case .single, .link, .nextURL, .token, .keyset, .merged, .range: return
        }
        let items = stream.request.query + spec.query
        let texts =
            items.map(\.name) + (stream.request.templates + items.map(\.value)).map(\.literals)
        let isSorted = texts.contains { text in
            ["sort", "order"].contains { text.lowercased().contains($0) }
        }
        guard !isSorted else { return }
        collector.warning(
            "cursor_unsorted", at: index.place("streams", stream.name.text, "pages"),
            path: "streams.\(stream.name).pages",
            "pages are counted in an order that nobody has asked for: a record that moves to a "
                + "page already read is missed",
            hint: "sort by the cursor, oldest first, and say `ascending: true` in `cursor`, or add "
                + "an `overlap`")
    }

    /// Names of query items that bound a list.
    static let bounds: Set<String> = [
        "limit", "per_page", "perpage", "page_size", "pagesize", "max_results", "maxresults",
        "$top", "top", "rows", "count", "first",
    ]

    /// A list that is cut loses its last records to new ones, which is no delete.
    private func checkCutList(_ stream: StreamSpec) {
        guard stream.detect == .snapshot, stream.pages == PagesSpec(),
            stream.belief.confirmation == nil
        else { return }
        let items = stream.request.query + spec.query
        for item in items where Self.bounds.contains(item.name.lowercased()) {
            guard let text = item.value.literalText, let limit = Int(text), limit > 1 else {
                continue
            }
            collector.warning(
                "list_cut", at: item.value.place, path: index.enclosingPath(of: item.value.place),
                found: text,
                "the list ends after \(limit) records and has no `pages`: what falls off it would "
                    + "be taken for deleted",
                hint: "add `pages`, or `confirm_deletes` if a record can be asked for")
        }
    }
}

extension Template {
    /// What of the text is no placeholder.
    fileprivate var literals: String {
        segments.map { segment in
            if case .literal(let text) = segment { text } else { " " }
        }.joined()
    }
}

extension AdapterSpec {
    /// Whether requests carry something that must not be seen.
    var sendsSecrets: Bool {
        guard auth == .none else { return true }
        let secrets = Set(parameters.filter { $0.kind == .secret }.map(\.name))
        return streams.contains { stream in
            templates(for: stream).contains { template in
                template.subjects.contains {
                    if case .parameter(let name) = $0 { secrets.contains(name) } else { false }
                }
            }
        }
    }
}
