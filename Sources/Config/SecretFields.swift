package import PullcordJSON
package import PullcordModel

/// Which values of a definition are secret, and changes of just these.
///
/// A sealed secret is written as an object with one member, `sealed`.
package struct SecretFields: Sendable {
    package static let mark = "sealed"

    let kind: DefinitionKind
    /// Those of the adapter that are of type `secret`.
    let parameters: Set<String>

    package init(_ kind: DefinitionKind, parameters: Set<String> = []) {
        self.kind = kind
        self.parameters = parameters
    }

    /// What stands behind `sealed` if the value is such an object and nothing else.
    package static func sealed(_ value: JSONValue) -> JSONValue? {
        guard case .object(let members) = value, members.count == 1, members[0].key == mark else {
            return nil
        }
        return members[0].value
    }

    /// The value with each secret replaced; `change` gets its place as a JSON Pointer and its text.
    package func mapSecrets(
        _ value: JSONValue, _ change: (String, String) throws -> JSONValue
    ) rethrows -> JSONValue {
        try Self.map(value, []) { tokens, value in
            guard let text = Self.text(value), isSecret(tokens, text) else { return nil }
            return try change(JSONPointer(tokens: tokens).description, text)
        }
    }

    /// The value with each sealed secret replaced; `change` gets what stands behind `sealed`.
    package static func mapSealed(
        _ value: JSONValue, _ change: (String, JSONValue) throws -> JSONValue
    ) rethrows -> JSONValue {
        try map(value, []) { tokens, value in
            guard let sealed = sealed(value) else { return nil }
            return try change(JSONPointer(tokens: tokens).description, sealed)
        }
    }

    private static func map(
        _ value: JSONValue, _ tokens: [String],
        _ change: ([String], JSONValue) throws -> JSONValue?
    ) rethrows -> JSONValue {
        if let changed = try change(tokens, value) { return changed }
        switch value {
        case .object(let members):
            return .object(
                try members.map {
                    JSONValue.Member($0.key, try map($0.value, tokens + [$0.key], change))
                })
        case .array(let items):
            var result: [JSONValue] = []
            for (index, item) in items.enumerated() {
                result.append(try map(item, tokens + [String(index)], change))
            }
            return .array(result)
        case .null, .bool, .number, .string: return value
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Members of `auth` that say how, not what.
    private static let plain: Set<String> = ["token_url", "client_id", "scope", "audience", "send"]

    private func isSecret(_ tokens: [String], _ text: String) -> Bool {
        guard let first = tokens.first, let last = tokens.last else { return false }
        switch kind {
        case .source:
            if first == "poke" { return last == "secret" }
            return first == "with" && tokens.count == 2
                && (parameters.contains(last) || SecretNames.isLikely(last))
        case .subscription:
            switch first {
            case "secret": return tokens.count == 1 || last != "until"
            case "ed25519", "headers": return true
            // Many receivers tell their callers apart by a token in the query.
            case "url": return text.contains("?")
            case "auth": return !Self.plain.contains(last)
            default: return false
            }
        }
    }
}
