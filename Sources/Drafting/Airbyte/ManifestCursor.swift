import PullcordModel
import PullcordYAML

/// Where the next poll of a stream starts.
extension ManifestReader {
    func readCursor(_ component: Component, _ parts: inout StreamParts) {
        guard let cursor = component.component("incremental_sync") else { return }
        let subject = "stream \(parts.name), incremental_sync"
        if cursor.isCustom {
            leave(
                cursor.place, subject,
                "`\(cursor.className)` is Python; each poll reads the whole list",
                by: "cursor: { from: … }")
            return
        }
        let field =
            (try? JinjaConstants(parameters: cursor.parameters)
            .resolved(cursor.text("cursor_field") ?? ""))?.literal
        guard let field, !field.isEmpty else {
            leave(
                cursor.place, subject, "`cursor_field` is computed or missing",
                by: "cursor: { from: … }")
            return
        }
        switch cursor.kind {
        case "DatetimeBasedCursor", "": readTimes(cursor, field, subject, &parts)
        case "IncrementingCountCursor": readCount(cursor, field, &parts)
        default:
            leave(
                cursor.place, subject, "`\(cursor.kind)` has no counterpart",
                by: "cursor: { from: … }")
        }
    }

    private func readCount(_ cursor: Component, _ field: String, _ parts: inout StreamParts) {
        var entries = [
            DraftEntry("from", text: JSONPathText.key(field)),
            DraftEntry("format", text: "integer"),
        ]
        if let start = cursor.text("start_value").flatMap(Int.init) {
            entries.append(DraftEntry("initial", text: String(start)))
        }
        begin(cursor, &parts)
        parts.cursor = DraftEntry("cursor", .map(entries))
    }

    private func begin(_ cursor: Component, _ parts: inout StreamParts) {
        parts.scope.startFields = [
            "start_time", cursor.text("partition_field_start") ?? "start_time",
        ]
        parts.scope.endFields = ["end_time", cursor.text("partition_field_end") ?? "end_time"]
        let scope = parts.scope.with(cursor)
        let start = cursor.component("start_time_option") ?? cursor.component("start_value_option")
        if let injection = injection(start, "${cursor}", scope) {
            parts.injections.append(injection)
        }
        if let injection = injection(
            cursor.component("end_time_option"), "${cursor.until}", scope)
        {
            parts.injections.append(injection)
        }
    }

    private func readTimes(
        _ cursor: Component, _ field: String, _ subject: String, _ parts: inout StreamParts
    ) {
        let sentPython = cursor.text("datetime_format") ?? "%Y-%m-%dT%H:%M:%S.%f%z"
        var readPython = cursor.texts("cursor_datetime_formats")
        if readPython.isEmpty { readPython = [sentPython] }
        let format: String
        if readPython.contains(where: AirbyteTime.isRFC3339) {
            format = "rfc3339"
        } else if let notation = readPython.lazy.compactMap(AirbyteTime.notation).first {
            format = notation
        } else {
            leave(
                cursor["datetime_format"]?.place ?? cursor.place, subject,
                "the format `\(readPython.first ?? "")` has no counterpart; each poll reads the "
                    + "whole list", by: "cursor: { from: …, format: … }")
            return
        }
        guard let sent = AirbyteTime.notation(sentPython) else {
            leave(
                cursor["datetime_format"]?.place ?? cursor.place, subject,
                "the format `\(sentPython)` has no counterpart; each poll reads the whole list",
                by: "cursor: { from: …, sent: … }")
            return
        }
        var entries = [DraftEntry("from", text: JSONPathText.key(field))]
        if format != "rfc3339" { entries.append(DraftEntry("format", text: format)) }
        let isSame = format == "rfc3339" && sent == "%Y-%m-%dT%H:%M:%SZ" || format == sent
        if !isSame { entries.append(DraftEntry("sent", text: sent)) }
        if let overlap = overlap(cursor, format, subject) {
            entries.append(DraftEntry("overlap", text: overlap))
        }
        if let initial = initial(cursor, format, subject, parts.scope) {
            entries.append(DraftEntry("initial", text: initial))
        }
        begin(cursor, &parts)
        if let step = cursor["step"], !step.isFalsy, cursor.component("end_time_option") != nil {
            note(
                step.place, subject,
                "`step`: a poll asks for all since the cursor at once, not window by window")
        }
        parts.cursor = DraftEntry("cursor", .map(entries))
    }

