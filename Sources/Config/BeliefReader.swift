import PullcordAdapter
import PullcordModel

/// Reads what of a stream is believed, and how fast what exists is sent.
struct BeliefReader {
    let collector: Collector

    func read(_ keys: MappingReader, _ detect: DetectMode) -> BeliefSpec {
        var belief = BeliefSpec()
        belief.maxChangeShare = keys["max_change"]?.percentage() ?? belief.maxChangeShare
        belief.emitRate = keys["emit_rate"].flatMap(rate) ?? belief.emitRate
        belief.mayBeEmpty = keys["may_be_empty"]?.boolean() ?? false
        if belief.mayBeEmpty, detect == .incremental, !keys.has("reconcile") {
            keys["may_be_empty"]?.complain(
                "empty_incremental", "nothing is gone because an incremental stream is empty",
                hint: "remove it, or use `reconcile` or `detect: snapshot`")
        }
        guard let field = keys["confirm_deletes"] else { return belief }
        if detect == .incremental, !keys.has("reconcile") {
            field.complain(
                "confirm_incremental", "an incremental stream sees no deletes to confirm",
                hint: "remove it, or use `reconcile` or `detect: snapshot`")
        }
        belief.confirmation = confirmation(field)
        return belief
    }

    private func confirmation(_ field: Field) -> DeleteConfirmation? {
        guard let keys = MappingReader(field, StreamKeys.confirmation) else { return nil }
        let hint = "`scans` waits for more polls, `get` asks for the record"
        switch keys.exclusive(["scans", "get"], hint: hint) {
        case "scans": return keys["scans"]?.integer().map { .scans($0) }
        case "get": return keys["get"].flatMap(path).map { .get($0) }
        default:
            field.complain("value_empty", "it says nothing", allowed: ["scans", "get"], hint: hint)
            return nil
        }
    }

    private func path(_ field: Field) -> Template? {
        guard let template = field.textTemplate() else { return nil }
        guard case .literal(let text)? = template.segments.first, text.hasPrefix("/") else {
            return field.refuse(
                "path_invalid", "the path does not begin with `/`",
                hint: "it is appended to `base_url`")
        }
        guard template.subjects.contains(.recordKey) else {
            return field.refuse(
                "record_key_missing", "the path is the same for all records",
                hint: "use the record's key: /orders/${record.key}")
        }
        return template
    }

    /// A rate such as `100/s`; nil with a complaint for anything else.
    func rate(_ field: Field) -> BudgetSpec.Rate? {
        guard let text = field.filledText() else { return nil }
        if let rate = RateText.read(text.text), rate.count <= 100_000,
            rate.window <= .seconds(3600)
        {
            return rate
        }
        return field.refuse(
            "rate_invalid", "`\(text.text)` is no rate",
            allowed: ["a number from 1 to 100000 and /s, /m or /h, such as 100/s"])
    }
}
