import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads one stream of an adapter.
struct StreamReader {
    let collector: Collector
    var origin = OriginSpec.network
    /// The adapter's name, which stands for the URL where there is none.
    var adapter = ""

    func read(_ field: Field) -> StreamSpec? {
        let isTap = origin.program?.language == .singer
        let table =
            FormatReader.isFeed(field)
            ? FormatKeys.feedStream : isTap ? ExecKeys.stream : StreamKeys.stream
        guard let keys = MappingReader(field, table) else { return nil }
        let exec = ExecReader(collector: collector)
        exec.refuseRequests(keys, origin)
        let standard = origin.program == nil ? FormatSpec.json : FormatSpec(.ndjson)
        let format = keys["format"].map { FormatReader().read($0) } ?? standard
        let filler = ExpressionText(
            text: format.kind.isFeed ? ".items" : ".", place: field.place)
        let key = ExpressionText(text: format.kind.isFeed ? ".id" : ".", place: field.place)
        let name = String(field.path.dropFirst("streams.".count))
        var cursors = CursorReader(collector: collector).read(keys)
        let detect = keys["detect"]?.choice(DetectMode.self)
        let hasCursor = keys.has("cursor") || keys.has("cursors")
        // What a tap leaves out is not gone unless the author says so.
        let mode =
            detect
            ?? (format.kind.isFeed ? .feed : hasCursor || isTap ? .incremental : .snapshot)
        if isTap, mode != .snapshot {
            let spec = CursorSpec(.token(.header(LocalNames.cursor)))
            cursors = [NamedCursor(name: "", spec: spec)]
        }
        let request = readRequest(keys, field)
        let hasJSONBody = if case .json? = request?.body { true } else { false }
        var spec = StreamSpec(
            name: StreamName(name), summary: keys["summary"]?.text()?.text ?? "",
            request: request
                ?? RequestSpec(target: .url(Template(segments: [], place: field.place))),
            pages: keys["pages"].map { PagesReader().read($0, hasJSONBody: hasJSONBody) }
                ?? PagesSpec(),
            format: format,
            records: keys["records"]?.expression() ?? filler,
            condition: keys["when"]?.expression(),
            key: keys["key"].map(readKey) ?? [key],
            detect: mode,
            mask: readMask(keys),
            unordered: keys["unordered"]?.plainPaths() ?? [],
            first: keys["first"]?.choice(FirstPoll.self) ?? .baseline,
            deletes: keys["max_delete"]?.percentage().map { DeleteSpec(maxShare: $0) }
                ?? DeleteSpec(),
            isConditional: keys["conditional"]?.boolean() ?? true,
            answers: AnswersReader().read(keys),
            place: field.place)
        spec.cursors = cursors
        spec.program = keys["exec"].map { exec.part($0, origin) } ?? ProgramPartSpec()
        spec.keyIsStated = isTap && !keys.has("key")
        if case .code = origin {
            spec.pages.scheme = .token(.header(LocalNames.next), start: nil)
        }
        spec.belief = BeliefReader(collector: collector).read(keys, mode)
        spec.changes = ChangeReader(collector: collector, streams: self).read(keys, mode, filler)
        spec.keep = keys["keep"]?.choice(KeepMode.self) ?? .fingerprint
        spec.parent = keys["parent"].flatMap { FanOutReader(collector: collector).parent($0) }
        spec.detail = keys["detail"].flatMap { FanOutReader(collector: collector).detail($0) }
        return spec
    }

    private func readRequest(_ keys: MappingReader, _ field: Field) -> RequestSpec? {
        guard origin.isNetwork else {
            let name = "\(origin.scheme):\(adapter)"
            return RequestSpec(target: .url(Template(literal: name, place: field.place)))
        }
        if !keys.has("request"), !keys.hasUnknownKeys {
            collector.error(
                "key_missing", at: keys.place, path: join(keys.path, "request"),
                "`request` is missing in a stream",
                allowed: [keys.table.key("request")?.type.words ?? ""],
                hint: "What to ask for a page.")
        }
        return keys["request"].flatMap { RequestReader().read($0) }
    }

    func readKey(_ field: Field) -> [ExpressionText] {
        guard field.node.sequence != nil else {
            return field.expression().map { [$0] } ?? []
        }
        let items = field.items(of: .expression) ?? []
        if items.isEmpty { field.complain("value_empty", "a key needs a field") }
        if items.count > Limits.keyPartsMax {
            field.complain(
                "value_range",
                "a key has at most \(Limits.keyPartsMax) parts, not \(items.count)")
        }
        return items.compactMap { $0.expression() }
    }

    private func readMask(_ keys: MappingReader) -> MaskSpec {
        let hint = "`ignore` leaves members out, `only` leaves all others out"
        switch keys.exclusive(["ignore", "only"], hint: hint) {
        case "ignore": return .ignoring(keys["ignore"]?.plainPaths() ?? [])
        case "only":
            let paths = keys["only"]?.plainPaths() ?? []
            if paths.isEmpty, let field = keys["only"], field.node.sequence?.isEmpty == true {
                field.complain("value_empty", "nothing would ever change")
            }
            return .only(paths)
        default: return .all
        }
    }
}
