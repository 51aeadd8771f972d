import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads one stream of an adapter.
struct StreamReader {
    let collector: Collector

    func read(_ field: Field) -> StreamSpec? {
        guard let keys = MappingReader(field, StreamKeys.stream) else { return nil }
        let filler = ExpressionText(text: ".", place: field.place)
        let name = String(field.path.dropFirst("streams.".count))
        let cursor = keys["cursor"].flatMap(readCursor)
        let detect = keys["detect"]?.choice(DetectMode.self)
        return StreamSpec(
            name: StreamName(name), summary: keys["summary"]?.text()?.text ?? "",
            request: keys["request"].flatMap { RequestReader().read($0) }
                ?? RequestSpec(target: .url(Template(segments: [], place: field.place))),
            pages: keys["pages"].map { PagesReader().read($0) } ?? PagesSpec(),
            records: keys["records"]?.expression() ?? filler,
            condition: keys["when"]?.expression(),
            key: keys["key"].map(readKey) ?? [filler],
            cursor: cursor,
            detect: detect ?? (keys.has("cursor") ? .incremental : .snapshot),
            mask: readMask(keys),
            unordered: keys["unordered"]?.plainPaths() ?? [],
            first: keys["first"]?.choice(FirstPoll.self) ?? .baseline,
            deletes: keys["max_delete"]?.percentage().map { DeleteSpec(maxShare: $0) }
                ?? DeleteSpec(),
            isConditional: keys["conditional"]?.boolean() ?? true,
            answers: AnswersReader().read(keys),
            place: field.place)
    }

    private func readKey(_ field: Field) -> [ExpressionText] {
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

    private func readCursor(_ field: Field) -> CursorSpec? {
        guard let keys = MappingReader(field, StreamKeys.cursor),
            let from = keys["from"]?.expression()
        else { return nil }
        let format = keys["format"]?.choice(CursorFormat.self) ?? .rfc3339
        let initial = keys["initial"]?.textTemplate()
        if let initial, let text = initial.literalText, CursorValue(text, format: format) == nil,
            let field = keys["initial"]
        {
            field.complain(
                "cursor_initial", "`\(text)` is no value of the format \(format.rawValue)",
                hint: "`initial` is written as the API writes the field")
        }
        return CursorSpec(
            from: from, format: format,
            overlap: keys["overlap"].flatMap { readOverlap($0, format) } ?? 0,
            initial: initial, isAscending: keys["ascending"]?.boolean() ?? false)
    }

    private func readOverlap(_ field: Field, _ format: CursorFormat) -> Int64? {
        if format.isTime {
            if field.node.scalar?.text == "0" { return 0 }
            return field.with(.duration(0...DurationText.day * 365)).milliseconds()
        }
        return field.with(.integer(0...Int.max)).integer().map(Int64.init)
    }
}
