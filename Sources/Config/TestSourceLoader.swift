import PullcordAdapter
import PullcordModel
package import PullcordYAML

/// Makes configurations of one source as a bridge file would, of nodes that stand elsewhere: in
/// the test files of adapters.
///
/// Everything is complained about at the node's own place. Adapters are read once.
package final class TestSourceLoader {
    package let collector: Collector
    private let loader: Loader
    private let library: AdapterLibrary

    /// Where requests would lead to is of no weight: nothing is sent.
    package init(checkers: Checkers, files: FileAccess) {
        var checkers = checkers
        checkers.destinations = DestinationChecker { _, _ in nil }
        loader = Loader(checkers: checkers, files: files)
        collector = Collector(checkers: checkers)
        library = AdapterLibrary(files: files, collector: collector)
    }

    /// Reads a test file as YAML; nil after it has complained.
    package func parse(_ path: String) -> YAMLNode? {
        guard let root = loader.parse(path, collector) else { return nil }
        guard FileKind(root) == .adapter, Self.isSurelyAdapter(root) else { return root }
        collector.error(
            "file_kind", at: root.place, path: "", "this is an adapter, and no test of one",
            hint: "its tests would be in "
                + Paths.resolve("tests/\(Paths.name(of: path))", in: Paths.folder(of: path)))
        return nil
    }

    /// A test file names its adapter and streams as well, yet with nothing behind their names.
    private static func isSurelyAdapter(_ root: YAMLNode) -> Bool {
        ["base_url", "params", "extends"].contains { root[$0] != nil }
            || root["streams"]?.mapping != nil
    }

    /// The configuration of a source with these keys of a bridge file; nil if there is none, which
    /// has been complained about.
    ///
    /// `folders` are searched for the adapter; a path starts at the folder of `file`. The keys of
    /// `source` have been checked already.
    package func configuration(
        of source: YAMLNode, path: String, file: String, folders: [String]
    ) -> Configuration? {
        let item = Field(
            node: source, path: path, type: .table(BridgeKeys.source), collector: collector)
        guard let keys = MappingReader(item, BridgeKeys.source, isQuiet: true) else { return nil }
        let folder = Paths.folder(of: file)
        var spec = BridgeReader(collector: collector).readSource(keys, "", item)
        let adapter = library.adapter(
            spec.adapter, path: join(path, "adapter"), folders: folders, folder: folder,
            bridgeFile: file)
        guard let adapter else { return nil }
        spec.name = SourceName(adapter.name.isEmpty ? "source" : adapter.name)
        let installation = Installation(
            environment: [:], files: loader.files, folder: folder, collector: collector,
            isInvented: true)
        let bound = SourceBinder(installation: installation).bind(spec, to: adapter, path: path)
        let bridge = BridgeSpec(
            storePath: "pullcord.db", sources: [spec], subscriptions: [], file: file)
        return Configuration(
            bridge: bridge, storePath: bridge.storePath, sources: [bound], subscriptions: [],
            warnings: DiagnosticReport())
    }
}
