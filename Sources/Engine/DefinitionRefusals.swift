import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordModel

/// What a book refuses, in words.
extension StoreBook {
    static func unknown(_ kind: DefinitionKind, _ name: String) -> DefinitionRefusal {
        DefinitionRefusal(
            Problem(
                code: "definition_unknown", message: "there is no \(kind) `\(name)`",
                hint: "pullcord \(kind) list"))
    }

    static func fromFile(_ kind: DefinitionKind, _ name: String) -> DefinitionRefusal {
        DefinitionRefusal(
            Problem(
                code: "from_file", message: "the \(kind) `\(name)` comes from the bridge file",
                hint: "change it there"))
    }

    static func mismatch(
        _ kind: DefinitionKind, _ name: String, _ version: Int64?
    ) -> DefinitionRefusal {
        DefinitionRefusal(
            Problem(
                code: "version_mismatch",
                message: "the \(kind) `\(name)` was changed since it was read",
                hint: "read it again"), version: version)
    }

    static func invalid(
        _ kind: DefinitionKind, _ name: String, _ complaints: [DefinitionComplaint]
    ) -> DefinitionRefusal {
        let errors = complaints.filter(\.isError).count
        return DefinitionRefusal(
            Problem(
                code: "definition_invalid",
                message: "the \(kind) `\(name)` has \(errors) mistake\(errors == 1 ? "" : "s")"),
            complaints: complaints)
    }

    /// Compares a definition with what was expected of it.
    static func compare(_ entry: Entry, _ expecting: DefinitionExpectation) throws {
        let stored = entry.stored
        guard !expecting.holds(for: stored.version) else { return }
        guard expecting == .absent else {
            throw mismatch(stored.kind, stored.name, stored.version)
        }
        throw DefinitionRefusal(
            Problem(
                code: "name_taken",
                message: "there is a \(stored.kind) `\(stored.name)` already"),
            version: stored.version)
    }
}

extension StoreBook.State {
    /// Whether a definition of the name may be written.
    func admit(
        _ kind: DefinitionKind, _ name: String, _ expecting: DefinitionExpectation
    ) throws {
        if isInFile(kind, name) {
            throw DefinitionRefusal(
                Problem(
                    code: "name_taken",
                    message: "the bridge file has a \(kind) `\(name)`",
                    hint: "choose another name, or change it in the file"))
        }
        if let entry = entries[StoreBook.Key(kind: kind, name: name)] {
            return try StoreBook.compare(entry, expecting)
        }
        guard expecting.holds(for: nil) else { throw StoreBook.unknown(kind, name) }
        let count = entries.keys.count { $0.kind == kind }
        guard count < Limits.definitionsMax else {
            throw DefinitionRefusal(
                Problem(
                    code: "definitions_too_many",
                    message: "there are \(Limits.definitionsMax) \(kind)s already"))
        }
    }

    /// Refuses to take away a source that a subscription of the store names.
    func complainOfUse(_ source: String) throws {
        let users = entries.values.filter { entry in
            guard case .subscription(let bound) = entry.bound, bound.spec.sourceLabels == nil
            else { return false }
            return bound.spec.sources?.contains { $0.text == source } ?? false
        }.map(\.stored.name).sorted()
        guard let first = users.first else { return }
        throw DefinitionRefusal(
            Problem(
                code: "source_in_use",
                message: users.count == 1
                    ? "the subscription `\(first)` names the source `\(source)`"
                    : "\(users.count) subscriptions name the source `\(source)`, among them "
                        + "`\(first)`",
                hint: "change or delete them before"))
    }

    /// Looks again whether something keeps everything from running.
    mutating func refuseAnew() {
        guard refusal != nil else { return }
        refusal = nil
        for entry in entries.values.sorted(by: { $0.stored.name < $1.stored.name }) {
            refuse(entry)
        }
    }
}

extension StoredDefinition {
    func at(version: Int64) -> StoredDefinition {
        StoredDefinition(
            kind: kind, name: name, text: text, labels: labels, version: version, made: made,
            changed: changed)
    }
}
