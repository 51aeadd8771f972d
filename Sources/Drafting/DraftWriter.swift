import PullcordModel

/// Writes a draft as YAML the way a person would: short mappings in one line, the rest in blocks.
struct DraftWriter {
    private(set) var text = ""
    /// What fits into one line.
    private static let columns = 100

    mutating func line(_ line: String) { text += line + "\n" }

    mutating func comments(_ comments: [String], indent: Int) {
        let blanks = String(repeating: " ", count: indent)
        for comment in comments {
            for line in Self.wrapped(comment, width: Self.columns - indent - 2) {
                text += "\(blanks)# \(line)\n"
            }
        }
    }

    /// `isOpen` says that a mapping is written as a block however short it is.
    mutating func entry(_ entry: DraftEntry, indent: Int, isOpen: Bool = false) {
        comments(entry.comments, indent: indent)
        let head = String(repeating: " ", count: indent) + Self.scalar(entry.key, inFlow: false)
        value(entry.value, head: head + ":", indent: indent, isOpen: isOpen)
    }

    private mutating func value(_ value: DraftValue, head: String, indent: Int, isOpen: Bool) {
        if !isOpen, let flow = Self.flow(value, isOutermost: true),
            head.count + 1 + flow.count <= Self.columns || value.isScalar || value.isEmpty
        {
            line("\(head) \(flow)")
            return
        }
        line(head)
        switch value {
        case .text, .bare: break
        case .list(let items): for item in items { self.item(item, indent: indent + 2) }
        case .map(let entries): for entry in entries { self.entry(entry, indent: indent + 2) }
        }
    }

    private mutating func item(_ item: DraftValue, indent: Int) {
        let blanks = String(repeating: " ", count: indent)
        if let flow = Self.flow(item, isOutermost: true),
            indent + 2 + flow.count <= Self.columns || item.isScalar || item.isEmpty
        {
            line("\(blanks)- \(flow)")
            return
        }
        var inner = DraftWriter()
        switch item {
        case .text, .bare: break
        case .list(let items): for item in items { inner.item(item, indent: indent + 2) }
        case .map(let entries): for entry in entries { inner.entry(entry, indent: indent + 2) }
        }
        // The first line follows the dash; a comment there would hide it.
        if inner.text.hasPrefix("\(blanks)  #") {
            line("\(blanks)-")
            text += inner.text
        } else {
            text += "\(blanks)- \(inner.text.dropFirst(indent + 2))"
        }
    }

    /// The value in one line; nil if comments stand in it.
    private static func flow(_ value: DraftValue, isOutermost: Bool = false) -> String? {
        switch value {
        case .text(let text): return scalar(text, inFlow: !isOutermost)
        case .bare(let text): return text
        case .list(let items):
            var parts: [String] = []
            for item in items {
                guard let part = flow(item) else { return nil }
                parts.append(part)
            }
            return "[\(parts.joined(separator: ", "))]"
        case .map(let entries):
            if entries.isEmpty { return "{}" }
            var parts: [String] = []
            for entry in entries {
                guard entry.comments.isEmpty, let part = flow(entry.value) else { return nil }
                parts.append("\(scalar(entry.key, inFlow: true)): \(part)")
            }
            return "{ \(parts.joined(separator: ", ")) }"
        }
    }

    /// A text plain where YAML takes it for that text, else in the quotes that need least.
    static func scalar(_ text: String, inFlow: Bool) -> String {
        if isPlain(text, inFlow: inFlow) { return text }
        let isSimple = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F }
        if isSimple, text.contains("\"") || text.contains("\\") {
            return "'\(text.replacing("'", with: "''"))'"
        }
        return quoted(text)
    }

    private static func isPlain(_ text: String, inFlow: Bool) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, last != 0x20, last != 0x3A
        else { return false }
        if isDuration(text) { return true }
        let starts = first.isLetter || first == 0x5F || first == 0x2F || first == 0x2E
        guard starts, text != ".", !text.hasPrefix(".inf"), !text.hasPrefix("...") else {
            // A lone dot is common in adapters, and plain.
            return text == "."
        }
        let words = [
            "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf",
        ]
        guard !words.contains(text.lowercased()) else { return false }
        if first == 0x2E, text.dropFirst().first?.isNumber ?? false { return false }
        return text.utf8.allSatisfy { byte in
            byte.isLetter || (0x30...0x39).contains(byte)
                || " _./-()=+|:".utf8.contains(byte) && !(inFlow && byte == 0x7C)
        } && !text.contains(" -") && !text.contains("--") && !text.contains(": ")
    }

    /// `90s`, `2m`, `1h`, `3d`.
    private static func isDuration(_ text: String) -> Bool {
        let digits = text.utf8.dropLast()
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
            && "smhd".utf8.contains(text.utf8.last ?? 0)
    }

    /// In double quotes, with the escapes of YAML 1.2, section 5.7.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x09: result += "\\t"
            case 0x20..<0x7F, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD:
                // Marks that turn the direction of writing could hide what stands there.
                let isMark =
                    (0x2028...0x202E).contains(scalar.value)
                    || (0x2066...0x2069).contains(scalar.value)
                if isMark {
                    result += escape(scalar.value, "u", 4)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            case 0x10000...: result += escape(scalar.value, "U", 8)
            default: result += escape(scalar.value, "u", 4)
            }
        }
        return result + "\""
    }

    private static func escape(_ value: UInt32, _ letter: String, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return "\\\(letter)" + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// A comment in lines of so many characters.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        let words = StrangerText.printable(text).split { $0 == " " || $0.isNewline || $0 == "\t" }
        var lines: [String] = []
        var line = ""
        for word in words {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return line.isEmpty ? lines : lines + [line]
    }
}

extension DraftValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .text, .bare: true
        case .list, .map: false
        }
    }
}

extension UInt8 {
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
