import PullcordModel

/// How the characters of a scalar's text lie in the file.
enum ScalarSpread: Sendable, Equatable {
    /// On one line without escapes, `indent` characters after the scalar's own place.
    case verbatim(indent: Int)
    /// Line and column of every character of the text.
    case scattered([Position])

    struct Position: Sendable, Equatable {
        let line: Int32
        let column: Int32
    }

    func place(ofCharacter offset: Int, from start: Place) -> Place {
        switch self {
        case .verbatim(let indent):
            let (column, overflow) = start.column.addingReportingOverflow(indent &+ max(0, offset))
            return Place(
                file: start.file, line: start.line, column: overflow ? start.column : column)
        case .scattered(let positions):
            guard let last = positions.last else { return start }
            let position = positions.indices.contains(offset) ? positions[offset] : last
            return Place(
                file: start.file, line: Int(position.line), column: Int(position.column))
        }
    }

    /// Finds the characters of `text` in the source of the scalar.
    ///
    /// `source` is the scalar as the file has it, quotes and block header included.
    init(
        text: String, style: YAMLScalar.Style, source: ArraySlice<Unicode.Scalar>, line: Int,
        column: Int
    ) {
        let isQuoted = style == .singleQuoted || style == .doubleQuoted
        let indent = isQuoted ? 1 : 0
        let isBlock = style == .literal || style == .folded
        let characters = text.unicodeScalars
        if !isBlock, source.dropFirst(indent).starts(with: characters) {
            self = .verbatim(indent: indent)
            return
        }
        // Only templates and expressions ask for places inside a text; both are short.
        guard characters.count <= 65_536 else {
            self = .verbatim(indent: 0)
            return
        }
        var walker = SourceWalker(source: source, style: style, line: line, column: column)
        walker.skipOpening()
        self = .scattered(characters.map { walker.position(of: $0) })
    }
}

/// Walks through the source of a scalar beside its text.
private struct SourceWalker {
    let source: ArraySlice<Unicode.Scalar>
    let style: YAMLScalar.Style
    var index: Int
    var line: Int
    var column: Int

    init(source: ArraySlice<Unicode.Scalar>, style: YAMLScalar.Style, line: Int, column: Int) {
        self.source = source
        self.style = style
        self.line = line
        self.column = column
        index = source.startIndex
    }

    private var current: Unicode.Scalar? { index < source.endIndex ? source[index] : nil }

    /// The opening quote, or the header line of a block.
    mutating func skipOpening() {
        switch style {
        case .plain: return
        case .singleQuoted, .doubleQuoted: advance()
        case .literal, .folded:
            while let character = current, character != "\n" { advance() }
            advance()
        }
    }

    /// White space is folded and indentation dropped, so only other characters say where we are.
    mutating func position(of character: Unicode.Scalar) -> ScalarSpread.Position {
        if !Self.isBlank(character) {
            while let blank = current, Self.isBlank(blank) { advance() }
            skipFoldedBreaks()
        }
        let position = ScalarSpread.Position(
            line: Int32(clamping: line), column: Int32(clamping: column))
        if Self.isBlank(character), let blank = current, !Self.isBlank(blank), blank != "\\" {
            return position
        }
        advanceOverOne()
        return position
    }

    /// A `\` at the end of a line of a double-quoted text joins it with the next.
    private mutating func skipFoldedBreaks() {
        while style == .doubleQuoted, current == "\\", index + 1 < source.endIndex,
            source[index + 1] == "\n"
        {
            advance()
            while let blank = current, Self.isBlank(blank) { advance() }
        }
    }

    private mutating func advanceOverOne() {
        if style == .doubleQuoted, current == "\\" {
            advance()
            let digits =
                switch current {
                case "x": 2
                case "u": 4
                case "U": 8
                default: 0
                }
            for _ in 0...digits { advance() }
        } else if style == .singleQuoted, current == "'" {
            advance()
            advance()
        } else {
            advance()
        }
    }

    private mutating func advance() {
        guard let character = current else { return }
        index += 1
        if character == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }

    private static func isBlank(_ character: Unicode.Scalar) -> Bool {
        character == " " || character == "\n" || character == "\r" || character == "\t"
    }
}
