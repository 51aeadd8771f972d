package import PullcordAdapter
import PullcordJSON
import PullcordModel

/// Turns the body of an answer into the JSON that records are found in.
///
/// Pure: the same bytes and Content-Type give the same JSON.
package struct PageFormat: Sendable {
    let spec: FormatSpec

    package init(_ spec: FormatSpec) { self.spec = spec }

    /// Gives the body as UTF-8 JSON.
    ///
    /// JSON that is UTF-8 by its own word is handed on untouched. NDJSON and CSV become an array,
    /// XML an object with the root element, SOAP the object within the body, a feed
    /// `{title, link, updated, next, items}`.
    ///
    /// - Throws: ``FormatError``; a page is read whole or not at all.
    package func json(
        _ body: consuming [UInt8], contentType: String?
    ) throws(FormatError) -> [UInt8] {
        let decoder = TextDecoder(spec: spec, contentType: contentType)
        if spec.kind == .json, try decoder.isPlainJSON(body) { return body }
        try Self.refusePacked(body)
        let text = try decoder.text(body)
        let result: [UInt8]
        switch spec.kind {
        case .json, .headers: result = text
        case .ndjson: result = try NDJSONReader.array(of: text)
        case .csv: result = try CSVReader(spec.csv).array(of: text)
        case .xml: result = try XMLShaper.json(of: text, spec.xml)
        case .soap: result = try SOAPReader.json(of: text, spec.xml)
        case .rss, .atom: result = try FeedReader.json(of: text)
        }
        guard result.count <= Limits.pageBytesMax else {
            throw FormatError(
                .tooLarge, "the page has more than \(Limits.pageBytesMax) bytes as JSON",
                hint: "ask for smaller pages")
        }
        return result
    }

    /// The line of an NDJSON text that is no JSON, once the whole has been refused.
    package func brokenLine(in body: [UInt8], contentType: String?) -> FormatError? {
        guard spec.kind == .ndjson,
            let text = try? TextDecoder(spec: spec, contentType: contentType).text(body)
        else { return nil }
        return NDJSONReader.brokenLine(in: text)
    }

    static func refusePacked(_ body: [UInt8]) throws(FormatError) {
        let kinds: [(name: String, magic: [UInt8])] = [
            ("gzip", [0x1F, 0x8B]), ("zip", [0x50, 0x4B, 0x03, 0x04]),
            ("zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("xz", [0xFD, 0x37, 0x7A, 0x58]),
            ("bzip2", [0x42, 0x5A, 0x68]),
        ]
        guard let found = kinds.first(where: { body.starts(with: $0.magic) }) else { return }
        throw FormatError(
            .packed, at: "byte 0", "the file itself is packed with \(found.name)",
            hint: "ask for the unpacked file; gzip, br and zstd are undone where the answer names "
                + "them in Content-Encoding")
    }
}
