import Crypto
import PullcordModel

/// Adapters in one file: a tar archive, packed by gzip.
///
/// It is read in memory and never written to disk.
package enum Pack {
    /// The YAML files of an archive, by path.
    ///
    /// Other files may be in it and are passed over. An archive of one folder, as `tar czf` makes
    /// it, is taken for what is in the folder.
    package static func read(_ archive: [UInt8]) throws(PackError) -> [String: [UInt8]] {
        guard archive.count <= Limits.packBytesMax else {
            throw PackError(.tooLarge, "it has more than \(Limits.packBytesMax) bytes")
        }
        var reader = TarReader(
            try Gzip.unpack(archive, limit: Limits.packContentBytesMax))
        var files: [String: [UInt8]] = [:]
        for entry in try reader.files() {
            let path = try plain(entry.path)
            guard files.updateValue(entry.bytes, forKey: path) == nil else {
                throw PackError(.entry, "`\(path)` is in it twice")
            }
        }
        return unwrapped(files).filter { isYAML($0.key) }
    }

    /// The archive of some files; the same for the same paths and contents, in any order.
    package static func write(
        _ files: [(path: String, bytes: [UInt8])]
    ) throws(PackError) -> [UInt8] {
        guard files.count <= Limits.packFilesMax else {
            throw PackError(.tooLarge, "there are more than \(Limits.packFilesMax) files")
        }
        guard files.reduce(0, { $0 + $1.bytes.count }) <= Limits.packContentBytesMax / 2 else {
            throw PackError(
                .tooLarge, "there are more than \(Limits.packContentBytesMax / 2) bytes")
        }
        var writer = TarWriter()
        for file in files.sorted(by: { $0.path < $1.path }) {
            try writer.add(try plain(file.path), file.bytes)
        }
        let archive = try Gzip.pack(writer.finish())
        guard archive.count <= Limits.packBytesMax else {
            throw PackError(.tooLarge, "it would have more than \(Limits.packBytesMax) bytes")
        }
        return archive
    }

    /// SHA-256 of bytes, as 64 hexadecimal digits.
    package static func checksum(_ bytes: [UInt8]) -> String {
        Hex.text(Array(SHA256.hash(data: bytes)))
    }

    private static func isYAML(_ path: String) -> Bool {
        path.hasSuffix(".yaml") || path.hasSuffix(".yml")
    }

    /// A path that stays within the archive, without `./` before it.
    private static func plain(_ path: String) throws(PackError) -> String {
        var rest = path[...]
        while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain =
            !rest.isEmpty && rest.utf8.count <= Limits.packPathBytesMax
            && parts.allSatisfy { !$0.isEmpty && $0 != ".." && $0 != "." }
            && rest.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }
        guard isPlain else {
            throw PackError(
                .entry, "the path `\(StrangerText.printable(path))` leads out of it or is none",
                hint: "paths in a pack are relative and have no `..`")
        }
        return String(rest)
    }

    /// Without the folder that all files stand in, unless that folder is an adapter itself.
    private static func unwrapped(_ files: [String: [UInt8]]) -> [String: [UInt8]] {
        guard let folder = files.keys.first?.split(separator: "/").first.map({ $0 + "/" }),
            files.keys.allSatisfy({ $0.hasPrefix(folder) }), files[folder + "adapter.yaml"] == nil
        else { return files }
        return Dictionary(
            files.map { (String($0.key.dropFirst(folder.count)), $0.value) }
        ) { $1 }
    }
}