    private func overlap(_ cursor: Component, _ format: String, _ subject: String) -> String? {
        guard let node = cursor["lookback_window"], !node.isFalsy, let text = node.scalar?.text
        else {
            let isDay =
                format.contains("%") && !format.contains("%M") && !format.contains("%T")
                && !format.contains("%s") && !format.contains("%Q")
            return isDay ? "1d" : nil
        }
        let resolved = (try? JinjaConstants(parameters: cursor.parameters).resolved(text))?.literal
        guard let milliseconds = AirbyteTime.milliseconds(resolved ?? text) else {
            leave(
                node.place, subject, "`lookback_window` is computed", by: "cursor: { overlap: 1d }")
            return nil
        }
        return AirbyteTime.duration(min(milliseconds, 86_400_000 * 365))
    }

    // MARK: The first poll

    private func initial(
        _ cursor: Component, _ format: String, _ subject: String, _ scope: JinjaScope
    ) -> String? {
        guard let node = cursor["start_datetime"] else { return nil }
        let own = node.mapping.map { _ in Component(node, inheriting: cursor.parameters) }
        let text = node.scalar?.text ?? own?.text("datetime") ?? ""
        let python = own?.text("datetime_format") ?? cursor.text("datetime_format") ?? ""
        let reason = "the first poll asks for all that there is: where it starts is computed"
        do throws(JinjaError) {
            let resolved = try JinjaConstants(parameters: cursor.parameters).resolved(text)
            if let literal = resolved.literal {
                guard let written = Self.rewritten(literal, python, format) else {
                    throw JinjaError(reason: "`\(literal)` is no time of `\(python)`")
                }
                return written
            }
            guard let value = resolved.single else { throw JinjaError(reason: reason) }
            let written = try JinjaText(
                scope: scope.with(cursor), parameters: parameters, isNeeded: false
            ).text("{{ \(Self.source(of: value, text)) }}")
            guard written.hasPrefix("${params.") else { throw JinjaError(reason: reason) }
            return Self.asFormat(written, python, format)
        } catch {
            note(
                node.place, subject,
                error.reason == reason ? reason : "start_datetime: \(error.reason)",
                by: "cursor: { initial: … }")
            return nil
        }
    }

    /// The expression of a template that is nothing else.
    private static func source(of value: Jinja, _ text: String) -> String {
        guard let pieces = try? JinjaLexer.pieces(of: text) else { return "" }
        for case .expression(let expression) in pieces { return expression }
        return ""
    }

    /// A constant time in the format of the cursor.
    private static func rewritten(_ text: String, _ python: String, _ format: String) -> String? {
        let reading = AirbyteTime.notation(python).map(TimeNotation.format)
        let candidates = [reading, CursorFormat.rfc3339].compactMap(\.self)
        let position =
            candidates.lazy.compactMap { CursorValue(text, format: $0)?.position }.first
            ?? TimeFormat.time(text)?.milliseconds
        guard let position else { return nil }
        return CursorValue(format: TimeNotation.format(format), position: position).description
    }

    /// What a person gives, in the format of the cursor.
    private static func asFormat(_ text: String, _ python: String, _ format: String) -> String {
        guard text.hasSuffix("}"), !text.contains("| date") else { return text }
        let directives: String
        switch format {
        case "rfc3339":
            if python.isEmpty || AirbyteTime.isRFC3339(python) { return text }
            directives = "%Y-%m-%dT%H:%M:%SZ"
        case "epoch_seconds": directives = "%s"
        case "epoch_milliseconds": directives = "%Q"
        case "epoch_microseconds": directives = "%Q000"
        default: directives = format
        }
        if AirbyteTime.notation(python) == format { return text }
        return text.dropLast() + " | date \"\(directives)\"}"
    }

    /// A cursor that is never sent has no use here: the whole list is compared.
    func dropUnusedCursor(_ parts: inout StreamParts) {
        guard let cursor = parts.cursor, !parts.sends("cursor") else { return }
        _ = cursor
        parts.cursor = nil
        note(
            parts.place, "stream \(parts.name), incremental_sync",
            "no request asks by the cursor: each poll reads the whole list, and so sees deletes")
    }
}
