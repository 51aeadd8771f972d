package import PullcordModel
import PullcordYAML

/// A description of an API: OpenAPI 3.0, 3.1 or Swagger 2.
package struct OpenAPIDocument: Sendable {
    let root: YAMLNode
    let file: String
    /// The lists that it describes, in the order of the file.
    package private(set) var collections: [OpenAPICollection] = []

    /// Reads a file.
    ///
    /// - Throws: ``Problem`` for what is no such description.
    package init(_ bytes: [UInt8], file: String) throws(Problem) {
        root = try DraftDocument.any(bytes, file: file).root
        self.file = file
        let version = root["openapi"]?.scalar?.text ?? root["swagger"]?.scalar?.text ?? ""
        guard version.hasPrefix("3.") || version.hasPrefix("2") else {
            throw Problem(
                code: "openapi_version",
                message: version.isEmpty
                    ? "this describes no API: it has neither `openapi` nor `swagger`"
                    : "version \(version) is not read",
                place: file, hint: "OpenAPI 3.0, 3.1 and Swagger 2.0 are")
        }
        collections = OpenAPIFinder(self).collections()
    }

    var isSwagger: Bool { root["swagger"] != nil }

    /// The collections with these names; all for nil.
    package func chosen(_ names: [String]?) throws(Problem) -> [OpenAPICollection] {
        guard let names else { return collections }
        var chosen: [OpenAPICollection] = []
        for name in names {
            guard let found = collections.first(where: { $0.name == name }) else {
                let known = collections.map(\.name)
                throw Problem(
                    code: "collection_unknown", message: "there is no collection `\(name)`",
                    place: file,
                    hint: known.isEmpty
                        ? "no operation answers with an array of objects"
                        : "found: " + known.prefix(20).joined(separator: ", "))
            }
            // A child is nothing without those above it.
            var parent = found.parent
            var above: [OpenAPICollection] = []
            while let name = parent, let next = collections.first(where: { $0.name == name }),
                !above.contains(where: { $0.name == name })
            {
                above.insert(next, at: 0)
                parent = next.parent
            }
            for next in above + [found] where !chosen.contains(where: { $0.name == next.name }) {
                chosen.append(next)
            }
        }
        return chosen
    }

    // MARK: References

    private static let referencesMax = 32

    /// The node that a `$ref` leads to, through others; nil for one that leads nowhere.
    func resolved(_ node: YAMLNode?) -> YAMLNode? {
        var node = node
        for _ in 0..<Self.referencesMax {
            guard let text = node?["$ref"]?.scalar?.text else { return node }
            node = find(text)
        }
        return nil
    }

    private func find(_ pointer: String) -> YAMLNode? {
        guard pointer.hasPrefix("#/") else { return nil }
        var node: YAMLNode? = root
        for part in pointer.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let key = String(decoding: PercentEncoding.decode(part), as: UTF8.self)
                .replacing("~1", with: "/").replacing("~0", with: "~")
            if let items = node?.sequence {
                node = Int(key).flatMap { items.indices.contains($0) ? items[$0] : nil }
            } else {
                node = node?[key]
            }
        }
        return node
    }
}

/// One list that an API has.
package struct OpenAPICollection: Sendable {
    package let name: String
    /// The operation: `GET /orders`.
    package let request: String
    package let records: String
    package var key: [String]
    /// The kind of paging: `number`, `none`.
    package let pages: String
    /// The query item that asks for what changed since.
    package let since: String?
    /// The collection whose records this one is asked for.
    package var parent: String?
    let operation: OpenAPIOperation
    let facts: OpenAPIFacts
    var parentFields: [(name: String, path: String)] = []
}

/// An operation that lists something.
struct OpenAPIOperation: Sendable {
    let path: String
    let isPost: Bool
    let summary: String
    let place: Place
    let parameters: [OpenAPIParameter]
    let body: YAMLNode?
}

/// A parameter of an operation.
struct OpenAPIParameter: Sendable {
    enum Location: String, Sendable {
        case path, query, header, cookie
    }

    let name: String
    let location: Location
    let isRequired: Bool
    let kind: String
    let fallback: String?
    let allowed: [String]
    let maximum: Int?
    let summary: String
}

/// What the schema of an answer tells of its records.
struct OpenAPIFacts: Sendable {
    let recordsPath: [String]
    /// Names of the record's members, with their types and formats.
    let members: [Member]
    /// Scalars beside the list: path and type.
    let beside: [(path: [String], type: String)]
    let isWholeAnswer: Bool

    struct Member: Sendable {
        let name: String
        let type: String
        let format: String
        let isRequired: Bool
    }
}
