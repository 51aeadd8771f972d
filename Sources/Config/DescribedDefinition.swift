import PullcordAdapter
import PullcordJSON
package import PullcordModel
import PullcordYAML

/// A source or a subscription of a bridge file as it may be shown.
package struct DescribedDefinition: Sendable, Equatable {
    package let kind: DefinitionKind
    package let name: String
    /// A JSON object with the keys of the file, without `name`; a secret that stands in the file
    /// itself is `{"sealed":true}`.
    package let text: String
    package let labels: [String: String]

    static func all(
        in root: YAMLNode, _ sources: [BoundSource], _ spec: BridgeSpec
    ) -> [DescribedDefinition] {
        let adapters = Dictionary(sources.map { ($0.spec.name.text, $0) }) { first, _ in first }
        return zip(root["sources"]?.sequence ?? [], spec.sources).map { node, source in
            let secrets = adapters[source.name.text].map { $0.secretParameters } ?? []
            return described(
                .source, source.name.text, node, source.labels,
                SecretFields(.source, parameters: secrets))
        }
            + zip(root["subscriptions"]?.sequence ?? [], spec.subscriptions).map {
                node, subscription in
                described(
                    .subscription, subscription.name.text, node, subscription.labels,
                    SecretFields(.subscription))
            }
    }

    private static func described(
        _ kind: DefinitionKind, _ name: String, _ node: YAMLNode, _ labels: [String: String],
        _ fields: SecretFields
    ) -> DescribedDefinition {
        let masked = fields.mapSecrets(DefinitionNodes.value(of: node)) { _, text in
            isReference(text)
                ? .string(text)
                : .object([JSONValue.Member(SecretFields.mark, .bool(true))])
        }
        var members: [JSONValue.Member] = []
        if case .object(let all) = masked { members = all.filter { $0.key != "name" } }
        return DescribedDefinition(
            kind: kind, name: name,
            text: String(decoding: JSONValue.object(members).serialized, as: UTF8.self),
            labels: labels)
    }

    /// Whether a text is one placeholder of the installation and nothing else, but for the name of
    /// an HTTP authentication scheme before it: what stands beside a placeholder may be half of a
    /// secret.
    private static func isReference(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 1)
        let schemes = ["bearer", "basic", "token"]
        var rest = text[...]
        if words.count == 2, schemes.contains(words[0].lowercased()) { rest = words[1] }
        guard rest.hasPrefix("${env.") || rest.hasPrefix("${file:"),
            let end = rest.firstIndex(of: "}")
        else { return false }
        return rest.index(after: end) == rest.endIndex && !rest.contains("default")
    }
}

extension BoundSource {
    /// The names of the adapter's parameters of type `secret`.
    package var secretParameters: Set<String> {
        Set(adapter.parameters.filter { $0.kind == .secret }.map(\.name))
    }
}
