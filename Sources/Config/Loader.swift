package import PullcordAdapter
package import PullcordModel
import PullcordYAML

/// Reads bridge and adapter files: either everything is right, or every complaint is told.
package struct Loader: Sendable {
    let checkers: Checkers
    let files: FileAccess
    let now: Timestamp?

    /// `now` is held against times in files; nil leaves them alone.
    package init(checkers: Checkers, files: FileAccess, now: Timestamp? = nil) {
        self.checkers = checkers
        self.files = files
        self.now = now
    }

    /// Reads a bridge file and every adapter that it names, and resolves all values.
    ///
    /// The outcome is the configuration, or the report with at least one error; nothing half.
    /// `environment` is what `${env.…}` stands for.
    package func load(
        _ path: String, environment: [String: String]
    ) -> Result<Configuration, DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        let library = AdapterLibrary(files: files, collector: collector)
        guard let root = parse(path, collector) else { return .failure(collector.report()) }
        let bridge = readBridge(
            root, path: path, environment: environment, collector: collector, library: library)
        let report = collector.report()
        guard let bridge, !report.hasErrors else { return .failure(report) }
        return .success(
            Configuration(
                bridge: bridge.spec,
                storePath: Paths.resolve(bridge.spec.storePath, in: Paths.folder(of: path)),
                sources: bridge.sources, subscriptions: bridge.subscriptions,
                proxy: bridge.proxy, api: bridge.api, warnings: report,
                sealingKeys: bridge.sealingKeys, packs: bridge.packs,
                described: DescribedDefinition.all(in: root, bridge.sources, bridge.spec)))
    }

    /// The path of a bridge file's store, for those who only look into it.
    ///
    /// Adapters, environment and secret files are left alone, so that looking needs no secrets.
    package func storePath(of path: String) -> Result<String, DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        let bridge = parse(path, collector).flatMap { BridgeReader(collector: collector).read($0) }
        guard let bridge else { return .failure(collector.report()) }
        return .success(Paths.resolve(bridge.spec.storePath, in: Paths.folder(of: path)))
    }

    /// The sources and subscriptions that a bridge file names, and the path of its store; nil if
    /// it is no bridge file.
    package func names(
        in path: String
    ) -> (store: String, sources: [SourceName], subscriptions: [SubscriptionName])? {
        let collector = Collector(checkers: checkers)
        guard let root = parse(path, collector), FileKind(root) == .bridge,
            let draft = BridgeReader(collector: collector).read(root)
        else { return nil }
        return (
            Paths.resolve(draft.spec.storePath, in: Paths.folder(of: path)),
            draft.spec.sources.map(\.name), draft.spec.subscriptions.map(\.name)
        )
    }

    /// The entries of a bridge file's `network.allow`, and whether it names a proxy.
    package func network(
        of path: String
    ) -> Result<(allow: [String], isProxied: Bool), DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        let bridge = parse(path, collector).flatMap { BridgeReader(collector: collector).read($0) }
        guard let bridge else { return .failure(collector.report()) }
        let allow = bridge.spec.allowedAddresses.map(\.text)
        return .success((allow, bridge.spec.proxy != nil))
    }

    /// Checks bridge and adapter files, told apart by their keys.
    ///
    /// Without an `environment`, values of the environment and of secret files are left alone.
    package func check(
        _ paths: [String], environment: [String: String]? = nil, looksForPrograms: Bool = false
    ) -> DiagnosticReport {
        let collector = Collector(checkers: checkers)
        let library = AdapterLibrary(files: files, collector: collector)
        var seen: Set<String> = []
        for path in paths where seen.insert(path).inserted {
            guard let root = parse(path, collector) else { continue }
            switch FileKind(root) {
            case .adapter:
                let program = library.adopt(root, path: path)?.origin.program
                guard looksForPrograms, let program else { continue }
                ProgramRules(
                    BridgeSpec(storePath: "", sources: [], subscriptions: [], file: path), collector
                )
                .look(for: program, environment == nil ? .warning : .error)
            case .bridge:
                _ = readBridge(
                    root, path: path, environment: environment, collector: collector,
                    library: library,
                    finds: looksForPrograms && environment != nil ? .error : .warning)
            case .test:
                collector.error(
                    "file_kind", at: root.place, path: "", "this is a test file",
                    hint: "pullcord adapter test \(path)")
            case nil:
                collector.error(
                    "file_kind", at: root.place, path: "",
                    "this is neither an adapter nor a bridge file",
                    hint: "an adapter has `adapter` and `streams`, a bridge file has `sources`")
            }
        }
        return collector.report()
    }

    /// Reads one adapter file by itself, as tests of adapters do.
    package func adapter(_ path: String) -> Result<AdapterSpec, DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        let spec = parse(path, collector)
            .flatMap { Inheritance(files: files, collector: collector).resolve($0, path: path) }
            .flatMap { AdapterReader(collector: collector).read($0) }
        let report = collector.report()
        guard let spec, !report.hasErrors else { return .failure(report) }
        return .success(spec)
    }

    func parse(_ path: String, _ collector: Collector) -> YAMLNode? {
        let reason: String
        switch files.read(path) {
        case .bytes(let bytes): return collector.parse(bytes, file: path)
        case .missing: reason = "there is no such file"
        case .unreadable(let words): reason = words
        }
        collector.error(
            "file_unreadable", at: Place(file: path, line: 1, column: 1), path: "",
            "the file cannot be read: \(reason)")
        return nil
    }

    private struct Bridge {
        let spec: BridgeSpec
        let sources: [BoundSource]
        let subscriptions: [BoundSubscription]
        let proxy: Secret?
        let api: BoundAPI?
        let sealingKeys: [Secret]
        let packs: PackShelf
    }

    private func readBridge(
        _ root: YAMLNode, path: String, environment: [String: String]?, collector: Collector,
        library: AdapterLibrary, finds: ProgramRules.Finds = .warning
    ) -> Bridge? {
        guard let draft = BridgeReader(collector: collector).read(root) else { return nil }
        let folder = Paths.folder(of: path)
        let installation = Installation(
            environment: environment, files: files, folder: folder, collector: collector, now: now)
        let folders = Self.searched(draft.spec.adapterFolders, folder: folder)
        let packs = PackShelf(draft.spec.packs, folder: folder, files: files, collector: collector)
        library.files = packs.over(files)
        let destinations = DestinationRules(draft.spec, collector)
        let programs = ProgramRules(draft.spec, collector)
        var sources: [BoundSource] = []
        for (spec, keyPath) in zip(draft.spec.sources, draft.sourcePaths) {
            let adapter = library.adapter(
                spec.adapter, path: join(keyPath, "adapter"), folders: folders, folder: folder,
                bridgeFile: path)
            guard let adapter else {
                SecretNames.note(spec, collector)
                continue
            }
            var bound = SourceBinder(installation: installation)
                .bind(spec, to: adapter, path: keyPath)
            bound.pokeSecret = APIBinder(installation: installation).bind(spec.poke, keyPath)
            destinations.check(bound, path: keyPath)
            programs.check(bound, path: keyPath, finds: finds)
            sources.append(bound)
        }
        var subscriptions: [BoundSubscription] = []
        let binder = SubscriptionBinder(installation: installation)
        for (index, spec) in draft.spec.subscriptions.enumerated() {
            let keyPath = draft.subscriptionPaths[index]
            let subscription = binder.bind(spec, path: keyPath)
            destinations.check(spec, subscription, path: keyPath)
            if let subscription { subscriptions.append(subscription) }
            let heard = draft.spec.sources.filter { spec.hears($0) }
            let bound = sources.filter { spec.hears($0.spec) }
            // With a source missing nobody knows which streams there would be.
            guard !heard.isEmpty, heard.count == bound.count else { continue }
            binder.checkPatterns(
                spec, places: draft.patternPlaces[index],
                streams: bound.flatMap(\.heardStreams),
                path: keyPath, mayGrow: draft.spec.secrets != nil && !spec.namesSources)
        }
        var proxy: Secret?
        if let template = draft.spec.proxy,
            case .text(let text) = installation.resolve(template, path: "network.proxy")
        {
            proxy = Secret(text)
        }
        let api = draft.spec.api.map { APIBinder(installation: installation).bind($0) }
        let keys = draft.spec.secrets.map { SecretsBinder(installation: installation).bind($0) }
        return Bridge(
            spec: draft.spec, sources: sources,
            subscriptions: subscriptions.map { $0.choosing(among: sources) }, proxy: proxy,
            api: api, sealingKeys: keys ?? [], packs: packs)
    }

    /// The folders of the file, then its own folder, then `adapters` beside it; each once.
    static func searched(_ named: [String], folder: String) -> [String] {
        var seen: Set<String> = []
        let own = Paths.resolve(".", in: folder)
        let all =
            named.map { Paths.resolve($0, in: folder) } + [own, Paths.resolve("adapters", in: own)]
        return all.filter { seen.insert($0).inserted }
    }
}

/// What a file is, told by its keys.
enum FileKind {
    case adapter, bridge, test

    init?(_ root: YAMLNode) {
        let keys = Set(root.mapping?.map(\.key.text) ?? [])
        if keys.contains("cases") {
            self = .test
        } else if !keys.isDisjoint(with: ["sources", "subscriptions"]) {
            self = .bridge
        } else if !keys.isDisjoint(with: ["adapter", "streams", "base_url", "params"]) {
            self = .adapter
        } else if !keys.isDisjoint(with: ["store", "network", "adapters", "secrets"]) {
            self = .bridge
        } else {
            return nil
        }
    }
}
