import PullcordAdapter

/// Finds out what the bytes of an answer are, and makes UTF-8 of them.
///
/// What counts, in this order: the adapter's `charset`, a byte order mark, the Content-Type, the
/// XML declaration (RFC 7303, section 3), and UTF-8 if nobody says anything.
struct TextDecoder {
    let spec: FormatSpec
    let contentType: String?

    /// Whether this is JSON that needs no conversion; its own reader checks that it is UTF-8.
    func isPlainJSON(_ body: [UInt8]) throws(FormatError) -> Bool {
        if let charset = spec.charset { return charset == .utf8 && !body.starts(with: Self.mark) }
        if body.starts(with: [0xFE, 0xFF]) || body.starts(with: [0xFF, 0xFE]) { return false }
        guard let declared = try declaredCharset() else { return true }
        return declared == .utf8 || declared == .ascii
    }

    func text(_ body: consuming [UInt8]) throws(FormatError) -> [UInt8] {
        let (charset, skipped) = try charset(of: body)
        return try Self.text(body, charset, skipping: skipped)
    }

    static func text(
        _ body: consuming [UInt8], _ charset: Charset, skipping skipped: Int
    ) throws(FormatError) -> [UInt8] {
        switch charset {
        case .utf8, .ascii:
            if skipped > 0 { body.removeFirst(skipped) }
            try Self.validate(body, offset: skipped)
            return body
        default:
            return try Transcoder.utf8(body, from: charset, skipping: skipped)
        }
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The character set, and how many bytes of its mark stand before the text.
    func charset(of body: [UInt8]) throws(FormatError) -> (Charset, skipped: Int) {
        let found = Self.byMark(body)
        if let given = spec.charset {
            // UTF-16 and its mark belong together; any other text may begin with such bytes.
            if given == .utf16 { return found ?? (Self.utf16Order(body), 0) }
            return given == found?.0 ? (given, found?.skipped ?? 0) : (given, 0)
        }
        if let found { return found }
        let isXML = spec.kind != .json && spec.kind != .ndjson && spec.kind != .csv
        let fromDeclaration = isXML ? try xmlCharset(body) : nil
        let declared = try declaredCharset() ?? fromDeclaration ?? .utf8
        if declared == .utf16 { return (Self.utf16Order(body), 0) }
        return (declared, 0)
    }

    private static func byMark(_ body: [UInt8]) -> (Charset, skipped: Int)? {
        if body.starts(with: mark) { return (.utf8, 3) }
        if body.starts(with: [0xFF, 0xFE, 0, 0]) { return (.utf32LittleEndian, 4) }
        if body.starts(with: [0, 0, 0xFE, 0xFF]) { return (.utf32BigEndian, 4) }
        if body.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        if body.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        return nil
    }

    /// Big-endian without a mark (RFC 2781, section 4.3), unless the first character says
    /// otherwise.
    private static func utf16Order(_ body: [UInt8]) -> Charset {
        body.count > 1 && body[1] == 0 && body[0] != 0 ? .utf16LittleEndian : .utf16BigEndian
    }

    private func declaredCharset() throws(FormatError) -> Charset? {
        guard let contentType else { return nil }
        for part in contentType.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2,
                pair[0].filter({ !$0.isWhitespace }).lowercased() == "charset"
            else { continue }
            let name = pair[1].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            return name.isEmpty ? nil : try Self.known(name, "the Content-Type")
        }
        return nil
    }

    /// What `<?xml … encoding="…"?>` says; a text in UTF-16 shows by its first two bytes.
    private func xmlCharset(_ body: [UInt8]) throws(FormatError) -> Charset? {
        if body.starts(with: [0x3C, 0]) { return .utf16LittleEndian }
        if body.starts(with: [0, 0x3C]) { return .utf16BigEndian }
        guard let name = XMLProlog.encoding(in: body) else { return nil }
        let found = try Self.known(name, "the XML declaration")
        // The declaration itself was read as ASCII.
        return found == .utf16 ? .utf8 : found
    }

    private static func known(_ name: String, _ where: String) throws(FormatError) -> Charset {
        if let found = Charset(declared: name) { return found }
        throw FormatError(
            .charsetUnknown, "\(`where`) names the unknown character set `\(name.prefix(40))`",
            hint: "say what it is with `charset` in `format`")
    }

    private static func validate(_ bytes: [UInt8], offset: Int) throws(FormatError) {
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        var position = 0
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        decoding: while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): position += UTF8.width(scalar)
            case .emptyInput, .error: break decoding
            }
        }
        let byte = position < bytes.count ? bytes[position] : 0
        throw Transcoder.wrong(byte, at: position + offset, .utf8)
    }
}
