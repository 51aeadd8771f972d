/// One header field: a name and a value.
package struct HTTPField: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The header fields of an answer, in the order in which they came.
///
/// They stay one block of bytes until they are asked for: most answers are asked for two or three
/// of their fields only. Names compare without regard to case (RFC 9110, section 5.1). Bytes
/// that are not UTF-8 become U+FFFD.
package struct HTTPHeaders: Sendable {
    /// Lines `name: value`, each ended by a line feed; no carriage return before it.
    private var block: [UInt8] = []

    package init() {}

    /// Makes headers from fields; line breaks within a field become spaces.
    package init(_ fields: [HTTPField]) {
        for field in fields {
            append(line: Array("\(field.name): \(field.value)".utf8.map(Self.flattened)))
        }
    }

    /// The value of the first field of that name.
    package func value(of name: String) -> String? {
        var found: String?
        scan { line in
            guard let value = Self.value(in: line, of: name.utf8) else { return true }
            found = value
            return false
        }
        return found
    }

    /// The values of all fields of that name, in order; lists within one value are not split.
    package func values(of name: String) -> [String] {
        var found: [String] = []
        scan { line in
            if let value = Self.value(in: line, of: name.utf8) { found.append(value) }
            return true
        }
        return found
    }

    /// All fields, in order; a line without a colon is left out.
    package var fields: [HTTPField] {
        var found: [HTTPField] = []
        scan { line in
            if let colon = line.firstIndex(of: Self.colon) {
                let name = String(decoding: line[..<colon], as: UTF8.self)
                found.append(HTTPField(name, Self.trimmed(line[(colon + 1)...])))
            }
            return true
        }
        return found
    }

    /// Adds one line as it came from the wire; a folded line continues the one before it
    /// (RFC 9112, section 5.2).
    mutating func append(line: some Collection<UInt8>) {
        if let first = line.first, first == 0x20 || first == 0x09, !block.isEmpty {
            block.removeLast()
        }
        block.append(contentsOf: line)
        while let last = block.last, last == 0x0A || last == 0x0D { block.removeLast() }
        block.append(Self.lineFeed)
    }

    /// Forgets all lines and keeps nothing of their memory.
    mutating func removeAll() { block = [] }

    private static let colon: UInt8 = 0x3A
    private static let lineFeed: UInt8 = 0x0A

    private static func flattened(_ byte: UInt8) -> UInt8 {
        byte == 0x0A || byte == 0x0D ? 0x20 : byte
    }

    /// Visits each line until the visitor returns false.
    private func scan(_ visit: (ArraySlice<UInt8>) -> Bool) {
        var start = 0
        while let end = block[start...].firstIndex(of: Self.lineFeed) {
            guard visit(block[start..<end]) else { return }
            start = end + 1
        }
    }

    private static func value(in line: ArraySlice<UInt8>, of name: String.UTF8View) -> String? {
        var index = line.startIndex
        for byte in name {
            guard index < line.endIndex, lowered(line[index]) == lowered(byte) else { return nil }
            index += 1
        }
        guard index < line.endIndex, line[index] == colon else { return nil }
        return trimmed(line[(index + 1)...])
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isText: (UInt8) -> Bool = { $0 != 0x20 && $0 != 0x09 }
        guard let first = bytes.firstIndex(where: isText),
            let last = bytes.lastIndex(where: isText)
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

extension HTTPHeaders: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.fields == right.fields }
}
