import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads one subscription of a bridge file.
struct SubscriptionReader {
    let collector: Collector

    func read(
        _ keys: MappingReader, _ name: String, _ item: Field, sourceNames: Set<String>
    ) -> (SubscriptionSpec, [LocatedText]) {
        let empty = Template(segments: [], place: item.place)
        let url = keys["url"].flatMap(readURL)
        let (events, places) = readEvents(keys["events"])
        var spec = SubscriptionSpec(
            name: SubscriptionName(name), url: url ?? empty,
            urlPlace: keys["url"]?.place ?? item.place,
            events: events,
            sources: keys["sources"].flatMap { readSources($0, sourceNames) },
            filter: keys["filter"]?.expression(),
            wire: WireReader(collector: collector).read(keys),
            headers: keys["headers"].flatMap(readHeaders) ?? [],
            timeout: keys["timeout"]?.duration() ?? .seconds(20),
            retries: keys["retry"].flatMap(readRetries),
            access: AccessReader(collector: collector).read(keys),
            place: item.place)
        spec.queue = QueueSpec(keys)
        spec.isTraced = keys["trace"]?.boolean() ?? true
        if let field = keys["sources"], field.node.mapping != nil {
            spec.sourceLabels = LabelsReader().selector(field)
        }
        spec.labels = keys["labels"].map(LabelsReader().read) ?? [:]
        return (spec, places)
    }

    private func readURL(_ field: Field) -> Template? {
        guard let template = field.bridgeTemplate() else { return nil }
        let errors = collector.errorCount
        URLRules.check(template, field)
        guard collector.errorCount == errors, case .literal(let text)? = template.segments.first,
            let parts = URLRules.Parts(text), parts.isPlain, !parts.isLoopback
        else { return template }
        collector.warning(
            "webhook_over_http", at: field.place, path: field.path, found: text,
            "events are sent unencrypted", hint: "use https")
        return template
    }

    private func readHeaders(_ field: Field) -> [NamedTemplate]? {
        let found = field.headers(reserved: HeaderRules.reservedForWebhooks, in: .webhook)
        guard let headers = found else { return nil }
        for header in headers {
            InstallationRules.check(
                header.value, path: join(field.path, header.name), collector, allowsEvents: true)
        }
        return headers
    }

    /// The waits as a list, or as they follow from how they grow.
    private func readRetries(_ field: Field) -> [Duration]? {
        if field.node.sequence != nil {
            guard let items = field.items(of: BridgeKeys.wait) else { return nil }
            guard items.count < BridgeKeys.attemptsMax else {
                return field.refuse(
                    "value_range", "at most \(BridgeKeys.attemptsMax) attempts are made")
            }
            return items.compactMap { $0.duration() }
        }
        guard let keys = MappingReader(field, BridgeKeys.retry) else { return nil }
        let factor = keys["factor"]?.integer() ?? 2
        let longest = keys["max"]?.duration() ?? .seconds(86_400)
        var wait = min(keys["first"]?.duration() ?? .seconds(5), longest)
        var waits: [Duration] = []
        for _ in 1..<max(keys["attempts"]?.integer() ?? 11, 1) {
            waits.append(wait)
            wait = min(wait * factor, longest)
        }
        return waits
    }

    private func readSources(_ field: Field, _ names: Set<String>) -> [LocatedText]? {
        // Chosen by labels: who they are is known when all sources are.
        if field.node.mapping != nil { return [] }
        guard let items = field.items(of: .name(.plain)) else { return nil }
        if items.isEmpty { field.complain("value_empty", "the list is empty") }
        return items.compactMap { item in
            guard let text = item.filledText() else { return nil }
            guard names.contains(text.text) else {
                let known = names.filter { !$0.isEmpty }.sorted()
                collector.error(
                    "source_unknown", at: text.place, path: item.path, found: text.text,
                    "no source is called `\(text.text)`", allowed: known,
                    suggestion: Suggestion.nearest(to: text.text, among: known))
                return nil
            }
            return text
        }
    }

    /// The patterns and the place of each.
    private func readEvents(_ field: Field?) -> ([EventPattern], [LocatedText]) {
        guard let field else { return (EventPattern("*").map { [$0] } ?? [], []) }
        let items = field.items(of: .text) ?? []
        if items.isEmpty, field.node.sequence != nil {
            field.complain("value_empty", "no event would be sent")
        }
        var patterns: [EventPattern] = []
        var places: [LocatedText] = []
        for item in items {
            guard let text = item.filledText() else { continue }
            guard let pattern = EventPattern(text.text) else {
                collector.error(
                    "event_pattern", at: text.place, path: item.path, found: text.text,
                    "`\(text.text)` is no pattern of events",
                    allowed: [
                        "STREAM.created", "STREAM.updated", "STREAM.deleted", "STREAM.*",
                        "*.KIND", "*", "pullcord.*", "pullcord.source.*",
                        "pullcord.endpoint.*",
                    ],
                    suggestion: suggestion(text.text))
                continue
            }
            patterns.append(pattern)
            places.append(text)
        }
        return (patterns, places)
    }

    private func suggestion(_ text: String) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let stream = parts.first, !stream.isEmpty else { return nil }
        let kinds = ChangeKind.allCases.map(\.rawValue)
        guard parts.count == 2 else {
            guard parts.count == 1 else { return nil }
            return kinds.contains(text) ? "*.\(text)" : "\(stream).*"
        }
        return Suggestion.nearest(to: String(parts[1]), among: kinds).map { "\(stream).\($0)" }
    }
}
