import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads `adapters` of a bridge file: folders, and archives with their checksums.
struct PackReader {
    let collector: Collector

    func read(_ field: Field?, _ spec: inout BridgeSpec) {
        guard let field else { return spec.adapterFolders = ["./adapters"] }
        for item in field.items(of: .either([.text, .table(BridgeKeys.pack)])) ?? [] {
            guard item.node.mapping != nil else {
                if let folder = readFolder(item) { spec.adapterFolders.append(folder) }
                continue
            }
            guard let pack = readPack(item) else { continue }
            spec.adapterFolders.append(pack.archive.text)
            spec.packs.append(pack)
        }
    }

    private func readFolder(_ item: Field) -> String? {
        guard let text = item.filledText()?.text else { return nil }
        guard !text.hasSuffix(".tar.gz"), !text.hasSuffix(".tgz") else {
            return item.refuse(
                "pack_unchecked", "an archive needs its checksum",
                allowed: ["{ archive: \(text), sha256: … }"],
                hint: "`sha256sum \(Paths.name(of: text))` tells it")
        }
        return text
    }

    private func readPack(_ item: Field) -> PackSpec? {
        guard let keys = MappingReader(item, BridgeKeys.pack),
            let archive = keys["archive"]?.filledText(), let field = keys["sha256"],
            let checksum = field.filledText()
        else { return nil }
        guard !archive.text.contains("://") else {
            return keys["archive"]?.refuse(
                "pack_url", "an archive is a file on this machine",
                hint: "fetch it first, as in curl -LO \(archive.text)")
        }
        let digits = checksum.text.lowercased()
        guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else {
            return field.refuse(
                "checksum_invalid", "this is no SHA-256",
                allowed: ["64 hexadecimal digits"],
                hint: "`sha256sum \(Paths.name(of: archive.text))` tells it")
        }
        return PackSpec(
            archive: archive, checksum: LocatedText(text: digits, place: checksum.place))
    }
}
