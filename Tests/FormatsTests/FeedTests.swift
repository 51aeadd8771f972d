import PullcordAdapter
import PullcordFormats
import PullcordJSON
import Testing

@Suite struct FeedTests {
    private static let rss2 = """
        <?xml version="1.0"?>
        <rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
          xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:a10="http://www.w3.org/2005/Atom">
        <channel><title>News</title><link>https://n.example/</link>
        <a10:link rel="next" href="https://n.example/?page=2"/>
        <image><title>Logo</title><link>https://n.example/logo</link></image>
        <item><title> One </title><link>https://n.example/1</link><guid isPermaLink="false">n1</guid>
          <media:title>Not this</media:title>
          <pubDate>Wed, 02 Oct 2002 08:00 EST</pubDate><a10:updated>2002-10-03T00:00:00Z</a10:updated>
          <dc:creator>Ann</dc:creator><description>&lt;p&gt;Hi&lt;/p&gt;</description>
          <content:encoded><![CDATA[<p>Hi all</p>]]></content:encoded>
          <category>x</category><category>y</category>
          <enclosure url="https://n.example/1.mp3" length="12" type="audio/mpeg"/></item>
        </channel></rss>
        """

    @Test func `an RSS item becomes a record with all its members`() throws {
        let feed = try JSONValue(parsing: Read.json(Self.rss2, .init(.rss)))
        #expect(feed["title"] == .string("News"))
        #expect(feed["next"] == .string("https://n.example/?page=2"))
        guard case .array(let items)? = feed["items"], let item = items.first else {
            Issue.record("no items")
            return
        }
        let expected: [String: String] = [
            "id": "n1", "title": "One", "link": "https://n.example/1",
            "published": "2002-10-02T13:00:00.000Z", "updated": "2002-10-03T00:00:00.000Z",
            "author": "Ann", "summary": "<p>Hi</p>", "content": "<p>Hi all</p>",
        ]
        for (name, text) in expected { #expect(item[name] == .string(text), "\(name)") }
        #expect(item["categories"] == .array([.string("x"), .string("y")]))
        #expect(
            item["raw"]?["media:title"] == .string("Not this"))
        guard case .array(let enclosures)? = item["enclosures"] else {
            Issue.record("no enclosures")
            return
        }
        #expect(enclosures.first?["url"] == .string("https://n.example/1.mp3"))
    }

    private static let atom = """
        <feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><updated>2026-01-01T00:00:00Z</updated>
        <entry><id>urn:1</id><title type="html">One</title><link rel="self" href="https://n.example/s"/>
          <link href="https://n.example/1"/><updated>2026-01-31T10:30:00+01:00</updated>
          <author><name>Ann</name><email>a@n.example</email></author><category term="x"/>
          <link rel="enclosure" type="audio/mpeg" href="https://n.example/1.mp3"/>
          <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p class="a">Hi &amp; <b>all</b></p></div></content></entry>
        </feed>
        """

    @Test func `an Atom entry has the same members as an RSS item`() throws {
        let feed = try JSONValue(parsing: Read.json(Self.atom, .init(.rss)))
        guard case .array(let items)? = feed["items"], let item = items.first,
            case .object(let members) = item
        else {
            Issue.record("no items")
            return
        }
        #expect(
            members.map(\.key) == [
                "id", "title", "link", "published", "updated", "author", "summary", "content",
                "categories", "enclosures", "raw",
            ])
        let expected = [
            "id": "urn:1", "link": "https://n.example/1", "updated": "2026-01-31T09:30:00.000Z",
            "author": "Ann", "content": #"<p class="a">Hi &amp; <b>all</b></p>"#,
        ]
        for (name, text) in expected { #expect(item[name] == .string(text), "\(name)") }
        #expect(item["published"] == .null)
        #expect(item["categories"] == .array([.string("x")]))
    }

    @Test(arguments: [
        ("<item><guid>g</guid><link>l</link></item>", "g"),
        ("<item><link>https://x.example/</link><title>t</title></item>", "https://x.example/"),
        ("<item><guid> </guid><link>l</link></item>", "l"),
    ])
    func `the id is the guid, else the link`(item: String, id: String) throws {
        let json = try Read.json("<rss><channel>\(item)</channel></rss>", .init(.rss))
        #expect(json.contains(#""items":[{"id":"\#(id)","#))
    }

    @Test func `without guid and link the id is a hash of title and date`() throws {
        let id = { (item: String) in
            let json = try Read.json("<rss><channel>\(item)</channel></rss>", .init(.rss))
            return json.split(separator: "\"id\":\"").last?.prefix { $0 != "\"" }
        }
        let one = try id("<item><title>t</title><pubDate>x</pubDate></item>")
        #expect(one?.hasPrefix("hash:") == true)
        #expect(
            try one == id("<item><pubDate>x</pubDate><title>t</title><author>a</author></item>"))
        #expect(try one != id("<item><title>t</title><pubDate>y</pubDate></item>"))
    }

    @Test(arguments: [
        """
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel><title>N</title></channel><item rdf:about="u1"><title>One</title></item></rdf:RDF>
        """,
        """
        <!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss.dtd">
        <rss version="0.91"><channel><title>N</title><item><title>One</title><link>u1</link></item></channel></rss>
        """,
    ])
    func `old kinds of RSS are read too`(text: String) throws {
        let json = try Read.json(text, .init(.atom))
        #expect(json.contains(#""items":[{"id":"u1","title":"One""#), "\(json)")
    }

    @Test(arguments: [
        ("<html/>", FormatError.Code.feedRoot), ("<item/>", .feedRoot),
        ("<feed/>", .feedRoot), ("", .xmlEmpty), ("<rss><channel>", .xmlTruncated),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>", .xmlDoctype),
        ("<rss><channel><item><title>&eacute;</title></item></channel></rss>", .xmlMalformed),
    ])
    func `what is no feed is refused`(text: String, code: FormatError.Code) {
        #expect(Read.refusal(text, .init(.rss))?.code == code)
    }

    @Test(arguments: [
        ("Wed, 02 Oct 2002 13:00:00 GMT", "2002-10-02T13:00:00.000Z"),
        ("2 Oct 02 15:00 +0200", "2002-10-02T13:00:00.000Z"),
        ("Wednesday, 02 October 2002 13:00:00", "2002-10-02T13:00:00.000Z"),
        ("02 Oct 1998 06:00:00 PDT", "1998-10-02T13:00:00.000Z"),
        ("2002-10-02", "2002-10-02T00:00:00.000Z"), ("2002-10", "2002-10-01T00:00:00.000Z"),
        ("2002-10-02T15:00+02:00", "2002-10-02T13:00:00.000Z"),
        ("yesterday", nil), ("32 Oct 2002 13:00:00 GMT", nil), ("Wed, 02 Okt 2002 13:00 GMT", nil),
        ("02 Oct 2002 25:00:00 GMT", nil), ("02 Oct 2002 13:00:00 QQQ", nil), (" ", nil),
    ])
    func `dates of all kinds become RFC 3339, others null`(text: String, time: String?) throws {
        let item = "<item><guid>1</guid><pubDate>\(text)</pubDate></item>"
        let json = try Read.json("<rss><channel>\(item)</channel></rss>", .init(.rss))
        let shown = time.map { "\"\($0)\"" } ?? "null"
        #expect(json.contains("\"published\":\(shown),"), "\(json)")
    }
}
