import PullcordAdapter
import PullcordFormats
import PullcordJSON
import PullcordModel
import PullcordTransfer

/// The body of an answer, as far as masks can look into it.
struct RecordedBody {
    private enum Content {
        case json(JSONValue)
        /// NDJSON: each line, and what it says; nil for a blank one.
        case lines([(text: String, value: JSONValue?)])
        /// A text of another format, with all formats that read it: whose it is, nobody says here.
        case text([UInt8], [FormatSpec])
    }

    private let content: Content
    private let contentType: String?

    /// `formats` are those that the adapter reads.
    init(_ response: HTTPResponse, formats: [FormatSpec]) {
        let type = response.headers.value(of: "content-type")
        contentType = type
        let readers = formats.filter { Self.value(of: response.body, $0, type) != nil }
        if let value = Self.json(response.body, type, formats),
            // A lone word or number may as well be a table of one cell.
            value.isContainer || readers.allSatisfy({ $0.kind == .json })
        {
            content = .json(value)
        } else if let lines = Self.lines(response.body) {
            content = .lines(lines)
        } else {
            content = .text(response.body, readers)
        }
    }

    /// JSON in whatever character set the answer names: a test holds it in UTF-8, which a charset
    /// of the adapter's own would misread.
    private static func json(
        _ body: [UInt8], _ contentType: String?, _ formats: [FormatSpec]
    ) -> JSONValue? {
        if let value = try? JSONValue(parsing: body) { return value }
        guard formats.allSatisfy({ $0.charset == nil }) else { return nil }
        return value(of: body, FormatSpec(), contentType)
    }

    private static func lines(_ body: [UInt8]) -> [(text: String, value: JSONValue?)]? {
        guard String(validating: body, as: UTF8.self) != nil else { return nil }
        var lines: [(text: String, value: JSONValue?)] = []
        // By bytes: to Swift, CR LF is one character, and no LF.
        for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let text = String(decoding: line, as: UTF8.self)
            let isBlank = text.allSatisfy(\.isWhitespace)
            let value = isBlank ? nil : try? JSONValue(parsing: text)
            guard isBlank || value?.isContainer == true else { return nil }
            lines.append((text, value))
        }
        return lines.contains { $0.value != nil } ? lines : nil
    }

    private static func value(
        of body: [UInt8], _ format: FormatSpec, _ contentType: String?
    ) -> JSONValue? {
        guard let json = try? PageFormat(format).json(body, contentType: contentType) else {
            return nil
        }
        // The byte order mark of UTF-8 stays before JSON that needs no conversion.
        let hasMark = json.starts(with: [0xEF, 0xBB, 0xBF])
        return try? JSONValue(parsing: hasMark ? Array(json.dropFirst(3)) : json)
    }

    var isJSON: Bool { if case .json = content { true } else { false } }

    /// What it says, as adapters see it.
    var values: [JSONValue] {
        switch content {
        case .json(let value): [value]
        case .lines(let lines): lines.compactMap(\.value)
        case .text(let bytes, let readers):
            readers.compactMap { Self.value(of: bytes, $0, contentType) }
        }
    }

    /// As a test holds it, masked and cut; nil for an empty one.
    ///
    /// Throws ``Problem`` if it says something that `masker` hides, and cannot be written
    /// without that.
    func member(
        _ masker: Masker, _ cut: RecordedCut
    ) throws(Problem) -> JSONValue.Member? {
        switch content {
        case .json(let value): return .init("json", masker.json(cut.cut(value)))
        case .lines(let lines):
            let texts = cut.cut(lines).map { line in
                guard let value = line.value else { return line.text }
                let masked = masker.json(value)
                // What holds nothing to mask stays as it was written.
                return masked == value
                    ? line.text : String(decoding: masked.serialized, as: UTF8.self)
            }
            return .init("text", .string(texts.joined(separator: "\n")))
        case .text(let bytes, let readers):
            guard !bytes.isEmpty else { return nil }
            return try text(bytes, readers, masker)
        }
    }

    private func text(
        _ bytes: [UInt8], _ readers: [FormatSpec], _ masker: Masker
    ) throws(Problem) -> JSONValue.Member {
        let isBlank = bytes.allSatisfy { $0 <= 0x20 }
        guard masker.paths.isEmpty || !readers.isEmpty || isBlank else {
            throw Self.refusal(
                "an answer may hold what --mask hides: no format of the adapter reads it")
        }
        let kinds = Set(readers.map(\.kind.rawValue)).sorted().joined(separator: " or ")
        let what = "an answer in the format \(kinds) holds what --mask hides, and cannot be masked"
        let hidden = Set(values.flatMap { masker.hidden(in: $0) })
        guard let text = String(validating: bytes, as: UTF8.self) else {
            guard hidden.isEmpty else { throw Self.refusal("\(what): it is not UTF-8") }
            return .init("base64", .string(Base64.encode(bytes)))
        }
        let masked = masker.within(text, hidden)
        for format in readers where !hidden.isEmpty {
            let value = Self.value(of: Array(masked.utf8), format, contentType)
            guard let value, hidden.isDisjoint(with: masker.hidden(in: value)) else {
                throw Self.refusal("\(what): a value there is too short to be told from others")
            }
        }
        return .init("text", .string(masker.text(masked)))
    }

    private static func refusal(_ message: String) -> Problem {
        Problem(
            code: "record_mask", message: message,
            hint: "record without --mask into a private place, and write other values by hand")
    }
}

