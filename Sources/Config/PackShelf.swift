import PullcordAdapter
import PullcordModel

/// Archives of adapters, opened in memory: each is a folder at the archive's own path.
///
/// So whatever looks for adapters in folders finds those of archives too, and complaints name
/// files as `packs/acme.tar.gz/orders.yaml:3:5`.
package struct PackShelf: Sendable {
    /// The files of each archive, by the archive's path and theirs.
    private let packs: [String: [String: [UInt8]]]

    /// An empty one.
    package init() { packs = [:] }

    /// The files of one archive that is to be at a path.
    package init(_ files: [String: [UInt8]], at path: String) { packs = [path: files] }

    /// Opens archives; each that cannot be opened is complained about and has no files.
    init(_ specs: [PackSpec], folder: String, files: FileAccess, collector: Collector) {
        var packs: [String: [String: [UInt8]]] = [:]
        for spec in specs {
            let path = Paths.resolve(spec.archive.text, in: folder)
            packs[path] = Self.open(spec, path, files, collector) ?? [:]
        }
        self.packs = packs
    }

    private static func open(
        _ spec: PackSpec, _ path: String, _ files: FileAccess, _ collector: Collector
    ) -> [String: [UInt8]]? {
        func refuse(
            _ code: String, _ message: String, at text: LocatedText? = nil, hint: String = ""
        ) -> [String: [UInt8]]? {
            let place = (text ?? spec.archive).place
            collector.error(
                code, at: place, path: "adapters", found: (text ?? spec.archive).text, message,
                hint: hint)
            return nil
        }
        switch files.read(path) {
        case .missing: return refuse("pack_unreadable", "there is no archive `\(path)`")
        case .unreadable(let reason):
            return refuse("pack_unreadable", "the archive `\(path)` cannot be read: \(reason)")
        case .bytes(let bytes):
            guard bytes.count <= Limits.packBytesMax else {
                return refuse(
                    "pack_too_large",
                    "the archive `\(path)` has more than \(Limits.packBytesMax) bytes")
            }
            let checksum = collector.checkers.packs.checksum(bytes)
            guard checksum == spec.checksum.text else {
                return refuse(
                    "pack_checksum",
                    "the archive `\(path)` is another one: its SHA-256 is \(checksum)",
                    at: spec.checksum,
                    hint: "get the right file; or, if you trust this one, write sha256: \(checksum)"
                )
            }
            switch collector.checkers.packs.open(bytes) {
            case .success(let files): return files
            case .failure(let complaint):
                return refuse(
                    complaint.code, "the archive `\(path)` cannot be used: \(complaint.message)",
                    hint: complaint.hint)
            }
        }
    }

    /// Whether a path is that of an archive.
    package func isPack(_ path: String) -> Bool { packs[path] != nil }

    /// The same files, and those of the archives.
    package func over(_ files: FileAccess) -> FileAccess {
        guard !packs.isEmpty else { return files }
        var all = files
        all.read = { path in
            guard let (pack, name) = split(path) else { return files.read(path) }
            return pack[name].map { .bytes($0) } ?? .missing
        }
        all.list = { folder in
            if let pack = packs[folder] { return Self.entries(of: pack, under: "") }
            guard let (pack, name) = split(folder) else { return files.list(folder) }
            return Self.entries(of: pack, under: name + "/")
        }
        all.isSealed = { split($0) != nil }
        return all
    }

    /// The archive that a path leads into, and the path within it.
    private func split(_ path: String) -> (files: [String: [UInt8]], name: String)? {
        for (pack, files) in packs where path.hasPrefix(pack + "/") {
            return (files, Self.plain(path.dropFirst(pack.count + 1)))
        }
        return nil
    }

    /// A path without `.` and `..`; one that leads out of the archive is none of its files'.
    private static func plain(_ path: Substring) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            if parts.popLast() == nil { return "" }
        }
        return parts.joined(separator: "/")
    }

    private static func entries(of pack: [String: [UInt8]], under folder: String) -> [String] {
        let names = pack.keys.filter { $0.hasPrefix(folder) }
            .compactMap { $0.dropFirst(folder.count).split(separator: "/").first }
        return Set(names.map(String.init)).sorted()
    }
}
