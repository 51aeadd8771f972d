import PullcordModel
import PullcordYAML

/// Which records a stream has, what tells them apart, and how they are changed.
extension ManifestReader {
    func readRecords(
        _ component: Component, _ retriever: Component, _ parts: inout StreamParts
    ) throws(StreamSkip) {
        guard let selector = retriever.component("record_selector"), !selector.isCustom,
            let extractor = selector.component("extractor"), !extractor.isCustom
        else {
            let found =
                retriever.component("record_selector")?.component("extractor")
                ?? retriever.component("record_selector") ?? retriever
            throw StreamSkip(
                place: found.place, reason: "its records are found by `\(found.className)`")
        }
        var path: [String] = []
        for part in extractor.texts("field_path") {
            let resolved = try? JinjaConstants(parameters: extractor.parameters).resolved(part)
            guard let literal = resolved?.literal else {
                throw StreamSkip(
                    place: extractor["field_path"]?.place ?? extractor.place,
                    reason: "`field_path` is computed")
            }
            // What a constant leaves empty is no step.
            if !literal.isEmpty { path.append(literal) }
        }
        parts.records = DraftEntry("records", text: JSONPathText.path(path))
        readFilter(selector, &parts)
        try readKey(component, &parts)
        dropUnusedCursor(&parts)
    }

    private func readFilter(_ selector: Component, _ parts: inout StreamParts) {
        guard let filter = selector.component("record_filter") else { return }
        let subject = "stream \(parts.name), record_filter"
        guard !filter.isCustom, let node = filter["condition"], let text = node.scalar?.text else {
            leave(
                filter.place, subject,
                filter.isCustom ? "`\(filter.className)` is Python" : "empty",
                by: "when: …")
            return
        }
        do throws(JinjaError) {
            let condition = try expression(text, filter)
            let isState = ["stream_state", "stream_interval", "stream_slice", "stream_partition"]
                .contains { Self.names(condition, $0) }
            if isState {
                note(
                    node.place, subject,
                    "it only leaves out what is known already, and that is known here anyway")
                return
            }
            let program = try JinjaJQ(root: "record").condition(condition)
            parts.when = DraftEntry("when", text: program)
        } catch {
            leave(node.place, subject, error.reason, by: "when: …")
        }
    }

    private func readKey(_ component: Component, _ parts: inout StreamParts) throws(StreamSkip) {
        var names: [[String]] = []
        if let node = component["primary_key"], !node.isFalsy {
            let items = node.sequence ?? [node]
            for item in items {
                let steps = item.texts.compactMap { text in
                    (try? JinjaConstants(parameters: component.parameters).resolved(text))?.literal
                }.filter { !$0.isEmpty }
                if !steps.isEmpty { names.append(steps) }
            }
        }
        if parts.parent != nil, names.count > 1 {
            // The parent's key is part of the key anyway.
            let own = names.filter { parts.scope.partition[$0.joined(separator: ".")] == nil }
            if !own.isEmpty { names = own }
        }
        if names.isEmpty, let guess = guessedKey(component, parts.name) {
            names = [[guess]]
            note(
                component.place, "stream \(parts.name), primary_key",
                "there is none; `\(guess)` of its schema is taken", by: "key: …")
        }
        guard !names.isEmpty else {
            throw StreamSkip(
                place: component.place,
                reason: "it has no `primary_key`, and nothing in its schema looks like one",
                remedy: "the stream, with `key`")
        }
        let expressions = names.prefix(Limits.keyPartsMax).map { JSONPathText.path($0) }
        parts.key = DraftEntry(
            "key",
            expressions.count == 1
                ? .text(expressions[0]) : .list(expressions.map { .text($0) }))
    }

    private func guessedKey(_ component: Component, _ subject: String) -> String? {
        let schema = component.component("schema_loader")?.node["schema"]
        let names = schema?["properties"]?.mapping?.map(\.key.text) ?? []
        let best = names.map { ($0, KeyGuess.score(path: [$0], subject: subject)) }
            .max { $0.1 < $1.1 }
        guard let best, best.1 >= 82 else { return nil }
        return best.0
    }

    // MARK: Transformations

