import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads how a stream is paged.
struct PagesReader {
    /// `hasJSONBody` says where the members of a continuation go by default.
    func read(_ field: Field, hasJSONBody: Bool = false) -> PagesSpec {
        var pages = PagesSpec()
        if let scalar = field.node.scalar {
            if scalar.text != "none" {
                field.complainOfType(
                    suggestion: scalar.text == "link" ? "{ link: next }" : nil)
            }
            return pages
        }
        guard let keys = MappingReader(field, StreamKeys.pages) else { return pages }
        if let scheme = keys.exclusive(StreamKeys.schemes, hint: "pages are linked in one way") {
            pages.scheme =
                keys[scheme].flatMap { readScheme(scheme, $0, hasJSONBody) } ?? .single
        } else if !keys.hasUnknownKeys, !keys.has("more"), !keys.has("total") {
            field.complain(
                "pages_scheme", "nothing says how one page leads to the next",
                allowed: StreamKeys.schemes, hint: "write `pages: none` for a single page")
        }
        if let field = keys["size"], field.hasPlaceholder {
            pages.sizeParameter = field.soleParameter()
            pages.size = 1
        } else {
            pages.size = keys["size"]?.integer()
        }
        pages.stops = keys["stop"].map(readStops) ?? []
        pages.more = keys["more"]?.answerValue()
        pages.total = keys["total"]?.answerValue()
        pages.endStatuses =
            keys["end_statuses"]?.items(of: .integer(400...499))?.compactMap { $0.integer() } ?? []
        pages.cap = keys["cap"]?.integer()
        if pages.stops.contains(.short), !keys.has("size") {
            field.collector.error(
                "pages_size_missing", at: keys.keyPlace("stop"), path: join(field.path, "stop"),
                found: "stop", "`stop: short` needs `size`: how many records a full page has")
        }
        return pages
    }

    private func readStops(_ field: Field) -> Set<PagesSpec.Stop> {
        guard let items = field.node.sequence else {
            return Set([field.choice(PagesSpec.Stop.self)].compactMap { $0 })
        }
        if items.isEmpty { field.complain("value_empty", "there is nothing in it") }
        let fields = field.items(of: StreamKeys.stop) ?? []
        return Set(fields.compactMap { $0.choice(PagesSpec.Stop.self) })
    }

    private func readScheme(
        _ name: String, _ field: Field, _ hasJSONBody: Bool
    ) -> PagesSpec.Scheme? {
        switch name {
        case "link": return field.filledText().map { .link(relation: $0.text) }
        case "next_url": return field.answerValue().map { .nextURL($0) }
        case "keyset": return readKeyset(field)
        case "number": return readStart(field, default: 1).map { .number(start: $0) }
        case "offset": return readStart(field, default: 0).map { .offset(start: $0) }
        case "continue": return readContinuation(field, hasJSONBody ? .body : .query)
        case "range": return readRange(field)
        default: return readToken(field)
        }
    }

    private func readToken(_ field: Field) -> PagesSpec.Scheme? {
        guard field.node.mapping != nil else {
            return field.expression().map { .token(.body($0)) }
        }
        guard let keys = MappingReader(field, StreamKeys.tokenHeader) else { return nil }
        let start = keys["start"]?.textTemplate()
        switch keys.exclusive(["from", "header"], hint: "a token stands in one place") {
        case "from": return keys["from"]?.expression().map { .token(.body($0), start: start) }
        case "header":
            return keys["header"]?.headerName().map { .token(.header($0), start: start) }
        default:
            guard !keys.hasUnknownKeys else { return nil }
            return field.refuse(
                "token_missing", "nothing says where the token is", allowed: ["from", "header"])
        }
    }

    private func readContinuation(
        _ field: Field, _ usual: PagesSpec.MergeTarget
    ) -> PagesSpec.Scheme? {
        guard field.node.mapping != nil else {
            return field.expression().map { .merged($0, into: usual) }
        }
        guard let keys = MappingReader(field, StreamKeys.continuation) else { return nil }
        let target = keys["into"]?.choice(PagesSpec.MergeTarget.self) ?? usual
        return keys["from"]?.expression().map { .merged($0, into: target) }
    }

    private func readRange(_ field: Field) -> PagesSpec.Scheme? {
        guard let keys = MappingReader(field, StreamKeys.range) else { return nil }
        let value = keys["value"]?.expression() ?? ExpressionText(text: ".", place: field.place)
        guard let path = keys["to"]?.textTemplate() else { return nil }
        if case .literal(let text)? = path.segments.first, !text.hasPrefix("/") {
            return keys["to"]?.refuse("path_invalid", "the path does not begin with `/`")
        }
        return .range(PagesSpec.RangeEnd(path: path, value: value))
    }

    private func readKeyset(_ field: Field) -> PagesSpec.Scheme? {
        guard field.node.mapping != nil else {
            return field.expression().map { .keyset($0, start: nil) }
        }
        guard let keys = MappingReader(field, StreamKeys.keyset) else { return nil }
        let start = keys["start"]?.textTemplate()
        let then = keys["then"]?.expression()
        return keys["from"]?.expression().map { .keyset($0, then: then, start: start) }
    }

    private func readStart(_ field: Field, default start: Int) -> Int? {
        if field.node.scalar?.kind == .integer { return field.integer() }
        guard let keys = MappingReader(field, StreamKeys.start) else { return nil }
        return keys.has("start") ? keys["start"]?.integer() : start
    }
}
