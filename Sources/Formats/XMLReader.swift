import Foundation
import FoundationXML

/// What hears of the parts of an XML text, in their order.
protocol XMLSink: AnyObject {
    /// An element begins; attributes stand in the order of their names.
    func start(_ name: String, _ attributes: [XMLAttribute]) throws(FormatError)
    func text(_ text: String)
    func end() throws(FormatError)
}

struct XMLAttribute {
    let name: String
    let value: String

    /// Whether it only declares a namespace.
    var isDeclaration: Bool { name == "xmlns" || name.hasPrefix("xmlns:") }
}

/// Reads XML by Foundation's parser as a stream of parts; no tree is made of it.
///
/// A document type is taken out or refused beforehand, so no entity can be declared, and depth is
/// bounded here and by libxml2.
enum XMLReader {
    /// - Throws: ``FormatError``: what the sink throws, or where the text is not well-formed.
    static func read(
        _ text: consuming [UInt8], into sink: any XMLSink, allowsDoctype: Bool = false
    ) throws(FormatError) {
        let cleaned = try XMLProlog.cleaned(text, allowsDoctype: allowsDoctype)
        guard cleaned.contains(where: { $0 > 0x20 }) else {
            throw FormatError(.xmlEmpty, "the body is empty, and nothing is not XML")
        }
        // A stream, for the parser refuses more than 10 MB in one piece.
        let parser = XMLParser(stream: InputStream(data: Data(cleaned)))
        let listener = Listener(sink)
        parser.delegate = listener
        parser.shouldProcessNamespaces = false
        parser.shouldResolveExternalEntities = false
        let isParsed = parser.parse()
        if let failure = listener.failure { throw failure }
        guard isParsed, listener.hasRoot, listener.depth == 0 else {
            throw FormatError(
                .xmlTruncated, at: "line \(parser.lineNumber), column \(parser.columnNumber)",
                "the text ends in the middle of an element", hint: "was it cut off?")
        }
    }

    /// Half of the depth that JSON may have: an element may become an array and an object.
    static let depthMax = 200
}

/// The parser's delegate: hands parts on and remembers the first failure.
private final class Listener: NSObject, XMLParserDelegate {
    private let sink: any XMLSink
    private(set) var failure: FormatError?
    private(set) var depth = 0
    private(set) var hasRoot = false

    init(_ sink: any XMLSink) { self.sink = sink }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        guard failure == nil else { return }
        hasRoot = true
        depth += 1
        let place = "line \(parser.lineNumber)"
        guard depth <= XMLReader.depthMax else {
            return fail(
                FormatError(
                    .xmlTooDeep, at: place, "elements nest deeper than \(XMLReader.depthMax)"),
                parser)
        }
        let sorted = attributes.map { XMLAttribute(name: $0.key, value: $0.value) }
            .sorted { $0.name < $1.name }
        do throws(FormatError) {
            try sink.start(name, sorted)
        } catch {
            fail(error, parser)
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        guard failure == nil, depth > 0 else { return }
        depth -= 1
        do throws(FormatError) {
            try sink.end()
        } catch {
            fail(error, parser)
        }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if failure == nil, depth > 0 { sink.text(text) }
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        if failure == nil, depth > 0 { sink.text(String(decoding: block, as: UTF8.self)) }
    }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
        let number = (error as NSError).code
        guard failure == nil, !Self.harmless.contains(number) else { return }
        let place = "line \(parser.lineNumber), column \(parser.columnNumber)"
        let isCut = number == 5 && depth > 0
        fail(
            FormatError(
                isCut ? .xmlTruncated : .xmlMalformed, at: place,
                isCut
                    ? "the text ends in the middle of an element"
                    : Self.words[number] ?? "this is not well-formed (libxml2 error \(number))",
                hint: isCut ? "was it cut off?" : ""), parser)
    }

    private func fail(_ error: FormatError, _ parser: XMLParser) {
        failure = error
        parser.abortParsing()
    }

    /// Warnings about namespaces (libxml2's `xmlParserErrors`): the text is well-formed.
    private static let harmless: Set<Int> = [98, 99, 100, 201, 202, 203, 204, 205]

    private static let words = [
        4: "this does not begin as XML", 5: "something follows the end of the root element",
        9: "a character is not allowed in XML", 26: "an entity is not declared",
        38: "`<` is not allowed in the value of an attribute",
        39: "the value of an attribute stands without quotes",
        42: "an element has the same attribute twice", 68: "a name is malformed",
        73: "a tag is not closed by `>`", 76: "an end tag does not fit its start tag",
        23: "an entity has no `;`, or `&` stands alone",
    ]
}
