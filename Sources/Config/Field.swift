package import PullcordAdapter
package import PullcordModel
package import PullcordYAML

/// One value of a file with its key path: typed reads that complain instead of throwing.
///
/// Each read gives nil after it has complained.
package struct Field {
    package let node: YAMLNode
    package let path: String
    package let type: KeyType
    package let collector: Collector

    package init(node: YAMLNode, path: String, type: KeyType, collector: Collector) {
        self.node = node
        self.path = path
        self.type = type
        self.collector = collector
    }

    package var place: Place { node.place }

    package func with(_ type: KeyType) -> Field {
        Field(node: node, path: path, type: type, collector: collector)
    }

    /// The scalar as written, whatever it resolves to; null and collections are refused.
    package func text() -> LocatedText? {
        guard let scalar = node.scalar, scalar.kind != .null else { return mismatch() }
        return LocatedText(text: scalar.text, place: node.place(ofCharacter: 0))
    }

    /// A text that is not empty.
    package func filledText() -> LocatedText? {
        guard let text = text() else { return nil }
        guard !text.text.isEmpty else { return refuse("value_empty", "the text is empty") }
        return text
    }

    package func name(_ rule: NameRule) -> LocatedText? {
        guard let text = text() else { return nil }
        guard rule.accepts(text.text) else {
            collector.error(
                "name_invalid", at: place, path: path, found: text.text,
                "`\(text.text)` is no name here", allowed: [rule.words],
                suggestion: rule.mended(text.text))
            return nil
        }
        return text
    }

    package func integer() -> Int? {
        guard let scalar = node.scalar, scalar.kind == .integer,
            let number = CoreInteger.read(scalar.text)
        else { return mismatch() }
        let range = type.first { if case .integer(let range) = $0 { range } else { nil } }
        guard let range, range.contains(number) else { return outOfRange() }
        return number
    }

    package func boolean() -> Bool? {
        guard let scalar = node.scalar, scalar.kind == .boolean else {
            let meant = ["yes": "true", "on": "true", "no": "false", "off": "false"]
            return mismatch(suggestion: meant[node.scalar?.text.lowercased() ?? ""])
        }
        return scalar.text.lowercased() == "true"
    }

    package func duration() -> Duration? { milliseconds().map { .milliseconds($0) } }

    func milliseconds() -> Int64? {
        guard let scalar = node.scalar else { return mismatch() }
        guard let milliseconds = DurationText.read(scalar.text) else {
            if scalar.kind == .integer || scalar.kind == .float {
                return mismatch(suggestion: "\(scalar.text)s", hint: "a duration needs its unit")
            }
            return mismatch()
        }
        let range = type.first { if case .duration(let range) = $0 { range } else { nil } }
        guard let range, range.contains(milliseconds) else { return outOfRange() }
        return milliseconds
    }

    func size() -> Int? {
        guard let scalar = node.scalar, let bytes = SizeText.read(scalar.text) else {
            let isNumber = node.scalar?.kind == .integer
            return mismatch(hint: isNumber ? "a size needs its unit" : "")
        }
        let range = type.first { if case .size(let range) = $0 { range } else { nil } }
        guard let range, range.contains(bytes) else { return outOfRange() }
        return bytes
    }

    /// A moment with its offset from UTC (RFC 3339).
    package func time() -> Timestamp? {
        guard let scalar = node.scalar, let time = Timestamp(rfc3339: scalar.text) else {
            return mismatch(hint: "with its offset from UTC: Z or +01:00")
        }
        return time
    }

    func percentage() -> Double? {
        guard let scalar = node.scalar else { return mismatch() }
        guard let share = PercentageText.read(scalar.text) else {
            guard let number = Double(scalar.text), (0...100).contains(number) else {
                return mismatch()
            }
            let percent = number <= 1 ? number * 100 : number
            return mismatch(suggestion: "\(Int(percent.rounded()))%")
        }
        return share
    }

    package func choice<Value: RawRepresentable & CaseIterable>(
        _ type: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let scalar = node.scalar, scalar.kind != .null else { return mismatch() }
        if let value = Value(rawValue: scalar.text) { return value }
        let words = Value.allCases.map(\.rawValue)
        collector.error(
            "value_unknown", at: place, path: path, found: scalar.text,
            "`\(scalar.text)` is none of the allowed values", allowed: words,
            suggestion: Suggestion.nearest(to: scalar.text, among: words))
        return nil
    }

    /// The items of a list; a single value is not taken for a list of one.
    package func items(of type: KeyType) -> [Field]? {
        guard let items = node.sequence else { return mismatch(hint: listHint) }
        return items.enumerated().map { index, node in
            Field(node: node, path: "\(path)[\(index)]", type: type, collector: collector)
        }
    }

    private var listHint: String {
        guard let scalar = node.scalar, scalar.kind != .null else { return "" }
        return "a list of one is written [\(scalar.text)]"
    }

    /// Complains that the value has not the type that its key asks for.
    package func complainOfType(suggestion: String? = nil, hint: String = "") {
        collector.error(
            "type_mismatch", at: place, path: path, found: found,
            "\(found.isEmpty ? "nothing" : description) was found", allowed: [type.words],
            suggestion: suggestion, hint: hint)
    }

    package func complain(
        _ code: String, _ message: String, allowed: [String] = [], hint: String = ""
    ) {
        collector.error(
            code, at: place, path: path, found: found, message, allowed: allowed, hint: hint)
    }

    /// Complains of the type, and gives the nil that the caller returns.
    package func mismatch<Value>(suggestion: String? = nil, hint: String = "") -> Value? {
        complainOfType(suggestion: suggestion, hint: hint)
        return nil
    }

    /// Complains, and gives the nil that the caller returns.
    package func refuse<Value>(
        _ code: String, _ message: String, allowed: [String] = [], hint: String = ""
    ) -> Value? {
        complain(code, message, allowed: allowed, hint: hint)
        return nil
    }

    private func outOfRange<Value>() -> Value? {
        collector.error(
            "value_out_of_range", at: place, path: path, found: found,
            "`\(found)` is out of range", allowed: [type.words])
        return nil
    }

    /// A scalar as written.
    private var found: String {
        switch node.content {
        case .scalar(let scalar): scalar.text
        case .sequence: "[…]"
        case .mapping: "{…}"
        }
    }

    private var description: String {
        switch node.content {
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        case .scalar(let scalar):
            let shown = scalar.text.count > 60 ? scalar.text.prefix(60) + "…" : scalar.text[...]
            switch scalar.kind {
            case .null: return "nothing"
            case .boolean: return "the boolean `\(shown)`"
            case .integer, .float: return "the number `\(shown)`"
            case .string: return "the text `\(shown)`"
            }
        }
    }
}

/// Integers of the core schema: decimal, `0o` and `0x`.
enum CoreInteger {
    static func read(_ text: String) -> Int? {
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        return Int(text)
    }
}
