import PullcordAdapter
import PullcordJSON
import PullcordModel

extension APIGuess {
    /// The adapter, with a comment at each guess.
    package var draft: AdapterDraft {
        let base = url.base
        let name = choices.name ?? Names.adapter(url.adapterWord)
        var draft = AdapterDraft(name: name)
        draft.head = [
            "Drafted by `pullcord adapter new` from one answer of \(url.origin)\(url.path).",
            "What is guessed has a comment with the reason. Try it: pullcord adapter try FILE",
        ]
        let secrets = querySecrets
        var parameters = choices.credential?.parameters ?? []
        parameters += secrets.dropFirst(authFromQuery == nil ? 0 : 1).map(\.entry)
        if let own = authFromQuery { parameters.append(own.entry) }
        let headers = headerEntries
        parameters += headers.parameters
        if !parameters.isEmpty {
            draft.entries.append(DraftEntry("params", .map(unique(parameters))))
        }
        draft.entries.append(DraftEntry("base_url", text: literal(base.url)))
        if !headers.entries.isEmpty {
            draft.entries.append(DraftEntry("headers", .map(headers.entries)))
        }
        if let auth = choices.credential?.auth {
            draft.entries.append(DraftEntry("auth", auth))
        } else if let own = authFromQuery {
            draft.entries.append(
                DraftEntry(
                    "auth",
                    .map([
                        DraftEntry(
                            "api_key",
                            .texts([("query", own.name), ("value", "${params.\(own.entry.key)}")]))
                    ]),
                    comments: ["`\(own.name)` in the URL looked like a credential."]))
        }
        if !limits.entries.isEmpty {
            draft.entries.append(
                DraftEntry(
                    "limits", .map(limits.entries), comments: limits.findings.map(\.comment)))
        }
        draft.streams = [stream(path: base.path)]
        draft.findings = findings
        return draft
    }

    /// The name of the stream.
    package var streamName: String {
        if let name = choices.stream { return Names.stream(name) }
        let word = url.lastWord
        let own = records.path.last ?? ""
        if !own.isEmpty, !Vocabulary.lists.contains(own.lowercased()) { return Names.stream(own) }
        if page.format.kind.isFeed { return word.isEmpty ? "items" : Names.stream(word) }
        return Names.stream(word.isEmpty ? "records" : word)
    }

    private func stream(path: String) -> DraftStream {
        var entries: [DraftEntry] = []
        let query = queryEntries
        let target = literal(path.isEmpty ? "/" : path)
        if query.isEmpty {
            entries.append(DraftEntry("request", text: target))
        } else {
            entries.append(
                DraftEntry(
                    "request",
                    .map([DraftEntry("path", text: target), DraftEntry("query", .map(query))])))
        }
        if let format = formatDraft { entries.append(DraftEntry("format", format)) }
        if let pages = pages.draft {
            entries.append(
                DraftEntry("pages", pages, comments: [finding(pages: self.pages).comment]))
        } else if pages.sureness == .unsure {
            entries.append(
                DraftEntry(
                    "pages", text: "none", comments: [finding(pages: self.pages).comment]))
        }
        if !page.format.kind.isFeed {
            entries.append(
                DraftEntry(
                    "records", text: records.expression, comments: [recordsFinding.comment]))
            entries.append(
                DraftEntry(
                    "key", choices.key.isEmpty ? key.draft : chosenKey,
                    comments: [keyFinding.comment]))
        }
        entries += cursorEntries
        if let volatile {
            entries.append(
                DraftEntry(
                    "ignore", .list(volatile.paths.map { .text(PathText.expression($0)) }),
                    comments: ["likely, \(volatile.evidence)"]))
        }
        var stream = DraftStream(name: streamName, entries: entries)
        if page.format.kind.isFeed {
            stream.comments = ["\(page.draft?.word ?? "a feed"): sure, \(page.evidence)"]
        }
        return stream
    }

    private var chosenKey: DraftValue {
        choices.key.count == 1
            ? .text(choices.key[0]) : .list(choices.key.map { .text($0) })
    }

    /// XML says nothing of lists: an element that stood there once could be one.
    private var formatDraft: DraftValue? {
        guard page.format.kind == .xml || page.format.kind == .soap, records.shape == .array,
            let last = records.path.last
        else { return page.draft }
        let list = records.path.count > 1 ? "\(records.path[records.path.count - 2])/\(last)" : last
        guard !list.contains(where: \.isWhitespace) else { return page.draft }
        return .map([
            DraftEntry(
                page.format.kind.rawValue, .map([DraftEntry("lists", .list([.text(list)]))]))
        ])
    }

    // MARK: The query

    /// The name of the query item that asks for what changed since.
    package var since: String? {
        choices.since ?? url.query.first { Vocabulary.isSince($0.name) }?.name
    }

    private var queryEntries: [DraftEntry] {
        let secrets = Set(querySecrets.map(\.name))
        let carried = pages.items
        var entries: [DraftEntry] = []
        for item in url.query {
            if item.name == authFromQuery?.name { continue }
            if case .query(let name)? = choices.credential, name == item.name { continue }
            if leadsPastFirst(item) { continue }
            if let paged = carried.first(where: { $0.name == item.name }) {
                entries.set(item.name, .text(paged.value))
            } else if item.name == since, change != nil {
                entries.set(item.name, .text("${cursor}"))
            } else if secrets.contains(item.name) {
                let name = Names.parameter(item.name)
                entries.set(item.name, .text("${params.\(name)}"))
            } else {
                entries.append(DraftEntry(item.name, text: literal(item.value)))
            }
        }
        for item in carried where entries[item.name] == nil {
            entries.set(item.name, .text(item.value))
        }
        if let since = choices.since, change != nil, entries[since] == nil {
            entries.set(since, .text("${cursor}"))
        }
        return merged(entries)
    }

