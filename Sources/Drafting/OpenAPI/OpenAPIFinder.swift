import PullcordModel
import PullcordYAML

/// Finds the operations of a description that list something.
struct OpenAPIFinder {
    let document: OpenAPIDocument
    private let schemas: OpenAPISchemas
    private static let collectionsMax = 2000

    init(_ document: OpenAPIDocument) {
        self.document = document
        schemas = OpenAPISchemas(document: document)
    }

    func collections() -> [OpenAPICollection] {
        var found: [OpenAPICollection] = []
        for entry in document.root["paths"]?.mapping ?? [] {
            guard found.count < Self.collectionsMax, entry.key.text.hasPrefix("/") else { continue }
            let item = document.resolved(entry.value)
            for method in ["get", "post"] {
                guard let operation = item?[method] else { continue }
                if method == "post", !Self.isSearch(entry.key.text, operation) { continue }
                if let collection = collection(entry, item, operation, method, found) {
                    found.append(collection)
                    break
                }
            }
        }
        for index in found.indices { linkParent(index, &found) }
        return found
    }

    /// A POST that reads: its path or name says so.
    private static func isSearch(_ path: String, _ operation: YAMLNode) -> Bool {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        let words = Set(
            Names.words(last) + Names.words(operation["operationId"]?.scalar?.text ?? ""))
        return !words.isDisjoint(with: ["search", "query", "list", "find", "filter"])
    }

    private func collection(
        _ entry: YAMLEntry, _ item: YAMLNode?, _ operation: YAMLNode, _ method: String,
        _ known: [OpenAPICollection]
    ) -> OpenAPICollection? {
        let path = entry.key.text
        let subject = Self.subject(path)
        guard let schema = answer(operation), let facts = schemas.facts(schema, subject: subject)
        else { return nil }
        let own = parameters(operation["parameters"])
        let shared = parameters(item?["parameters"]).filter { shared in
            !own.contains { $0.name == shared.name && $0.location == shared.location }
        }
        let all = own + shared
        // An operation for one thing that happens to hold a list.
        if path.hasSuffix("}"), !facts.isWholeAnswer { return nil }
        let name = Names.free(
            Names.stream(subject.isEmpty ? "records" : subject), among: known.map(\.name))
        let read = OpenAPIOperation(
            path: path, isPost: method == "post",
            summary: operation["summary"]?.scalar?.text ?? "", place: entry.key.place,
            parameters: all, body: operation["requestBody"])
        let paging = OpenAPIPages(parameters: all, facts: facts)
        return OpenAPICollection(
            name: name, request: "\(method.uppercased()) \(path)",
            records: facts.recordsPath.isEmpty ? "." : PathText.expression(facts.recordsPath),
            key: key(facts, subject), pages: paging.word,
            since: all.first { $0.location == .query && Vocabulary.isSince($0.name) }?.name,
            operation: read, facts: facts)
    }

    /// The last word of a path that is no parameter.
    private static func subject(_ path: String) -> String {
        let words = path.split(separator: "/").map(String.init).filter {
            !$0.contains("{") && !["search", "query", "list", "all"].contains($0.lowercased())
        }
        let last = words.last ?? ""
        return last.hasSuffix(".json") ? String(last.dropLast(5)) : last
    }

    /// The schema of an answer that went well.
    private func answer(_ operation: YAMLNode) -> YAMLNode? {
        let answers = operation["responses"]
        for status in ["200", "2XX", "2xx", "206", "default"] {
            guard let answer = document.resolved(answers?[status]) else { continue }
            if document.isSwagger { return answer["schema"] }
            let contents = answer["content"]?.mapping ?? []
            let json =
                contents.first { $0.key.text.lowercased().contains("json") }
                ?? contents.first { $0.key.text == "*/*" }
            return json?.value["schema"]
        }
        return nil
    }

    private func parameters(_ node: YAMLNode?) -> [OpenAPIParameter] {
        (node?.sequence ?? []).prefix(200).compactMap { item in
            guard let node = document.resolved(item), let name = node["name"]?.scalar?.text,
                let place = node["in"]?.scalar?.text,
                let location = OpenAPIParameter.Location(rawValue: place)
            else { return nil }
            let schema = document.resolved(node["schema"]) ?? node
            return OpenAPIParameter(
                name: name, location: location,
                isRequired: node["required"]?.scalar?.text == "true",
                kind: schemas.type(schema), fallback: schema["default"]?.scalar?.text,
                allowed: schema["enum"]?.texts ?? [],
                maximum: schema["maximum"]?.scalar.flatMap { Int($0.text) },
                summary: node["description"]?.scalar?.text ?? "")
        }
    }

    private func key(_ facts: OpenAPIFacts, _ subject: String) -> [String] {
        let scored = facts.members.filter { ["string", "integer", "number", ""].contains($0.type) }
            .map { member in
                (
                    member.name,
                    KeyGuess.score(path: [member.name], subject: subject)
                        + (member.isRequired ? 5 : 0)
                )
            }
        guard let best = scored.max(by: { $0.1 < $1.1 }), best.1 >= 40 else { return [] }
        return [PathText.expression([best.0])]
    }

    /// `/projects/{id}/issues` stands below `/projects`, where that is a collection.
    private func linkParent(_ index: Int, _ found: inout [OpenAPICollection]) {
        let segments = found[index].operation.path.split(separator: "/").map(String.init)
        guard let hole = segments.lastIndex(where: { $0.hasPrefix("{") && $0.hasSuffix("}") }),
            hole > 0, hole < segments.count - 1
        else { return }
        let above = "/" + segments[..<hole].joined(separator: "/")
        guard
            let parent = found.first(where: { $0.operation.path == above && !$0.operation.isPost }),
            parent.name != found[index].name, let field = field(segments[hole], parent)
        else { return }
        let name = Names.parameter(String(segments[hole].dropFirst().dropLast()))
        found[index].parent = parent.name
        found[index].parentFields = [(name, field)]
        // What the parent's own path needs of its parents comes along from there.
        let holes = segments[..<hole].filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
        for word in holes where parent.parent != nil {
            let inner = Names.parameter(String(word.dropFirst().dropLast()))
            if parent.parentFields.contains(where: { $0.name == inner }) {
                found[index].parentFields.append((inner, ".parent.\(inner)"))
            }
        }
    }

    /// The member of the parent's records that a parameter of the path is.
    private func field(_ segment: String, _ parent: OpenAPICollection) -> String? {
        let name = segment.dropFirst().dropLast().lowercased()
        let words = Names.words(String(segment.dropFirst().dropLast()))
        let members = parent.facts.members.map(\.name)
        if let same = members.first(where: { $0.lowercased() == name }) {
            return PathText.expression([same])
        }
        if let last = words.last, let same = members.first(where: { $0.lowercased() == last }) {
            return PathText.expression([same])
        }
        return words.last == "id" || words.count == 1 ? parent.key.first : nil
    }
}
