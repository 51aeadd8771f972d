/// A JSON value as a tree, for small texts off the hot path.
///
/// Members keep their order, numbers their text.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number as it is written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Reads one strictly valid JSON text.
    ///
    /// - Throws: ``JSONError``, as ``ScanPlan/scan(_:)`` does.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        _ = try ScanPlan.validation.scan(bytes)
        self =
            PageBytes.with(bytes) { page in
                var builder = TreeBuilder(page: page)
                return builder.value()
            } ?? .null
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The member of an object, or nil.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// Compact JSON text.
    package var serialized: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

/// Builds a tree from a text that has been found valid, so it checks nothing.
private struct TreeBuilder {
    let page: PageBytes
    private var position = 0

    init(page: PageBytes) { self.page = page }

    mutating func value() -> JSONValue {
        skip()
        switch page[position] {
        case 0x22: return .string(string())
        case 0x7B: return object()
        case 0x5B: return array()
        case 0x74: return word(4, .bool(true))
        case 0x66: return word(5, .bool(false))
        case 0x6E: return word(4, .null)
        default: return number()
        }
    }

    /// Goes past white space, commas and colons: in a valid text they need no distinction.
    private mutating func skip() {
        while [0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x3A].contains(page[position]) { position += 1 }
    }

    private mutating func word(_ count: Int, _ value: JSONValue) -> JSONValue {
        position += count
        return value
    }

    private mutating func number() -> JSONValue {
        let start = position
        while [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(page[position])
            || page[position] &- 0x30 < 10
        {
            position += 1
        }
        return .number(text(start..<position))
    }

    private mutating func string() -> String {
        let start = position + 1
        position = start
        while page[position] != 0x22 { position += page[position] == 0x5C ? 2 : 1 }
        position += 1
        return text(start..<position - 1)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: StringText.decoded(page, range), as: UTF8.self)
    }

    private mutating func array() -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        while true {
            skip()
            if page[position] == 0x5D { break }
            elements.append(value())
        }
        position += 1
        return .array(elements)
    }

    private mutating func object() -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        while true {
            skip()
            if page[position] == 0x7D { break }
            let key = string()
            members.append(JSONValue.Member(key, value()))
        }
        position += 1
        return .object(members)
    }
}
