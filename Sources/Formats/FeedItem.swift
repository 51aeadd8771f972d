import PullcordAdapter
import PullcordJSON
import PullcordModel

/// What an item or entry means, with the same members whichever kind of feed it is of.
struct FeedItem {
    private let node: XMLNode

    init(_ node: XMLNode) { self.node = node }

    /// All members are always there; what the feed has not is null or empty.
    func write(to writer: inout JSONWriter) throws(FormatError) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("title", title)
        writer.member("link", link)
        writer.member("published", published)
        writer.member("updated", updated)
        writer.member("author", author)
        writer.member("summary", body("description", "atom:summary"))
        writer.member("content", body("content:encoded", "atom:content"))
        writer.key("categories")
        writer.beginArray()
        for category in categories { writer.string(category) }
        writer.endArray()
        writer.key("enclosures")
        writer.beginArray()
        for enclosure in enclosures {
            writer.beginObject()
            writer.member("url", enclosure.attribute("url") ?? enclosure.attribute("href"))
            writer.member("type", enclosure.attribute("type"))
            writer.member("length", enclosure.attribute("length"))
            writer.endObject()
        }
        writer.endArray()
        writer.key("raw")
        writer.raw(try raw())
        writer.endObject()
    }

    /// guid or Atom's id, else the link, else a hash of title and date.
    private var id: String {
        if let given = text("guid", "atom:id") ?? node.attribute("rdf:about") ?? link {
            return given
        }
        var hasher = IdentityHasher()
        hasher.add(title ?? "")
        hasher.add(text("pubDate", "dc:date", "atom:published", "atom:updated") ?? "")
        if title == nil { hasher.add(body("description", "atom:summary") ?? "") }
        return "hash:\(hasher.finish())"
    }

    var title: String? { text("title", "atom:title", "dc:title") }

    var link: String? {
        if let found = text("link") ?? links("alternate").first { return found }
        guard let guid = node.first("guid"), guid.attribute("isPermaLink") != "false" else {
            return nil
        }
        let text = Self.trimmed(guid.text)
        return text.hasPrefix("http://") || text.hasPrefix("https://") ? text : nil
    }

    /// The targets of Atom's links with this relation; without one it is `alternate`.
    func links(_ relation: String) -> [String] {
        node.children.filter {
            $0.term == "atom:link" && ($0.attribute("rel") ?? "alternate") == relation
        }.compactMap { $0.attribute("href") }
    }

    private var published: String? {
        date("pubDate", "atom:published", "atom:issued", "dc:date", "dcterms:created")
    }

    var updated: String? {
        date("atom:updated", "atom:modified", "dcterms:modified", "lastBuildDate") ?? published
    }

    private var author: String? {
        let person = node.children.first { $0.term == "atom:author" }
        let name = person?.first("atom:name", "atom:email").map { Self.trimmed($0.text) }
        return name ?? text("author", "dc:creator")
    }

    private var categories: [String] {
        node.children.compactMap { child in
            switch child.term {
            case "category", "dc:subject": Self.trimmed(child.text)
            case "atom:category": child.attribute("term")
            default: nil
            }
        }.filter { !$0.isEmpty }
    }

    private var enclosures: [XMLNode] {
        node.children.filter {
            $0.term == "enclosure"
                || $0.term == "atom:link" && $0.attribute("rel") == "enclosure"
        }
    }

    /// Text or markup; XHTML within Atom stays markup.
    private func body(_ rss: String, _ atom: String) -> String? {
        guard let found = node.first(rss, atom) else { return nil }
        guard found.attribute("type") == "xhtml" else { return found.text }
        let div = found.children.first
        return Self.trimmed(div?.markup ?? found.text)
    }

    private func date(_ terms: String...) -> String? {
        for term in terms {
            guard let found = node.first(term) else { continue }
            if let time = FeedDate.read(found.text) { return time.description }
        }
        return nil
    }

    private func text(_ terms: String...) -> String? {
        for term in terms {
            if let found = node.first(term) { return Self.trimmed(found.text) }
        }
        return nil
    }

    /// The item as XML's own shape.
    private func raw() throws(FormatError) -> [UInt8] {
        let shaper = XMLShaper(XMLSpec())
        let whole = RawItem()
        shaper.ended = { path, _, json in if path.count == 1 { whole.json = json } }
        try node.replay(into: shaper)
        return whole.json
    }

    private final class RawItem {
        var json: [UInt8] = Array("null".utf8)
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
