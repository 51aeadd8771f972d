/// Where a poll goes on, in one of the shapes that APIs know.
package enum CursorMark: Sendable, Hashable {
    /// A value that can be compared with those of records.
    case value(CursorValue)
    /// A text that only the API understands.
    case token(String)
    /// The first request of the next poll.
    case url(String)

    /// What a stored text must be to be taken for a mark.
    package enum Kind: Sendable, Hashable {
        case value(CursorFormat)
        case token, url
    }

    package var value: CursorValue? { if case .value(let value) = self { value } else { nil } }

    /// As it is stored; `init(stored:kind:)` reads it back.
    package var stored: String {
        switch self {
        case .value(let value): value.stored
        case .token(let text): "token \(text)"
        case .url(let text): "url \(text)"
        }
    }

    /// Reads what ``stored`` wrote; nil if it was of another kind.
    package init?(stored: String, kind: Kind) {
        switch kind {
        case .value(let format):
            guard let value = CursorValue(stored: stored, format: format) else { return nil }
            self = .value(value)
        case .token:
            guard stored.hasPrefix("token ") else { return nil }
            self = .token(String(stored.dropFirst(6)))
        case .url:
            guard stored.hasPrefix("url ") else { return nil }
            self = .url(String(stored.dropFirst(4)))
        }
    }
}

/// The marks of all cursors of a stream, stored as one text and so committed together.
package struct CursorMarks: Sendable, Equatable {
    /// The name of each cursor, and what its mark must be.
    package typealias Layout = [(name: String, kind: CursorMark.Kind)]

    /// In the order of the layout; nil where nothing is known yet.
    package var marks: [CursorMark?]

    package init(_ marks: [CursorMark?]) { self.marks = marks }

    /// Reads what ``stored(_:)`` wrote: what does not fit the layout is left out.
    package init(stored: String?, _ layout: Layout) {
        guard let stored else {
            marks = layout.map { _ in nil }
            return
        }
        guard layout.contains(where: { !$0.name.isEmpty }) else {
            marks = layout.map { CursorMark(stored: stored, kind: $0.kind) }
            return
        }
        var texts: [String: String] = [:]
        if stored.hasPrefix(Self.word) {
            for part in stored.dropFirst(Self.word.count).split(separator: " ") {
                guard let index = part.firstIndex(of: "=") else { continue }
                texts[String(part[..<index])] = Self.decoded(part[part.index(after: index)...])
            }
        }
        marks = layout.map { name, kind in
            texts[name].flatMap { CursorMark(stored: $0, kind: kind) }
        }
    }

    /// One text for all of them; nil if none is known.
    package func stored(_ layout: Layout) -> String? {
        guard marks.contains(where: { $0 != nil }) else { return nil }
        if layout.allSatisfy(\.name.isEmpty) { return marks.first.flatMap { $0?.stored } }
        let parts = zip(layout, marks).compactMap { entry, mark in
            mark.map { "\(entry.name)=\(Base64.encode(Array($0.stored.utf8)))" }
        }
        return Self.word + parts.joined(separator: " ")
    }

    /// What is stored as a person would read it, without the adapter at hand; nil if it is none.
    ///
    /// What an API hands out as a token, or as part of a link, may be as good as a password.
    package static func shown(stored: String) -> String? {
        if let value = CursorValue.shown(stored: stored) { return value }
        if stored.hasPrefix("token ") { return "a token of \(stored.utf8.count - 6) bytes" }
        if stored.hasPrefix("url ") {
            return String(stored.dropFirst(4).prefix { $0 != "?" && $0 != "#" })
        }
        guard stored.hasPrefix(word) else { return nil }
        return stored.dropFirst(word.count).split(separator: " ").compactMap { part in
            let pieces = part.split(separator: "=", maxSplits: 1)
            guard pieces.count == 2, let text = decoded(pieces[1]) else { return nil }
            return shown(stored: text).map { "\(pieces[0]): \($0)" }
        }.joined(separator: ", ")
    }

    /// Each cursor that is stored, with its name (empty for the only one) and as it is sent; a
    /// token or link as it is.
    package static func told(stored: String) -> [(name: String, text: String)] {
        if stored.hasPrefix(word) {
            return stored.dropFirst(word.count).split(separator: " ").flatMap {
                part -> [(name: String, text: String)] in
                let pieces = part.split(separator: "=", maxSplits: 1)
                guard pieces.count == 2, let text = decoded(pieces[1]) else { return [] }
                return told(stored: text).map { (String(pieces[0]), $0.text) }
            }
        }
        for prefix in ["token ", "url "] where stored.hasPrefix(prefix) {
            return [("", String(stored.dropFirst(prefix.count)))]
        }
        return [("", CursorValue.shown(stored: stored) ?? stored)]
    }

    private static func decoded(_ text: Substring) -> String? {
        Base64.decode(String(text)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let word = "named "
}
