import PullcordAdapter
package import PullcordJSON
package import PullcordModel
import PullcordYAML

/// Reads and checks definitions of the store as the file's own sources and subscriptions are.
///
/// What they may not do: name the environment or files of this machine, for whoever may write
/// definitions could read those through them otherwise.
package final class DefinitionBinder {
    /// What became of one definition.
    package enum Outcome<Bound: Sendable>: Sendable {
        case bound(Bound, warnings: DiagnosticReport)
        /// With at least one error.
        case broken(DiagnosticReport)
    }

    private let checkers: Checkers
    private let configuration: Configuration
    private let folder: String
    private let folders: [String]
    private let library: AdapterLibrary
    private let now: Timestamp?
    private var names: Set<String>
    private var sources: [String: BoundSource] = [:]
    /// The streams that any source has, each once.
    private var streams: [StreamMark: StreamSpec] = [:]

    private struct StreamMark: Hashable {
        let name: String
        let isIncremental: Bool
    }

    init(_ configuration: Configuration, checkers: Checkers, files: FileAccess, now: Timestamp?) {
        self.configuration = configuration
        self.checkers = checkers
        self.now = now
        folder = Paths.folder(of: configuration.bridge.file)
        folders = Loader.searched(configuration.bridge.adapterFolders, folder: folder)
        library = AdapterLibrary(
            files: configuration.packs.over(files), collector: Collector(checkers: checkers))
        names = []
        for source in configuration.sources { add(source) }
    }

    /// Tells of a source of the store; `bound` is nil for one that is set aside.
    package func add(name: String, _ bound: BoundSource?) {
        names.insert(name)
        if let bound { add(bound) }
    }

    package func remove(name: String) {
        names.remove(name)
        sources[name] = nil
    }

    /// Reads adapters again that had mistakes.
    package func forgetBroken() { library.forgetBroken() }

    private func add(_ source: BoundSource) {
        names.insert(source.spec.name.text)
        sources[source.spec.name.text] = source
        for stream in source.streams {
            let mark = StreamMark(
                name: stream.name.text, isIncremental: stream.detect == .incremental)
            streams[mark] = stream
        }
    }

    /// `value` is a JSON object with its secrets opened, which are `secrets` too.
    package func source(
        _ name: String, _ value: JSONValue, secrets: [Secret]
    ) -> Outcome<BoundSource> {
        let collector = Collector(checkers: checkers)
        collector.secrets = secrets
        let field = field(.source, name, value, collector)
        guard isAllowed(value, field, collector), let keys = MappingReader(field, BridgeKeys.source)
        else { return .broken(collector.report()) }
        checkName(keys, collector)
        let spec = BridgeReader(collector: collector).readSource(keys, name, field)
        let path = spec.adapter.text
        guard !path.hasSuffix(".yaml"), !path.hasSuffix(".yml") else {
            collector.error(
                "adapter_path", at: spec.adapter.place, path: "adapter", found: path,
                "a definition of the store names an adapter, not a file",
                hint: "adapters are looked for in: \(folders.joined(separator: ", "))")
            return .broken(collector.report())
        }
        let adapter = library.adapter(
            spec.adapter, path: "adapter", folders: folders, folder: folder,
            bridgeFile: configuration.bridge.file, complaints: collector)
        guard let adapter else {
            if collector.errorCount == 0 {
                collector.error(
                    "adapter_invalid", at: spec.adapter.place, path: "adapter", found: path,
                    "the adapter `\(path)` has mistakes",
                    hint: "pullcord check tells them when it is given the adapter's file")
            }
            return .broken(collector.report())
        }
        let bound = SourceBinder(installation: installation(collector))
            .bind(spec, to: adapter, path: "")
        DestinationRules(configuration.bridge, collector).check(bound, path: "")
        ProgramRules(configuration.bridge, collector).check(bound, path: "", isStored: true)
        var whole = BoundSource(
            spec: bound.spec, adapter: bound.adapter, parameters: bound.parameters,
            secrets: bound.secrets + secrets.filter { !bound.secrets.contains($0) })
        whole.pokeSecret = APIBinder(installation: installation(collector)).bind(spec.poke, "")
        return outcome(collector, whole)
    }

    /// With `isLoading`, it is one that was kept before, and may wait for streams that are gone.
    package func subscription(
        _ name: String, _ value: JSONValue, secrets: [Secret], isLoading: Bool = false
    ) -> Outcome<BoundSubscription> {
        let collector = Collector(checkers: checkers)
        collector.secrets = secrets
        let field = field(.subscription, name, value, collector)
        guard isAllowed(value, field, collector),
            let keys = MappingReader(field, BridgeKeys.subscription)
        else { return .broken(collector.report()) }
        checkName(keys, collector)
        if keys.has("tls") {
            collector.error(
                "key_misplaced", at: keys.keyPlace("tls"), path: "tls", found: "tls",
                "`tls` names files of this machine, which a definition of the store must not",
                hint: "write the subscription into the bridge file")
        }
        let (spec, places) = SubscriptionReader(collector: collector)
            .read(keys, name, field, sourceNames: names)
        let binder = SubscriptionBinder(installation: installation(collector))
        let bound = binder.bind(spec, path: "")
        DestinationRules(configuration.bridge, collector).check(spec, bound, path: "")
        binder.checkPatterns(
            spec, places: places, streams: streams(of: spec), path: "",
            mayGrow: !spec.namesSources && sources.isEmpty || spec.sourceLabels != nil,
            isLoading: isLoading)
        guard let bound else {
            if collector.errorCount == 0 {
                collector.error(
                    "definition_invalid", at: field.place, path: "", "a value is missing")
            }
            return .broken(collector.report())
        }
        return outcome(
            collector,
            BoundSubscription(
                spec: bound.spec, url: bound.url, wire: bound.wire, headers: bound.headers,
                access: bound.access,
                secrets: bound.secrets + secrets.filter { !bound.secrets.contains($0) }))
    }

    /// The streams that a subscription listens to; all of them where a source is set aside.
    private func streams(of spec: SubscriptionSpec) -> [StreamSpec] {
        guard spec.namesSources, let wanted = spec.sources else { return Array(streams.values) }
        let bound = wanted.compactMap { sources[$0.text] }
        return bound.count == wanted.count ? bound.flatMap(\.streams) : Array(streams.values)
    }

    private func outcome<Bound: Sendable>(
        _ collector: Collector, _ bound: Bound
    ) -> Outcome<Bound> {
        let report = collector.report()
        guard !report.hasErrors else { return .broken(report) }
        // What stands in a definition is sealed, so nothing stands in a file.
        return .bound(bound, warnings: report.without(code: "secret_in_file"))
    }

    /// Without the environment and without files: neither is a definition's business.
    private func installation(_ collector: Collector) -> Installation {
        Installation(
            environment: [:], files: FileAccess(read: { _ in .missing }, list: { _ in [] }),
            folder: folder, collector: collector, now: now)
    }

    private func field(
        _ kind: DefinitionKind, _ name: String, _ value: JSONValue, _ collector: Collector
    ) -> Field {
        var members = [JSONValue.Member("name", .string(name))]
        var whole = value
        if case .object(let own) = value {
            members += own.filter { $0.key != "name" }
            whole = .object(members)
        }
        let table = kind == .source ? BridgeKeys.source : BridgeKeys.subscription
        return Field(
            node: DefinitionNodes.node(of: whole, file: "\(kind) \(name)"), path: "",
            type: .table(table), collector: collector)
    }

    private func checkName(_ keys: MappingReader, _ collector: Collector) {
        guard let name = keys["name"]?.name(.plain) else { return }
        guard name.text != SourceName.pullcord.text else {
            keys["name"]?.complain(
                "name_reserved", "`\(name.text)` is the name of Pullcord's own events")
            return
        }
    }

    private func isAllowed(
        _ value: JSONValue, _ field: Field, _ collector: Collector
    ) -> Bool {
        let outside = Self.outside(value, "")
        for path in outside {
            collector.error(
                "placeholder_misplaced", at: field.place, path: path,
                "a definition of the store cannot name the environment or files: \(path)",
                hint: "write the value itself: secrets are kept sealed")
        }
        return outside.isEmpty
    }

    /// The key paths of texts that name the environment or a file.
    private static func outside(_ value: JSONValue, _ path: String) -> [String] {
        switch value {
        case .string(let text):
            // `$${` is a literal `${`; a stray match is told by the reader's own complaint.
            let bare = text.replacing("$${", with: "").filter { !$0.isWhitespace }
            return bare.contains("${env.") || bare.contains("${file:") ? [path] : []
        case .object(let members):
            return members.flatMap { outside($0.value, join(path, $0.key)) }
        case .array(let items):
            return items.enumerated().flatMap { outside($1, "\(path)[\($0)]") }
        case .null, .bool, .number: return []
        }
    }
}

