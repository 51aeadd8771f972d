import PullcordAdapter
import PullcordJSON

/// A small piece of XML as a tree: one item of a feed.
struct XMLNode {
    enum Piece {
        case text(String)
        case element(XMLNode)
    }

    /// As it is written.
    let name: String
    /// With the usual prefix of its namespace, as in `dc:creator`; see ``FeedNames``.
    let term: String
    let attributes: [XMLAttribute]
    var pieces: [Piece] = []

    var children: [XMLNode] {
        pieces.compactMap { if case .element(let node) = $0 { node } else { nil } }
    }

    /// All text within, without tags.
    var text: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .element(let node): node.text
            }
        }.joined()
    }

    /// What stands between its tags, as XML.
    var markup: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): Self.escaped(text)
            case .element(let node):
                "<\(node.name)"
                    + node.attributes.map {
                        " \($0.name)=\"\(Self.escaped($0.value, isValue: true))\""
                    }.joined() + ">\(node.markup)</\(node.name)>"
            }
        }.joined()
    }

    func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// The first child of one of these terms, in the order of the terms, that is not blank.
    func first(_ terms: String...) -> XMLNode? {
        for term in terms {
            for child in children where child.term == term {
                if child.text.contains(where: { !$0.isWhitespace }) { return child }
            }
        }
        return nil
    }

    /// Hands itself to something that reads XML.
    func replay(into sink: some XMLSink) throws(FormatError) {
        try sink.start(name, attributes)
        for piece in pieces {
            switch piece {
            case .text(let text): sink.text(text)
            case .element(let node): try node.replay(into: sink)
            }
        }
        try sink.end()
    }

    private static func escaped(_ text: String, isValue: Bool = false) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"" where isValue: result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// Gives names of feeds one form, whatever prefixes a feed has chosen.
struct FeedNames {
    /// The declarations of each open element, the innermost last.
    private var scopes: [[String: String]] = []

    private static let prefixes = [
        "http://www.w3.org/2005/Atom": "atom:", "http://purl.org/atom/ns#": "atom:",
        "http://purl.org/dc/elements/1.1/": "dc:", "http://purl.org/dc/terms/": "dcterms:",
        "http://purl.org/rss/1.0/modules/content/": "content:",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
        "http://purl.org/rss/1.0/": "", "http://my.netscape.com/rdf/simple/0.9/": "",
        "http://backend.userland.com/rss2": "", "http://backend.userland.com/RSS2": "", "": "",
    ]

    mutating func open(_ attributes: [XMLAttribute]) {
        var scope: [String: String] = [:]
        for attribute in attributes where attribute.isDeclaration {
            scope[String(attribute.name.dropFirst("xmlns:".count))] = attribute.value
        }
        scopes.append(scope)
    }

    mutating func close() { _ = scopes.popLast() }

    /// A name as it is known here; one of an unknown namespace gets the prefix `?:`.
    func term(_ name: String) -> String {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        let (prefix, local) = parts.count == 2 ? (parts[0], parts[1]) : ("", name)
        let uri = scopes.last { $0[prefix] != nil }?[prefix]
        // A prefix that is never declared is taken by its word.
        guard let uri else { return name }
        return (Self.prefixes[uri] ?? "?:") + local
    }
}
