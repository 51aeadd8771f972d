/// How the pages of an operation follow, by the names of its parameters and members.
struct OpenAPIPages {
    let parameters: [OpenAPIParameter]
    let facts: OpenAPIFacts

    private var query: [OpenAPIParameter] { parameters.filter { $0.location == .query } }

    var word: String { entries.first?.key ?? "none" }

    private var number: OpenAPIParameter? {
        query.first { Vocabulary.countsPages($0.name) && $0.kind != "string" }
            ?? query.first { $0.name.lowercased() == "page" && nextURL == nil && token == nil }
    }

    private var offset: OpenAPIParameter? {
        query.first {
            Vocabulary.countsRecords($0.name) && $0.kind != "string"
                && !Vocabulary.isSince($0.name)
        }
    }

    private var nextURL: [String]? {
        facts.beside.first { fact in
            guard let name = fact.path.last?.lowercased(), fact.type == "string" || fact.type == ""
            else { return false }
            return Vocabulary.nextURLs.contains(name)
                && (name.contains("url") || name.contains("link") || name.contains("href")
                    || name.contains("uri")
                    || name == "next" && (fact.path.count > 1 || hasPrevious))
        }?.path
    }

    private var hasPrevious: Bool {
        facts.beside.contains { ["previous", "prev"].contains($0.path.last?.lowercased() ?? "") }
    }

    /// A token beside the list, and the query item that carries it.
    private var token: (path: [String], item: String)? {
        for fact in facts.beside {
            guard let name = fact.path.last?.lowercased(), fact.type != "boolean",
                let usual = Vocabulary.tokens[name]
            else { continue }
            let item =
                query.first { $0.name.lowercased() == usual.lowercased() }
                ?? query.first { $0.name.lowercased() == name }
                ?? query.first { parameter in
                    let words = Set(Names.words(parameter.name))
                    return !words.isDisjoint(with: [
                        "cursor", "token", "continuation", "marker", "bookmark",
                    ])
                }
            if let item { return (fact.path, item.name) }
        }
        return nil
    }

    private var size: OpenAPIParameter? {
        query.first { Vocabulary.sizesPages($0.name) }
    }

    /// The size to ask for: the greatest that is allowed, at most 100.
    private var count: Int? {
        guard let size else { return nil }
        let fallback = size.fallback.flatMap(Int.init)
        return min(size.maximum ?? max(fallback ?? 50, 1), 100)
    }

    var entries: [DraftEntry] {
        var entries: [DraftEntry] = []
        if let nextURL {
            return [DraftEntry("next_url", text: PathText.expression(nextURL))]
        } else if let token {
            entries.append(DraftEntry("token", text: PathText.expression(token.path)))
        } else if let number {
            let start = number.fallback.flatMap(Int.init) ?? 1
            entries.append(
                DraftEntry("number", .map([DraftEntry("start", .number(max(0, start)))])))
        } else if let offset {
            let start = offset.fallback.flatMap(Int.init) ?? 0
            entries.append(
                DraftEntry("offset", .map([DraftEntry("start", .number(max(0, start)))])))
        } else {
            return []
        }
        if let count, count > 0 {
            entries.append(DraftEntry("size", .number(count)))
            if ["number", "offset"].contains(entries[0].key) {
                entries.append(DraftEntry("stop", text: "short"))
            }
        }
        return entries
    }

    /// The query items that carry what pages count.
    var items: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        switch word {
        case "token": if let token { items.append((token.item, "${page.token}")) }
        case "number": if let number { items.append((number.name, "${page.number}")) }
        case "offset": if let offset { items.append((offset.name, "${page.offset}")) }
        default: break
        }
        if let size, entries.contains(where: { $0.key == "size" }) {
            items.append((size.name, "${page.size}"))
        }
        return items
    }
}
