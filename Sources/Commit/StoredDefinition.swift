package import PullcordModel

/// A source or a subscription that is kept in the store beside what the bridge file names.
package struct StoredDefinition: Sendable, Equatable {
    package let kind: DefinitionKind
    package let name: String
    /// A JSON object in the language of bridge files, without `name`; its secrets are sealed.
    package let text: String
    package let labels: [String: String]
    /// Grows with every change of any definition, and is never used twice.
    package let version: Int64
    package let made: Timestamp
    package let changed: Timestamp

    package init(
        kind: DefinitionKind, name: String, text: String, labels: [String: String],
        version: Int64, made: Timestamp, changed: Timestamp
    ) {
        self.kind = kind
        self.name = name
        self.text = text
        self.labels = labels
        self.version = version
        self.made = made
        self.changed = changed
    }
}

/// Which definitions to read, by name.
package struct DefinitionQuery: Sendable, Equatable {
    package var kind: DefinitionKind
    /// Only names behind this one, by their bytes.
    package var after: String?
    package var labels: LabelSelector?
    package var limit: Int

    package init(
        _ kind: DefinitionKind, after: String? = nil, labels: LabelSelector? = nil,
        limit: Int = 100
    ) {
        self.kind = kind
        self.after = after
        self.labels = labels
        self.limit = limit
    }
}

/// What must be true of a definition for a change of it to be carried out.
package enum DefinitionExpectation: Sendable, Equatable {
    case anything
    /// There is none of the name yet.
    case absent
    /// There is one of the name.
    case present
    /// There is one of the name, and it has this version.
    case version(Int64)

    /// Whether a definition of this version (nil for none) is as expected.
    package func holds(for version: Int64?) -> Bool {
        switch self {
        case .anything: true
        case .absent: version == nil
        case .present: version != nil
        case .version(let expected): version == expected
        }
    }
}

/// What became of a change.
package enum DefinitionWrite: Sendable, Equatable {
    case written(version: Int64)
    /// Nothing was written: this version is there, or nothing at all.
    case refused(current: Int64?)
}

/// The owner's side of definitions.
package protocol DefinitionStore: DefinitionReader {
    /// Writes a definition and the audit's line in one transaction, if it is as expected.
    ///
    /// `made` stays what it was where there is one of the name already. What is thrown is a
    /// ``StoreError``.
    func put(
        _ kind: DefinitionKind, _ name: String, text: String, labels: [String: String],
        expecting: DefinitionExpectation, audit: AuditEntry
    ) async throws -> DefinitionWrite

    /// Deletes a definition and writes the audit's line in one transaction, if it is as expected;
    /// one that is not there is refused.
    func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation, audit: AuditEntry
    ) async throws -> DefinitionWrite

    /// Writes the same definitions in another form, as after a change of keys; each only if it
    /// still has its version, which stays. Returns how many were written.
    func rewrite(_ definitions: [StoredDefinition], audit: AuditEntry) async throws -> Int
}

/// The side of those who only look.
package protocol DefinitionReader: Sendable {
    /// By name, at most ``Limits/definitionPageMax``.
    func definitions(_ query: DefinitionQuery) async throws -> [StoredDefinition]

    func definition(_ kind: DefinitionKind, _ name: String) async throws -> StoredDefinition?
}

extension DefinitionReader {
    /// All of one kind, read page by page.
    package func allDefinitions(
        _ kind: DefinitionKind, labels: LabelSelector? = nil
    ) async throws -> [StoredDefinition] {
        var all: [StoredDefinition] = []
        while true {
            let page = try await definitions(
                DefinitionQuery(
                    kind, after: all.last?.name, labels: labels, limit: Limits.definitionPageMax))
            all += page
            if page.count < Limits.definitionPageMax { return all }
        }
    }
}