    func readTransformations(_ component: Component, _ parts: inout StreamParts) {
        var programs: [String] = []
        for transformation in component.components("transformations") {
            let subject = "stream \(parts.name), \(transformation.kind)"
            if transformation.isCustom {
                leave(
                    transformation.place, subject, "`\(transformation.className)` is Python",
                    by: "transform: …")
                continue
            }
            switch transformation.kind {
            case "AddFields":
                for field in transformation.components("fields") {
                    if let program = added(field, subject, &parts) { programs.append(program) }
                }
            case "RemoveFields":
                if let program = removed(transformation, subject) { programs.append(program) }
            case "KeysToLower": programs.append("with_entries(.key |= ascii_downcase)")
            default:
                leave(
                    transformation.place, subject, "it has no counterpart", by: "transform: …")
            }
        }
        guard !programs.isEmpty else { return }
        parts.transform = DraftEntry("transform", text: programs.joined(separator: " | "))
    }

    private func added(
        _ field: Component, _ subject: String, _ parts: inout StreamParts
    ) -> String? {
        let path = field.texts("path")
        guard !path.isEmpty, let node = field["value"], let text = node.scalar?.text else {
            leave(field.place, subject, "it says no path or value", by: "transform: …")
            return nil
        }
        let words = "\(subject) `\(path.joined(separator: "."))`"
        do throws(JinjaError) {
            let value = try expression(text, field)
            if let name = partitionField(value, parts) {
                if !parts.included.contains(name) { parts.included.append(name) }
                if path != ["parent", name] {
                    note(
                        field.place, words,
                        "it stands in each record as `parent.\(name)`")
                }
                return nil
            }
            if let own = field.text("condition"), !own.isEmpty {
                throw JinjaError(reason: "its `condition` has no counterpart")
            }
            return "\(JSONPathText.path(path)) = \(try JinjaJQ(root: "record").value(value))"
        } catch {
            leave(node.place, words, error.reason, by: "transform: …")
            return nil
        }
    }

    /// The field of the parent that a value is.
    private func partitionField(_ value: Jinja, _ parts: StreamParts) -> String? {
        guard let path = try? JinjaText.path(value), let root = path.first,
            ["stream_slice", "stream_partition"].contains(root)
        else { return nil }
        let name = path.dropFirst().filter { $0 != "extra_fields" }.joined(separator: ".")
        guard let known = parts.scope.partition[name], known.hasPrefix("${parent.") else {
            return nil
        }
        return String(known.dropFirst(9).dropLast())
    }

    private func removed(_ transformation: Component, _ subject: String) -> String? {
        var paths: [String] = []
        for pointer in transformation["field_pointers"]?.sequence ?? [] {
            let steps = pointer.texts
            guard !steps.isEmpty, !steps.contains(where: { $0.contains("*") }) else {
                leave(pointer.place, subject, "a pattern of fields", by: "transform: del(…)")
                continue
            }
            paths.append(JSONPathText.path(steps))
        }
        if let node = transformation["condition"], !node.isFalsy {
            leave(node.place, subject, "its `condition` has no counterpart", by: "transform: …")
            return nil
        }
        return paths.isEmpty ? nil : "del(\(paths.joined(separator: ", ")))"
    }

    // MARK: Formats

    func readFormat(_ retriever: Component, _ parts: inout StreamParts) throws(StreamSkip) {
        guard let decoder = retriever.component("decoder") else { return }
        let parser = decoder.component("parser") ?? decoder
        let inner = parser.component("inner_parser") ?? parser
        if decoder.kind == "ZipfileDecoder" || parser.kind == "GzipParser"
            || decoder.kind == "GzipJsonDecoder"
        {
            throw StreamSkip(
                place: decoder.place, reason: "the file itself is packed, which is not undone")
        }
        switch inner.kind {
        case "JsonDecoder", "JsonParser", "": break
        case "JsonlDecoder", "JsonLineParser": parts.format = DraftEntry("format", text: "ndjson")
        case "XmlDecoder": parts.format = DraftEntry("format", text: "xml")
        case "CsvDecoder", "CsvParser":
            let delimiter = inner.text("delimiter") ?? ","
            parts.format = DraftEntry(
                "format",
                delimiter == ","
                    ? .text("csv")
                    : .map([DraftEntry("csv", .texts([("delimiter", delimiter)]))]))
        default:
            throw StreamSkip(
                place: decoder.place, reason: "`\(inner.className)` has no counterpart")
        }
    }
}