/// Which records of a page are kept: the first ones, and the last one, which the next page may be
/// asked for by.
///
/// Pages of JSON are cut where the path to their records is plain, and NDJSON where a line is a
/// record. Others stay whole: CSV, XML, SOAP and feeds have more than records.
struct RecordedCut {
    /// nil for all.
    let keep: Int?
    /// Where records stand in bodies, for those streams that say so plainly.
    let paths: [[String]]
    /// Where bodies and headers say how many records there are in all.
    ///
    /// A page that is cut says how many it has itself: that is never more than there are.
    let totals: [AnswerValue]

    func cut(_ value: JSONValue) -> JSONValue {
        guard let keep, let (path, items) = list(in: value) else { return value }
        let kept = JSONValue.array(Self.kept(items, keep))
        guard !path.isEmpty else { return kept }
        let count = JSONValue.number(String(min(keep, items.count)))
        return totals.compactMap(\.bodyField).map { PlainSteps.of($0.text) }
            .filter { !$0.isEmpty && value.member(at: $0.joined(separator: ".")) != nil }
            .reduce(value.setting(path.joined(separator: "."), to: kept)) {
                $0.setting($1.joined(separator: "."), to: count)
            }
    }

    /// What a header says instead that tells how many records there are; nil for other headers.
    func total(in header: String, beside body: RecordedBody) -> String? {
        guard let keep, body.isJSON, totals.contains(where: { $0 == .header(header) }),
            let value = body.values.first, let (_, items) = list(in: value)
        else { return nil }
        return String(min(keep, items.count))
    }

    private func list(in value: JSONValue) -> (path: [String], items: [JSONValue])? {
        for path in paths {
            if case .array(let items)? = value.member(at: path.joined(separator: ".")) {
                return (path, items)
            }
        }
        return nil
    }

    func cut(
        _ lines: [(text: String, value: JSONValue?)]
    ) -> [(text: String, value: JSONValue?)] {
        guard let keep, paths.contains([]) else { return lines }
        let records = lines.filter { $0.value != nil }
        guard records.count > keep else { return lines }
        return Self.kept(records, keep) + [("", nil)]
    }

    private static func kept<Item>(_ items: [Item], _ keep: Int) -> [Item] {
        items.count <= keep ? items : items.prefix(keep - 1) + items.suffix(1)
    }
}

/// The members of a plain path.
enum PlainSteps {
    /// Empty for a path that is not plain, or leads to the root.
    static func of(_ path: String) -> [String] {
        isPlain(path) ? path.split(separator: ".").map { String($0) } : []
    }

    static func isPlain(_ path: String) -> Bool {
        path.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "." }
    }
}

extension JSONValue {
    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }
}
