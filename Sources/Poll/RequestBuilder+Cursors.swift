import PullcordAdapter
import PullcordModel

/// What the cursors of a stream stand for in its requests.
extension RequestBuilder {
    /// How far the poll looks, where its cursor is a time: the start of the poll, or as long
    /// before it as the API takes to settle.
    static func until(plan: PollPlan, start: PollStart) -> CursorValue? {
        guard let spec = plan.stream.cursor, case .value(let format) = spec.kind, format.isTime
        else { return nil }
        return CursorValue(format: format, position: (start.time - spec.settle).milliseconds)
    }

    /// The value that the first cursor starts from, what was first given to it included.
    var startValue: CursorValue? {
        if let cursor = start.cursor, let spec = plan.stream.cursor {
            return cursor.movedBack(by: spec.overlap)
        }
        guard let spec = plan.stream.cursor, case .value(let format) = spec.kind else {
            return nil
        }
        if let mark = (try? spec.beginning(base)) ?? nil {
            return mark.value?.movedBack(by: spec.overlap)
        }
        let text = (try? spec.initial?.render(base)) ?? nil
        return text.flatMap { CursorValue($0, format: format) }
    }

    /// What a cursor is at first, written as requests carry it.
    private static func initialText(
        _ spec: CursorSpec, _ context: TemplateContext
    ) throws(TemplateError) -> String? {
        guard let text = try spec.initial?.render(context) else { return nil }
        guard case .value(let format) = spec.kind, format.sent != format.read else { return text }
        return CursorValue(text, format: format)?.description ?? text
    }

    static func cursorTexts(
        plan: PollPlan, start: PollStart, context: TemplateContext
    ) throws(TemplateError) -> [String?] {
        var texts: [String?] = []
        for (index, entry) in plan.stream.cursors.enumerated() {
            var mark = start.marks.indices.contains(index) ? start.marks[index] : nil
            if mark == nil { mark = try entry.spec.beginning(context) }
            switch mark {
            case .value(let value):
                let value = entry.spec.sent(value.movedBack(by: entry.spec.overlap))
                texts.append(value.description)
            case .token(let text): texts.append(text)
            case .url: texts.append(nil)
            case nil: texts.append(try initialText(entry.spec, context))
            }
        }
        return texts
    }
}
