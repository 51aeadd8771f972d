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
            let isOutside = text.contains("${env.") || text.contains("${file:")
            return isOutside
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
}

extension BoundSource {
    /// The names of the adapter's parameters of type `secret`.
    package var secretParameters: Set<String> {
        Set(adapter.parameters.filter { $0.kind == .secret }.map(\.name))
    }
}
