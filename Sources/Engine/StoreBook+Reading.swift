import PullcordCommit
import PullcordConfig
import PullcordJSON
package import PullcordModel

/// Listing and showing.
extension StoreBook {
    package func page(_ query: DefinitionPageQuery) async throws -> DefinitionPage {
        let state = try await current()
        let limit = min(max(query.limit, 1), Limits.definitionPageMax)
        var items: [Definition] = []
        if query.origin != .api {
            let after = query.after.map { SourceName($0) }
            items += state.described.filter { described in
                described.kind == query.kind
                    && after.map { $0 < SourceName(described.name) } ?? true
                    && query.labels?.matches(described.labels) ?? true
            }.prefix(limit + 1).map(Self.definition)
        }
        if query.origin != .file {
            let stored = try await store.definitions(
                DefinitionQuery(
                    query.kind, after: query.after, labels: query.labels,
                    limit: min(limit + 1, Limits.definitionPageMax)))
            items += stored.map { Self.definition(state.known($0)) }
        }
        items.sort { $0.name < $1.name }
        let page = Array(items.prefix(limit))
        return DefinitionPage(
            items: page,
            next: items.count > limit || page.count == Limits.definitionPageMax
                ? page.last?.name : nil)
    }

    package func definition(_ kind: DefinitionKind, _ name: String) async throws -> Definition? {
        let state = try await current()
        if let described = state.described.first(where: { $0.kind == kind && $0.name == name }) {
            return Self.definition(described)
        }
        guard let stored = try await store.definition(kind, name) else { return nil }
        return Self.definition(state.known(stored))
    }

    private static func definition(_ described: DescribedDefinition) -> Definition {
        Definition(
            kind: described.kind, name: described.name, origin: .file, text: described.text,
            labels: described.labels, version: nil, made: nil, changed: nil, complaints: [])
    }

    static func definition(_ entry: Entry) -> Definition {
        let stored = entry.stored
        let value = (try? JSONValue(parsing: stored.text)) ?? .null
        return Definition(
            kind: stored.kind, name: stored.name, origin: .api,
            text: String(decoding: DefinitionSealer.mask(value).serialized, as: UTF8.self),
            labels: stored.labels, version: stored.version, made: stored.made,
            changed: stored.changed, complaints: entry.complaints)
    }

    /// Reads and checks a definition whose secrets are open.
    static func bind(
        _ kind: DefinitionKind, _ name: String, _ value: JSONValue, _ secrets: [Secret],
        _ binder: DefinitionBinder, isLoading: Bool = false
    ) -> (Entry.Bound, [DefinitionComplaint]) {
        switch kind {
        case .source:
            switch binder.source(name, value, secrets: secrets) {
            case .bound(let bound, let warnings):
                if let complaint = complaint(bound.secrets + secrets, { try bound.tryOut() }) {
                    return (.broken, complaints(warnings) + [complaint])
                }
                return (.source(bound), complaints(warnings))
            case .broken(let report): return (.broken, complaints(report))
            }
        case .subscription:
            switch binder.subscription(name, value, secrets: secrets, isLoading: isLoading) {
            case .bound(let bound, let warnings):
                let trial = { _ = try SubscriptionPlan(bound, replacing: nil) }
                if let complaint = complaint(bound.secrets + secrets, trial) {
                    return (.broken, complaints(warnings) + [complaint])
                }
                return (.subscription(bound), complaints(warnings))
            case .broken(let report): return (.broken, complaints(report))
            }
        }
    }

    /// What keeps a definition that says nothing wrong from being put to work; nil for nothing.
    private static func complaint(
        _ secrets: [Secret], _ trial: () throws -> Void
    ) -> DefinitionComplaint? {
        do {
            try trial()
            return nil
        } catch {
            let problem = Problem.unexpected(error)
            let redactor = Redactor(secrets)
            return DefinitionComplaint(
                code: problem.code, message: redactor.redact(problem.message),
                hint: redactor.redact(problem.hint))
        }
    }

    private static func complaints(_ report: DiagnosticReport) -> [DefinitionComplaint] {
        report.diagnostics.map { diagnostic in
            DefinitionComplaint(
                isError: diagnostic.severity == .error, code: diagnostic.code,
                pointer: diagnostic.pointer, message: report.redact(diagnostic.message),
                allowed: diagnostic.allowed,
                suggestion: diagnostic.suggestion.map(report.redact),
                hint: report.redact(diagnostic.hint))
        }
    }
}

extension StoreBook.State {
    /// What is known of a stored definition.
    fileprivate func known(_ stored: StoredDefinition) -> StoreBook.Entry {
        var entry =
            entries[StoreBook.Key(kind: stored.kind, name: stored.name)]
            ?? StoreBook.Entry(stored: stored, bound: .broken, complaints: [])
        entry.stored = stored
        return entry
    }
}
