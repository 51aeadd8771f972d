import PullcordJSON

/// Values as YAML, written as a person would: plain where that is clear, else quoted.
enum YAMLText {
    /// How long a line may get before a value is written over several.
    static let widthMax = 100

    /// A scalar; within brackets fewer characters may stand plain.
    static func scalar(_ text: String, isFlow: Bool = false) -> String {
        isPlain(text, isFlow: isFlow) ? text : JSONText.quoted(text)
    }

    /// A value on one line.
    static func flow(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .number(let text): text
        case .string(let text): scalar(text, isFlow: true)
        case .array(let items): "[\(items.map { flow($0) }.joined(separator: ", "))]"
        case .object(let members) where members.isEmpty: "{}"
        case .object(let members):
            "{ "
                + members.map { "\(scalar($0.key, isFlow: true)): \(flow($0.value))" }
                .joined(separator: ", ") + " }"
        }
    }

    /// The lines of `key: value`, each with its indent; the value on one line if it fits.
    static func lines(_ key: String, _ value: JSONValue, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let head = "\(margin)\(scalar(key)):"
        if case .string(let text) = value, let block = literal(text, indent: indent + 2) {
            return ["\(head) \(block[0])"] + block.dropFirst()
        }
        let line = "\(head) \(single(value))"
        if line.count <= widthMax, !hasLines(value) { return [line] }
        switch value {
        case .object(let members) where !members.isEmpty:
            return [head] + members.flatMap { lines($0.key, $0.value, indent: indent + 2) }
        case .array(let items) where !items.isEmpty:
            return [head] + items.flatMap { self.items($0, indent: indent + 2) }
        default: return [line]
        }
    }

    /// A text of several lines as it stands, behind its mark; nil if it must be quoted.
    private static func literal(_ text: String, indent: Int) -> [String]? {
        guard text.contains("\n"), let first = text.unicodeScalars.first, first != " ",
            first != "\n",
            text.unicodeScalars.allSatisfy({
                $0 == "\n" || $0 == "\t" || (0x20...0x7E).contains($0.value)
                    || (0xA0...0xD7FF).contains($0.value) && $0.value != 0x2028
                        && $0.value != 0x2029
            })
        else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0) }
        let ends = lines.reversed().prefix { $0.isEmpty }.count
        guard ends <= 1 else { return nil }
        if ends == 1 { lines.removeLast() }
        let margin = String(repeating: " ", count: indent)
        return [ends == 1 ? "|" : "|-"] + lines.map { $0.isEmpty ? "" : margin + $0 }
    }

    /// The lines of a list's item.
    static func items(_ value: JSONValue, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var line = "\(margin)- \(single(value))"
        if case .object(let members) = value, members.count == 1,
            case .string(let text) = members[0].value, !text.contains("\n")
        {
            line = "\(margin)- \(scalar(members[0].key)): \(scalar(text))"
        }
        if line.count <= widthMax, !hasLines(value) { return [line] }
        var inner: [String]
        switch value {
        case .object(let members) where !members.isEmpty:
            inner = members.flatMap { lines($0.key, $0.value, indent: indent + 2) }
        case .array(let items) where !items.isEmpty:
            inner = items.flatMap { self.items($0, indent: indent + 2) }
        default: return [line]
        }
        // The first line stands behind the dash.
        inner[0] = "\(margin)- " + inner[0].dropFirst(indent + 2)
        return inner
    }

    /// Whether a text in it has several lines, which are best seen as such.
    private static func hasLines(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool, .number: false
        case .string(let text): text.contains("\n")
        case .array(let items): items.contains { hasLines($0) }
        case .object(let members): members.contains { hasLines($0.value) }
        }
    }

    private static func single(_ value: JSONValue) -> String {
        if case .string(let text) = value { return scalar(text) }
        return flow(value)
    }

    private static let words: Set<String> = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    ]

    /// Whether the text can stand as it is and is still that text.
    private static func isPlain(_ text: String, isFlow: Bool) -> Bool {
        guard let first = text.utf8.first, !words.contains(text.lowercased()),
            text.utf8.last != 0x20
        else { return false }
        let isLetter = { (byte: UInt8) in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
        guard isLetter(first) || first == 0x2F else { return false }
        let others: [UInt8] = Array((isFlow ? " _-./@+?=&" : " _-./@+?=&%~()<>!$'").utf8)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            let isColon = previous == 0x3A
            // A colon is part of a text only where no space follows, and nothing ends with it.
            if isColon, byte == 0x20 { return false }
            guard
                isLetter(byte) || (0x30...0x39).contains(byte) || others.contains(byte)
                    || byte == 0x3A && !isFlow
            else { return false }
            previous = byte
        }
        return previous != 0x3A
    }
}
