import PullcordJSON

/// Fields that differ between two looks at a list though nothing has happened.
struct VolatileGuess: Equatable {
    let paths: [[String]]
    let evidence: String

    /// Compares two answers to the same request, by key.
    ///
    /// A field counts if it differs in at least half of the records and in two at least: one
    /// record that differs has most likely changed.
    init?(_ first: [JSONValue], _ second: [JSONValue], key: [[String]]) {
        guard !key.isEmpty else { return nil }
        var known: [[String]: JSONValue] = [:]
        for record in first.prefix(DraftLimits.recordsMax) {
            guard let name = Self.name(record, key) else { continue }
            known[name] = record
        }
        var counts: [[String]: Int] = [:]
        var compared = 0
        for record in second.prefix(DraftLimits.recordsMax) {
            guard let name = Self.name(record, key), let before = known[name] else { continue }
            compared += 1
            var paths: Set<[String]> = []
            Self.differences(before, record, [], &paths)
            for path in paths { counts[path, default: 0] += 1 }
        }
        guard compared > 0 else { return nil }
        let paths = counts.filter { $0.value * 2 >= compared && ($0.value > 1 || compared == 1) }
            .map(\.key).filter { path in !key.contains(path) }
            .sorted { $0.joined(separator: ".") < $1.joined(separator: ".") }.prefix(20)
        guard !paths.isEmpty else { return nil }
        self.paths = Array(paths)
        evidence =
            "different in two looks at the same \(compared) records, one right after the "
            + "other"
    }

    private static func name(_ record: JSONValue, _ key: [[String]]) -> [String]? {
        let parts = key.map { record.value(at: $0)?.scalarText }
        guard !parts.contains(nil) else { return nil }
        return parts.compactMap(\.self)
    }

    private static func differences(
        _ first: JSONValue, _ second: JSONValue, _ path: [String], _ found: inout Set<[String]>
    ) {
        guard first != second, path.count <= DraftLimits.depthMax else { return }
        guard let members = first.members, let others = second.members else {
            if !path.isEmpty { found.insert(path) }
            return
        }
        for member in members.prefix(DraftLimits.membersMax) {
            guard let other = others.first(where: { $0.key == member.key })?.value else { continue }
            differences(member.value, other, path + [member.key], &found)
        }
    }
}
