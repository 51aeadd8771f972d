/// The keys of one mapping of the language: what readers check, and what a schema is made of.
package struct KeyTable: Sendable {
    /// A noun phrase: `a stream`, `an adapter`.
    package let name: String
    package let summary: String
    package let keys: [Key]
    /// Keys that people look for here, and where they belong.
    package let elsewhere: [String: String]

    package struct Key: Sendable {
        package let name: String
        package let type: KeyType
        package let isRequired: Bool
        /// As it would be written; nil if there is none.
        package let defaultText: String?
        /// One sentence.
        package let summary: String
        package let support: Support

        package init(
            _ name: String, _ type: KeyType, required: Bool = false, default: String? = nil,
            support: Support = .full, _ summary: String
        ) {
            self.name = name
            self.type = type
            isRequired = required
            defaultText = `default`
            self.support = support
            self.summary = summary
        }
    }

    /// What this version does with a key of the language.
    package enum Support: Sendable {
        case full
        /// Known, not carried out, harmless to leave undone: a warning.
        case plannedIgnored
        /// Known, not carried out, and wrong results without it: an error.
        case plannedRefused
    }

    package init(
        _ name: String, _ summary: String, elsewhere: [String: String] = [:], _ keys: [Key]
    ) {
        self.name = name
        self.summary = summary
        self.keys = keys
        self.elsewhere = elsewhere
    }

    package func key(_ name: String) -> Key? { keys.first { $0.name == name } }

    /// The names of what may be written, in the table's order.
    package var usableNames: [String] {
        keys.filter { $0.support == .full }.map(\.name)
    }
}

/// What may stand as the value of a key.
package indirect enum KeyType: Sendable {
    case text
    /// A name with its own alphabet.
    case name(NameRule)
    case integer(ClosedRange<Int>)
    case boolean
    /// In milliseconds.
    case duration(ClosedRange<Int64>)
    /// In bytes.
    case size(ClosedRange<Int>)
    /// RFC 3339.
    case time
    case percentage
    /// A count in a window.
    case rate
    case choice([String])
    case template
    case expression
    /// A path into a record, in which `[]` stands for every element.
    case plainPath
    case headerName
    /// A text that is one parameter.
    case parameter
    /// Any JSON value with placeholders in its strings.
    case json
    /// Any JSON value, null too.
    case data
    case list(KeyType)
    /// Names of the author's own choice, each with such a value.
    case map(KeyType)
    case table(KeyTable)
    case either([KeyType])

    /// The type in words, as messages and the reference say it.
    package var words: String {
        switch self {
        case .text: "a text"
        case .name(let rule): rule.words
        case .integer(let range):
            range.upperBound == .max
                ? "a whole number from \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .duration(let range):
            "a duration from \(DurationText.write(range.lowerBound)) to "
                + "\(DurationText.write(range.upperBound)), such as "
                + "\(range.contains(500) ? "500ms, " : "")60s, 2m, 1h or 1d"
        case .size(let range):
            range.lowerBound > 1
                ? "a size from \(SizeText.write(range.lowerBound)) to "
                    + "\(SizeText.write(range.upperBound)), such as 64KiB"
                : "a size up to \(SizeText.write(range.upperBound)), such as 500kB or 64MiB"
        case .time: "a time such as 2026-12-24T00:00:00Z"
        case .percentage: "a share from 0% to 100%"
        case .rate: "a rate such as 10/s, 100/15m or 5000/h"
        case .choice(let words): words.joined(separator: " or ")
        case .template: "a text that may hold ${…}"
        case .expression: "a jq program, such as .data.items"
        case .plainPath: #"a plain path, such as .a["b c"][0] or .lines[].seen_at"#
        case .headerName: "the name of a header"
        case .parameter: "${params.NAME}"
        case .json: "a JSON value as YAML"
        case .data: "a JSON value as YAML, or null"
        case .list(let item): "a list: each item \(item.words)"
        case .map(let value): "a mapping of names, each to \(value.words)"
        case .table(let table): "a mapping with \(table.usableNames.joined(separator: ", "))"
        case .either(let types): types.map(\.words).joined(separator: ", or ")
        }
    }

    /// Whether null is a value like any other.
    var takesNull: Bool { if case .data = self { true } else { false } }

    /// The first of this type's alternatives that fits.
    func first<Value>(_ match: (KeyType) -> Value?) -> Value? {
        if case .either(let types) = self {
            for type in types {
                if let value = type.first(match) { return value }
            }
            return nil
        }
        return match(self)
    }
}

/// Which characters a name may have.
package enum NameRule: Sendable {
    /// `^[a-z0-9][a-z0-9-]*$`
    case adapter
    /// `^[A-Za-z0-9_]+$`
    case stream
    /// `^[A-Za-z0-9_-]+$`
    case plain

    /// Bytes of any name: it is part of file names, event types and metrics.
    package static let bytesMax = 64

    package var words: String {
        switch self {
        case .adapter: "a name of lower-case letters, digits and `-` (at most 64)"
        case .stream: "a name of letters, digits and `_` (at most 64)"
        case .plain: "a name of letters, digits, `-` and `_` (at most 64)"
        }
    }

    func accepts(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax else { return false }
        if self == .adapter, text.hasPrefix("-") { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A: true
            case 0x41...0x5A: self != .adapter
            case 0x5F: self != .adapter
            case 0x2D: self != .stream
            default: false
            }
        }
    }

    /// The name with what is not allowed replaced.
    func mended(_ text: String) -> String? {
        var result = ""
        for scalar in (self == .adapter ? text.lowercased() : text).unicodeScalars {
            if accepts("a" + String(scalar)) {
                result.unicodeScalars.append(scalar)
            } else {
                result += self == .stream ? "_" : "-"
            }
        }
        return accepts(result) ? result : nil
    }
}
