import PullcordModel
import PullcordYAML

/// A manifest with its references resolved; every node keeps the place where it was written.
struct ManifestTree {
    private(set) var root: YAMLNode
    private(set) var leftovers: [Leftover] = []
    /// Nodes that may still be made: references can multiply.
    private var budget = 400_000
    private let source: YAMLNode
    private static let depthMax = 96

    init(_ source: YAMLNode) {
        self.source = source
        root = source
        root = resolved(source, open: [], depth: 0) ?? source
    }

    /// Keys whose values are no components: schemas are large and none of an adapter's business.
    private static let plain: Set<String> = [
        "schemas", "metadata", "connection_specification", "advanced_auth",
    ]

    private mutating func resolved(_ node: YAMLNode, open: [String], depth: Int) -> YAMLNode? {
        budget -= 1
        guard budget > 0, depth < Self.depthMax else {
            complain(node.place, "references nest too deep, or grow beyond what is read")
            return nil
        }
        switch node.content {
        case .scalar(let scalar):
            guard let pointer = Self.pointer(scalar) else { return node }
            return target(pointer, from: node, open: open, depth: depth)
        case .sequence(let items):
            let items = items.compactMap { resolved($0, open: open, depth: depth + 1) }
            return YAMLNode(content: .sequence(items), place: node.place)
        case .mapping(let entries): return mapping(entries, node, open: open, depth: depth)
        }
    }

    private mutating func mapping(
        _ entries: [YAMLEntry], _ node: YAMLNode, open: [String], depth: Int
    ) -> YAMLNode? {
        var result: [YAMLEntry] = []
        let reference = entries.first { $0.key.text == "$ref" }
        if let reference {
            guard let scalar = reference.value.scalar else {
                complain(reference.value.place, "`$ref` is no text")
                return nil
            }
            let target = target(
                Self.pointer(scalar) ?? scalar.text, from: reference.value, open: open,
                depth: depth)
            guard let target else { return nil }
            guard let base = target.mapping else { return entries.count == 1 ? target : nil }
            result = base
        }
        for entry in entries where entry.key.text != "$ref" {
            let value: YAMLNode?
            if depth == 0, entry.key.text == "definitions" {
                continue
            } else if Self.plain.contains(entry.key.text) {
                value = entry.value
            } else {
                value = resolved(entry.value, open: open, depth: depth + 1)
            }
            guard let value else { continue }
            let new = YAMLEntry(key: entry.key, value: value)
            if let index = result.firstIndex(where: { $0.key.text == entry.key.text }) {
                result[index] = new
            } else {
                result.append(new)
            }
        }
        return YAMLNode(content: .mapping(result), place: node.place)
    }

    private mutating func target(
        _ pointer: String, from node: YAMLNode, open: [String], depth: Int
    ) -> YAMLNode? {
        guard !open.contains(pointer) else {
            complain(node.place, "`\(pointer)` leads back to itself")
            return nil
        }
        guard let found = find(pointer) else {
            complain(node.place, "`\(pointer)` leads nowhere")
            return nil
        }
        // A schema that is referred to stays as it is: nothing but names are read of it.
        if pointer.hasPrefix("#/schemas/") { return found }
        return resolved(found, open: open + [pointer], depth: depth + 1)
    }

    /// Follows a pointer; a key may hold slashes itself.
    private func find(_ pointer: String) -> YAMLNode? {
        var node = source
        var parts = pointer.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.replacing("~1", with: "/").replacing("~0", with: "~") }[...]
        while !parts.isEmpty {
            if let items = node.sequence {
                guard let index = Int(parts[parts.startIndex]), items.indices.contains(index) else {
                    return nil
                }
                node = items[index]
                parts = parts.dropFirst()
                continue
            }
            var isFound = false
            for count in 1...parts.count {
                let key = parts.prefix(count).joined(separator: "/")
                guard let next = node[key] else { continue }
                node = next
                parts = parts.dropFirst(count)
                isFound = true
                break
            }
            guard isFound else { return nil }
        }
        return node
    }

    /// `#/definitions/x`, or `*ref(definitions.x)` as old manifests have it.
    private static func pointer(_ scalar: YAMLScalar) -> String? {
        if scalar.text.hasPrefix("#/") { return scalar.text }
        guard scalar.text.hasPrefix("*ref("), scalar.text.hasSuffix(")") else { return nil }
        let inner = scalar.text.dropFirst(5).dropLast()
        return "#/" + inner.replacing(".", with: "/")
    }

    private mutating func complain(_ place: Place, _ reason: String) {
        guard leftovers.count < 100 else { return }
        leftovers.append(Leftover(at: place, "a reference", reason))
    }
}
