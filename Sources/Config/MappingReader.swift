import PullcordAdapter
package import PullcordModel
import PullcordYAML

/// Reads a mapping by its table of keys.
///
/// What is wrong with the keys themselves (unknown, missing, without a value) is complained about
/// at once; values are read one by one afterwards.
package struct MappingReader {
    package let table: KeyTable
    package let path: String
    package let place: Place
    package let collector: Collector
    /// Whether a key was complained about that may have been meant as another.
    private(set) var hasUnknownKeys = false
    private let entries: [String: YAMLEntry]

    /// nil if the value is no mapping; `isQuiet` leaves complaints about keys to an earlier look.
    package init?(_ field: Field, _ table: KeyTable, isQuiet: Bool = false) {
        guard let mapping = field.node.mapping else {
            field.complainOfType(hint: "")
            return nil
        }
        self.table = table
        path = field.path
        place = field.place
        collector = field.collector
        entries = Dictionary(mapping.map { ($0.key.text, $0) }) { first, _ in first }
        guard !isQuiet else {
            hasUnknownKeys = mapping.contains { table.key($0.key.text) == nil }
            return
        }
        var meant: Set<String> = []
        for entry in mapping {
            guard let key = table.key(entry.key.text) else {
                hasUnknownKeys = true
                if let suggestion = refuseUnknown(entry.key) { meant.insert(suggestion) }
                continue
            }
            check(key, entry)
        }
        for key in table.keys
        where key.isRequired && entries[key.name] == nil && !meant.contains(key.name) {
            collector.error(
                "key_missing", at: place, path: join(path, key.name),
                "`\(key.name)` is missing in \(table.name)", allowed: [key.type.words],
                hint: key.summary)
        }
    }

    /// The value of a key; nil if it is not there or has been complained about.
    package subscript(_ name: String) -> Field? {
        guard let key = table.key(name), let entry = entries[name], !Self.isNull(entry.value) else {
            return nil
        }
        return Field(
            node: entry.value, path: join(path, name), type: key.type, collector: collector)
    }

    package func keyPlace(_ name: String) -> Place { entries[name]?.key.place ?? place }

    /// Complains if more than one of these keys is there, and gives the first that is.
    package func exclusive(_ names: [String], hint: String = "") -> String? {
        let present = names.filter { entries[$0] != nil }
            .sorted { keyPlace($0) < keyPlace($1) }
        for name in present.dropFirst() {
            collector.error(
                "keys_exclude_each_other", at: keyPlace(name), path: join(path, name),
                found: name, "`\(name)` cannot stand beside `\(present[0])`", hint: hint)
        }
        return present.first
    }

    package func has(_ name: String) -> Bool { entries[name] != nil }

    /// The key that was probably meant.
    private func refuseUnknown(_ key: YAMLKey) -> String? {
        let names = table.usableNames
        let elsewhere = table.elsewhere[key.text]
        let suggestion = elsewhere == nil ? Suggestion.nearest(to: key.text, among: names) : nil
        collector.error(
            "key_unknown", at: key.place, path: join(path, key.text), found: key.text,
            "`\(key.text)` is no key of \(table.name)", allowed: names, suggestion: suggestion,
            hint: elsewhere ?? "")
        return suggestion
    }

    private func check(_ key: KeyTable.Key, _ entry: YAMLEntry) {
        let name = key.name
        let path = join(path, name)
        switch key.support {
        case .full:
            if Self.isNull(entry.value), !key.type.takesNull {
                collector.error(
                    "value_missing", at: entry.value.place, path: path,
                    "`\(name)` has no value", allowed: [key.type.words],
                    hint: key.isRequired ? "" : "leave the key out if you don't need it")
            }
        case .plannedIgnored:
            collector.warning(
                "key_planned", at: entry.key.place, path: path, found: name,
                "`\(name)` is not carried out by this version", hint: key.summary)
        case .plannedRefused:
            collector.error(
                "key_planned", at: entry.key.place, path: path, found: name,
                "this version cannot do `\(name)` yet", allowed: table.usableNames,
                hint: key.summary)
        }
    }

    private static func isNull(_ node: YAMLNode) -> Bool { node.scalar?.kind == .null }
}

/// A key path with one more key.
package func join(_ path: String, _ key: String) -> String {
    let isPlain =
        !key.isEmpty && key.unicodeScalars.allSatisfy { $0 != "." && $0 != " " && $0 != "[" }
    let step = isPlain ? key : "[\"\(key)\"]"
    if path.isEmpty { return step }
    return isPlain ? path + "." + step : path + step
}
