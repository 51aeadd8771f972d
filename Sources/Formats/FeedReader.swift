import PullcordAdapter
import PullcordJSON
import PullcordModel

/// Makes one shape of RSS 0.9x, 1.0 (RDF), 2.0 and Atom: `{title, link, updated, next, items}`.
///
/// Each item is a record of ``FeedItem``'s shape.
final class FeedReader: XMLSink {
    private var names = FeedNames()
    /// The terms of the open elements that are not within an item or a member of the channel.
    private var path: [String] = []
    /// The element under way that is kept whole, with those in it that are open.
    private var open: [XMLNode] = []
    private var channel = XMLNode(name: "channel", term: "channel", attributes: [])
    private var items = JSONWriter()

    static func json(of text: consuming [UInt8]) throws(FormatError) -> [UInt8] {
        let reader = FeedReader()
        reader.items.beginArray()
        try XMLReader.read(text, into: reader, allowsDoctype: true)
        return reader.document
    }

    func start(_ name: String, _ attributes: [XMLAttribute]) throws(FormatError) {
        names.open(attributes)
        let term = names.term(name)
        if path.isEmpty, !["rss", "rdf:RDF", "atom:feed"].contains(term) {
            throw FormatError(
                .feedRoot, at: "line 1", "the root element is `\(name.prefix(60))`, not of a feed",
                hint: "rss, rdf:RDF and Atom's feed are; use `format: xml` for any other XML")
        }
        let isContainer = open.isEmpty && (path.isEmpty || term == "channel")
        if isContainer {
            path.append(term)
        } else {
            open.append(
                XMLNode(
                    name: name, term: term, attributes: attributes.filter { !$0.isDeclaration }))
        }
    }

    func text(_ text: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].pieces.append(.text(text))
    }

    func end() throws(FormatError) {
        names.close()
        guard let node = open.popLast() else {
            _ = path.popLast()
            return
        }
        if !open.isEmpty {
            open[open.count - 1].pieces.append(.element(node))
        } else if node.term == "item" || node.term == "atom:entry" {
            try FeedItem(node).write(to: &items)
        } else if Self.kept.contains(node.term) {
            channel.pieces.append(.element(node))
        }
    }

    /// What is kept of a channel.
    private static let kept: Set<String> = [
        "title", "atom:title", "link", "atom:link", "lastBuildDate", "pubDate", "atom:updated",
        "atom:modified", "dc:date",
    ]

    private var document: [UInt8] {
        var items = items
        items.endArray()
        var writer = JSONWriter()
        let item = FeedItem(channel)
        writer.beginObject()
        writer.member("title", item.title)
        writer.member("link", item.link)
        writer.member("updated", item.updated)
        // RFC 5005: the next page of a feed that has several.
        writer.member("next", item.links("next").first)
        writer.key("items")
        writer.raw(items.bytes)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// A member that is a string, or null.
    mutating func member(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }
}
