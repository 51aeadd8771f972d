import PullcordModel
import PullcordYAML

/// The parameters that the requests of a manifest need, made of its connection specification.
final class ManifestParameters {
    private struct Parameter {
        let name: String
        let path: [String]
        let schema: YAMLNode?
        var fallback: String?
        var isNeeded: Bool
        var isRequired: Bool
        /// What stands between the values of a list that is given as one text.
        var link: String?
    }

    private let specification: YAMLNode?
    private var parameters: [Parameter] = []

    init(specification: YAMLNode?) { self.specification = specification }

    /// The name of the parameter for a path of the configuration.
    ///
    /// `isNeeded` says that there would be no URL without it.
    func name(for path: [String], default fallback: String? = nil, isNeeded: Bool = false) -> String
    {
        if let index = parameters.firstIndex(where: { $0.path == path }) {
            if parameters[index].fallback == nil, fallback?.isEmpty == false {
                parameters[index].fallback = fallback
            }
            if isNeeded { parameters[index].isNeeded = true }
            return parameters[index].name
        }
        let last = Names.parameter(path.last ?? "value")
        let taken = Set(parameters.map(\.name))
        let joined = Names.parameter(path.suffix(2).joined(separator: "_"))
        let name = taken.contains(last) ? Names.free(joined, among: taken) : last
        let (schema, isRequired) = schema(of: path)
        parameters.append(
            Parameter(
                name: name, path: path, schema: schema,
                fallback: fallback?.isEmpty == false ? fallback : nil, isNeeded: isNeeded,
                isRequired: isRequired))
        return name
    }

    /// The name of a parameter that the manifest does not have.
    func own(_ name: String, summary: String) -> String {
        let path = ["", name]
        guard !parameters.contains(where: { $0.path == path }) else { return name }
        let free = Names.free(name, among: parameters.map(\.name))
        let node = YAMLNode(
            content: .mapping([
                YAMLEntry(
                    key: YAMLKey(text: "description", place: .init(file: "", line: 1, column: 1)),
                    value: YAMLNode(
                        content: .scalar(YAMLScalar(text: summary)),
                        place: .init(file: "", line: 1, column: 1)))
            ]), place: .init(file: "", line: 1, column: 1))
        parameters.append(
            Parameter(
                name: free, path: path, schema: node, fallback: nil, isNeeded: true,
                isRequired: true))
        return free
    }

    /// Makes one text of a list of the configuration.
    func noteList(_ path: [String], joinedBy link: String) {
        _ = name(for: path)
        guard let index = parameters.firstIndex(where: { $0.path == path }) else { return }
        parameters[index].link = link
    }

    /// The default of a value of the configuration.
    func fallback(of path: [String]) -> String? {
        schema(of: path).0?["default"]?.scalar?.text
    }

    var entries: [DraftEntry] { parameters.map(entry) }

    private func entry(_ parameter: Parameter) -> DraftEntry {
        var entries: [DraftEntry] = []
        let schema = parameter.schema
        let isSecret =
            schema?["airbyte_secret"]?.scalar?.text.lowercased() == "true"
            || schema == nil && Vocabulary.isSecret(parameter.name)
        let kind = isSecret ? "secret" : Self.kind(schema?["type"]?.texts ?? [])
        if kind != "string" { entries.append(DraftEntry("type", text: kind)) }
        let fallback = isSecret ? nil : self.fallback(parameter, kind)
        let allowed = kind == "string" ? schema?["enum"]?.texts ?? [] : []
        if let fallback {
            entries.append(DraftEntry("default", text: fallback))
        } else if parameter.isRequired || parameter.isNeeded {
            entries.append(DraftEntry("required", .bool(true)))
        }
        if !allowed.isEmpty, allowed.count <= 100,
            fallback.map(allowed.contains) ?? true, !allowed.contains("")
        {
            entries.append(DraftEntry("allowed", .list(allowed.map { .text($0) })))
        }
        if let link = parameter.link {
            let words = "Several values with `\(link)` between them."
            entries.append(DraftEntry("summary", text: words))
        } else if let summary = Self.summary(schema) {
            entries.append(DraftEntry("summary", text: summary))
        }
        return entries.isEmpty
            ? DraftEntry(parameter.name, text: "string")
            : DraftEntry(parameter.name, .map(entries))
    }

    private func fallback(_ parameter: Parameter, _ kind: String) -> String? {
        let text = parameter.schema?["default"]?.scalar?.text ?? parameter.fallback
        guard let text, !text.isEmpty else { return nil }
        switch kind {
        case "integer": return Int(text) == nil ? nil : text
        case "boolean":
            let word = text.lowercased()
            return word == "true" || word == "false" ? word : nil
        default: return text
        }
    }

    private static func kind(_ types: [String]) -> String {
        let types = types.filter { $0 != "null" }
        if types == ["integer"] { return "integer" }
        return types == ["boolean"] ? "boolean" : "string"
    }

    /// The first sentence of what is said of it, without markup.
    private static func summary(_ schema: YAMLNode?) -> String? {
        let text = schema?["description"]?.scalar?.text ?? schema?["title"]?.scalar?.text
        guard let text else { return nil }
        var plain = ""
        var isTag = false
        for character in text {
            if character == "<" { isTag = true }
            if !isTag { plain.append(character.isNewline ? " " : character) }
            if character == ">" { isTag = false }
        }
        let sentence = plain.prefix { $0 != "." && $0 != "\u{0}" }.prefix(140)
        let trimmed = String(sentence).trimmingBlanks
        return trimmed.isEmpty ? nil : trimmed + "."
    }

    /// The schema of a value, looked for in `oneOf` too, and whether it is required.
    private func schema(of path: [String]) -> (YAMLNode?, Bool) {
        guard var node = specification else { return (nil, false) }
        var isRequired = true
        for name in path {
            let options =
                [node] + (node["oneOf"]?.sequence ?? [])
                + (node["anyOf"]?.sequence ?? [])
            guard
                let (owner, found) = options.lazy.compactMap({ owner in
                    owner["properties"]?[name].map { (owner, $0) }
                }).first
            else { return (nil, false) }
            if !(owner["required"]?.texts.contains(name) ?? false) { isRequired = false }
            node = found
        }
        return (node, isRequired)
    }
}
