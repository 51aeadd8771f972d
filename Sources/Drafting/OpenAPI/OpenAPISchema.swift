import PullcordYAML

/// Looks through schemas for lists of objects.
struct OpenAPISchemas {
    let document: OpenAPIDocument
    private static let depthMax = 12

    /// The members of an object's schema, those of `allOf` and of the first alternative included.
    func properties(_ node: YAMLNode?, depth: Int = 0) -> [(name: String, node: YAMLNode)] {
        guard depth < Self.depthMax, let schema = document.resolved(node) else { return [] }
        var found = (schema["properties"]?.mapping ?? []).map { ($0.key.text, $0.value) }
        for part in (schema["allOf"]?.sequence ?? []).prefix(50) {
            found += properties(part, depth: depth + 1)
        }
        for word in ["oneOf", "anyOf"] where found.isEmpty {
            let options = (schema[word]?.sequence ?? []).filter { option in
                document.resolved(option)?["type"]?.scalar?.text != "null"
            }
            if let first = options.first { found += properties(first, depth: depth + 1) }
        }
        var seen: Set<String> = []
        return found.filter { seen.insert($0.0).inserted }
    }

    func required(_ node: YAMLNode?, depth: Int = 0) -> Set<String> {
        guard depth < Self.depthMax, let schema = document.resolved(node) else { return [] }
        var names = Set(schema["required"]?.texts ?? [])
        for part in (schema["allOf"]?.sequence ?? []).prefix(50) {
            names.formUnion(required(part, depth: depth + 1))
        }
        return names
    }

    /// The type of a schema, as in `array`, `object` or `string`.
    func type(_ node: YAMLNode?, depth: Int = 0) -> String {
        guard depth < Self.depthMax, let schema = document.resolved(node) else { return "" }
        let types = schema["type"]?.texts.filter { $0 != "null" } ?? []
        if let type = types.first { return type }
        if schema["properties"] != nil { return "object" }
        if schema["items"] != nil { return "array" }
        for word in ["allOf", "oneOf", "anyOf"] {
            for part in (schema[word]?.sequence ?? []).prefix(50) {
                let type = type(part, depth: depth + 1)
                if !type.isEmpty, type != "null" { return type }
            }
        }
        return ""
    }

    /// The schema of an array's elements, if they are objects.
    func objects(of node: YAMLNode?) -> YAMLNode? {
        guard type(node) == "array" else { return nil }
        let items = array(document.resolved(node))?["items"]
        guard let items, type(items) == "object" else { return nil }
        return items
    }

    /// The part of a schema that says `items`.
    private func array(_ node: YAMLNode?, depth: Int = 0) -> YAMLNode? {
        guard depth < Self.depthMax, let node else { return nil }
        if node["items"] != nil { return node }
        for word in ["allOf", "oneOf", "anyOf"] {
            for part in (node[word]?.sequence ?? []).prefix(50) {
                if let found = array(document.resolved(part), depth: depth + 1) { return found }
            }
        }
        return nil
    }

    /// What an answer's schema tells; nil if there is no list of objects in it.
    func facts(_ schema: YAMLNode?, subject: String) -> OpenAPIFacts? {
        if let items = objects(of: schema) {
            return OpenAPIFacts(
                recordsPath: [], members: members(items), beside: [], isWholeAnswer: true)
        }
        var best: (path: [String], items: YAMLNode, score: Int)?
        var beside: [(path: [String], type: String)] = []
        look(schema, [], subject, &best, &beside)
        guard let best else { return nil }
        return OpenAPIFacts(
            recordsPath: best.path, members: members(best.items), beside: beside,
            isWholeAnswer: false)
    }

    private func look(
        _ node: YAMLNode?, _ path: [String], _ subject: String,
        _ best: inout (path: [String], items: YAMLNode, score: Int)?,
        _ beside: inout [(path: [String], type: String)]
    ) {
        guard path.count < 4, beside.count < 200 else { return }
        for (name, node) in properties(node).prefix(DraftLimits.membersMax) {
            let inner = path + [name]
            if let items = objects(of: node) {
                let lower = name.lowercased()
                var score = 50 - 10 * inner.count
                if Names.singular(lower) == Names.singular(subject.lowercased()) { score += 30 }
                if Vocabulary.lists.contains(lower) { score += 20 }
                if Vocabulary.sideLists.contains(lower) { score -= 40 }
                if score > best?.score ?? 0 { best = (inner, items, score) }
                continue
            }
            let type = type(node)
            // Objects that are no wrapper of the answer are parts of one record.
            if type == "object" {
                if Vocabulary.wrappers.contains(name.lowercased())
                    || Vocabulary.lists.contains(name.lowercased())
                {
                    look(node, inner, subject, &best, &beside)
                }
            } else if type != "array" {
                beside.append((inner, type))
            }
        }
    }

    private func members(_ items: YAMLNode) -> [OpenAPIFacts.Member] {
        let required = required(items)
        return properties(items).prefix(DraftLimits.membersMax).map { name, node in
            OpenAPIFacts.Member(
                name: name, type: type(node),
                format: document.resolved(node)?["format"]?.scalar?.text ?? "",
                isRequired: required.contains(name))
        }
    }
}
