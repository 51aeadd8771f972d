/// A value of a draft, as YAML will have it.
package indirect enum DraftValue: Sendable, Equatable {
    /// Quoted where it must be.
    case text(String)
    /// A number, `true`, `false` or `null`: written as it is.
    case bare(String)
    case list([DraftValue])
    case map([DraftEntry])

    /// Whether there is nothing in it, so that its key can be left out.
    var isEmpty: Bool {
        switch self {
        case .text, .bare: false
        case .list(let items): items.isEmpty
        case .map(let entries): entries.isEmpty
        }
    }

    static func number(_ value: Int) -> DraftValue { .bare(String(value)) }

    static func bool(_ value: Bool) -> DraftValue { .bare(value ? "true" : "false") }

    /// A mapping of texts in their order.
    static func texts(_ pairs: [(String, String)]) -> DraftValue {
        .map(pairs.map { DraftEntry($0.0, .text($0.1)) })
    }

    subscript(key: String) -> DraftValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

/// A key of a draft with its value and the comments above it.
package struct DraftEntry: Sendable, Equatable {
    package var key: String
    package var value: DraftValue
    package var comments: [String]

    package init(_ key: String, _ value: DraftValue, comments: [String] = []) {
        self.key = key
        self.value = value
        self.comments = comments
    }

    init(_ key: String, text: String, comments: [String] = []) {
        self.init(key, .text(text), comments: comments)
    }
}

extension [DraftEntry] {
    subscript(key: String) -> DraftValue? { first { $0.key == key }?.value }

    /// Puts a value in the place of the one of that key, or at the end.
    mutating func set(_ key: String, _ value: DraftValue, comments: [String] = []) {
        let entry = DraftEntry(key, value, comments: comments)
        if let index = firstIndex(where: { $0.key == key }) {
            self[index] = entry
        } else {
            append(entry)
        }
    }
}
