import PullcordAdapter
import PullcordJSON

/// Makes an array of objects of a CSV file (RFC 4180), every value a string.
///
/// Rows end with CRLF, LF or CR; blank lines are no rows.
struct CSVReader {
    private let spec: CSVSpec
    private var columns: [[UInt8]] = []
    private var result: [UInt8] = [0x5B]
    /// The number of the text's first line.
    private let firstLine: Int

    init(_ spec: CSVSpec, firstLine: Int = 1) {
        self.spec = spec
        self.firstLine = firstLine
    }

    /// The names of the columns in the first row.
    static func columnNames(
        _ spec: CSVSpec, in text: [UInt8]
    ) throws(FormatError) -> [String] {
        var rows = CSVRows(spec: spec, text: text)
        return try names(try headerRow(&rows))
    }

    consuming func array(of text: [UInt8]) throws(FormatError) -> [UInt8] {
        result.reserveCapacity(text.count * 2)
        var rows = CSVRows(spec: spec, text: text, line: firstLine)
        switch spec.header {
        case .names(let names): columns = names.map(Self.member)
        case .firstRow:
            columns = try Self.names(try Self.headerRow(&rows)).map(Self.member)
        }
        while try rows.next() {
            guard rows.count == columns.count else {
                throw FormatError(
                    .csvRagged, at: "line \(rows.line)",
                    "the row has \(rows.count) fields, there are \(columns.count) columns",
                    hint: "check `delimiter` and `quote`; was the file cut?")
            }
            append(rows)
        }
        result.append(0x5D)
        return result
    }

    private static func headerRow(_ rows: inout CSVRows) throws(FormatError) -> CSVRows {
        guard try rows.next() else {
            throw FormatError(
                .csvEmpty, at: "line 1", "there is not even a row with the columns' names",
                hint: "if there is no such row, name the columns: `header: [id, name]`")
        }
        return rows
    }

    private static func names(_ rows: CSVRows) throws(FormatError) -> [String] {
        var names: [String] = []
        for index in 0..<rows.count {
            let name = String(decoding: rows.field(index), as: UTF8.self)
            let isTwice = names.contains(name)
            guard !name.isEmpty, !isTwice else {
                throw FormatError(
                    .csvHeader, at: "line \(rows.line)",
                    isTwice
                        ? "two columns are called `\(name.prefix(60))`"
                        : "column \(index + 1) has no name",
                    hint: "`header: [id, name]` names the columns; the first row is a record then")
            }
            names.append(name)
        }
        return names
    }

    /// The name as a string, with its colon.
    private static func member(_ name: String) -> [UInt8] {
        var text: [UInt8] = []
        JSONText.append(name.utf8, to: &text)
        return text + [0x3A]
    }

    private mutating func append(_ rows: CSVRows) {
        if result.count > 1 { result.append(0x2C) }
        result.append(0x7B)
        for index in columns.indices {
            if index > 0 { result.append(0x2C) }
            result.append(contentsOf: columns[index])
            let field = rows.field(index)
            if field.isEmpty, spec.emptyIsNull, !rows.isQuoted(index) {
                result.append(contentsOf: "null".utf8)
            } else {
                append(field)
            }
        }
        result.append(0x7D)
    }

    /// Most fields have nothing to escape and are copied as a whole.
    private mutating func append(_ field: ArraySlice<UInt8>) {
        result.append(0x22)
        if field.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            result.append(contentsOf: field)
        } else {
            JSONText.appendEscaped(field, to: &result)
        }
        result.append(0x22)
    }
}

/// Cuts a CSV text into rows and fields.
struct CSVRows {
    let spec: CSVSpec
    let text: [UInt8]
    /// The line on which the row begins, from 1.
    private(set) var line: Int
    private var nextLine: Int
    private var position = 0
    private var bytes: [UInt8] = []
    private var fields: [(end: Int, isQuoted: Bool)] = []

    init(spec: CSVSpec, text: [UInt8], line: Int = 1) {
        self.spec = spec
        self.text = text
        self.line = line
        nextLine = line
    }

    /// How many fields the row has.
    var count: Int { fields.count }

    func field(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : fields[index - 1].end)..<fields[index].end]
    }

    func isQuoted(_ index: Int) -> Bool { fields[index].isQuoted }

    /// Reads the next row that is not blank; false at the end.
    mutating func next() throws(FormatError) -> Bool {
        while position < text.count {
            line = nextLine
            bytes.removeAll(keepingCapacity: true)
            fields.removeAll(keepingCapacity: true)
            while try readField() {}
            let isBlank = fields.count == 1 && bytes.isEmpty && !fields[0].isQuoted
            if !isBlank { return true }
        }
        return false
    }

    /// Reads a field with what ends it; true if another of the row follows.
    private mutating func readField() throws(FormatError) -> Bool {
        let start = bytes.count
        if spec.trims { skipSpaces() }
        let isQuoted = position < text.count && spec.quote == text[position]
        if isQuoted {
            try readQuoted()
            if spec.trims { skipSpaces() }
        } else {
            try readPlain()
            if spec.trims { dropSpaces(to: start) }
        }
        fields.append((bytes.count, isQuoted))
        guard position < text.count else { return false }
        let byte = text[position]
        position += 1
        if byte == spec.delimiter { return true }
        if byte == 0x0D || byte == 0x0A {
            if byte == 0x0D, position < text.count, text[position] == 0x0A { position += 1 }
            nextLine += 1
            return false
        }
        throw FormatError(
            .csvQuote, at: "line \(nextLine)",
            "something stands between a closing quote and the end of its field",
            hint: "a quote within a field is written twice; if quotes mean nothing: `quote: none`")
    }

    private mutating func readPlain() throws(FormatError) {
        let start = position
        defer { bytes.append(contentsOf: text[start..<position]) }
        while position < text.count {
            let byte = text[position]
            if byte == spec.delimiter || byte == 0x0A || byte == 0x0D { return }
            guard byte != spec.quote else {
                throw FormatError(
                    .csvQuote, at: "line \(nextLine)",
                    "a quote stands in the middle of a field that does not begin with one",
                    hint: "if quotes mean nothing here, write `quote: none`")
            }
            position += 1
        }
    }

    private mutating func readQuoted() throws(FormatError) {
        let begin = nextLine
        position += 1
        var start = position
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == spec.quote {
                bytes.append(contentsOf: text[start..<(position - 1)])
                guard position < text.count, text[position] == byte else { return }
                // The second of two quotes begins the next run, and is a part of it.
                start = position
                position += 1
            } else if byte == 0x0A
                || byte == 0x0D && (position == text.count || text[position] != 0x0A)
            {
                nextLine += 1
            }
        }
        throw FormatError(
            .csvTruncated, at: "line \(begin)", "the quote that opens here is never closed",
            hint: "was the file cut? if quotes mean nothing here, write `quote: none`")
    }

    private mutating func skipSpaces() {
        while position < text.count, isSpace(text[position]) { position += 1 }
    }

    private mutating func dropSpaces(to start: Int) {
        while bytes.count > start, let last = bytes.last, isSpace(last) { bytes.removeLast() }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        (byte == 0x20 || byte == 0x09) && byte != spec.delimiter
    }
}
