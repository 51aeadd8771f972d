import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Finds adapters by name and reads each file once.
final class AdapterLibrary {
    /// Entries of a folder that are looked at to say what is there.
    private static let listedMax = 200

    /// Where adapters are read from: a bridge file's archives are known once it was read.
    var files: FileAccess
    private let collector: Collector
    /// nil for a file that holds no usable adapter.
    private var known: [String: AdapterSpec?] = [:]
    /// Files with mistakes; what could be read of them may be known all the same.
    private var wrong: Set<String> = []

    init(files: FileAccess, collector: Collector) {
        self.files = files
        self.collector = collector
    }

    /// The adapter that a source names; complains at the source if there is none.
    func adapter(
        _ name: LocatedText, path keyPath: String, folders: [String], folder: String,
        bridgeFile: String, complaints: Collector? = nil
    ) -> AdapterSpec? {
        guard !name.text.isEmpty else { return nil }
        let collector = complaints ?? self.collector
        if name.text.hasSuffix(".yaml") || name.text.hasSuffix(".yml") {
            let path = Paths.resolve(name.text, in: folder)
            return read(path) { reason in
                collector.error(
                    "adapter_unreadable", at: name.place, path: keyPath, found: name.text,
                    "the adapter `\(path)` cannot be read: \(reason)")
            }
        }
        if name.text.hasPrefix(Self.codeScheme) {
            return readCode(name, keyPath, collector)
        }
        guard NameRule.adapter.accepts(name.text) else {
            collector.error(
                "name_invalid", at: name.place, path: keyPath, found: name.text,
                "`\(name.text)` is no name of an adapter",
                allowed: [NameRule.adapter.words, "a path that ends in .yaml"],
                suggestion: NameRule.adapter.mended(name.text))
            return nil
        }
        for folder in folders where name.text != "tests" {
            for path in Self.candidates(name.text, in: folder) {
                if known[path] == nil, case .missing = files.read(path) { continue }
                let adapter = read(path) { reason in
                    collector.error(
                        "adapter_unreadable", at: name.place, path: keyPath, found: name.text,
                        "the adapter `\(path)` cannot be read: \(reason)")
                }
                if let adapter, adapter.name != name.text, !adapter.name.isEmpty {
                    collector.warning(
                        "adapter_name_differs", at: name.place, path: keyPath, found: name.text,
                        "the adapter in `\(path)` calls itself `\(adapter.name)`")
                }
                // Complaints about the file went elsewhere: half of it must not be taken for all.
                return complaints != nil && wrong.contains(path) ? nil : adapter
            }
        }
        complainUnknown(name, keyPath, folders, bridgeFile, collector)
        return nil
    }

    /// What a source says whose adapter is in Swift code.
    private static let codeScheme = "swift:"

    private func readCode(
        _ name: LocatedText, _ keyPath: String, _ collector: Collector
    ) -> AdapterSpec? {
        read(name.text) { _ in
            let names = files.list(Self.codeScheme).map { Self.codeScheme + $0 }
            collector.error(
                "adapter_unknown", at: name.place, path: keyPath, found: name.text,
                "no source in Swift code is called `\(name.text.dropFirst(Self.codeScheme.count))`",
                allowed: names, suggestion: Suggestion.nearest(to: name.text, among: names),
                hint: names.isEmpty
                    ? "`pullcord` itself has none: run the program that is built with the library"
                    : "")
        }
    }

    /// Forgets the files that held no usable adapter, so that they are read again.
    func forgetBroken() {
        known = known.filter { $0.value != nil && !wrong.contains($0.key) }
        wrong = []
    }

    /// Takes over a file that was parsed already.
    @discardableResult
    func adopt(_ root: YAMLNode, path: String) -> AdapterSpec? {
        if let known = known[path] { return known }
        let adapter = interpret(root, path)
        known[path] = .some(adapter)
        return adapter
    }

    private func read(_ path: String, orElse complain: (String) -> Void) -> AdapterSpec? {
        if let known = known[path] { return known }
        switch files.read(path) {
        case .missing: complain("there is no such file")
        case .unreadable(let reason): complain(reason)
        case .bytes(let bytes):
            let errors = collector.errorCount
            let adapter = collector.parse(bytes, file: path).flatMap { interpret($0, path) }
            known[path] = .some(adapter)
            if collector.errorCount > errors { wrong.insert(path) }
            return adapter
        }
        return nil
    }

    private func interpret(_ root: YAMLNode, _ path: String) -> AdapterSpec? {
        Inheritance(files: files, collector: collector).resolve(root, path: path)
            .flatMap { AdapterReader(collector: collector).read($0) }
    }

    private static func candidates(_ name: String, in folder: String) -> [String] {
        [
            Paths.resolve("\(name).yaml", in: folder),
            Paths.resolve("\(name)/adapter.yaml", in: folder),
        ]
    }

    private func complainUnknown(
        _ name: LocatedText, _ keyPath: String, _ folders: [String], _ bridgeFile: String,
        _ collector: Collector
    ) {
        var names: Set<String> = []
        for folder in folders {
            for entry in files.list(folder).sorted().prefix(Self.listedMax) {
                // Tests of adapters are none.
                if entry == "tests" || entry.hasSuffix(".test.yaml") { continue }
                if entry.hasSuffix(".yaml") {
                    if Paths.resolve(entry, in: folder) != bridgeFile {
                        names.insert(String(entry.dropLast(5)))
                    }
                } else if NameRule.adapter.accepts(entry),
                    case .bytes = files.read(Paths.resolve("\(entry)/adapter.yaml", in: folder))
                {
                    names.insert(entry)
                }
            }
        }
        let sorted = names.sorted()
        let shown = folders.map { $0.isEmpty ? "." : $0 }.joined(separator: ", ")
        collector.error(
            "adapter_unknown", at: name.place, path: keyPath, found: name.text,
            "no adapter is called `\(name.text)`", allowed: sorted,
            suggestion: Suggestion.nearest(to: name.text, among: sorted),
            hint: "looked for \(name.text).yaml and \(name.text)/adapter.yaml in: \(shown)")
    }
}
