import PullcordModel
import PullcordYAML

/// The key path of every scalar of a file, by the place of its first character.
///
/// Templates and expressions carry only their place; complaints that come of comparing several of
/// them need the path too.
struct PlaceIndex {
    private var paths: [Place: String] = [:]
    private let sorted: [Place]
    private let root: YAMLNode

    init(_ root: YAMLNode) {
        self.root = root
        Self.add(root, path: "", to: &paths)
        sorted = paths.keys.sorted()
    }

    func path(of place: Place) -> String { paths[place] ?? "" }

    /// The path of the last scalar that begins at or before a place.
    func enclosingPath(of place: Place) -> String {
        if let path = paths[place] { return path }
        var (lower, upper) = (0, sorted.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if sorted[middle] <= place { lower = middle + 1 } else { upper = middle }
        }
        return lower > 0 ? paths[sorted[lower - 1]] ?? "" : ""
    }

    /// The place of the value at a path of keys; the nearest one above it that exists otherwise.
    func place(_ keys: String...) -> Place {
        var node = root
        for key in keys {
            guard let next = node[key] else { break }
            node = next
        }
        return node.place
    }

    /// Depth is bounded by YAML's own bound.
    private static func add(_ node: YAMLNode, path: String, to paths: inout [Place: String]) {
        switch node.content {
        case .scalar:
            let place = node.place(ofCharacter: 0)
            if paths[place] == nil { paths[place] = path }
        case .sequence(let items):
            for (index, item) in items.enumerated() {
                add(item, path: "\(path)[\(index)]", to: &paths)
            }
        case .mapping(let entries):
            for entry in entries {
                add(entry.value, path: join(path, entry.key.text), to: &paths)
            }
        }
    }
}
