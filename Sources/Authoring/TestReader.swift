import PullcordAdapter
package import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordYAML

/// Reads test files: either all is right, or every complaint is told.
package struct TestReader: Sendable {
    private let checkers: Checkers
    private let files: FileAccess

    package init(checkers: Checkers, files: FileAccess) {
        var checkers = checkers
        checkers.expressions = KeptExpressions(over: checkers.expressions).checker
        self.checkers = checkers
        self.files = files
    }

    /// Whether a file's name is that of a test: it lies in a folder `tests`, or ends in
    /// `.test.yaml`.
    package static func isTest(_ path: String) -> Bool {
        let endings = [".yaml", ".yml", ".json"]
        guard let ending = endings.first(where: { path.hasSuffix($0) }) else { return false }
        return path.dropLast(ending.count).hasSuffix(".test")
            || Paths.name(of: Paths.folder(of: path)) == "tests"
    }

    package func read(_ path: String) -> Result<TestFile, DiagnosticReport> {
        let loader = TestSourceLoader(checkers: checkers, files: files)
        var reading = TestFileReading(path: path, loader: loader, files: files)
        let file = loader.parse(path).flatMap { reading.read($0) }
        let report = loader.collector.report()
        guard let file, !report.hasErrors else { return .failure(report) }
        return .success(file)
    }
}

/// One file as it is being read.
private struct TestFileReading {
    let path: String
    let loader: TestSourceLoader
    let files: FileAccess
    private var names: [String: Place] = [:]

    init(path: String, loader: TestSourceLoader, files: FileAccess) {
        self.path = path
        self.loader = loader
        self.files = files
    }

    private var collector: Collector { loader.collector }

    mutating func read(_ root: YAMLNode) -> TestFile? {
        let field = Field(
            node: root, path: "", type: .table(TestKeys.file), collector: collector)
        guard let keys = MappingReader(field, TestKeys.file) else { return nil }
        if let source = keys["source"] { _ = MappingReader(source, TestKeys.source) }
        _ = keys["summary"]?.text()
        guard let adapter = keys["adapter"], let name = adapter.filledText(),
            let items = keys["cases"]?.items(of: .table(TestKeys.testCase))
        else { return nil }
        if items.isEmpty { keys["cases"]?.complain("value_empty", "there is no case") }
        guard items.count <= TestKeys.casesMax else {
            keys["cases"]?.complain(
                "too_many_cases", "a file has at most \(TestKeys.casesMax) cases")
            return nil
        }
        let defaults = SourceParts(keys, adapter: adapter.node, name: name.text)
        return TestFile(path: path, cases: items.compactMap { read($0, defaults) })
    }

    private mutating func read(_ item: Field, _ defaults: SourceParts) -> TestCase? {
        guard let keys = MappingReader(item, TestKeys.testCase) else { return nil }
        if let source = keys["source"] { _ = MappingReader(source, TestKeys.source) }
        let name = keys["case"].flatMap { take($0) } ?? ""
        let start = keys["now"].flatMap { $0.time() } ?? TestCase.usualStart
        let parts = defaults.overlaid(keys)
        let isOwn = keys.has("with") || keys.has("source") || keys.has("streams")
        let configuration = loader.configuration(
            of: parts.node(at: item.place), path: isOwn ? item.path : "", file: path,
            folders: Self.folders(of: path))
        guard let items = keys["polls"]?.items(of: .table(TestKeys.poll)) else { return nil }
        if items.isEmpty { keys["polls"]?.complain("value_empty", "there is no poll") }
        if items.count > TestKeys.pollsMax {
            keys["polls"]?.complain(
                "too_many_polls", "a case has at most \(TestKeys.pollsMax) polls")
        }
        let bound = configuration?.sources.first
        let baseURL = bound.flatMap { Self.baseURL(of: $0) }
        let streams = bound?.streams.map(\.name.text) ?? []
        let reader = PollReading(
            collector: collector, files: files, folder: Paths.folder(of: path), baseURL: baseURL,
            streams: streams)
        let fake = keys["fake"].map { FakeReading(poll: reader).lists($0) } ?? []
        let polls = items.prefix(TestKeys.pollsMax).compactMap { reader.read($0, fake: fake) }
        guard let configuration, let schedule = bound?.spec.schedule else { return nil }
        var interval = TestCase.usualInterval
        if case .every(let every) = schedule.rhythm { interval = every }
        return TestCase(
            name: name, place: item.place, configuration: configuration,
            baseURL: baseURL ?? "", start: start, interval: interval, fake: fake,
            polls: polls)
    }

    private mutating func take(_ field: Field) -> String? {
        guard let name = field.filledText() else { return nil }
        if let first = names[name.text] {
            collector.error(
                "name_repeated", at: name.place, path: field.path, found: name.text,
                "another case says the same: see \(first.line):\(first.column)", related: first)
        }
        names[name.text] = name.place
        return name.text
    }

    /// Above a folder `tests`, and beside the file.
    private static func folders(of path: String) -> [String] {
        let own = Paths.folder(of: path)
        guard Paths.name(of: own) == "tests" else { return [own] }
        let above = Paths.folder(of: own)
        return [above.isEmpty ? "." : above, own]
    }

    /// Empty if the adapter has none; nil if a value for it is missing.
    private static func baseURL(of source: BoundSource) -> String? {
        guard let template = source.adapter.baseURL else { return "" }
        return (try? template.render(TemplateContext(parameters: source.parameters))) ?? nil
    }
}

extension TestCase {
    static let usualStart = Timestamp(milliseconds: 1_767_225_600_000)
    static let usualInterval: Duration = .seconds(60)
}

/// What of a source stands in a test file: at its top, and on top of that in a case.
private struct SourceParts {
    private let adapter: YAMLNode
    private var with: [YAMLEntry]
    private var source: [YAMLEntry]
    private var streams: YAMLNode?

    init(_ keys: MappingReader, adapter: YAMLNode, name: String) {
        self.adapter = adapter
        with = keys["with"]?.node.mapping ?? []
        source = keys["source"]?.node.mapping ?? []
        streams = keys["streams"]?.node
    }

    func overlaid(_ keys: MappingReader) -> SourceParts {
        var parts = self
        parts.with = Self.merged(with, keys["with"]?.node.mapping ?? [])
        parts.source = Self.merged(source, keys["source"]?.node.mapping ?? [])
        parts.streams = keys["streams"]?.node ?? streams
        return parts
    }

    private static func merged(_ below: [YAMLEntry], _ above: [YAMLEntry]) -> [YAMLEntry] {
        let names = Set(above.map(\.key.text))
        return (below.filter { !names.contains($0.key.text) } + above).filter {
            $0.value.scalar?.kind != .null
        }
    }

    /// The mapping of a source as a bridge file would have it.
    func node(at place: Place) -> YAMLNode {
        var entries = source
        let add = { (entries: inout [YAMLEntry], name: String, node: YAMLNode) in
            entries.append(YAMLEntry(key: YAMLKey(text: name, place: node.place), value: node))
        }
        add(&entries, "adapter", adapter)
        if !with.isEmpty {
            add(&entries, "with", YAMLNode(content: .mapping(with), place: with[0].key.place))
        }
        if let streams { add(&entries, "streams", streams) }
        if !entries.contains(where: { ["every", "cron"].contains($0.key.text) }) {
            let usual = YAMLScalar(text: "60s")
            add(&entries, "every", YAMLNode(content: .scalar(usual), place: place))
        }
        return YAMLNode(content: .mapping(entries), place: place)
    }
}
