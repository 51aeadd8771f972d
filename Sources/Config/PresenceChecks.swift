import PullcordAdapter
import PullcordModel

/// Refuses values that may be absent where a request cannot do without.
///
/// That is in its URL, and in a body that is a text; a query item, header or member would just be
/// left out.
struct PresenceChecks {
    let stream: StreamSpec
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex

    /// What there would not be without the value.
    private enum Whole: String {
        case url = "URL"
        case body

        var code: String {
            switch self {
            case .url: "url_value_absent"
            case .body: "body_value_absent"
            }
        }
    }

    func run() {
        for placeholder in target { check(placeholder, .url) }
        for placeholder in textBody { check(placeholder, .body) }
        guard let reconcile = stream.changes.reconcile, reconcile.request == nil else { return }
        for placeholder in target { checkReconciled(placeholder, .url) }
        for placeholder in textBody { checkReconciled(placeholder, .body) }
    }

    private var target: [Placeholder] {
        switch stream.request.target {
        case .path(let path): (spec.baseURL?.placeholders ?? []) + path.placeholders
        case .url(let url): url.placeholders
        }
    }

    private var textBody: [Placeholder] {
        guard case .text(let template, _)? = stream.request.body else { return [] }
        return template.placeholders
    }

    private func check(_ placeholder: Placeholder, _ whole: Whole) {
        guard !placeholder.hasFallback, let reason = reason(placeholder.subject) else { return }
        collector.error(
            whole.code, at: placeholder.place, path: index.path(of: placeholder),
            "\(reason), and there would be no \(whole.rawValue)",
            hint: hint(for: placeholder.subject, whole))
    }

    /// Why a value may be absent; nil if it is always there.
    private func reason(_ subject: Placeholder.Subject) -> String? {
        switch subject {
        case .parameter(let name): return reason(ofParameter: name)
        case .page(.size):
            guard case .parameter(let name)? = stream.pages.sizeParameter?.solePlaceholder?.subject
            else { return nil }
            return reason(ofParameter: name)
        case .page(.token), .page(.after), .page(.then):
            return stream.pages.hasStart ? nil : "the first page has no such value"
        case .cursor where stream.cursor != nil && stream.cursor?.initial == nil:
            return "the first poll has no cursor"
        case .namedCursor(let name)
        where stream.cursors.contains { $0.name == name && $0.spec.initial == nil }:
            return "the first poll has no cursor"
        case .environment, .file, .page, .cursor, .namedCursor, .pollStarted, .event, .recordKey,
            .record, .parent, .request, .session:
            return nil
        }
    }

    private func reason(ofParameter name: String) -> String? {
        guard let parameter = spec.parameters.first(where: { $0.name == name }),
            !parameter.isRequired, parameter.defaultValue == nil
        else { return nil }
        return "the parameter `\(name)` may be absent"
    }

    private func hint(for subject: Placeholder.Subject, _ whole: Whole) -> String {
        let fallback = #"write `| default "…"`"#
        switch (subject, whole) {
        case (.parameter, _): return "make it required, or \(fallback)"
        case (.cursor, .url), (.namedCursor, .url):
            return "give the cursor an `initial`, or send it as a query item"
        case (.cursor, .body), (.namedCursor, .body):
            return "give the cursor an `initial`, or \(fallback)"
        case (_, .url): return "send it as a query item, or \(fallback)"
        case (_, .body): return fallback
        }
    }

    /// The request goes out without a cursor, whatever it begins with.
    private func checkReconciled(_ placeholder: Placeholder, _ whole: Whole) {
        guard placeholder.subject.isCursor, placeholder.subject != .namedCursor("until"),
            !placeholder.hasFallback
        else { return }
        collector.error(
            "reconcile_cursor", at: placeholder.place, path: index.path(of: placeholder),
            "`reconcile` asks without `${\(placeholder.subject.text)}`, and there would be no "
                + whole.rawValue,
            hint: "say what to ask for: reconcile: { at: 24h, request: … }")
    }
}

extension Placeholder {
    /// Whether it says itself what stands in the place of an absent value.
    var hasFallback: Bool {
        filters.contains { if case .fallback = $0 { true } else { false } }
    }
}
