/// What stands before the root element of an XML text.
enum XMLProlog {
    /// The encoding that the XML declaration names; nil without one.
    static func encoding(in bytes: [UInt8]) -> String? {
        guard bytes.starts(with: Array("<?xml".utf8)),
            let end = bytes.prefix(512).firstIndex(of: 0x3E)
        else { return nil }
        let declaration = String(decoding: bytes[..<end], as: UTF8.self)
        guard let range = declaration.firstRange(of: "encoding") else { return nil }
        let rest = declaration[range.upperBound...].drop { $0.isWhitespace || $0 == "=" }
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
        return String(rest.dropFirst().prefix { $0 != quote })
    }

    /// The text without its declaration, which speaks of the bytes before they were converted,
    /// and, where allowed, without a document type that only points elsewhere.
    ///
    /// Both become spaces, so that lines and columns stay as they are. A document type with
    /// declarations in it is refused always: entities can blow up or reach out.
    static func cleaned(
        _ text: consuming [UInt8], allowsDoctype: Bool
    ) throws(FormatError) -> [UInt8] {
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                position += 1
            } else if text[position...].starts(with: "<?xml ".utf8) {
                let end = find("?>", in: text, from: position)
                blank(&text, position..<end)
                position = end
            } else if text[position...].starts(with: "<?".utf8) {
                position = find("?>", in: text, from: position)
            } else if text[position...].starts(with: "<!--".utf8) {
                position = find("-->", in: text, from: position + 4)
            } else if text[position...].starts(with: "<!".utf8) {
                let end = find(">", in: text, from: position)
                guard allowsDoctype, !text[position..<end].contains(0x5B) else {
                    throw FormatError(
                        .xmlDoctype, at: "line \(line(of: position, in: text))",
                        "the document has a document type (<!DOCTYPE …>), which is refused",
                        hint: "entities of its own can blow up or reach out; ask for XML without")
                }
                blank(&text, position..<end)
                position = end
            } else {
                break
            }
        }
        return text
    }

    /// The position after `mark`, or the end.
    private static func find(_ mark: String, in text: [UInt8], from start: Int) -> Int {
        let mark = Array(mark.utf8)
        var position = start
        while position < text.count {
            if text[position...].starts(with: mark) { return position + mark.count }
            position += 1
        }
        return text.count
    }

    private static func blank(_ text: inout [UInt8], _ range: Range<Int>) {
        for index in range where text[index] != 0x0A { text[index] = 0x20 }
    }

    private static func line(of position: Int, in text: [UInt8]) -> Int {
        1 + text[..<position].count { $0 == 0x0A }
    }
}
