import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Puts an adapter together with what it extends and with its streams' defaults, as nodes of
/// YAML, so that every value keeps its place and is read and checked like any other.
///
/// Mappings are merged member by member, the adapter's own going before what it extends; what
/// is no mapping is replaced, and so is what only makes sense as a whole (``whole``). A member
/// that is null is taken away.
struct Inheritance {
    let files: FileAccess
    let collector: Collector

    /// Adapters between one and the last that it extends.
    private static let depthMax = 8
    /// Of the file that is extended, not of the one that extends it.
    private static let own: Set<String> = ["adapter", "version", "summary", "extends"]
    /// Mappings whose members belong together.
    private static let whole: Set<String> = ["auth", "pages", "cursor", "cursors"]

    /// The adapter's mapping with everything that it takes over; nil after a complaint.
    func resolve(_ root: YAMLNode, path: String) -> YAMLNode? {
        guard let merged = extended(root, path: path, chain: [path]) else { return nil }
        return withDefaults(merged)
    }

    // MARK: extends

    private func extended(_ root: YAMLNode, path: String, chain: [String]) -> YAMLNode? {
        guard root.mapping != nil, let name = root["extends"] else { return root }
        let field = Field(node: name, path: "extends", type: .text, collector: collector)
        guard let text = field.filledText(), let base = read(text, beside: path, chain) else {
            return nil
        }
        guard let inherited = extended(base.root, path: base.path, chain: chain + [base.path])
        else { return nil }
        guard inherited.mapping != nil else { return nil }
        return Self.merge(root, over: Self.without(Self.own, in: inherited))
    }

    private func read(
        _ name: LocatedText, beside path: String, _ chain: [String]
    ) -> (root: YAMLNode, path: String)? {
        let folder = Paths.folder(of: path)
        let isPath = name.text.hasSuffix(".yaml") || name.text.hasSuffix(".yml")
        let candidates =
            isPath
            ? [Paths.resolve(name.text, in: folder)]
            : ["\(name.text).yaml", "\(name.text)/adapter.yaml"]
                .map { Paths.resolve($0, in: folder) }
        for candidate in candidates {
            guard !files.isSealed(path) || files.isSealed(candidate) else {
                return refuse(
                    name, "extends_outside",
                    "an adapter of an archive extends only what is in the archive")
            }
            if chain.contains(candidate) {
                return refuse(
                    name, "extends_itself",
                    "`\(candidate)` is extended by way of \(chain.joined(separator: ", "))")
            }
            switch files.read(candidate) {
            case .missing: continue
            case .unreadable(let reason):
                return refuse(
                    name, "adapter_unreadable",
                    "the adapter `\(candidate)` cannot be read: \(reason)")
            case .bytes(let bytes):
                guard chain.count <= Self.depthMax else {
                    return refuse(
                        name, "extends_too_deep",
                        "more than \(Self.depthMax) adapters extend one another")
                }
                return collector.parse(bytes, file: candidate).map { ($0, candidate) }
            }
        }
        let looked = candidates.joined(separator: " and ")
        return refuse(
            name, "adapter_unknown", "no adapter is called `\(name.text)`",
            hint: "looked for \(looked)")
    }

    private func refuse(
        _ name: LocatedText, _ code: String, _ message: String, hint: String = ""
    ) -> (root: YAMLNode, path: String)? {
        collector.error(
            code, at: name.place, path: "extends", found: name.text, message, hint: hint)
        return nil
    }

    // MARK: defaults

    private func withDefaults(_ root: YAMLNode) -> YAMLNode? {
        guard let entries = root.mapping, let defaults = root["defaults"] else { return root }
        let field = Field(
            node: defaults, path: "defaults", type: .table(StreamKeys.defaults),
            collector: collector)
        guard defaults.mapping != nil else {
            field.complainOfType()
            return nil
        }
        let merged = entries.compactMap { entry -> YAMLEntry? in
            switch entry.key.text {
            case "defaults": return nil
            case "streams":
                guard let streams = entry.value.mapping else { return entry }
                let filled = streams.map { stream in
                    stream.value.mapping == nil
                        ? stream
                        : YAMLEntry(
                            key: stream.key, value: Self.merge(stream.value, over: defaults))
                }
                return YAMLEntry(
                    key: entry.key,
                    value: YAMLNode(content: .mapping(filled), place: entry.value.place))
            default: return entry
            }
        }
        return YAMLNode(content: .mapping(merged), place: root.place)
    }

    // MARK: Merging

    private static func without(_ names: Set<String>, in node: YAMLNode) -> YAMLNode {
        let entries = (node.mapping ?? []).filter { !names.contains($0.key.text) }
        return YAMLNode(content: .mapping(entries), place: node.place)
    }

    /// In the order of `base`, what is new at the end; at the place of `node`.
    private static func merge(_ node: YAMLNode, over base: YAMLNode) -> YAMLNode {
        guard let own = node.mapping, let inherited = base.mapping else { return node }
        var entries: [YAMLEntry] = []
        for entry in inherited {
            guard let override = own.first(where: { $0.key.text == entry.key.text }) else {
                entries.append(entry)
                continue
            }
            if override.value.scalar?.kind == .null { continue }
            let isWhole = whole.contains(entry.key.text)
            entries.append(
                YAMLEntry(
                    key: override.key,
                    value: isWhole ? override.value : merge(override.value, over: entry.value)))
        }
        let known = Set(inherited.map(\.key.text))
        entries += own.filter { !known.contains($0.key.text) && $0.key.text != "extends" }
        return YAMLNode(content: .mapping(entries), place: node.place)
    }
}
