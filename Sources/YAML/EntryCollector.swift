import PullcordModel

/// Gathers the entries of one mapping: equal keys are refused, merged ones stand back.
struct EntryCollector {
    private var entries: [YAMLEntry] = []
    private var places: [String: Place] = [:]
    private var merged: [YAMLEntry] = []

    mutating func add(_ entry: YAMLEntry) -> [YAMLError] {
        if let first = places[entry.key.text] {
            return [
                YAMLError(
                    code: .duplicateKey, place: entry.key.place,
                    message: "the key `\(entry.key.text)` is given twice; the first is at "
                        + "\(first.line):\(first.column)", hint: "remove one of them",
                    related: first)
            ]
        }
        places[entry.key.text] = entry.key.place
        entries.append(entry)
        return []
    }

    /// `<<: *mapping` or `<<: [*first, *second]`: a key of the mapping itself wins, then the
    /// first that has it (https://yaml.org/type/merge.html).
    mutating func merge(_ value: YAMLNode) -> [YAMLError] {
        switch value.content {
        case .mapping(let more):
            merged += more
            return []
        case .sequence(let items):
            var complaints: [YAMLError] = []
            for item in items {
                if let more = item.mapping {
                    merged += more
                } else {
                    complaints.append(Self.refusal(item.place))
                }
            }
            return complaints
        case .scalar:
            return [Self.refusal(value.place)]
        }
    }

    func finish() -> [YAMLEntry] {
        guard !merged.isEmpty else { return entries }
        var known = Set(places.keys)
        return entries + merged.filter { known.insert($0.key.text).inserted }
    }

    private static func refusal(_ place: Place) -> YAMLError {
        YAMLError(
            code: .mergeValue, place: place,
            message: "`<<` merges mappings; this is none",
            hint: "give it an alias of a mapping, or a list of such aliases")
    }
}
