package import PullcordModel

/// How a shape is kept as a mark of its stream: a line of its own, then one for each member that
/// says of which types it was, in how many records or in all (`+`), and where it stands.
///
/// Counts are written up to a bound, so that a shape that is known well stays the same text.
extension RecordShape {
    /// Bytes of a shape that are kept; members beyond it are left out.
    static let storedBytesMax = 16 << 10

    private static let version = "shape 1"

    /// `rules` are those by which the records were made: others may make other records.
    package func stored(_ rules: Fingerprint) -> String {
        var text = "\(Self.version) \(rules) \(min(records, Self.recordsMin * 2)) "
        var lines: [String] = []
        var bytes = 0
        var isCut = isCut
        for (path, member) in members.sorted(by: { $0.key < $1.key }) {
            let isInAll = member.count >= records
            let count = isInAll ? "+" : String(min(member.count, Self.recordsMin))
            let line = "\(member.types.rawValue) \(count) \(path)"
            bytes += line.utf8.count + 1
            guard bytes <= Self.storedBytesMax, !path.contains("\n") else {
                isCut = true
                continue
            }
            lines.append(line)
        }
        text += isCut ? "cut" : "whole"
        return ([text] + lines).joined(separator: "\n")
    }

    /// Reads what ``stored(_:)`` wrote; nil for anything else, and for records of other rules.
    package init?(stored text: String, rules: Fingerprint) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)[...]
        guard let first = lines.popFirst() else { return nil }
        let words = first.split(separator: " ")
        guard words.count == 5, first.hasPrefix("\(Self.version) \(rules) "),
            let records = Int(words[3])
        else { return nil }
        self.init()
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 2)
            guard parts.count == 3, let types = UInt8(parts[0]) else { return nil }
            let count =
                parts[1] == "+" ? records : min(Int(parts[1]) ?? 1, max(records - 1, 0))
            add(String(parts[2]), Member(types: ShapeTypes(rawValue: types), count: count))
        }
        restore(records: records, isCut: words[4] == "cut")
    }
}
