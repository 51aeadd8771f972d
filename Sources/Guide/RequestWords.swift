import PullcordAdapter
import PullcordModel

/// Requests as they will be, with names in the place of the values that nobody knows yet.
struct RequestWords {
    /// Which poll asks.
    enum Moment {
        case first, later
    }

    let spec: AdapterSpec
    let parameters: [String: String]

    /// Characters of a body that are shown.
    private static let bodyMax = 400

    /// `GET https://…?…`, and the body that goes along.
    func line(
        _ request: RequestSpec, of stream: StreamSpec, pages: PagesSpec, _ moment: Moment
    ) -> String {
        let text = { (template: Template) in
            self.text(template, of: stream, pages: pages, moment)
        }
        var url =
            switch request.target {
            case .path(let path): (spec.baseURL.flatMap(text) ?? "") + (text(path) ?? "")
            case .url(let url): text(url) ?? ""
            }
        let items = pairs(request.query + spec.query, of: stream, pages, moment)
        if !items.isEmpty {
            url += (url.contains("?") ? "&" : "?") + items.joined(separator: "&")
        }
        return "\(request.method.rawValue) \(url)" + body(request, of: stream, pages, moment)
    }

    private func body(
        _ request: RequestSpec, of stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> String {
        switch request.body {
        case nil: return ""
        case .text(let template, let type):
            let body = text(template, of: stream, pages: pages, moment) ?? ""
            return " with the \(type) \(shortened(body))"
        case .json(let template, _):
            let context = context(of: stream, pages, moment)
            guard let bytes = try? template.render(context) else { return " with a JSON body" }
            return " with \(shortened(String(decoding: bytes, as: UTF8.self)))"
        case .form(let items, _):
            let pairs = self.pairs(items, of: stream, pages, moment)
            return " with the form \(shortened(pairs.joined(separator: "&")))"
        }
    }

    private func pairs(
        _ items: [NamedTemplate], of stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> [String] {
        items.flatMap { item in
            let text = text(item.value, of: stream, pages: pages, moment)
            let values = text.map { item.value.values(of: $0) } ?? []
            return values.map { "\(item.name)=\($0)" }
        }
    }

    private func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > Self.bodyMax ? line.prefix(Self.bodyMax) + "…" : line
    }

    /// The text with what is known; nil where it needs a value that is absent at that moment.
    func text(
        _ template: Template, of stream: StreamSpec, pages: PagesSpec, _ moment: Moment
    ) -> String? {
        var result = ""
        for segment in template.segments {
            switch segment {
            case .literal(let text): result += text
            case .placeholder(let placeholder):
                guard let value = value(placeholder, stream, pages, moment) else { return nil }
                result += value
            }
        }
        return result
    }

    private func value(
        _ placeholder: Placeholder, _ stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> String? {
        for case .fallback(let text) in placeholder.filters
        where isAbsent(placeholder.subject, stream, pages, moment) {
            return text
        }
        switch placeholder.subject {
        case .parameter(let name): return parameter(name)
        case .cursor: return cursor(stream.cursor, "${cursor}", stream, pages, moment)
        case .namedCursor("until"): return "${cursor.until}"
        case .namedCursor(let name):
            let spec = stream.cursors.first { $0.name == name }?.spec
            return cursor(spec, "${cursor.\(name)}", stream, pages, moment)
        case .page(let value): return page(value, stream, pages, moment)
        case .environment, .file, .pollStarted, .event, .recordKey, .record, .parent, .request,
            .session:
            return "${\(placeholder.subject.text)}"
        }
    }

    private func isAbsent(
        _ subject: Placeholder.Subject, _ stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> Bool {
        let bare = Placeholder(subject: subject, place: stream.place)
        return value(bare, stream, pages, moment) == nil
    }

    /// A value that is known and no secret, else the placeholder itself.
    private func parameter(_ name: String) -> String {
        let declared = spec.parameters.first { $0.name == name }
        guard declared?.kind != .secret else { return "${params.\(name)}" }
        return parameters[name] ?? declared?.defaultValue ?? "${params.\(name)}"
    }

    private func cursor(
        _ cursor: CursorSpec?, _ word: String, _ stream: StreamSpec, _ pages: PagesSpec,
        _ moment: Moment
    ) -> String? {
        guard moment == .first else { return word }
        // One that is made of itself would have no end.
        guard let initial = cursor?.initial, !initial.subjects.contains(.cursor) else { return nil }
        return text(initial, of: stream, pages: pages, moment)
    }

    /// What the first page has.
    private func page(
        _ value: Placeholder.PageValue, _ stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> String? {
        switch (value, pages.scheme) {
        case (.size, _): pages.size.map(String.init)
        case (.number, .number(let start)), (.offset, .offset(let start)): String(start)
        case (.token, .token(_, let start?)), (.after, .keyset(_, _, let start?)):
            text(start, of: stream, pages: pages, moment)
        case (.number, .range), (.last, .range): "${page.\(value.rawValue)}"
        default: nil
        }
    }

    private func context(
        of stream: StreamSpec, _ pages: PagesSpec, _ moment: Moment
    ) -> TemplateContext {
        var context = TemplateContext()
        for parameter in spec.parameters {
            context.parameters[parameter.name] = self.parameter(parameter.name)
        }
        context.cursor = cursor(stream.cursor, "${cursor}", stream, pages, moment)
        context.namedCursors["until"] = "${cursor.until}"
        for entry in stream.cursors where !entry.name.isEmpty {
            context.namedCursors[entry.name] = cursor(
                entry.spec, "${cursor.\(entry.name)}", stream, pages, moment)
        }
        for value in Placeholder.PageValue.allCases {
            context.page[value] = page(value, stream, pages, moment)
        }
        context.recordKey = "${record.key}"
        for placeholder in stream.request.templates.flatMap(\.placeholders) {
            if case .parent(let name) = placeholder.subject {
                context.parent[name] = "${parent.\(name)}"
            }
        }
        return context
    }
}
