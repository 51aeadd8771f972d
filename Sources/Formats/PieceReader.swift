package import PullcordAdapter
import PullcordModel

/// Reads a body of rows or lines that is too large for memory, in pieces that each hold whole
/// records.
///
/// Each piece is read as a page of its own: a place in an error is that in the whole body, and the
/// names of a CSV file's columns are those of its first row.
package struct PieceReader {
    private let spec: FormatSpec
    private let contentType: String?
    private var count: Int
    private let pieceBytes: Int
    private var cutter: RecordCutter
    /// What is known from the first bytes on; nil before they were read.
    private var opening: Opening?
    /// Where the bytes that are not yet read begin.
    private var position = 0
    /// What was read of the record that the next piece begins with.
    private var rest: [UInt8] = []
    private var line = 1
    /// The names of the columns, once the first row was read.
    private var names: [String]?

    private struct Opening {
        let charset: Charset
        /// Bytes of a byte order mark.
        let skipped: Int
        /// Whether the character set allows to cut the bytes at line breaks.
        let canBeCut: Bool
    }

    /// `count` is how many bytes the body has.
    package init(
        _ format: PageFormat, contentType: String?, count: Int,
        pieceBytes: Int = Limits.pieceBytes
    ) {
        spec = format.spec
        self.contentType = contentType
        self.count = count
        self.pieceBytes = pieceBytes
        cutter = RecordCutter(format.spec)
    }

    /// The next piece; nil after the last.
    ///
    /// `read` gives bytes of the body from an offset on. An empty body is one empty piece.
    package mutating func next(
        read: (_ offset: Int, _ count: Int) throws -> [UInt8]
    ) throws -> BodyPiece? {
        guard position < count || !rest.isEmpty || opening == nil else { return nil }
        let isFirst = opening == nil
        let start = position - rest.count
        var bytes = rest
        rest = []
        cutter.begin()
        while true {
            // A byte order mark must not be cut.
            let least = isFirst ? max(pieceBytes, 4) : pieceBytes
            let wanted = bytes.count < least ? least - bytes.count : bytes.count
            let more = try read(position, wanted)
            bytes += more
            position += more.count
            // A body that ends too early ends there; it is not asked for again and again.
            if more.isEmpty { count = position }
            let hasMore = position < count
            let known = try opening ?? open(bytes, hasMore: hasMore)
            opening = known
            if !known.canBeCut {
                guard hasMore else { return piece(bytes, at: start, known, isFirst: isFirst) }
                continue
            }
            guard hasMore else {
                _ = cutter.end(in: bytes, isLast: true)
                return piece(bytes, at: start, known, isFirst: isFirst)
            }
            if let end = cutter.end(in: bytes, isLast: false) {
                rest = Array(bytes[end...])
                bytes.removeSubrange(end...)
                let found = piece(bytes, at: start, known, isFirst: isFirst)
                if isFirst { names = try columnNames(in: found) }
                return found
            }
            guard bytes.count < Limits.pieceBytesMax else {
                throw FormatError(
                    .tooLarge, at: "line \(line), byte \(start)",
                    "a record has more than \(bytes.count) bytes",
                    hint: spec.kind == .csv
                        ? "check `quote`: is a quote never closed?" : "is it one record a line?")
            }
        }
    }

    private mutating func piece(
        _ bytes: [UInt8], at start: Int, _ known: Opening, isFirst: Bool
    ) -> BodyPiece {
        let firstLine = line
        line += cutter.lineBreaks
        return BodyPiece(
            bytes: bytes, spec: spec, charset: known.charset,
            skipped: isFirst ? known.skipped : 0, firstLine: firstLine, firstByte: start,
            isLast: position >= count && rest.isEmpty,
            contentType: contentType, names: names)
    }

    private mutating func open(_ bytes: [UInt8], hasMore: Bool) throws(FormatError) -> Opening {
        try PageFormat.refusePacked(bytes)
        let decoder = TextDecoder(spec: spec, contentType: contentType)
        let (charset, skipped) = try decoder.charset(of: bytes)
        let canBeCut = charset.keepsASCII
        guard canBeCut || count <= Limits.pageBytesMax else {
            throw FormatError(
                .tooLarge,
                "a text in \(charset.rawValue) of more than \(Limits.pageBytesMax) bytes cannot "
                    + "be read in pieces", hint: "ask for UTF-8")
        }
        return Opening(charset: charset, skipped: skipped, canBeCut: canBeCut)
    }

    /// What the first piece says of all others.
    private func columnNames(in piece: BodyPiece) throws(FormatError) -> [String]? {
        guard spec.kind == .csv, case .firstRow = spec.csv.header else { return nil }
        return try CSVReader.columnNames(spec.csv, in: try piece.text())
    }
}

/// Some whole records of a body, as they came.
package struct BodyPiece: Sendable {
    package let bytes: [UInt8]
    let spec: FormatSpec
    let charset: Charset
    let skipped: Int
    let firstLine: Int
    let firstByte: Int
    package let isLast: Bool
    let contentType: String?
    /// The names of the columns where an earlier piece has them.
    let names: [String]?

    /// What its bytes mean depends on this besides.
    package var context: String {
        "\(contentType ?? "") \(charset.rawValue) \(skipped) \(isLast) "
            + (names?.joined(separator: "\u{0}") ?? "")
    }

    /// Its records as a JSON array.
    package func json() throws(FormatError) -> [UInt8] {
        switch spec.kind {
        case .csv:
            var csv = spec.csv
            if let names { csv.header = .names(names) }
            return try CSVReader(csv, firstLine: firstLine).array(of: try text())
        case .json, .ndjson, .xml, .rss, .atom, .soap, .headers:
            return try NDJSONReader.array(of: try text(), from: start)
        }
    }

    /// The line that is no JSON, once the piece has been refused.
    package func brokenLine() -> FormatError? {
        guard spec.kind == .ndjson, let text = try? text() else { return nil }
        return NDJSONReader.brokenLine(in: text, from: start)
    }

    private var start: NDJSONReader.Start {
        NDJSONReader.Start(line: firstLine, byte: firstByte, isLast: isLast)
    }

    func text() throws(FormatError) -> [UInt8] {
        do throws(FormatError) {
            return try TextDecoder.text(bytes, charset, skipping: skipped)
        } catch {
            guard error.code == .charsetByte, firstByte > 0 else { throw error }
            throw FormatError(
                error.code, at: "\(error.place) after byte \(firstByte)", error.message,
                hint: error.hint)
        }
    }
}

extension PageFormat {
    /// Whether a body of this format can be read in pieces.
    package static func isReadInPieces(_ kind: FormatSpec.Kind) -> Bool {
        switch kind {
        case .ndjson, .csv: true
        case .json, .xml, .rss, .atom, .soap, .headers: false
        }
    }
}

extension Charset {
    /// Whether bytes below 0x40 stand for themselves only, wherever a text is cut.
    fileprivate var keepsASCII: Bool {
        switch self {
        case .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian,
            .iso2022JP, .gb18030:
            false
        default: true
        }
    }
}
