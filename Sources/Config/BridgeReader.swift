import PullcordAdapter
import PullcordModel
import PullcordYAML

/// A bridge file as read, with what later checks need besides.
struct BridgeDraft {
    var spec: BridgeSpec
    /// One for each source of ``BridgeSpec/sources``, in its order.
    var sourcePaths: [String] = []
    /// One for each subscription, in its order.
    var subscriptionPaths: [String] = []
    /// Places of the event patterns of each subscription, in its order.
    var patternPlaces: [[LocatedText]] = []
    /// Every name that a source of the file bears, also of one that is wrong otherwise.
    var sourceNames: [String] = []
}

/// Makes a bridge out of a file's nodes; like ``AdapterReader`` it never stops at a complaint.
struct BridgeReader {
    let collector: Collector

    func read(_ root: YAMLNode) -> BridgeDraft? {
        let field = Field(
            node: root, path: "", type: .table(BridgeKeys.bridge), collector: collector)
        guard let keys = MappingReader(field, BridgeKeys.bridge) else { return nil }
        var draft = BridgeDraft(
            spec: BridgeSpec(
                storePath: keys["store"].flatMap(readStore) ?? "pullcord.db",
                sources: [], subscriptions: [], file: root.place.file))
        PackReader(collector: collector).read(keys["adapters"], &draft.spec)
        if let field = keys["network"] { readNetwork(field, &draft.spec) }
        if let field = keys["programs"] { draft.spec.programs = readPrograms(field) }
        if let field = keys["retention"] { draft.spec.retention = RetentionSpec(field) }
        if let field = keys["api"] { draft.spec.api = APIReader(collector: collector).read(field) }
        if let field = keys["secrets"] { draft.spec.secrets = SecretsReader().read(field) }
        readSources(keys, &draft)
        if let field = keys["subscriptions"] {
            readSubscriptions(field, &draft)
        }
        if draft.spec.subscriptions.isEmpty, draft.spec.secrets == nil,
            keys["subscriptions"]?.node.sequence?.isEmpty ?? true
        {
            collector.warning(
                "subscriptions_missing", at: root.place, path: "subscriptions",
                "nobody will hear of the changes: there are no subscriptions")
        }
        return draft
    }

    private func readStore(_ field: Field) -> String? {
        guard let text = field.filledText()?.text else { return nil }
        let scheme = text.prefix { $0 != ":" }
        guard scheme.count < text.count else {
            collector.error(
                "store_invalid", at: field.place, path: field.path, found: text,
                "the store needs its kind", allowed: ["sqlite:PATH"],
                suggestion: "sqlite:\(text)")
            return nil
        }
        let path = String(text.dropFirst(scheme.count + 1))
        guard scheme == "sqlite" else {
            collector.error(
                "store_invalid", at: field.place, path: field.path, found: String(scheme),
                "this version has no store of the kind `\(scheme)`", allowed: ["sqlite:PATH"],
                suggestion: Suggestion.nearest(to: String(scheme), among: ["sqlite"])
                    .map { "\($0):\(path)" })
            return nil
        }
        guard !path.isEmpty else {
            return field.refuse(
                "store_invalid", "the path of the database is missing", allowed: ["sqlite:PATH"])
        }
        return path
    }

    private func readPrograms(_ field: Field) -> ProgramsSpec {
        guard let keys = MappingReader(field, ExecKeys.programs) else { return ProgramsSpec() }
        return ProgramsSpec(
            allowed: (keys["allow"]?.items(of: .text) ?? []).compactMap { $0.filledText() },
            allowsStore: keys["store"]?.boolean() ?? false)
    }

    private func readNetwork(_ field: Field, _ spec: inout BridgeSpec) {
        guard let keys = MappingReader(field, BridgeKeys.network) else { return }
        spec.proxy = keys["proxy"]?.bridgeTemplate()
        let items = keys["allow"]?.items(of: .text) ?? []
        spec.allowedAddresses = items.compactMap { item in
            guard let text = item.filledText() else { return nil }
            if let complaint = collector.checkers.allowEntries.check(text.text) {
                collector.error(
                    "allow_invalid", at: text.place, path: item.path, found: text.text, complaint,
                    allowed: ["loopback", "private", "10.1.0.0/16", "host", "host:port"],
                    suggestion: Suggestion.nearest(to: text.text, among: ["loopback", "private"]))
                return nil
            }
            return text
        }
    }

    private func readSources(_ keys: MappingReader, _ draft: inout BridgeDraft) {
        guard let field = keys["sources"] else {
            // With a key for them, the sources may all be in the store.
            if !keys.has("sources"), !keys.has("secrets") { complainOfNoSources(keys) }
            return
        }
        guard let items = field.items(of: .table(BridgeKeys.source)) else { return }
        if items.isEmpty, !keys.has("secrets") {
            collector.warning(
                "sources_empty", at: field.place, path: field.path,
                "nothing is polled: there is no source yet")
        }
        var names = UniqueNames(kind: "source")
        for item in items {
            guard let keys = MappingReader(item, BridgeKeys.source) else { continue }
            let name = names.take(keys["name"], collector)
            if name == SourceName.pullcord.text {
                keys["name"]?.complain(
                    "name_reserved", "`\(name)` is the name of Pullcord's own events")
            }
            draft.sourceNames.append(name)
            draft.spec.sources.append(readSource(keys, name, item))
            draft.sourcePaths.append(item.path)
        }
    }

