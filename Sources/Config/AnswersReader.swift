import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads `answers` and `expect`, of an adapter or of a stream.
struct AnswersReader {
    func read(_ keys: MappingReader) -> AnswersSpec {
        AnswersSpec(
            rules: keys["answers"].map(readRules) ?? [],
            expected: keys["expect"].map(readExpect) ?? ExpectSpec())
    }

    private func readRules(_ field: Field) -> [AnswerRuleSpec] {
        guard field.node.sequence != nil else {
            field.complainOfType(hint: "a rule begins with `-`")
            return []
        }
        let items = field.items(of: .table(AnswerKeys.rule)) ?? []
        if items.isEmpty { field.complain("value_empty", "there is no rule in it") }
        if items.count > Limits.answerRulesMax {
            field.complain(
                "value_range",
                "there are at most \(Limits.answerRulesMax) rules, not \(items.count)")
        }
        var rules: [AnswerRuleSpec] = []
        for item in items {
            guard let rule = readRule(item) else { continue }
            warnIfHidden(rule, behind: rules, item)
            rules.append(rule)
        }
        return rules
    }

    private func readRule(_ field: Field) -> AnswerRuleSpec? {
        guard let keys = MappingReader(field, AnswerKeys.rule) else { return nil }
        let conditions = ["status", "header", "when"]
        if !conditions.contains(where: keys.has), !keys.hasUnknownKeys {
            field.complain(
                "rule_empty", "the rule does not say which answers it is about",
                allowed: conditions)
        }
        let meaning = keys["then"]?.choice(AnswerRuleSpec.Meaning.self)
        if keys.has("after"), let meaning, ![.retry, .rateLimited].contains(meaning) {
            field.collector.error(
                "after_useless", at: keys.keyPlace("after"), path: join(field.path, "after"),
                found: "after", "`\(meaning.rawValue)` does not wait",
                hint: "`after` belongs to retry and rate_limited")
        }
        if keys.has("message"), let meaning, [.success, .skip, .stop].contains(meaning) {
            field.collector.error(
                "message_useless", at: keys.keyPlace("message"), path: join(field.path, "message"),
                found: "message", "`\(meaning.rawValue)` is no failure that is told to anybody",
                hint: "remove it")
        }
        return AnswerRuleSpec(
            statuses: keys["status"].map(readStatuses) ?? [],
            headers: keys["header"].map(readHeaders) ?? [],
            condition: keys["when"]?.expression(), meaning: meaning ?? .fail,
            wait: keys["after"].flatMap(readWait), message: keys["message"]?.expression(),
            place: field.place)
    }

    private func readStatuses(_ field: Field) -> [ClosedRange<Int>] {
        guard let items = field.node.sequence else {
            return [readStatus(field)].compactMap { $0 }
        }
        if items.isEmpty { field.complain("value_empty", "there is no status in it") }
        return (field.items(of: AnswerKeys.status) ?? []).compactMap(readStatus)
    }

    private func readStatus(_ field: Field) -> ClosedRange<Int>? {
        guard let scalar = field.node.scalar else { return field.mismatch() }
        if scalar.kind == .integer {
            return field.with(.integer(100...599)).integer().map { $0...$0 }
        }
        let characters = Array(scalar.text.utf8)
        guard characters.count == 3, (0x31...0x35).contains(characters[0]),
            scalar.text.lowercased().hasSuffix("xx")
        else { return field.mismatch() }
        let first = Int(characters[0] - 0x30) * 100
        return first...first + 99
    }

    private func readHeaders(_ field: Field) -> [AnswerRuleSpec.HeaderPattern] {
        guard let entries = field.node.mapping else {
            field.complainOfType(hint: #"write { x-error: "*" } for a header with any value"#)
            return []
        }
        if entries.isEmpty { field.complain("value_empty", "there is no header in it") }
        return entries.compactMap { entry in
            let path = join(field.path, entry.key.text)
            HeaderRules.check(
                entry.key.text, at: entry.key.place, path: path, reserved: [:], field.collector)
            let value = Field(
                node: entry.value, path: path, type: .text, collector: field.collector)
            return value.text().map { .init(name: entry.key.text, pattern: $0.text) }
        }
    }

    private func readWait(_ field: Field) -> AnswerRuleSpec.Wait? {
        guard let scalar = field.node.scalar else {
            return LimitsReader.reading(
                field, AnswerKeys.wait, ValueReading.Meaning.times, default: .seconds
            ).map { .stated($0) }
        }
        if DurationText.read(scalar.text) != nil {
            return field.duration().map { .fixed($0) }
        }
        if scalar.kind == .integer || scalar.kind == .float {
            return field.mismatch(suggestion: "\(scalar.text)s", hint: "a duration needs its unit")
        }
        return field.expression().map { .stated(ValueReading(.body($0), as: .seconds)) }
    }

    private func readExpect(_ field: Field) -> ExpectSpec {
        guard let keys = MappingReader(field, AnswerKeys.expect) else { return ExpectSpec() }
        var types: [String]?
        if let field = keys["content_type"] {
            let fields = field.node.sequence == nil ? [field] : field.items(of: .text) ?? []
            if fields.isEmpty { field.complain("value_empty", "no page would ever be right") }
            types = fields.compactMap(readMediaType)
        }
        return ExpectSpec(contentTypes: types, path: keys["path"]?.expression())
    }

    private func readMediaType(_ field: Field) -> String? {
        guard let text = field.filledText()?.text.lowercased() else { return nil }
        guard text.contains("/") || text.contains("*"), !text.contains(";") else {
            return field.refuse(
                "media_type", "`\(text)` is no media type",
                allowed: ["application/json", "*/*+json", "text/csv"],
                hint: text.contains(";") ? "parameters such as charset do not count" : "")
        }
        return text
    }

    /// A rule behind one that takes all its answers is never asked.
    private func warnIfHidden(
        _ rule: AnswerRuleSpec, behind rules: [AnswerRuleSpec], _ field: Field
    ) {
        let hides = { (earlier: AnswerRuleSpec) in
            earlier.condition == nil && earlier.headers.isEmpty
                && (earlier.statuses.isEmpty
                    || !rule.statuses.isEmpty
                        && rule.statuses.allSatisfy { range in
                            earlier.statuses.contains {
                                $0.lowerBound <= range.lowerBound
                                    && range.upperBound <= $0.upperBound
                            }
                        })
        }
        guard let earlier = rules.first(where: hides) else { return }
        field.collector.warning(
            "rule_hidden", at: field.place, path: field.path,
            "an earlier rule takes all these answers: see \(earlier.place)",
            hint: "the first rule that matches decides; put the narrower one first")
    }
}
