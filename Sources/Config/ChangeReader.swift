import PullcordAdapter
import PullcordJSON
import PullcordModel
import PullcordYAML

/// Reads where changes of a stream show besides its list, and what of them counts.
struct ChangeReader {
    let collector: Collector
    let streams: StreamReader

    func read(
        _ keys: MappingReader, _ detect: DetectMode, _ records: ExpressionText
    ) -> ChangeSpec {
        var changes = ChangeSpec()
        changes.feedUpdates = keys["updates"]?.boolean() ?? false
        changes.remembers = keys["remember"]?.integer() ?? FeedMemory.standard
        changes.tombstone = keys["tombstone"]?.expression()
        changes.transform = keys["transform"]?.expression()
        changes.normal = keys["normalize"].map(readNormal) ?? []
        changes.reconcile = keys["reconcile"].flatMap(readReconcile)
        changes.deletions = keys["deletes"].flatMap { readDeletions($0, records) }
        refuseMisplaced(keys, detect)
        return changes
    }

    /// Keys that mean nothing with the way in which changes are found.
    private func refuseMisplaced(_ keys: MappingReader, _ detect: DetectMode) {
        let reasons: [(name: String, reason: String, hint: String)]
        switch detect {
        case .feed:
            let reason = "what a feed no longer shows is not gone"
            let hint = "remove it, or use `detect: snapshot`"
            reasons = [
                "tombstone", "reconcile", "deletes", "max_delete", "may_be_empty",
                "confirm_deletes",
            ].map {
                ($0, reason, hint)
            }
        case .snapshot:
            reasons =
                [
                    (
                        "reconcile", "`snapshot` reads the whole list each time",
                        "remove it, or give the stream a `cursor`"
                    ),
                    (
                        "deletes", "`snapshot` sees by itself what is gone",
                        "remove it, or give the stream a `cursor`"
                    ),
                ] + Self.feedOnly
        case .incremental: reasons = Self.feedOnly
        }
        for (name, reason, hint) in reasons where keys.has(name) {
            collector.error(
                "detect_clash", at: keys.keyPlace(name), path: join(keys.path, name),
                found: name, "`\(name)` has no use with `detect: \(detect.rawValue)`: \(reason)",
                hint: hint)
        }
    }

    private static let feedOnly = ["updates", "remember"].map {
        (
            name: $0, reason: "only a feed has items that are news once",
            hint: "remove it, or use `detect: feed`"
        )
    }

    private func readNormal(_ field: Field) -> [NormalSpec] {
        guard let entries = field.node.mapping else {
            field.complainOfType(hint: "for example { .price: number, .updated: time }")
            return []
        }
        return entries.compactMap { entry in
            let text = entry.key.text
            let path = join(field.path, text)
            let kind = Field(
                node: entry.value, path: path,
                type: .choice(NormalSpec.Kind.allCases.map(\.rawValue)), collector: collector
            ).choice(NormalSpec.Kind.self)
            guard collector.checkers.expressions.isPlainPath(text) else {
                collector.error(
                    "path_not_plain", at: entry.key.place, path: path, found: text,
                    "`\(text)` is no plain path", allowed: [KeyType.plainPath.words],
                    suggestion: collector.checkers.expressions.isPlainPath("." + text)
                        ? "." + text : nil)
                return nil
            }
            return kind.map {
                NormalSpec(path: ExpressionText(text: text, place: entry.key.place), kind: $0)
            }
        }
    }

    // MARK: Reconcile

    private func readReconcile(_ field: Field) -> ReconcileSpec? {
        guard field.node.mapping != nil else {
            return readRhythm(field).map { ReconcileSpec($0) }
        }
        guard let keys = MappingReader(field, ChangeKeys.reconcile) else { return nil }
        let request = keys["request"].flatMap { RequestReader().read($0) }
        guard let rhythm = keys["at"].flatMap(readRhythm) else { return nil }
        return ReconcileSpec(
            rhythm, request: request, pages: keys["pages"].map { PagesReader().read($0) },
            records: keys["records"]?.expression())
    }

    /// A duration, or times of the calendar.
    private func readRhythm(_ field: Field) -> ReconcileSpec.Rhythm? {
        guard let text = field.filledText() else { return nil }
        if let milliseconds = DurationText.read(text.text) {
            let range: ClosedRange<Int64> = 60_000...DurationText.day * 365
            guard range.contains(milliseconds) else {
                return field.refuse(
                    "value_out_of_range", "`\(text.text)` is out of range",
                    allowed: [KeyType.duration(range).words])
            }
            return .every(.milliseconds(milliseconds))
        }
        do throws(CronExpression.Refusal) {
            return .cron(try CronExpression(parsing: text.text))
        } catch {
            let place = Place(
                file: text.place.file, line: text.place.line,
                column: text.place.column + error.offset)
            collector.error(
                "cron_invalid", at: place, path: field.path, found: text.text, error.message,
                allowed: ["cron such as \"0 3 * * *\"", "a duration such as 24h"],
                hint: error.hint)
            return nil
        }
    }

    // MARK: Deletes

    private func readDeletions(_ field: Field, _ records: ExpressionText) -> DeletionsSpec? {
        guard let keys = MappingReader(field, ChangeKeys.deletions) else { return nil }
        guard let request = keys["request"].flatMap({ RequestReader().read($0) }),
            let key = keys["key"].map(streams.readKey)
        else { return nil }
        let cursor = keys["cursor"].flatMap(CursorReader(collector: collector).readRecordCursor)
        for name in ["covered"] where keys.has(name) && !keys.has("cursor") {
            keys[name]?.complain(
                "cursor_missing", "there is no `cursor` that it could move",
                hint: "add `cursor: { from: .deleted_at }`")
        }
        if !keys.has("at"), cursor?.format.isTime != true {
            collector.warning(
                "deletes_without_time", at: field.place, path: field.path,
                "no line says when its record was deleted, so an old line can take a record away "
                    + "that was made anew", hint: "add `at: .deleted_at`")
        }
        return DeletionsSpec(
            request: request, pages: keys["pages"].map { PagesReader().read($0) } ?? PagesSpec(),
            records: keys["records"]?.expression() ?? records, key: key, cursor: cursor,
            at: keys["at"]?.expression(), covered: keys["covered"]?.expression())
    }
}
