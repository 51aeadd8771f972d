import PullcordAdapter
import PullcordModel

/// Reads `tls`: the same for subscriptions, sources and adapters.
struct TLSReader: Sendable {
    /// Reads a path; nil after a complaint.
    let value: @Sendable (Field) -> Template?

    func read(_ field: Field) -> TLSSpec? {
        guard let keys = MappingReader(field, AccessKeys.tls) else { return nil }
        let spec = TLSSpec(
            authority: keys["ca"].flatMap(value), certificate: keys["certificate"].flatMap(value),
            key: keys["key"].flatMap(value))
        for (name, other) in [("certificate", "key"), ("key", "certificate")]
        where keys.has(name) && !keys.has(other) {
            field.collector.error(
                "tls_incomplete", at: keys.keyPlace(name), path: join(field.path, name),
                found: name, "`\(name)` needs `\(other)` beside it",
                hint: name == "certificate"
                    ? "if the key stands in the same file, name the file twice" : "")
        }
        if !["ca", "certificate", "key"].contains(where: keys.has), !keys.hasUnknownKeys {
            field.complain(
                "tls_missing", "`tls` says nothing", allowed: AccessKeys.tls.usableNames)
        }
        return spec
    }

    /// Paths whose placeholders a bridge file can give.
    static let bridge = TLSReader { field in
        field.filledText() == nil ? nil : field.bridgeTemplate()
    }

    /// Paths that parameters give.
    static let adapter = TLSReader { field in
        field.filledText() == nil ? nil : field.textTemplate()
    }
}
