/// A plain path of jq: `.`, `.a.b`, `.a["b c"][0]`, `."x"`.
///
/// It may end in `[]` and in `// []`, which only mean something where records are read. In a
/// mask `[]` may stand anywhere (see ``init(pattern:)``).
package struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    package enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
        /// Every element of an array, every value of an object.
        case each
    }

    package let steps: [Step]
    /// Whether the text ends in `[]`: an object there means its values.
    package let iterates: Bool
    /// Whether the text ends in `// []`: null, false or nothing there is an empty list.
    package let isOptional: Bool

    /// The whole value.
    package static let root = JSONPath(steps: [])

    package init(steps: [Step]) {
        self.steps = steps
        iterates = false
        isOptional = false
    }

    /// Reads a plain path; nil if the text is any other jq program, or none.
    package init?(parsing text: String) {
        guard let parsed = PathParser.parse(text), !parsed.steps.dropLast().contains(.each) else {
            return nil
        }
        iterates = parsed.steps.last == .each
        steps = iterates ? Array(parsed.steps.dropLast()) : parsed.steps
        isOptional = parsed.isOptional
    }

    /// Reads a path of a mask, where `[]` may stand anywhere (`.items[].seen_at`).
    package init?(pattern text: String) {
        guard let parsed = PathParser.parse(text), !parsed.isOptional else { return nil }
        steps = parsed.steps
        iterates = false
        isOptional = false
    }

    /// Whether it names one value: only such a path can be captured.
    package var isSingle: Bool { !iterates && !isOptional && !steps.contains(.each) }

    package var description: String {
        var text = steps.isEmpty ? "." : ""
        for step in steps {
            switch step {
            case .key(let key) where PathParser.isName(key): text += ".\(key)"
            case .key(let key): text += (text.isEmpty ? "." : "") + "[\(JSONText.quoted(key))]"
            case .index(let index): text += (text.isEmpty ? "." : "") + "[\(index)]"
            case .each: text += (text.isEmpty ? "." : "") + "[]"
            }
        }
        return text + (iterates ? "[]" : "") + (isOptional ? " // []" : "")
    }
}

/// Reads the part of jq's grammar that is a path, and nothing else of it.
struct PathParser {
    /// More steps than this are left to jq.
    private static let stepsMax = 64

    private let bytes: [UInt8]
    private var position = 0

    static func parse(_ text: String) -> (steps: [JSONPath.Step], isOptional: Bool)? {
        var parser = PathParser(bytes: Array(text.utf8))
        parser.skipSpace()
        guard let steps = parser.steps(), steps.count <= stepsMax else { return nil }
        parser.skipSpace()
        let isOptional = parser.take("//")
        if isOptional {
            parser.skipSpace()
            guard parser.take("[") else { return nil }
            parser.skipSpace()
            guard parser.take("]") else { return nil }
            parser.skipSpace()
        }
        return parser.position == parser.bytes.count ? (steps, isOptional) : nil
    }

    /// Whether a key can follow a dot without quotes.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isNameByte(first), !isDigit(first) else { return false }
        return text.utf8.allSatisfy(isNameByte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == 0x5F
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = Array(text.description.utf8)
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func steps() -> [JSONPath.Step]? {
        guard next == 0x2E else { return nil }
        var steps: [JSONPath.Step] = []
        while let byte = next {
            switch byte {
            case 0x2E:
                position += 1
                let name = position
                if let step = dotted() {
                    steps.append(step)
                } else if !steps.isEmpty || position != name || (next != 0x5B && !isAtEndOfSteps) {
                    return nil
                }
            case 0x5B:
                guard let step = bracketed() else { return nil }
                steps.append(step)
            // A value that cannot be indexed is absent in any case: `?` changes nothing.
            case 0x3F where !steps.isEmpty: position += 1
            default: return steps
            }
        }
        return steps
    }

    private var isAtEndOfSteps: Bool {
        guard let next else { return true }
        return next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D || next == 0x2F
    }

    private mutating func dotted() -> JSONPath.Step? {
        if next == 0x22 { return quoted().map { .key($0) } }
        let start = position
        guard let first = next, Self.isNameByte(first), !Self.isDigit(first) else { return nil }
        while let byte = next, Self.isNameByte(byte) { position += 1 }
        return .key(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func bracketed() -> JSONPath.Step? {
        position += 1
        skipSpace()
        var step = JSONPath.Step.each
        if next == 0x22 {
            guard let key = quoted() else { return nil }
            step = .key(key)
        } else if let first = next, Self.isDigit(first) {
            let start = position
            while let byte = next, Self.isDigit(byte) { position += 1 }
            let digits = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let index = Int32(digits) else { return nil }
            step = .index(Int(index))
        }
        skipSpace()
        return take("]") ? step : nil
    }

    /// A string literal; one with an interpolation is a program.
    private mutating func quoted() -> String? {
        let start = position
        position += 1
        while let byte = next, byte != 0x22 {
            position += byte == 0x5C ? 2 : 1
            if byte == 0x5C, position <= bytes.count, bytes[position - 1] == 0x28 { return nil }
        }
        guard next == 0x22 else { return nil }
        position += 1
        guard case .string(let text)? = try? JSONValue(parsing: Array(bytes[start..<position]))
        else { return nil }
        return text
    }
}
