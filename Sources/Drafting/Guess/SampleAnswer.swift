import PullcordAdapter
import PullcordFormats
import PullcordJSON
import PullcordModel

/// One answer of an API that a draft is made from.
package struct SampleAnswer: Sendable {
    /// As it was asked for, credentials in the query included.
    package let url: String
    package let status: Int
    /// In the order in which they came.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(
        url: String, status: Int, headers: [(name: String, value: String)], body: [UInt8]
    ) {
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// The bounds of what is looked at for a draft.
package enum DraftLimits {
    /// Bytes of an answer: a first page is smaller, and a tree of it takes ten times as much.
    package static let answerBytesMax = 8 << 20
    /// Bytes of a description of an API or a manifest in JSON.
    package static let documentBytesMax = 32 << 20
    /// Records that are compared with one another.
    static let recordsMax = 1000
    /// Members of an object that are looked at.
    static let membersMax = 300
    /// How deep lists and fields are looked for.
    static let depthMax = 5
    /// Fields of a record, those of objects in it included.
    static let fieldsMax = 400
    /// Requests besides the first.
    package static let probesMax = 3
}

/// An answer read: in which format it was, and the JSON that adapters see.
struct SamplePage {
    let format: FormatSpec
    /// What the draft says under `format`; nil for JSON.
    let draft: DraftValue?
    let value: JSONValue
    let evidence: String

    static func read(_ answer: SampleAnswer) throws(Problem) -> SamplePage {
        let type = answer.header("content-type")
        let mediaType = (type ?? "").prefix { $0 != ";" }.lowercased()
        let start = answer.body.drop {
            [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0)
        }
        guard let first = start.first else {
            throw Problem(
                code: "sample_empty", message: "the answer has no body",
                hint: "ask for a URL that lists something")
        }
        if first == 0x3C { return try markup(answer, start, type) }
        if first == 0x7B || first == 0x5B { return try json(answer, type) }
        if let delimiter = CSVSniffer.delimiter(of: start, isCSV: mediaType.contains("csv")) {
            var csv = CSVSpec()
            csv.delimiter = delimiter
            let draft: DraftValue =
                delimiter == 0x2C
                ? .text("csv")
                : .map([
                    DraftEntry(
                        "csv",
                        .map([
                            DraftEntry(
                                "delimiter",
                                text: String(Character(Unicode.Scalar(delimiter))))
                        ]))
                ])
            return try page(
                answer, FormatSpec(.csv, csv: csv), draft, type,
                because: "rows with as many fields each, and a header")
        }
        throw Problem(
            code: "sample_format",
            message: "the answer is neither JSON, NDJSON, XML, CSV nor a feed"
                + (mediaType.isEmpty ? "" : "; it calls itself \(mediaType)"),
            hint: "look at it with curl; perhaps another URL or an Accept header is needed: "
                + "--header 'Accept: application/json'")
    }

    private static func json(
        _ answer: SampleAnswer, _ type: String?
    ) throws(Problem) -> SamplePage {
        do throws(Problem) {
            return try page(answer, .json, nil, type, because: "it is one JSON value")
        } catch {
            let lines = answer.body.split(separator: 0x0A).filter { line in
                line.contains { $0 > 0x20 }
            }
            guard lines.count > 1 else { throw error }
            do throws(Problem) {
                return try page(
                    answer, FormatSpec(.ndjson), .text("ndjson"), type,
                    because: "each line is a JSON value")
            } catch _ {
                throw error
            }
        }
    }

    private static func markup(
        _ answer: SampleAnswer, _ start: ArraySlice<UInt8>, _ type: String?
    ) throws(Problem) -> SamplePage {
        let head = String(decoding: start.prefix(2048), as: UTF8.self).lowercased()
        if head.contains("<!doctype html") || head.contains("<html") {
            throw Problem(
                code: "sample_web_page", message: "the answer is a web page, not data",
                hint: "is it a login page? Give credentials, or ask for the API's own URL; "
                    + "--header 'Accept: application/json' helps with some")
        }
        let root =
            head.split(separator: "<").map { $0.prefix { !" \t\r\n>/".contains($0) } }
            .first { !$0.hasPrefix("?") && !$0.hasPrefix("!") }.map(String.init) ?? ""
        let name = root.split(separator: ":").last.map(String.init) ?? root
        switch name {
        case "rss", "rdf":
            return try page(answer, FormatSpec(.rss), .text("rss"), type, because: "it is RSS")
        case "feed":
            return try page(
                answer, FormatSpec(.atom), .text("atom"), type, because: "it is an Atom feed")
        case "envelope":
            return try page(
                answer, FormatSpec(.soap), .text("soap"), type, because: "it is a SOAP envelope")
        default:
            return try page(
                answer, FormatSpec(.xml), .text("xml"), type, because: "its root is <\(name)>")
        }
    }

    private static func page(
        _ answer: SampleAnswer, _ format: FormatSpec, _ draft: DraftValue?, _ type: String?,
        because evidence: String
    ) throws(Problem) -> SamplePage {
        let bytes: [UInt8]
        do throws(FormatError) {
            bytes = try PageFormat(format).json(answer.body, contentType: type)
        } catch {
            throw error.problem
        }
        do throws(JSONError) {
            let value = try JSONValue(parsing: bytes)
            return SamplePage(format: format, draft: draft, value: value, evidence: evidence)
        } catch {
            throw error.problem
        }
    }
}

/// Tells a table from prose.
enum CSVSniffer {
    /// The byte between fields; nil if the text is no table.
    static func delimiter(of text: ArraySlice<UInt8>, isCSV: Bool) -> UInt8? {
        let lines = text.prefix(64 << 10).split(separator: 0x0A).prefix(20)
        guard let header = lines.first, isCSV || lines.count > 1 else { return nil }
        var best: (delimiter: UInt8, count: Int)?
        for delimiter: UInt8 in [0x2C, 0x3B, 0x09, 0x7C] {
            let count = fields(header, delimiter)
            guard count > 1, count > best?.count ?? 0 else { continue }
            let agreeing = lines.dropFirst().count { fields($0, delimiter) == count }
            guard isCSV || agreeing * 10 >= lines.dropFirst().count * 8 else { continue }
            best = (delimiter, count)
        }
        return best?.delimiter ?? (isCSV ? 0x2C : nil)
    }

    private static func fields(_ line: ArraySlice<UInt8>, _ delimiter: UInt8) -> Int {
        var count = 1
        var isQuoted = false
        for byte in line {
            if byte == 0x22 { isQuoted.toggle() }
            if byte == delimiter, !isQuoted { count += 1 }
        }
        return count
    }
}
