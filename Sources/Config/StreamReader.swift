import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads one stream of an adapter.
struct StreamReader {
    let collector: Collector

    func read(_ field: Field) -> StreamSpec? {
        let table = FormatReader.isFeed(field) ? FormatKeys.feedStream : StreamKeys.stream
        guard let keys = MappingReader(field, table) else { return nil }
        let format = keys["format"].map { FormatReader().read($0) } ?? .json
        let filler = ExpressionText(
            text: format.kind.isFeed ? ".items" : ".", place: field.place)
        let key = ExpressionText(text: format.kind.isFeed ? ".id" : ".", place: field.place)
        let name = String(field.path.dropFirst("streams.".count))
        let cursor = keys["cursor"].flatMap(readCursor)
        let detect = keys["detect"]?.choice(DetectMode.self)
        let mode =
            detect ?? (format.kind.isFeed ? .feed : keys.has("cursor") ? .incremental : .snapshot)
        var spec = StreamSpec(
            name: StreamName(name), summary: keys["summary"]?.text()?.text ?? "",
            request: keys["request"].flatMap { RequestReader().read($0) }
                ?? RequestSpec(target: .url(Template(segments: [], place: field.place))),
            pages: keys["pages"].map { PagesReader().read($0) } ?? PagesSpec(),
            format: format,
            records: keys["records"]?.expression() ?? filler,
            condition: keys["when"]?.expression(),
            key: keys["key"].map(readKey) ?? [key],
            cursor: cursor,
            detect: mode,
            mask: readMask(keys),
            unordered: keys["unordered"]?.plainPaths() ?? [],
            first: keys["first"]?.choice(FirstPoll.self) ?? .baseline,
            deletes: keys["max_delete"]?.percentage().map { DeleteSpec(maxShare: $0) }
                ?? DeleteSpec(),
            isConditional: keys["conditional"]?.boolean() ?? true,
            answers: AnswersReader().read(keys),
            place: field.place)
        spec.belief = BeliefReader(collector: collector).read(keys, mode)
        spec.changes = ChangeReader(collector: collector, streams: self).read(keys, mode, filler)
        spec.keep = keys["keep"]?.choice(KeepMode.self) ?? .fingerprint
        return spec
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

    func readCursor(_ field: Field) -> CursorSpec? {
        guard let keys = MappingReader(field, StreamKeys.cursor),
            let from = keys["from"]?.expression()
        else { return nil }
        let zone = keys["zone"].flatMap { $0.zone() } ?? NamedRules.utc
        let read = keys["format"].flatMap { readNotation($0, zone) } ?? .rfc3339
        let format = CursorFormat(read, sent: keys["sent"].flatMap { readNotation($0, zone) })
        if format.isTime != (format.sent != .integer), let field = keys["sent"] {
            field.complain(
                "cursor_sent", "a time and a number that only counts are not the same",
                hint: "`format` is what records hold, `sent` what requests carry")
        }
        let initial = keys["initial"]?.textTemplate()
        if let initial, let text = initial.literalText, CursorValue(text, format: format) == nil,
            let field = keys["initial"]
        {
            field.complain(
                "cursor_initial", "`\(text)` is no value of the format \(format.name)",
                hint: "`initial` is written as the API writes the field")
        }
        return CursorSpec(
            from: from, format: format,
            overlap: keys["overlap"].flatMap { readOverlap($0, format) } ?? 0,
            initial: initial, isAscending: keys["ascending"]?.boolean() ?? false,
            settle: keys["settle"]?.duration() ?? .zero)
    }

    /// A word of the language, or strftime's directives.
    private func readNotation(
        _ field: Field, _ zone: NamedRules
    ) -> CursorFormat.Notation? {
        guard let text = field.filledText() else { return nil }
        if let format = CursorFormat.named.first(where: { $0.name == text.text }) {
            return format.read
        }
        let words = CursorFormat.named.map(\.name)
        guard text.text.contains("%") else {
            collector.error(
                "value_unknown", at: text.place, path: field.path, found: text.text,
                "`\(text.text)` is none of the allowed values",
                allowed: words + ["a pattern such as \"%d/%m/%Y %H:%M\""],
                suggestion: Suggestion.nearest(to: text.text, among: words))
            return nil
        }
        if let mistake = TimeFormat.mistake(in: text.text) {
            collector.error(
                "date_directive", at: field.node.place(ofCharacter: mistake.offset),
                path: field.path, found: text.text, mistake.message,
                allowed: TimeFormat.allDirectives)
            return nil
        }
        return .pattern(TimePattern(text.text, zoneName: zone.name, zone: zone.rules))
    }

    private func readOverlap(_ field: Field, _ format: CursorFormat) -> Int64? {
        if format.isTime {
            if field.node.scalar?.text == "0" { return 0 }
            return field.with(.duration(0...DurationText.day * 365)).milliseconds()
        }
        return field.with(.integer(0...Int.max)).integer().map(Int64.init)
    }
}
