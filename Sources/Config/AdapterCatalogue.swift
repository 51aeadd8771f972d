package import PullcordAdapter
import PullcordModel

/// The adapters that are at hand: those of folders and archives, the first of a name counts.
package struct AdapterCatalogue: Sendable {
    /// Where one is.
    package struct Entry: Sendable, Equatable {
        package let name: String
        package let path: String
        /// The folder or archive that it was found in.
        package let origin: String
        package let isPacked: Bool
    }

    /// In the order in which they are searched.
    package let folders: [String]
    /// What is in archives included.
    package let files: FileAccess
    private let checkers: Checkers
    private let packs: PackShelf

    /// `folders` may be archives of `packs`.
    package init(
        folders: [String], packs: PackShelf = PackShelf(), files: FileAccess, checkers: Checkers
    ) {
        self.folders = folders
        self.packs = packs
        self.files = packs.over(files)
        self.checkers = checkers
    }

    /// Sorted by name.
    package func entries() -> [Entry] {
        var found: [String: Entry] = [:]
        for folder in folders {
            for entry in files.list(folder).sorted().prefix(Limits.adaptersListedMax) {
                let isFile = entry.hasSuffix(".yaml")
                let name = isFile ? String(entry.dropLast(5)) : entry
                guard found[name] == nil, NameRule.adapter.accepts(name) else { continue }
                let file = isFile ? entry : "\(entry)/adapter.yaml"
                let path = Paths.resolve(file, in: folder)
                guard case .bytes(let bytes) = files.read(path), Self.isAdapter(bytes) else {
                    continue
                }
                found[name] = Entry(
                    name: name, path: path, origin: folder, isPacked: packs.isPack(folder))
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    package func entry(_ name: String) -> Entry? { entries().first { $0.name == name } }

    /// The text of an adapter's file; nil if it is gone.
    package func text(_ entry: Entry) -> [UInt8]? {
        guard case .bytes(let bytes) = files.read(entry.path) else { return nil }
        return bytes
    }

    package func adapter(_ entry: Entry) -> Result<AdapterSpec, DiagnosticReport> {
        Loader(checkers: checkers, files: files).adapter(entry.path)
    }

    /// Whether a file says that it is one, without reading it whole.
    package static func isAdapter(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes.prefix(64 << 10), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("adapter:") }
    }
}

extension Loader {
    /// The adapters that a bridge file finds; its sources and their secrets are left alone.
    package func catalogue(of path: String) -> Result<AdapterCatalogue, DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        guard let root = parse(path, collector) else { return .failure(collector.report()) }
        let draft = BridgeReader(collector: Collector(checkers: checkers)).read(root)
        // What else is wrong with the file is no reason not to look.
        let spec = draft?.spec
        let folder = Paths.folder(of: path)
        let packs = PackShelf(
            spec?.packs ?? [], folder: folder, files: files, collector: collector)
        let report = collector.report()
        guard !report.hasErrors else { return .failure(report) }
        return .success(
            AdapterCatalogue(
                folders: Self.searched(spec?.adapterFolders ?? [], folder: folder), packs: packs,
                files: files, checkers: checkers))
    }

    /// The adapters of some folders, without a bridge file.
    package func catalogue(folders: [String]) -> AdapterCatalogue {
        AdapterCatalogue(folders: folders, files: files, checkers: checkers)
    }
}
