import PullcordAdapter
package import PullcordJSON
import PullcordModel
package import PullcordYAML

/// JSON as the nodes that the readers of YAML work on, and the other way round: one language, two
/// notations.
package enum DefinitionNodes {
    /// The node of a JSON value.
    ///
    /// Each has a place of its own, so that complaints about two of them
    /// are two; `file` names the definition.
    static func node(of value: JSONValue, file: String) -> YAMLNode {
        var counter = 0
        return node(of: value, file, &counter)
    }

    private static func node(
        of value: JSONValue, _ file: String, _ counter: inout Int
    ) -> YAMLNode {
        counter += 1
        let place = Place(file: file, line: 1, column: counter)
        let content: YAMLNode.Content
        switch value {
        case .null: content = .scalar(YAMLScalar(text: "null", kind: .null))
        case .bool(let isTrue):
            content = .scalar(YAMLScalar(text: isTrue ? "true" : "false", kind: .boolean))
        case .number(let text):
            let isWhole = !text.contains { ".eE".contains($0) }
            content = .scalar(YAMLScalar(text: text, kind: isWhole ? .integer : .float))
        case .string(let text):
            content = .scalar(YAMLScalar(text: text, style: .doubleQuoted))
        case .array(let items): content = .sequence(items.map { node(of: $0, file, &counter) })
        case .object(let members):
            content = .mapping(
                members.map { member in
                    counter += 1
                    let key = YAMLKey(
                        text: member.key, place: Place(file: file, line: 1, column: counter))
                    return YAMLEntry(key: key, value: node(of: member.value, file, &counter))
                })
        }
        return YAMLNode(content: content, place: place)
    }

    package static func value(of node: YAMLNode) -> JSONValue {
        switch node.content {
        case .sequence(let items): return .array(items.map(value))
        case .mapping(let entries):
            return .object(entries.map { JSONValue.Member($0.key.text, value(of: $0.value)) })
        case .scalar(let scalar):
            switch scalar.kind {
            case .null: return .null
            case .boolean: return .bool(scalar.text.lowercased() == "true")
            case .integer, .float:
                // Notations of YAML that JSON has not stay the texts that they are.
                guard case .number? = try? JSONValue(parsing: scalar.text) else {
                    return CoreInteger.read(scalar.text).map { .number(String($0)) }
                        ?? .string(scalar.text)
                }
                return .number(scalar.text)
            case .string: return .string(scalar.text)
            }
        }
    }
}

extension Diagnostic {
    /// The key path as a JSON Pointer (RFC 6901): `auth.basic.password` becomes
    /// `/auth/basic/password`, `headers["a b"]` becomes `/headers/a b`.
    package var pointer: String {
        var tokens: [String] = []
        var rest = keyPath[...]
        while let first = rest.first {
            if first == "." {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("[\""), let end = rest.firstRange(of: "\"]") {
                tokens.append(String(rest[..<end.lowerBound].dropFirst(2)))
                rest = rest[end.upperBound...]
            } else if first == "[", let end = rest.firstIndex(of: "]") {
                tokens.append(String(rest[..<end].dropFirst()))
                rest = rest[end...].dropFirst()
            } else {
                let step = rest.prefix { $0 != "." && $0 != "[" }
                guard !step.isEmpty else { break }
                tokens.append(String(step))
                rest = rest.dropFirst(step.count)
            }
        }
        return JSONPointer(tokens: tokens).description
    }
}
