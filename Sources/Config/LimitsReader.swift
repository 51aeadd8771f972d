import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads `limits`, and what stands in it.
struct LimitsReader {
    func read(_ field: Field) -> LimitsSpec {
        var limits = LimitsSpec()
        guard let keys = MappingReader(field, LimitKeys.limits) else { return limits }
        limits.remaining = keys["remaining"].flatMap { Self.count($0, among: LimitKeys.count) }
        limits.limit = keys["limit"].flatMap { Self.count($0, among: LimitKeys.count) }
        limits.reset = keys["reset"].flatMap {
            Self.reading($0, LimitKeys.time, ValueReading.Meaning.times, default: .epochSeconds)
        }
        limits.budget = readBudget(keys)
        if let items = keys["respect"]?.items(
            of: .choice(LimitsSpec.Advice.allCases.map(\.rawValue)))
        {
            limits.respected = Set(items.compactMap { $0.choice(LimitsSpec.Advice.self) })
        }
        limits.pageBytes = keys["page_bytes"]?.size() ?? limits.pageBytes
        limits.pages = keys["pages"]?.integer() ?? limits.pages
        limits.timeout = keys["timeout"]?.duration() ?? limits.timeout
        warn(limits, keys, field)
        return limits
    }

    /// A weight: a number, or where an answer says it.
    static func cost(_ field: Field) -> BudgetSpec.Cost? {
        if field.node.mapping != nil {
            return count(field, among: LimitKeys.count).map { .stated($0) }
        }
        return field.with(.integer(0...1_000_000)).integer().map { .fixed($0) }
    }

    /// `{ header | path, as }`, or the name of a header alone.
    static func reading(
        _ field: Field, _ table: KeyTable, _ meanings: [ValueReading.Meaning],
        default standard: ValueReading.Meaning
    ) -> ValueReading? {
        guard field.node.mapping != nil else {
            return field.headerName().map { ValueReading(.header($0), as: standard) }
        }
        guard let keys = MappingReader(field, table) else { return nil }
        guard let kind = keys.exclusive(["header", "path"], hint: "it stands in one place") else {
            if keys.hasUnknownKeys { return nil }
            return field.refuse(
                "reading_source", "nothing says where it stands", allowed: ["header", "path"],
                hint: "`header` names a header, `path` is a jq program over the body")
        }
        let meaning = keys["as"].map { $0.choice(among: meanings) } ?? standard
        let source: ValueReading.Source?
        if kind == "header" {
            source = keys["header"]?.headerName().map { .header($0) }
        } else {
            source = keys["path"]?.expression().map { .body($0) }
        }
        guard let source, let meaning else { return nil }
        return ValueReading(source, as: meaning)
    }

    private static func count(_ field: Field, among table: KeyTable) -> ValueReading? {
        reading(field, table, ValueReading.Meaning.counts, default: .count)
    }

    private func readBudget(_ keys: MappingReader) -> BudgetSpec {
        var budget = BudgetSpec()
        if let field = keys["budget"] { budget.rates = readRates(field) }
        budget.concurrency = keys["concurrency"]?.integer()
        if let field = keys["reserve"] {
            budget.reserve = readReserve(field) ?? budget.reserve
        }
        budget.share = keys["share"]?.choice(BudgetSpec.Share.self) ?? budget.share
        budget.cost = keys["cost"].flatMap(Self.cost) ?? budget.cost
        return budget
    }

    private func readRates(_ field: Field) -> [BudgetSpec.Rate] {
        let fields = field.node.sequence == nil ? [field] : field.items(of: .rate) ?? []
        if fields.isEmpty { field.complain("value_empty", "a budget needs a rate") }
        if fields.count > Limits.budgetRatesMax {
            field.complain(
                "value_range",
                "a budget has at most \(Limits.budgetRatesMax) rates, not \(fields.count)")
        }
        return fields.compactMap { $0.rate() }
    }

    private func readReserve(_ field: Field) -> BudgetSpec.Reserve? {
        if field.node.scalar?.kind == .integer { return field.integer().map { .count($0) } }
        return field.percentage().map { .share($0) }
    }

    private func warn(_ limits: LimitsSpec, _ keys: MappingReader, _ field: Field) {
        if let remaining = limits.remaining, remaining.meaning == .count, !keys.has("reset") {
            field.collector.warning(
                "limits_reset_missing", at: keys.keyPlace("remaining"),
                path: join(field.path, "remaining"),
                "without `reset` nothing says how long to wait when no request is left")
        }
        guard case .share = limits.budget.reserve, let remaining = limits.remaining,
            remaining.meaning == .count, limits.limit == nil
        else { return }
        field.collector.warning(
            "limits_limit_missing", at: keys.keyPlace("reserve"), path: join(field.path, "reserve"),
            "a share needs to know of how many: no `limit` is named",
            hint: "name it, as in limit: x-ratelimit-limit, or write a number")
    }
}

extension Field {
    /// One of some values of a closed set.
    func choice(among meanings: [ValueReading.Meaning]) -> ValueReading.Meaning? {
        guard let scalar = node.scalar, scalar.kind != .null else { return mismatch() }
        if let value = meanings.first(where: { $0.rawValue == scalar.text }) { return value }
        let words = meanings.map(\.rawValue)
        collector.error(
            "value_unknown", at: place, path: path, found: scalar.text,
            "`\(scalar.text)` is none of the allowed values", allowed: words,
            suggestion: Suggestion.nearest(to: scalar.text, among: words))
        return nil
    }

    func rate() -> BudgetSpec.Rate? {
        guard let scalar = node.scalar else { return mismatch() }
        guard let rate = RateText.read(scalar.text) else {
            let isNumber = scalar.kind == .integer
            return mismatch(
                suggestion: isNumber ? "\(scalar.text)/h" : nil,
                hint: isNumber ? "a rate needs its window" : "")
        }
        return rate
    }
}
