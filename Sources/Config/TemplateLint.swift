import PullcordAdapter
import PullcordModel

/// Warns of placeholders that are legal and most likely do something else than was meant.
struct TemplateLint {
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex

    func run() {
        for stream in spec.streams {
            checkVanishing(stream)
            checkMarkup(stream)
        }
    }

    // MARK: What vanishes at the first poll

    /// A whole item goes with an absent value, so also what stands beside it: a sort order, say.
    private func checkVanishing(_ stream: StreamSpec) {
        let absent = stream.cursors.filter { $0.spec.initial == nil }.map(\.name)
        guard !absent.isEmpty else { return }
        let isFirstAbsent = stream.cursors.first?.spec.initial == nil
        for template in optionalTemplates(stream) where Conditions(template).sayMore {
            for placeholder in template.placeholders where !placeholder.hasFallback {
                let isAbsent =
                    switch placeholder.subject {
                    case .cursor: isFirstAbsent
                    case .namedCursor(let name): absent.contains(name)
                    default: false
                    }
                guard isAbsent else { continue }
                collector.warning(
                    "cursor_vanishes", at: placeholder.place, path: index.path(of: placeholder),
                    found: "${\(placeholder.subject.text)}",
                    "the first poll has no cursor, and leaves out the whole of this text with it",
                    hint: "give the cursor an `initial`, or the placeholder a default")
            }
        }
    }

    /// What is left out where a value is absent.
    private func optionalTemplates(_ stream: StreamSpec) -> [Template] {
        var templates = (spec.query + stream.request.query).map(\.value)
        templates += (spec.headers + stream.request.headers).map(\.value)
        switch stream.request.body {
        case .json, .form: templates += stream.request.body?.templates ?? []
        case .text, nil: break
        }
        return templates
    }

    // MARK: XML

    /// A `&` or `<` in a value would break the document, or become a part of it.
    private func checkMarkup(_ stream: StreamSpec) {
        guard case .text(let template, let type)? = stream.request.body,
            type.lowercased().prefix(while: { $0 != ";" }).contains("xml")
        else { return }
        for placeholder in template.placeholders where mayHoldMarkup(placeholder) {
            collector.warning(
                "xml_unescaped", at: placeholder.place, path: index.path(of: placeholder),
                found: "${\(placeholder.subject.text)}",
                "a `&` or `<` in this value would break the document, or add to it",
                hint: "write ${\(placeholder.subject.text) | xml}, or `| raw` for a piece of XML")
        }
    }

    private func mayHoldMarkup(_ placeholder: Placeholder) -> Bool {
        let isSafe = placeholder.filters.contains { filter in
            switch filter {
            case .xml, .raw, .base64, .urlencode, .number, .date, .list: true
            case .json, .fallback: false
            }
        }
        guard !isSafe else { return false }
        switch placeholder.subject {
        case .page(let value):
            switch value {
            case .number, .last, .offset, .size: return false
            case .token, .after, .then: return true
            }
        case .parameter(let name):
            let kind = spec.parameters.first { $0.name == name }?.kind
            return kind == .string || kind == .secret
        case .pollStarted: return false
        case .cursor, .namedCursor, .environment, .file, .event, .recordKey, .record, .parent,
            .request, .session:
            return true
        }
    }
}
