import PullcordAdapter
import PullcordModel
import PullcordYAML

/// The keys that have to do with definitions of the store: labels, and what seals secrets there.
package enum DefinitionKeys {
    package static let secrets = KeyTable(
        "`secrets`", "What seals the secrets of definitions that the store keeps.",
        elsewhere: ["keys": "write `key`", "file": "write `key_file`"],
        [
            .init(
                "key", .either([.template, .list(.template)]),
                "plk_ and base64 of 32 bytes, or several, the one that seals first."),
            .init("key_file", .text, "The path of a file with one key a line instead."),
        ])

    static let labels = KeyType.map(.text)

    package static let chosen = KeyTable(
        "chosen sources", "Sources by their labels.",
        [
            .init(
                "labels", .text, required: true,
                "As in customer=acme,tier!=free,region in (eu,us).")
        ])

    static let sources = KeyType.either([.list(.name(.plain)), .table(chosen)])

    /// Keys of one installation.
    static let keysMax = 8
}

/// Reads `labels`.
struct LabelsReader {
    func read(_ field: Field) -> [String: String] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return [:]
        }
        guard entries.count <= Limits.labelsMax else {
            field.complain("value_range", "there are more than \(Limits.labelsMax) labels")
            return [:]
        }
        var labels: [String: String] = [:]
        for entry in entries {
            let path = join(field.path, entry.key.text)
            guard LabelRules.isKey(entry.key.text) else {
                field.collector.error(
                    "label_invalid", at: entry.key.place, path: path, found: entry.key.text,
                    "`\(entry.key.text)` is no name of a label", allowed: [LabelRules.keyWords])
                continue
            }
            let value = Field(
                node: entry.value, path: path, type: .text, collector: field.collector)
            guard let text = value.text() else { continue }
            guard LabelRules.isValue(text.text) else {
                value.complain(
                    "label_invalid", "`\(text.text)` is no value of a label",
                    allowed: [LabelRules.valueWords])
                continue
            }
            labels[entry.key.text] = text.text
        }
        return labels
    }

    /// The labels behind `sources: { labels: … }`.
    func selector(_ field: Field) -> LabelSelector? {
        guard let keys = MappingReader(field, DefinitionKeys.chosen),
            let labels = keys["labels"], let text = labels.filledText()
        else { return nil }
        do throws(Problem) {
            return try LabelSelector(parsing: text.text)
        } catch {
            return labels.refuse(error.code, error.message, hint: error.hint)
        }
    }
}

/// Reads `secrets` of a bridge file.
struct SecretsReader {
    func read(_ field: Field) -> SecretsSpec? {
        guard let keys = MappingReader(field, DefinitionKeys.secrets) else { return nil }
        guard keys.exclusive(["key", "key_file"]) != nil else {
            if !keys.hasUnknownKeys {
                field.complain(
                    "key_missing", "`key` or `key_file` is missing",
                    hint: "`pullcord secrets key` makes a key")
            }
            return nil
        }
        var spec = SecretsSpec()
        spec.keyFile = keys["key_file"]?.filledText()
        if let key = keys["key"] { spec.keys = readKeys(key) }
        return spec
    }

    private func readKeys(_ field: Field) -> [Template] {
        guard field.node.sequence != nil else { return readKey(field).map { [$0] } ?? [] }
        let items = field.items(of: .template) ?? []
        if items.isEmpty { field.complain("value_empty", "the list is empty") }
        guard items.count <= DefinitionKeys.keysMax else {
            field.complain(
                "value_range", "at most \(DefinitionKeys.keysMax) keys are tried")
            return []
        }
        return items.compactMap(readKey)
    }

    private func readKey(_ field: Field) -> Template? {
        guard let template = field.bridgeTemplate() else { return nil }
        SecretNames.warn(of: template, path: field.path, field.collector)
        return template
    }
}

/// Finds the keys of `secrets` where they are kept.
struct SecretsBinder {
    let installation: Installation
    private var collector: Collector { installation.collector }

    static let prefix = "plk_"

    /// The keys as texts, the one that seals first; empty after a complaint.
    func bind(_ spec: SecretsSpec) -> [Secret] {
        guard installation.environment != nil else { return [] }
        var keys: [Secret] = []
        for template in spec.keys {
            let path = "secrets.key"
            guard case .text(let text) = installation.resolve(template, path: path) else {
                continue
            }
            add(text, at: template.place, path: path, &keys)
        }
        if let file = spec.keyFile { keys += read(file) }
        return keys
    }

    private func read(_ file: LocatedText) -> [Secret] {
        let path = "secrets.key_file"
        let reason: String
        switch installation.files.read(Paths.resolve(file.text, in: installation.folder)) {
        case .missing: reason = "there is no such file"
        case .unreadable(let words): reason = words
        case .bytes(let bytes) where bytes.count > Installation.fileBytesMax:
            reason = "it has more than \(Installation.fileBytesMax) bytes"
        case .bytes(let bytes):
            var keys: [Secret] = []
            let lines = String(decoding: bytes, as: UTF8.self)
                .split(whereSeparator: \.isWhitespace).map(String.init)
            guard !lines.isEmpty, lines.count <= DefinitionKeys.keysMax else {
                reason = "it does not hold 1 to \(DefinitionKeys.keysMax) keys, one a line"
                break
            }
            for line in lines { add(line, at: file.place, path: path, &keys) }
            return keys
        }
        collector.error(
            "file_unreadable", at: file.place, path: path,
            "the file `\(file.text)` cannot be read: \(reason)",
            hint: "`(umask 077; pullcord secrets key > FILE)` makes one that nobody else can read")
        return []
    }

    private func add(_ text: String, at place: Place, path: String, _ keys: inout [Secret]) {
        let bytes = text.hasPrefix(Self.prefix) ? Base64.decode(String(text.dropFirst(4))) : nil
        guard bytes?.count == 32 else {
            collector.error(
                "key_invalid", at: place, path: path,
                "this is no key that secrets are sealed with",
                allowed: ["\(Self.prefix) and base64 of 32 bytes"],
                hint: "`pullcord secrets key` makes one")
            return
        }
        keys.append(Secret(text))
    }
}