extension Loader {
    /// What reads the store's definitions beside a file that was loaded.
    package func definitions(over configuration: Configuration) -> DefinitionBinder {
        DefinitionBinder(configuration, checkers: checkers, files: files, now: now)
    }

    /// A definition, or a list of them, as a file of YAML or JSON says it.
    package func values(of path: String) -> Result<[JSONValue], DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        guard let root = parse(path, collector) else { return .failure(collector.report()) }
        if let items = root.sequence { return .success(items.map(DefinitionNodes.value)) }
        return .success([DefinitionNodes.value(of: root)])
    }

    /// The keys that a bridge file's `secrets` names; the rest of the file may be wrong.
    package func sealingKeys(
        of path: String, environment: [String: String]
    ) -> Result<[Secret], DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        guard let root = parse(path, collector), let node = root["secrets"] else {
            let report = collector.report()
            return report.hasErrors ? .failure(report) : .success([])
        }
        let field = Field(
            node: node, path: "secrets", type: .table(DefinitionKeys.secrets),
            collector: collector)
        let installation = Installation(
            environment: environment, files: files, folder: Paths.folder(of: path),
            collector: collector, now: now)
        let keys = SecretsReader().read(field).map {
            SecretsBinder(installation: installation).bind($0)
        }
        let report = collector.report()
        return report.hasErrors ? .failure(report) : .success(keys ?? [])
    }

    /// The labels of the file's sources and subscriptions by name.
    package func labels(in path: String, of kind: DefinitionKind) -> [String: [String: String]] {
        let collector = Collector(checkers: checkers)
        guard let root = parse(path, collector),
            let spec = BridgeReader(collector: collector).read(root)?.spec
        else { return [:] }
        let pairs =
            kind == .source
            ? spec.sources.map { ($0.name.text, $0.labels) }
            : spec.subscriptions.map { ($0.name.text, $0.labels) }
        return Dictionary(pairs) { first, _ in first }
    }
}
