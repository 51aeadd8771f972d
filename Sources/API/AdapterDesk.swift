import PullcordAdapter
package import PullcordConfig
import PullcordModel

/// Looks at adapters: those of the bridge file's folders, and one that somebody sends.
package struct AdapterDesk: Sendable {
    /// What a text that was sent is called in complaints.
    static let postedName = "posted.yaml"

    private let checkers: Checkers
    private let files: FileAccess
    private let folders: [String]
    private let home: String

    /// `bridge` is the path of the bridge file, as the process sees it; its folders are relative
    /// to it.
    package init(checkers: Checkers, files: FileAccess, bridge: String, folders: [String]) {
        self.checkers = checkers
        self.files = files
        let home = bridge.lastIndex(of: "/").map { String(bridge[..<$0]) } ?? "."
        let place = home.isEmpty ? "/" : home
        self.home = place
        let all = folders + [".", "./adapters"]
        var seen: Set<String> = []
        self.folders = all.map { Self.join($0, to: place) }
            .filter { seen.insert($0).inserted }
    }

    struct Entry {
        let name: String
        let file: String
        let spec: AdapterSpec?
        let report: DiagnosticReport?
    }

    /// By name; the first of a name counts, as it does for sources.
    func names() -> [(name: String, path: String)] {
        catalogue.entries().map { ($0.name, $0.path) }
    }

    func adapter(_ name: String) -> Entry? {
        guard let entry = catalogue.entry(name) else { return nil }
        switch catalogue.adapter(entry) {
        case .success(let spec):
            return Entry(name: name, file: entry.path, spec: spec, report: nil)
        case .failure(let report):
            return Entry(name: name, file: entry.path, spec: nil, report: report)
        }
    }

    /// The text of an adapter's file; nil if there is none of the name.
    func text(_ name: String) -> [UInt8]? {
        catalogue.entry(name).flatMap { catalogue.text($0) }
    }

    private var catalogue: AdapterCatalogue {
        AdapterCatalogue(folders: folders, files: files, checkers: checkers)
    }

    /// Every complaint about a text, as `pullcord check --offline` has them.
    ///
    /// Nothing but YAML files of the adapters' folders is read for it, whatever it names.
    func check(_ text: [UInt8]) -> DiagnosticReport {
        let (own, files, folders) = (Self.join(Self.postedName, to: home), files, folders)
        let overlay = FileAccess(
            read: { path in
                if path == own { return .bytes(text) }
                let isNear = folders.contains { folder in
                    guard path.hasPrefix(folder + "/") else { return false }
                    return Self.isPlain(path.dropFirst(folder.count + 1))
                }
                // A bridge file lies there too, and is nobody's business.
                guard isNear, case .bytes(let bytes) = files.read(path),
                    AdapterCatalogue.isAdapter(bytes)
                else { return .missing }
                return .bytes(bytes)
            },
            list: { folders.contains($0) ? files.list($0) : [] })
        return Loader(checkers: checkers, files: overlay).check([own])
    }

    /// A file of a folder, or `adapter.yaml` of one below it.
    private static func isPlain(_ path: Substring) -> Bool {
        guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { return false }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { $0 != ".." && $0 != "." && !$0.isEmpty }
    }

    private static func join(_ path: String, to folder: String) -> String {
        var path = path
        while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
        if path == "." || path.isEmpty { return folder }
        if path.hasPrefix("/") || folder == "." { return path }
        return "\(folder)/\(path)"
    }
}
