import FoundationEssentials

/// The members of one JSON object, each with the bytes of its value as they stand in the text.
///
/// It finds where values begin and end without reading them, so that a record keeps its digits
/// and its spelling. It is no validator: what is inside of a value is not looked at.
struct JSONMembers {
    /// Members beyond this many are not looked at.
    private static let countMax = 4096

    private(set) var members: [(name: String, value: ArraySlice<UInt8>)] = []

    /// nil if the text is not one object from its first to its last byte.
    init?(_ text: ArraySlice<UInt8>) {
        var scanner = Scanner(rest: text)
        scanner.skipSpace()
        guard scanner.take(0x7B) else { return nil }
        scanner.skipSpace()
        if scanner.take(0x7D) {
            scanner.skipSpace()
            guard scanner.rest.isEmpty else { return nil }
            return
        }
        while members.count < Self.countMax {
            guard let quoted = scanner.takeString(), let name = Self.decoded(quoted) else {
                return nil
            }
            scanner.skipSpace()
            guard scanner.take(0x3A) else { return nil }
            scanner.skipSpace()
            guard let value = scanner.takeValue(), !value.isEmpty else { return nil }
            members.append((name, value))
            scanner.skipSpace()
            if scanner.take(0x2C) {
                scanner.skipSpace()
                continue
            }
            guard scanner.take(0x7D) else { return nil }
            scanner.skipSpace()
            guard scanner.rest.isEmpty else { return nil }
            return
        }
    }

    /// The items of one JSON array; nil if the text is none from its first to its last byte, or has
    /// more items than are looked at.
    static func items(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var scanner = Scanner(rest: text)
        var items: [ArraySlice<UInt8>] = []
        scanner.skipSpace()
        guard scanner.take(0x5B) else { return nil }
        scanner.skipSpace()
        var isAtEnd = scanner.take(0x5D)
        while !isAtEnd {
            guard items.count < countMax, let value = scanner.takeValue(), !value.isEmpty else {
                return nil
            }
            items.append(value)
            scanner.skipSpace()
            isAtEnd = scanner.take(0x5D)
            guard isAtEnd || scanner.take(0x2C) else { return nil }
            scanner.skipSpace()
        }
        return scanner.rest.isEmpty ? items : nil
    }

    /// The bytes of the first member of that name.
    func value(_ name: String) -> ArraySlice<UInt8>? {
        members.first { $0.name == name }?.value
    }

    /// A member that is a string.
    func string(_ name: String) -> String? { value(name).flatMap(Self.decoded) }

    /// A JSON string without its quotes and escapes; nil for any other value.
    static func decoded(_ value: ArraySlice<UInt8>) -> String? {
        guard value.count >= 2, value.first == 0x22, value.last == 0x22 else { return nil }
        let inner = value.dropFirst().dropLast()
        guard inner.contains(0x5C) else { return String(validating: inner, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(value))
    }
}

/// Walks over JSON text; nothing in it recurses, so depth costs no stack.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    /// A string with its quotes; nil if there is none, or no end to it.
    mutating func takeString() -> ArraySlice<UInt8>? {
        guard rest.first == 0x22 else { return nil }
        var index = rest.startIndex + 1
        while index < rest.endIndex {
            switch rest[index] {
            case 0x5C:
                index += 2
            case 0x22:
                defer { rest = rest[(index + 1)...] }
                return rest[...index]
            default:
                index += 1
            }
        }
        return nil
    }

    /// Any value: a string, an object or array up to the bracket that ends it, or a literal.
    mutating func takeValue() -> ArraySlice<UInt8>? {
        switch rest.first {
        case 0x22: return takeString()
        case 0x7B, 0x5B: return takeNested()
        default:
            let value = rest.prefix { byte in
                switch byte {
                case 0x2C, 0x7D, 0x5D, 0x20, 0x0A, 0x0D, 0x09: false
                default: true
                }
            }
            rest = rest[value.endIndex...]
            return value
        }
    }

    private mutating func takeNested() -> ArraySlice<UInt8>? {
        let all = rest
        var depth = 0
        while let byte = rest.first {
            if byte == 0x22 {
                guard takeString() != nil else { return nil }
                continue
            }
            rest.removeFirst()
            if byte == 0x7B || byte == 0x5B { depth += 1 }
            if byte == 0x7D || byte == 0x5D { depth -= 1 }
            if depth == 0 { return all[..<rest.startIndex] }
        }
        return nil
    }
}