    /// Whether an item asks for a page behind the first, where the answers say what is next: a
    /// poll begins with the first one.
    private func leadsPastFirst(_ item: DraftURL.Item) -> Bool {
        guard pages.scheme != .none, let place = Int(item.value), place > 1 else { return false }
        let isCounted =
            Vocabulary.countsPages(item.name) || Vocabulary.countsRecords(item.name)
        return isCounted && !pages.items.contains { $0.name == item.name }
    }

    /// Items of one name become a list.
    private func merged(_ entries: [DraftEntry]) -> [DraftEntry] {
        var result: [DraftEntry] = []
        for entry in entries {
            guard let index = result.firstIndex(where: { $0.key == entry.key }) else {
                result.append(entry)
                continue
            }
            if case .list(let items) = result[index].value {
                result[index].value = .list(items + [entry.value])
            } else {
                result[index].value = .list([result[index].value, entry.value])
            }
        }
        return result
    }

    private struct QuerySecret {
        let name: String
        let entry: DraftEntry
    }

    private var querySecrets: [QuerySecret] {
        url.query.filter { Vocabulary.isSecret($0.name) && !$0.value.isEmpty }.map { item in
            QuerySecret(
                name: item.name, entry: DraftCredential.secret(Names.parameter(item.name)))
        }
    }

    /// The credential in the query, where nothing else was said to be one.
    private var authFromQuery: QuerySecret? {
        choices.credential == nil ? querySecrets.first : nil
    }

    private var headerEntries: (entries: [DraftEntry], parameters: [DraftEntry]) {
        var entries: [DraftEntry] = []
        var parameters: [DraftEntry] = []
        for header in choices.headers {
            guard Vocabulary.isSecret(header.name) else {
                entries.set(header.name, .text(literal(header.value)))
                continue
            }
            let name = Names.parameter(header.name.lowercased())
            entries.set(header.name, .text("${params.\(name)}"))
            parameters.append(DraftCredential.secret(name))
        }
        return (entries, parameters)
    }

    private func unique(_ entries: [DraftEntry]) -> [DraftEntry] {
        var seen: Set<String> = []
        return entries.filter { seen.insert($0.key).inserted }
    }

    /// A text that holds no placeholder by chance.
    private func literal(_ text: String) -> String { text.replacing("${", with: "$${") }

    // MARK: The cursor

    /// The change field that the draft goes by; nil without one, or without a way to ask by it.
    var change: ChangeGuess? {
        guard let text = choices.cursor else {
            guard let since else { return nil }
            return url.item(since).flatMap { counted(since: $0) } ?? changes.first
        }
        if let known = changes.first(where: { $0.expression == text }) { return known }
        return ChangeGuess(
            path: [], notation: "rfc3339", score: 100, order: .none, evidence: "--cursor",
            sureness: .unsure)
    }

    /// A number of the records that grows from one to the next, where the URL asks since a number
    /// that is no time.
    private func counted(since text: String) -> ChangeGuess? {
        guard let since = Int64(text), TimeNotation.number(text) == nil else { return nil }
        // A zero may also mean 1970.
        if let best = changes.first, best.score >= 80, best.notation.hasPrefix("epoch_") {
            return nil
        }
        return ChangeGuess.counted(in: records.records, from: since)
    }

    private var cursorEntries: [DraftEntry] {
        guard let change else { return [] }
        let from = choices.cursor ?? change.expression
        var cursor = [DraftEntry("from", text: from)]
        if change.notation != "rfc3339" {
            cursor.append(DraftEntry("format", text: change.notation))
        }
        if let sent { cursor.append(DraftEntry("sent", text: sent)) }
        if TimeNotation.isZoneless(change.notation) {
            cursor.append(DraftEntry("zone", text: "UTC"))
        }
        if change.notation == "integer" {
            cursor.append(DraftEntry("overlap", .number(0)))
            // Some APIs give only the newest to those who ask without it.
            if let since, url.item(since) == "0" { cursor.append(DraftEntry("initial", text: "0")) }
        } else {
            cursor.append(DraftEntry("overlap", text: overlap(change.notation)))
        }
        guard since != nil else { return [] }
        return [DraftEntry("cursor", .map(cursor), comments: cursorFindings.map(\.comment))]
    }

    /// How the URL's own `since` is written, if not as the records are.
    private var sent: String? {
        guard let since, let value = url.item(since), let change else { return nil }
        guard CursorValue(value, format: TimeNotation.format(change.notation)) == nil else {
            return nil
        }
        return TimeNotation.text(value) ?? TimeNotation.number(value)
    }

    private func overlap(_ notation: String) -> String {
        guard notation.contains("%") else { return "2m" }
        if notation.contains("%S") || notation.contains("%T") { return "2m" }
        return notation.contains("%M") ? "5m" : "1d"
    }
}

extension DraftValue {
    /// The word that a format is called by.
    fileprivate var word: String? {
        switch self {
        case .text(let text): text
        case .map(let entries): entries.first?.key
        case .bare, .list: nil
        }
    }
}
