import PullcordModel
import PullcordYAML

/// A component of a manifest, with the parameters that it has inherited.
struct Component {
    let node: YAMLNode
    /// `$parameters` of this component and of those around it, the nearest first.
    let parameters: [String: YAMLNode]

    init(_ node: YAMLNode, inheriting parameters: [String: YAMLNode] = [:]) {
        self.node = node
        var all = parameters
        for key in ["$parameters", "$options"] {
            for entry in node[key]?.mapping ?? [] { all[entry.key.text] = entry.value }
        }
        self.parameters = all
    }

    var place: Place { node.place }

    /// Its `type`; empty if it has none.
    var kind: String { node["type"]?.scalar?.text ?? "" }

    /// Whether somebody's own Python stands behind it.
    var isCustom: Bool { kind.hasPrefix("Custom") || node["class_name"] != nil }

    var className: String { node["class_name"]?.scalar?.text ?? kind }

    /// A value of its own, or the parameter of that name.
    subscript(key: String) -> YAMLNode? {
        if let own = node[key], !own.isFalsy { return own }
        return parameters[key] ?? node[key]
    }

    func component(_ key: String) -> Component? {
        guard let value = self[key], value.mapping != nil else { return nil }
        return Component(value, inheriting: parameters)
    }

    /// The components in a list, or the one that stands in its place.
    func components(_ key: String) -> [Component] {
        guard let value = self[key] else { return [] }
        if let items = value.sequence {
            return items.filter { $0.mapping != nil }.map {
                Component($0, inheriting: parameters)
            }
        }
        return value.mapping == nil ? [] : [Component(value, inheriting: parameters)]
    }

    func text(_ key: String) -> String? { self[key]?.scalar?.text }
}

extension YAMLNode {
    /// What Python would take for false: nothing, zero and what is empty.
    var isFalsy: Bool {
        switch content {
        case .scalar(let scalar):
            scalar.text.isEmpty || scalar.kind == .null
                || scalar.kind == .boolean && scalar.text.lowercased() == "false"
        case .sequence(let items): items.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }

    /// The texts of a list, or the one text that stands in its place.
    var texts: [String] {
        if let items = sequence { return items.compactMap { $0.scalar?.text } }
        return scalar.map { [$0.text] } ?? []
    }
}
