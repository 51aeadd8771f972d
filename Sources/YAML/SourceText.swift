import PullcordModel

/// The characters of a file, checked before a parser sees them.
struct SourceText {
    let file: String
    /// Without a byte order mark; libyaml's marks index it.
    let characters: [Unicode.Scalar]

    /// - Throws: ``YAMLError`` `encoding` for what is not UTF-8 or not allowed in YAML
    ///   (YAML 1.2.2, section 5.1).
    init(_ bytes: [UInt8], file: String) throws(YAMLError) {
        self.file = file
        let start = Place(file: file, line: 1, column: 1)
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw YAMLError(
                code: .encoding, place: start, message: "the file is UTF-16, not UTF-8",
                hint: "save it as UTF-8")
        }
        var characters: [Unicode.Scalar] = []
        characters.reserveCapacity(bytes.count)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var place = (line: 1, column: 1)
        reading: while true {
            let here = Place(file: file, line: place.line, column: place.column)
            switch decoder.decode(&iterator) {
            case .emptyInput: break reading
            case .error:
                throw YAMLError(
                    code: .encoding, place: here, message: "a byte here is not UTF-8",
                    hint: "save the file as UTF-8")
            case .scalarValue(let character):
                if character == "\u{FEFF}", characters.isEmpty, place.column == 1 { continue }
                guard Self.isAllowed(character) else {
                    throw YAMLError(
                        code: .encoding, place: here,
                        message: "the control character \(Self.name(character)) is not allowed",
                        hint: "in double quotes it is written \(Self.escape(character))")
                }
                characters.append(character)
                place = character == "\n" ? (place.line + 1, 1) : (place.line, place.column + 1)
            }
        }
        self.characters = characters
    }

    func place(_ mark: Mark) -> Place {
        Place(file: file, line: mark.line + 1, column: mark.column + 1)
    }

    func character(at mark: Mark) -> Unicode.Scalar? {
        characters.indices.contains(mark.index) ? characters[mark.index] : nil
    }

    func slice(from start: Mark, to end: Mark) -> ArraySlice<Unicode.Scalar> {
        let lower = min(max(0, start.index), characters.count)
        return characters[lower..<min(max(lower, end.index), characters.count)]
    }

    private static func isAllowed(_ character: Unicode.Scalar) -> Bool {
        switch character.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func name(_ character: Unicode.Scalar) -> String {
        let digits = String(character.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func escape(_ character: Unicode.Scalar) -> String {
        let digits = String(character.value, radix: 16)
        let width = character.value < 0x100 ? 2 : 4
        return (width == 2 ? "\\x" : "\\u")
            + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
