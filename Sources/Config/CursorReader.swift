import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads where the next poll of a stream starts.
struct CursorReader {
    let collector: Collector

    /// The one cursor of a stream, or several with names; empty for none.
    func read(_ stream: MappingReader) -> [NamedCursor] {
        switch stream.exclusive(["cursor", "cursors"], hint: "`cursors` holds several by name") {
        case "cursor":
            return stream["cursor"].flatMap(readCursor).map { [NamedCursor(name: "", spec: $0)] }
                ?? []
        case "cursors": return stream["cursors"].map(readNamed) ?? []
        default: return []
        }
    }

    private func readNamed(_ field: Field) -> [NamedCursor] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        if entries.isEmpty { field.complain("value_empty", "there is nothing in it") }
        if entries.count > Limits.cursorsMax {
            field.complain(
                "value_range",
                "a stream has at most \(Limits.cursorsMax) cursors, not \(entries.count)")
        }
        var cursors: [NamedCursor] = []
        for entry in entries {
            let name = entry.key.text
            let path = join(field.path, name)
            if name == "until" || !NameRule.plain.accepts(name) {
                collector.error(
                    "name_invalid", at: entry.key.place, path: path, found: name,
                    name == "until"
                        ? "`until` is how far a poll looks, so no cursor can be called so"
                        : "`\(name)` is no name of a cursor",
                    allowed: [NameRule.plain.words])
            }
            let value = Field(
                node: entry.value, path: path, type: .table(StreamKeys.cursor),
                collector: collector)
            guard let spec = readCursor(value) else { continue }
            if spec.kind == .url {
                value.complain(
                    "cursor_url_named", "a URL is the whole request, so it stands alone",
                    hint: "write it as `cursor`")
            }
            if !cursors.isEmpty, spec.isAscending {
                value.complain(
                    "cursor_second_ascending", "records come in the order of the first cursor only",
                    hint: "write the one that orders them first")
            }
            cursors.append(NamedCursor(name: name, spec: spec))
        }
        return cursors
    }

    /// A cursor that only a field of a record can make.
    func readRecordCursor(_ field: Field) -> CursorSpec? {
        guard let spec = readCursor(field) else { return nil }
        if spec.from == nil {
            field.complain(
                "cursor_source", "this cursor is made of a record's field only",
                hint: "write `from: .deleted_at`")
        }
        return spec
    }

    private func readCursor(_ field: Field) -> CursorSpec? {
        guard let keys = MappingReader(field, StreamKeys.cursor) else { return nil }
        let moves = keys["moves"]?.choice(CursorSpec.Moves.self) ?? .withRecords
        guard let source = readSource(keys, moves) else { return nil }
        var parameter: Template?
        var zone = NamedRules.utc
        if let field = keys["zone"], field.hasPlaceholder {
            parameter = field.soleParameter()
        } else {
            zone = keys["zone"].flatMap { $0.zone() } ?? zone
        }
        let read = keys["format"].flatMap { readNotation($0, zone) } ?? .rfc3339
        let format = CursorFormat(read, sent: keys["sent"].flatMap { readNotation($0, zone) })
        var spec = CursorSpec(
            source, format: format,
            overlap: keys["overlap"].flatMap { readOverlap($0, format) } ?? 0,
            initial: keys["initial"].flatMap { readInitial($0, format, source) },
            isAscending: keys["ascending"]?.boolean() ?? false,
            settle: keys["settle"]?.duration() ?? .zero)
        spec.moves = moves
        spec.zoneParameter = parameter
        spec.isStrict = keys["strict"]?.boolean() ?? false
        spec.isOfEachPage = keys["each_page"]?.boolean() ?? false
        check(spec, keys)
        return spec
    }

    /// `now` is the start of the first poll, in whatever format.
    private func readInitial(
        _ field: Field, _ format: CursorFormat, _ source: CursorSpec.Source
    ) -> Template? {
        guard let template = field.textTemplate() else { return nil }
        let isNow = template.literalText == "now" && format.isTime
        guard isNow, case .value = CursorSpec(source).kind else { return template }
        let started = Placeholder(subject: .pollStarted, filters: [], place: template.place)
        return Template(segments: [.placeholder(started)], place: template.place)
    }

    private func readSource(
        _ keys: MappingReader, _ moves: CursorSpec.Moves
    ) -> CursorSpec.Source? {
        let hint = "a cursor is made of one thing"
        switch keys.exclusive(StreamKeys.cursorSources, hint: hint) {
        case "from": return keys["from"]?.expression().map { .record($0) }
        case "watermark": return keys["watermark"]?.answerValue().map { .watermark($0) }
        case "token": return keys["token"]?.answerValue().map { .token($0) }
        case "url": return keys["url"]?.expression().map { .url($0) }
        case "link": return keys["link"]?.filledText().map { .link(relation: $0.text) }
        default:
            if moves == .withTime { return .pollTime }
            collector.error(
                "key_missing", at: keys.place, path: join(keys.path, "from"),
                "`from` is missing in `cursor`", allowed: StreamKeys.cursorSources,
                hint: "the field that grows when a record changes; or what the answer states of "
                    + "the next poll; or `moves: with_time`")
            return nil
        }
    }

    /// What does not go together within one cursor.
    private func check(_ spec: CursorSpec, _ keys: MappingReader) {
        guard case .value(let format) = spec.kind else {
            refuse(
                ["format", "sent", "zone", "overlap", "settle", "ascending", "strict", "moves"],
                in: keys,
                "what the API hands out to go on from is sent back as it is")
            if spec.kind == .url {
                refuse(["initial"], in: keys, "the first poll begins with the request itself")
            }
            return
        }
        refuse(["each_page"], in: keys, "`each_page` is for what the API hands out to go on from")
        if spec.from == nil {
            refuse(["ascending"], in: keys, "only records come in an order")
        }
        if !format.read.isPattern, !format.sent.isPattern {
            refuse(
                ["zone"], in: keys,
                "only times by a pattern need one, as in format: \"%Y-%m-%d %H:%M:%S\"")
        }
        if format.isTime != (format.sent != .integer), let field = keys["sent"] {
            field.complain(
                "cursor_sent", "a time and a number that only counts are not the same",
                hint: "`format` is what records hold, `sent` what requests carry")
        }
        if !format.isTime, spec.moves == .withTime, let field = keys["moves"] {
            field.complain(
                "cursor_moves", "a number that only counts does not move with time",
                hint: "`moves: with_time` needs a `format` of time")
        }
        if let field = keys["initial"], let text = firstText(spec),
            CursorValue(text, format: format) == nil
        {
            field.complain(
                "cursor_initial", "`\(text)` is no value of the format \(format.name)",
                hint: spec.beginsWithPoll
                    ? "write `initial: now` to begin with the first poll"
                    : "`initial` is written as the API writes the field")
        }
    }

    /// What `initial` gives, as far as the adapter alone tells; nil if that is nothing, or right.
    private func firstText(_ spec: CursorSpec) -> String? {
        if let text = spec.initial?.literalText { return text }
        guard spec.beginsWithPoll, spec.initial?.subjects == [.pollStarted] else { return nil }
        let context = TemplateContext(pollStarted: Timestamp(milliseconds: 1_769_851_800_000))
        guard ((try? spec.beginning(context)) ?? nil) == nil else { return nil }
        return (try? spec.initial?.render(context)) ?? nil
    }

    private func refuse(_ names: [String], in keys: MappingReader, _ reason: String) {
        for name in names where keys.has(name) {
            collector.error(
                "cursor_key_unused", at: keys.keyPlace(name), path: join(keys.path, name),
                found: name, "`\(name)` means nothing to this cursor", hint: reason)
        }
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
