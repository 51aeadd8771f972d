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
        guard case .every(let interval) = rhythm else {
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
            return .every(keys["every"]?.duration() ?? .seconds(60))
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
