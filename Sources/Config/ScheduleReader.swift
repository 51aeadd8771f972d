import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads when a source is polled.
struct ScheduleReader {
    let collector: Collector

    func read(_ keys: MappingReader, _ item: Field) -> ScheduleSpec {
        let rhythm = readRhythm(keys, item)
        var spec = ScheduleSpec(
            rhythm, zone: keys["zone"].flatMap { $0.zone() }?.name ?? "UTC",
            windows: keys["window"].flatMap(readWindows) ?? [],
            jitter: keys["jitter"]?.duration() ?? .zero)
        spec.catchUp = keys["catch_up"].flatMap { readCatchUp($0, rhythm) }
        return spec
    }

    private func readCatchUp(_ field: Field, _ rhythm: ScheduleSpec.Rhythm) -> Duration? {
        guard let catchUp = field.duration() else { return nil }
        let interval: Duration
        switch rhythm {
        case .every(let every): interval = every
        case .auto(let auto): interval = auto.most
        case .cron:
            return field.refuse(
                "catch_up_cron", "`catch_up` is a faster `every`, and there is none",
                hint: "write `every` instead of `cron`")
        }
        guard catchUp < interval else {
            return field.refuse(
                "catch_up_slow", "`catch_up` is not shorter than `every`",
                hint: "leave it out, or make it shorter")
        }
        return catchUp
    }

    private func readRhythm(_ keys: MappingReader, _ item: Field) -> ScheduleSpec.Rhythm {
        let hint = "every: 60s, or cron: \"*/5 8-18 * * mon-fri\""
        let kind = keys.exclusive(["every", "cron"], hint: hint)
        if kind == nil, !keys.hasUnknownKeys {
            collector.error(
                "key_missing", at: item.place, path: join(item.path, "every"),
                "nothing says when the source is polled", allowed: ["every", "cron"], hint: hint)
        }
        guard kind == "cron", let text = keys["cron"]?.filledText() else {
            return keys["every"].flatMap(readEvery) ?? .every(.seconds(60))
        }
        do throws(CronExpression.Refusal) {
            return .cron(try CronExpression(parsing: text.text))
        } catch {
            let place = Place(
                file: text.place.file, line: text.place.line,
                column: text.place.column + error.offset)
            collector.error(
                "cron_invalid", at: place, path: join(item.path, "cron"), found: text.text,
                error.message,
                hint: error.hint)
            return .every(.seconds(60))
        }
    }

    private func readEvery(_ field: Field) -> ScheduleSpec.Rhythm? {
        if field.node.scalar?.text == "auto" { return .auto(ScheduleSpec.AutoSpec()) }
        guard field.node.mapping != nil else { return field.duration().map { .every($0) } }
        guard let keys = MappingReader(field, PaceKeys.every) else { return nil }
        var auto = ScheduleSpec.AutoSpec()
        if let field = keys["between"] {
            (auto.least, auto.most) = readBetween(field) ?? (auto.least, auto.most)
        }
        auto.budget = keys["budget"].flatMap(readBudget)
        auto.share = keys["share"]?.choice(BudgetSpec.Share.self) ?? auto.share
        if let budget = auto.budget, let field = keys["budget"],
            auto.most * budget.count < budget.window
        {
            field.complain(
                "pace_budget", "that is less than one request in the longest interval",
                hint: "allow for more, or make the second of `between` longer")
        }
        return .auto(auto)
    }

    private func readBetween(_ field: Field) -> (Duration, Duration)? {
        guard let items = field.items(of: BridgeKeys.pause) else { return nil }
        let durations = items.compactMap { $0.duration() }
        guard durations.count == items.count else { return nil }
        guard durations.count == 2, durations[0] <= durations[1] else {
            return field.refuse(
                "pace_between", "that is not a shortest and a longest interval",
                hint: "for example: between: [30s, 1h]")
        }
        return (durations[0], durations[1])
    }

    private func readBudget(_ field: Field) -> BudgetSpec.Rate? {
        guard let text = field.filledText() else { return nil }
        if let rate = RateText.read(text.text) { return rate }
        return field.refuse(
            "rate_invalid", "`\(text.text)` is no rate", allowed: [KeyType.rate.words])
    }

    private func readWindows(_ field: Field) -> [TimeWindow]? {
        let items = field.node.sequence == nil ? [field] : field.items(of: .text) ?? []
        if items.isEmpty { field.complain("value_empty", "it would never be polled") }
        return items.compactMap { item in
            guard let text = item.filledText() else { return nil }
            guard let window = TimeWindow(text.text) else {
                collector.error(
                    "window_invalid", at: text.place, path: item.path, found: text.text,
                    "`\(text.text)` names no hours",
                    allowed: ["mon-fri 08:00-18:00", "22:00-06:00", "sat,sun"])
                return nil
            }
            return window
        }
    }
}