    private func complainOfNoSources(_ keys: MappingReader) {
        guard !keys.hasUnknownKeys else { return }
        collector.error(
            "key_missing", at: keys.place, path: "sources",
            "`sources` is missing in \(keys.table.name)",
            allowed: [keys.table.key("sources")?.type.words ?? ""],
            hint: keys.table.key("sources")?.summary ?? "")
    }

    func readSource(_ keys: MappingReader, _ name: String, _ item: Field) -> SourceSpec {
        var spec = SourceSpec(
            name: SourceName(name),
            adapter: keys["adapter"]?.filledText() ?? LocatedText(text: "", place: item.place),
            with: keys["with"].map(readWith) ?? [],
            schedule: ScheduleReader(collector: collector).read(keys, item),
            streams: keys["streams"].flatMap(readNames),
            first: keys["first"]?.choice(FirstPoll.self),
            maxDeleteShare: keys["max_delete"]?.percentage(),
            place: item.place)
        spec.maxChangeShare = keys["max_change"]?.percentage()
        spec.tls = keys["tls"].flatMap(TLSReader.bridge.read)
        spec.emitRate = keys["emit_rate"].flatMap(BeliefReader(collector: collector).rate)
        spec.poke = keys["poke"].flatMap(APIReader(collector: collector).readPoke)
        spec.labels = keys["labels"].map(LabelsReader().read) ?? [:]
        spec.stalledAfter = keys["stalled_after"]?.duration()
        return spec
    }

    private func readNames(_ field: Field) -> [LocatedText]? {
        guard let items = field.items(of: .name(.plain)) else { return nil }
        if items.isEmpty { field.complain("value_empty", "the list is empty") }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let text = item.filledText() else { return nil }
            guard seen.insert(text.text).inserted else {
                return item.refuse("name_repeated", "`\(text.text)` is in the list already")
            }
            return text
        }
    }

    private func readWith(_ field: Field) -> [(name: LocatedText, value: Template)] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        return entries.compactMap { entry in
            let value = Field(
                node: entry.value, path: join(field.path, entry.key.text), type: .template,
                collector: collector)
            guard let template = value.bridgeTemplate() else { return nil }
            return (LocatedText(text: entry.key.text, place: entry.key.place), template)
        }
    }

    private func readSubscriptions(_ field: Field, _ draft: inout BridgeDraft) {
        guard let items = field.items(of: .table(BridgeKeys.subscription)) else { return }
        var names = UniqueNames(kind: "subscription")
        for item in items {
            guard let keys = MappingReader(item, BridgeKeys.subscription) else { continue }
            let name = names.take(keys["name"], collector)
            let (spec, patterns) = SubscriptionReader(collector: collector)
                .read(keys, name, item, sourceNames: Set(draft.sourceNames))
            draft.spec.subscriptions.append(spec)
            draft.subscriptionPaths.append(item.path)
            draft.patternPlaces.append(patterns)
        }
    }
}

/// Names of one kind, each of which may be given once.
private struct UniqueNames {
    let kind: String
    private var places: [String: Place] = [:]

    init(kind: String) { self.kind = kind }

    /// The name; empty if it is missing or wrong.
    mutating func take(_ field: Field?, _ collector: Collector) -> String {
        guard let field, let name = field.name(.plain) else { return "" }
        if let first = places[name.text] {
            collector.error(
                "name_repeated", at: name.place, path: field.path, found: name.text,
                "another \(kind) is called `\(name.text)`: see \(first.line):\(first.column)",
                related: first)
        } else {
            places[name.text] = name.place
        }
        return name.text
    }
}

/// What placeholders of a bridge file may stand for.
enum InstallationRules {
    /// With `allowsEvents`, values of the delivered event may be named too.
    static func check(
        _ template: Template, path: String, _ collector: Collector, allowsEvents: Bool = false
    ) {
        for placeholder in template.placeholders {
            let word: String
            switch placeholder.subject {
            case .event where allowsEvents:
                checkFilters(placeholder, path, collector)
                continue
            case .environment, .file: continue
            case .parameter(let name): word = "params.\(name)"
            case .cursor: word = "cursor"
            case .namedCursor(let name): word = "cursor.\(name)"
            case .page(let value): word = "page.\(value.rawValue)"
            case .pollStarted: word = "poll.started"
            case .event(let value): word = "event.\(value.rawValue)"
            case .recordKey: word = "record.key"
            case .record(let path): word = "record.\(path)"
            case .parent(let name): word = "parent.\(name)"
            case .request(let value): word = value.word
            case .session(let name): word = "session.\(name)"
            }
            collector.error(
                "placeholder_misplaced", at: placeholder.place, path: path,
                "`${\(word)}` has no value in a bridge file",
                allowed: (allowsEvents ? TemplateRoom.webhook : .bridge).forms)
        }
    }

    /// A filter that could fail would hold up deliveries that nobody can mend.
    private static func checkFilters(
        _ placeholder: Placeholder, _ path: String, _ collector: Collector
    ) {
        for case .date in placeholder.filters {
            collector.error(
                "filter_misplaced", at: placeholder.place, path: path,
                "`date` needs a time, and an event's values are none")
        }
    }
}
