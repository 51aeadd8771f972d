import PullcordModel
import PullcordYAML

/// What a stream is asked for again and again: parents and lists.
extension ManifestReader {
    private static let variantsMax = 20

    func readPartition(
        _ retriever: Component, _ parts: inout StreamParts, _ depth: Int
    ) throws(StreamSkip) {
        var routers =
            retriever.components("partition_router")
            + retriever.components("stream_slicer")
        routers = routers.flatMap { router in
            router.kind == "CartesianProductStreamSlicer"
                ? router.components("stream_slicers")
                : [router]
        }
        for router in routers {
            guard !router.isCustom else {
                throw StreamSkip(
                    place: router.place,
                    reason: "what it is asked for is said by Python: `\(router.className)`")
            }
            switch router.kind {
            case "SubstreamPartitionRouter", "SubstreamSlicer":
                try readSubstream(router, retriever, &parts, depth)
            case "ListPartitionRouter", "ListStreamSlicer": try readList(router, &parts)
            case "SinglePartitionRouter", "SingleSlice": continue
            default:
                throw StreamSkip(
                    place: router.place, reason: "`\(router.kind)` has no counterpart")
            }
        }
    }

    private func readSubstream(
        _ router: Component, _ retriever: Component, _ parts: inout StreamParts, _ depth: Int
    ) throws(StreamSkip) {
        let configs = router.components("parent_stream_configs")
        guard configs.count == 1, let config = configs.first, parts.parent == nil else {
            throw StreamSkip(
                place: router.place, reason: "a stream has one parent here, not several",
                remedy: "one stream for each parent")
        }
        guard let parent = config.component("stream") else {
            throw StreamSkip(place: config.place, reason: "the parent is no stream")
        }
        guard readStream(parent, depth: depth + 1) else {
            throw StreamSkip(place: config.place, reason: "its parent is left out")
        }
        let parentName = parent.text("name").flatMap {
            (try? JinjaConstants(parameters: parent.parameters).resolved($0))?.literal
        }
        guard let known = read.last(where: { $0.name == parentName && !$0.draftName.isEmpty })
        else {
            throw StreamSkip(
                place: config.place, reason: "its parent is several streams here, or left out")
        }
        let constants = JinjaConstants(parameters: config.parameters)
        let key = try constant(config, "parent_key", constants)
        let field = try constant(config, "partition_field", constants)
        var fields = [(field, Self.parentPath(key))]
        for extra in config["extra_fields"]?.sequence ?? [] {
            let path = extra.texts
            guard !path.isEmpty else { continue }
            fields.append((path.joined(separator: "."), JSONPathText.path(path)))
        }
        let isBelow =
            Self.mentions(retriever.node, "parent_slice")
            || retriever.parameters.values.contains { Self.mentions($0, "parent_slice") }
        if isBelow {
            takeOver(known, &fields)
        }
        var entries: [DraftEntry] = []
        for (name, path) in fields {
            let own = Names.parameter(name)
            entries.set(own, .text(path))
            parts.scope.partition[name] = "${parent.\(own)}"
        }
        parts.parent = DraftEntry(
            "parent",
            .map([
                DraftEntry("stream", text: known.draftName), DraftEntry("fields", .map(entries)),
            ]))
        if let injection = injection(
            config.component("request_option"), "${parent.\(Names.parameter(field))}",
            parts.scope.with(config))
        {
            parts.injections.append(injection)
        }
    }

    private func constant(
        _ component: Component, _ key: String, _ constants: JinjaConstants
    ) throws(StreamSkip) -> String {
        let text = component.text(key) ?? ""
        guard let literal = (try? constants.resolved(text))?.literal, !literal.isEmpty else {
            throw StreamSkip(place: component.place, reason: "`\(key)` is computed or missing")
        }
        return literal
    }

    private static func parentPath(_ key: String) -> String {
        JSONPathText.path(key.split(separator: "/").map(String.init))
    }

    /// Fields of the grandparent, which the parent's records then carry.
    private func takeOver(_ parent: ReadStream, _ fields: inout [(String, String)]) {
        guard let index = streams.firstIndex(where: { $0.name == parent.draftName }),
            let place = streams[index].entries.firstIndex(where: { $0.key == "parent" }),
            case .map(var entries) = streams[index].entries[place].value,
            case .map(let own)? = entries["fields"]
        else { return }
        let names = own.map(\.key)
        entries.set("include", .list(names.map { .text($0) }))
        streams[index].entries[place].value = .map(entries)
        for name in names { fields.append(("parent_slice.\(name)", ".parent.\(name)")) }
    }

    private func readList(_ router: Component, _ parts: inout StreamParts) throws(StreamSkip) {
        let constants = JinjaConstants(parameters: router.parameters)
        let field = try constant(router, "cursor_field", constants)
        guard let values = router["values"] else {
            throw StreamSkip(place: router.place, reason: "the list has no `values`")
        }
        let mark = "${list.\(Names.parameter(field))}"
        if let items = values.sequence {
            let texts = items.compactMap { $0.scalar?.text }
            guard texts.count == items.count, !texts.isEmpty, texts.count <= Self.variantsMax,
                texts.allSatisfy({ !JinjaTemplate.isTemplate($0) })
            else {
                throw StreamSkip(
                    place: values.place,
                    reason: "a list of more than \(Self.variantsMax) values, or of computed ones")
            }
            let before = parts.variants.isEmpty ? [[:]] : parts.variants
            guard before.count * texts.count <= Self.variantsMax else {
                throw StreamSkip(place: values.place, reason: "too many streams would come of it")
            }
            parts.variants = before.flatMap { variant in
                texts.map { text in
                    variant.merging([mark: JinjaText.literal(text)]) { $1 }
                }
            }
            parts.scope.partition[field] = mark
            note(
                router.place, "stream \(parts.name)",
                "one stream for each of the \(texts.count) values of `\(field)`")
        } else {
            try readListParameter(values, field, router, &parts)
        }
        if let injection = injection(
            router.component("request_option"), parts.scope.partition[field] ?? mark,
            parts.scope.with(router))
        {
            parts.injections.append(injection)
        }
    }

    /// A list of the configuration: a source has one of its values.
    private func readListParameter(
        _ values: YAMLNode, _ field: String, _ router: Component, _ parts: inout StreamParts
    ) throws(StreamSkip) {
        let value = try? expression(values.scalar?.text ?? "", router)
        guard let value, let path = JinjaText.configPath(value), !path.isEmpty else {
            throw StreamSkip(place: values.place, reason: "the list of `\(field)` is computed")
        }
        let name = parameters.name(for: path, isNeeded: true)
        parts.scope.partition[field] = "${params.\(name)}"
        note(
            router.place, "stream \(parts.name)",
            "`\(name)` is one value, not a list: one source for each",
            by: "a source for each value, with: { \(name): … }")
    }

    /// Whether a word stands in any text of a node.
    static func mentions(_ node: YAMLNode, _ word: String) -> Bool {
        switch node.content {
        case .scalar(let scalar): scalar.text.contains(word)
        case .sequence(let items): items.contains { mentions($0, word) }
        case .mapping(let entries):
            // A router holds whole streams of others.
            entries.contains {
                !["partition_router", "stream_slicer"].contains($0.key.text)
                    && mentions($0.value, word)
            }
        }
    }
}
