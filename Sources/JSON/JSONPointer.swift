/// A JSON Pointer (RFC 6901): the way to one value of a document.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The keys and indexes from the root, decoded; none for the whole document.
    package let tokens: [String]

    package init(tokens: [String]) { self.tokens = tokens }

    /// Reads a pointer; nil if the text is none (section 3).
    package init?(parsing text: String) {
        guard !text.utf8.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == 0x2F else { return nil }
        var tokens: [String] = []
        let parts = Array(text.utf8).split(separator: 0x2F, omittingEmptySubsequences: false)
        for part in parts.dropFirst() {
            guard let token = Self.decoded(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    package var description: String {
        tokens.map { "/" + String(decoding: Self.escaped(Array($0.utf8)), as: UTF8.self) }.joined()
    }

    /// A key as it stands in a pointer: `~` and `/` are escaped.
    static func escaped(_ key: [UInt8]) -> [UInt8] {
        guard key.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return key }
        return key.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x7E: [0x7E, 0x30]
            case 0x2F: [0x7E, 0x31]
            default: [byte]
            }
        }
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == 0x7E else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case 0x30: bytes.append(0x7E)
            case 0x31: bytes.append(0x2F)
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An index of an array: digits without a zero in front (section 4); nil for anything else.
    static func index(_ token: String) -> Int? {
        guard !token.utf8.isEmpty, token.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            token.utf8.count == 1 || token.utf8.first != 0x30
        else { return nil }
        return Int(token)
    }

    /// The value that the pointer leads to; nil if there is none.
    package func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let members):
                guard let place = JSONValue.place(of: token, in: members) else { return nil }
                value = members[place].value
            case .array(let elements):
                guard let index = Self.index(token), elements.indices.contains(index) else {
                    return nil
                }
                value = elements[index]
            case .null, .bool, .number, .string: return nil
            }
        }
        return value
    }
}

extension JSONValue {
    /// Where a member stands; keys are compared by their bytes, as JSON has them.
    static func place(of key: String, in members: [Member]) -> Int? {
        members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }

    /// Whether both mean the same: members in any order, numbers by their value.
    package func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.number(let left), .number(let right)):
            left == right
                || JSONText.canonicalNumber(Array(left.utf8))
                    == JSONText.canonicalNumber(Array(right.utf8))
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { member in
                    guard let place = Self.place(of: member.key, in: right) else { return false }
                    return member.value.means(right[place].value)
                }
        case (.null, _), (.bool, _), (.string, _), (.number, _), (.array, _), (.object, _): false
        }
    }
}
