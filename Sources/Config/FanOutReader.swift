import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads how a stream hangs together with others: `parent` and `detail`.
struct FanOutReader {
    let collector: Collector

    func parent(_ field: Field) -> ParentSpec? {
        guard let keys = MappingReader(field, FanOutKeys.parent) else { return nil }
        let every = keys["every"]?.duration()
        let visits = keys["poll"]?.choice(ParentSpec.Visits.self)
        if visits == .all, keys.has("every") {
            collector.error(
                "parent_every", at: keys.keyPlace("every"), path: join(field.path, "every"),
                found: "every", "with `poll: all` every poll asks for every parent",
                hint: "write `poll: changed`, and `every` for those that have not changed")
        }
        let fields = keys["fields"].map(readFields) ?? []
        let include = keys["include"]?.items(of: .text)?.compactMap { item -> String? in
            guard let text = item.filledText() else { return nil }
            let names = fields.map(\.name)
            guard names.contains(text.text) else {
                collector.error(
                    "parent_field_unknown", at: text.place, path: item.path, found: text.text,
                    "`fields` has no `\(text.text)`", allowed: names,
                    suggestion: Suggestion.nearest(to: text.text, among: names))
                return nil
            }
            return text.text
        }
        if keys.has("as"), !keys.has("include") {
            collector.error(
                "parent_as", at: keys.keyPlace("as"), path: join(field.path, "as"), found: "as",
                "`as` needs `include`", hint: "it names the member that carries what is included")
        }
        let condition = keys["when"]?.expression()
        guard let stream = keys["stream"]?.name(.stream) else { return nil }
        var spec = ParentSpec(
            stream: StreamName(stream.text), fields: fields,
            visits: visits ?? (every == nil ? .all : .changed), every: every,
            concurrency: keys["concurrency"]?.integer() ?? ParentSpec.concurrencyDefault,
            include: include ?? [],
            member: keys["as"]?.filledText()?.text ?? ParentSpec.memberDefault)
        spec.condition = condition
        return spec
    }

    private func readFields(_ field: Field) -> [ParentSpec.FieldSpec] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        return entries.compactMap { entry in
            let name = entry.key.text
            let path = join(field.path, name)
            guard NameRule.plain.accepts(name), name != "key" else {
                collector.error(
                    "name_invalid", at: entry.key.place, path: path, found: name,
                    name == "key"
                        ? "`${parent.key}` is the parent's key already"
                        : "`\(name)` is no name here", allowed: [NameRule.plain.words],
                    suggestion: name == "key" ? nil : NameRule.plain.mended(name))
                return nil
            }
            let value = Field(
                node: entry.value, path: path, type: .expression, collector: collector)
            return value.expression().map { ParentSpec.FieldSpec(name: name, value: $0) }
        }
    }

    func detail(_ field: Field) -> DetailSpec? {
        guard let keys = MappingReader(field, FanOutKeys.detail) else { return nil }
        let records = keys["records"]?.expression()
        let condition = keys["when"]?.expression()
        let watch = keys["watch"]?.plainPaths() ?? []
        if keys["watch"]?.node.sequence?.isEmpty == true, let field = keys["watch"] {
            field.complain(
                "value_empty", "no change would ever be seen",
                hint: "leave `watch` out to look at everything")
        }
        let refresh = keys["refresh"]?.duration()
        let concurrency = keys["concurrency"]?.integer() ?? ParentSpec.concurrencyDefault
        guard let request = keys["request"].flatMap({ RequestReader().read($0) }) else {
            return nil
        }
        return DetailSpec(
            request: request, format: keys["format"].map { FormatReader().read($0) },
            records: records ?? ExpressionText(text: ".", place: field.place),
            condition: condition, watch: watch, refresh: refresh, concurrency: concurrency)
    }
}
