/// Chooses by labels: `customer=acme,tier!=free,region in (eu,us)`.
///
/// Requirements are joined by commas, and all must hold: `key=value`, `key!=value`,
/// `key in (a,b)`, `key notin (a,b)`, `key` (there is such a label), `!key` (there is none).
/// `!=` and `notin` also hold where the label is missing. The words are those of label selectors
/// in Kubernetes.
package struct LabelSelector: Sendable, Hashable, CustomStringConvertible {
    package struct Requirement: Sendable, Hashable {
        package enum Test: Sendable, Hashable {
            /// The label has one of these values.
            case isOne([String])
            /// The label has none of these values, or is missing.
            case isNone([String])
            case isThere
            case isMissing
        }

        package let key: String
        package let test: Test

        package func holds(for labels: [String: String]) -> Bool {
            switch test {
            case .isOne(let values): labels[key].map { values.contains($0) } ?? false
            case .isNone(let values): labels[key].map { !values.contains($0) } ?? true
            case .isThere: labels[key] != nil
            case .isMissing: labels[key] == nil
            }
        }
    }

    package let requirements: [Requirement]

    /// Throws ``Problem`` with the code `selector_invalid`; an empty text is refused too.
    package init(parsing text: String) throws(Problem) {
        guard text.utf8.count <= Limits.selectorBytesMax else {
            throw Self.refusal("it has more than \(Limits.selectorBytesMax) bytes")
        }
        var parser = SelectorParser(text)
        requirements = try parser.requirements()
    }

    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.holds(for: labels) }
    }

    package var description: String {
        requirements.map { requirement in
            switch requirement.test {
            case .isOne(let values) where values.count == 1: "\(requirement.key)=\(values[0])"
            case .isNone(let values) where values.count == 1: "\(requirement.key)!=\(values[0])"
            case .isOne(let values): "\(requirement.key) in (\(values.joined(separator: ",")))"
            case .isNone(let values):
                "\(requirement.key) notin (\(values.joined(separator: ",")))"
            case .isThere: requirement.key
            case .isMissing: "!\(requirement.key)"
            }
        }.joined(separator: ",")
    }

    fileprivate static func refusal(_ message: String) -> Problem {
        Problem(
            code: "selector_invalid", message: "this chooses no labels: \(message)",
            hint: "as in customer=acme,tier!=free,region in (eu,us)")
    }
}

/// What keys and values of labels are made of.
package enum LabelRules {
    package static let keyWords =
        "1 to \(Limits.labelBytesMax) letters, digits, `-`, `_`, `.` and `/`, a letter first"
    package static let valueWords =
        "at most \(Limits.labelBytesMax) letters, digits, `-`, `_`, `.`, `@` and `:`"

    package static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.count <= Limits.labelBytesMax
            && text.utf8.allSatisfy { isCommon($0) || $0 == 0x2F }
    }

    package static func isValue(_ text: String) -> Bool {
        text.utf8.count <= Limits.labelBytesMax
            && text.utf8.allSatisfy { isCommon($0) || $0 == 0x40 || $0 == 0x3A }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isCommon(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
    }
}

/// Reads a selector from left to right.
private struct SelectorParser {
    private let characters: [Character]
    private var position = 0

    init(_ text: String) { characters = Array(text) }

    mutating func requirements() throws(Problem) -> [LabelSelector.Requirement] {
        var result: [LabelSelector.Requirement] = []
        repeat {
            guard result.count < Limits.selectorRequirementsMax else {
                throw LabelSelector.refusal(
                    "more than \(Limits.selectorRequirementsMax) requirements")
            }
            result.append(try requirement())
        } while take(",")
        guard position == characters.count else { throw unexpected("a comma") }
        return result
    }

    private mutating func requirement() throws(Problem) -> LabelSelector.Requirement {
        if take("!") { return .init(key: try key(), test: .isMissing) }
        let key = try key()
        if take("!") {
            guard take("=") else { throw unexpected("`=` behind `!`") }
            return .init(key: key, test: .isNone([try value()]))
        }
        if take("=") {
            _ = take("=")
            return .init(key: key, test: .isOne([try value()]))
        }
        switch word() {
        case "": return .init(key: key, test: .isThere)
        case "in": return .init(key: key, test: .isOne(try values()))
        case "notin": return .init(key: key, test: .isNone(try values()))
        case let other: throw LabelSelector.refusal("`\(other)` stands behind `\(key)`")
        }
    }

    private mutating func key() throws(Problem) -> String {
        let text = word()
        guard LabelRules.isKey(text) else {
            throw text.isEmpty
                ? unexpected("a label") : LabelSelector.refusal("`\(text)` is no label")
        }
        return text
    }

    private mutating func value() throws(Problem) -> String {
        let text = word()
        guard LabelRules.isValue(text) else {
            throw LabelSelector.refusal("`\(text)` is no value of a label")
        }
        return text
    }

    private mutating func values() throws(Problem) -> [String] {
        guard take("(") else { throw unexpected("`(`") }
        var values: [String] = []
        repeat {
            guard values.count < Limits.selectorValuesMax else {
                throw LabelSelector.refusal("more than \(Limits.selectorValuesMax) values")
            }
            values.append(try value())
        } while take(",")
        guard take(")") else { throw unexpected("`)`") }
        return values
    }

    private mutating func skip() {
        while position < characters.count, characters[position] == " " { position += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skip()
        guard position < characters.count, characters[position] == character else { return false }
        position += 1
        return true
    }

    /// Up to the next character that has a meaning; may be empty.
    private mutating func word() -> String {
        skip()
        let start = position
        while position < characters.count, !" ,=!()".contains(characters[position]) {
            position += 1
        }
        return String(characters[start..<position])
    }

    private func unexpected(_ wanted: String) -> Problem {
        LabelSelector.refusal(
            position < characters.count
                ? "\(wanted) is missing before `\(String(characters[position...].prefix(20)))`"
                : "\(wanted) is missing at the end")
    }
}
