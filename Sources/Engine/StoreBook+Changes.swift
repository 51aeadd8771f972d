import PullcordAdapter
package import PullcordCommit
import PullcordConfig
import PullcordJSON
package import PullcordModel
import PullcordSigning

/// Making, replacing and deleting.
extension StoreBook {
    package func put(
        _ kind: DefinitionKind, _ name: String, text: [UInt8], expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange {
        try await put(
            kind, name, text: text, expecting: expecting, by: ChangeAuthor(name: author))
    }

    func put(
        _ kind: DefinitionKind, _ name: String, text: [UInt8], expecting: DefinitionExpectation,
        by author: ChangeAuthor
    ) async throws -> DefinitionChange {
        let input = try Self.read(text, name)
        return try await put(kind, name, input, expecting: expecting, by: author, "\(kind).put")
    }

    package func check(
        _ kind: DefinitionKind, _ name: String, text: [UInt8]
    ) async throws -> [DefinitionComplaint] {
        let state = try await current()
        do {
            let input = try Self.read(text, name)
            try state.admit(kind, name, .anything)
            let old = state.entries[Key(kind: kind, name: name)]
            return try prepare(kind, name, input, over: old, state).entry.complaints
        } catch let refusal as DefinitionRefusal {
            guard refusal.complaints.isEmpty else { return refusal.complaints }
            return [
                DefinitionComplaint(
                    code: refusal.problem.code, message: refusal.problem.message,
                    hint: refusal.problem.hint)
            ]
        }
    }

    package func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange {
        try await delete(kind, name, expecting: expecting, by: ChangeAuthor(name: author))
    }

    func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation,
        by author: ChangeAuthor
    ) async throws -> DefinitionChange {
        let entry = try await inTurn { state in
            var state = state
            let key = Key(kind: kind, name: name)
            guard let entry = state.entries[key] else {
                throw state.isInFile(kind, name)
                    ? Self.fromFile(kind, name) : Self.unknown(kind, name)
            }
            try Self.compare(entry, expecting)
            if kind == .source { try state.complainOfUse(name) }
            let write = try await writer().delete(
                kind, name, expecting: .version(entry.stored.version),
                audit: line("\(kind).delete", name, "deleted", author))
            guard case .written = write else { throw Self.mismatch(kind, name, nil) }
            state.entries[key] = nil
            if kind == .source {
                let binder = try binder()
                binder.remove(name: name)
                state.bindBrokenAnew(binder)
            }
            state.refuseAnew()
            return (state, entry)
        }
        let problem = try await applied()
        return DefinitionChange(
            outcome: .deleted, definition: Self.definition(entry), problem: problem)
    }

    /// Puts what `change` makes of an opened definition.
    func change(
        _ kind: DefinitionKind, _ name: String, by author: ChangeAuthor, _ action: String,
        _ change: (JSONValue) throws -> JSONValue
    ) async throws -> DefinitionChange {
        let state = try await current()
        guard let entry = state.entries[Key(kind: kind, name: name)] else {
            throw state.isInFile(kind, name)
                ? Self.fromFile(kind, name) : Self.unknown(kind, name)
        }
        let opened: JSONValue
        do {
            opened = try state.sealer.open(try JSONValue(parsing: entry.stored.text), kind, name)
                .value
        } catch let complaint as DefinitionComplaint {
            throw Self.invalid(kind, name, [complaint])
        }
        return try await put(
            kind, name, try change(opened), expecting: .version(entry.stored.version),
            by: author, action)
    }

    private func put(
        _ kind: DefinitionKind, _ name: String, _ input: JSONValue,
        expecting: DefinitionExpectation, by author: ChangeAuthor, _ action: String
    ) async throws -> DefinitionChange {
        let (outcome, entry) = try await inTurn { state in
            var state = state
            let key = Key(kind: kind, name: name)
            let old = state.entries[key]
            try state.admit(kind, name, expecting)
            let ready = try prepare(kind, name, input, over: old, state)
            guard !ready.isSame else {
                return (state, (DefinitionChange.Outcome.unchanged, old ?? ready.entry))
            }
            let verb = old == nil ? "made" : "replaced"
            let write = try await writer().put(
                kind, name, text: ready.entry.stored.text, labels: ready.entry.stored.labels,
                expecting: old.map { .version($0.stored.version) } ?? .absent,
                audit: line(action, name, verb, author))
            guard case .written(let version) = write else {
                throw Self.mismatch(kind, name, nil)
            }
            var entry = ready.entry
            entry.stored = entry.stored.at(version: version)
            state.entries[key] = entry
            if case .source(let bound) = entry.bound {
                let binder = try binder()
                binder.add(name: name, bound)
                state.bindBrokenAnew(binder)
            }
            state.refuseAnew()
            return (state, (old == nil ? .created : .replaced, entry))
        }
        let problem = outcome == .unchanged ? nil : try await applied()
        return DefinitionChange(
            outcome: outcome, definition: Self.definition(entry), problem: problem)
    }

    /// Reads, checks and seals; whether it says the same as what there is.
    private func prepare(
        _ kind: DefinitionKind, _ name: String, _ input: JSONValue, over old: Entry?,
        _ state: State
    ) throws -> (entry: Entry, isSame: Bool) {
        let stored = old.flatMap { try? JSONValue(parsing: $0.stored.text) }
        let opened: (value: JSONValue, secrets: [Secret])
        do {
            opened = try state.sealer.open(
                DefinitionSealer.keep(input, from: stored), kind, name)
        } catch let complaint as DefinitionComplaint {
            throw Self.invalid(kind, name, [complaint])
        }
        // Secrets that were just written are known by their places only.
        var secrets = opened.secrets
        _ = SecretFields(kind).mapSecrets(opened.value) { _, text in
            secrets.append(Secret(text))
            return .null
        }
        let (bound, complaints) = Self.bind(kind, name, opened.value, secrets, try binder())
        guard !bound.isBroken else { throw Self.invalid(kind, name, complaints) }
        var parameters: Set<String> = []
        var labels: [String: String] = [:]
        switch bound {
        case .source(let source):
            parameters = source.secretParameters
            labels = source.spec.labels
        case .subscription(let subscription): labels = subscription.spec.labels
        case .broken: break
        }
        let sealed = try state.sealer.seal(opened.value, kind, name, parameters: parameters)
        let text = String(decoding: sealed.serialized, as: UTF8.self)
        let now = time.wall()
        let entry = Entry(
            stored: StoredDefinition(
                kind: kind, name: name, text: text, labels: labels,
                version: old?.stored.version ?? 0, made: old?.stored.made ?? now, changed: now),
            bound: bound, complaints: complaints)
        let before = stored.flatMap { try? state.sealer.open($0, kind, name).value }
        return (entry, before == opened.value && old?.bound.isBroken == false)
    }

    func line(
        _ action: String, _ subject: String, _ verb: String, _ author: ChangeAuthor
    ) -> AuditEntry {
        AuditEntry(
            time: time.wall(), action: action, subject: subject,
            detail: "\(verb) by \(author.name)", request: author.request)
    }

    /// The object without its name, which must be the one that is meant.
    private static func read(_ text: [UInt8], _ name: String) throws -> JSONValue {
        guard text.count <= Limits.definitionBytesMax else {
            throw DefinitionRefusal(
                Problem(
                    code: "definition_too_large",
                    message: "a definition has at most \(Limits.definitionBytesMax) bytes"))
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw DefinitionRefusal(
                Problem(code: "json_invalid", message: "this is no JSON: \(error.message)"))
        }
        guard case .object(let members) = value else {
            throw DefinitionRefusal(
                Problem(code: "json_invalid", message: "a definition is a JSON object"))
        }
        if let given = value["name"], given != .string(name) {
            throw DefinitionRefusal(
                Problem(code: "definition_invalid", message: "`name` is not `\(name)`"),
                complaints: [
                    DefinitionComplaint(
                        code: "name_differs", pointer: "/name",
                        message: "the definition is to be called `\(name)`",
                        hint: "leave `name` out, or make another definition")
                ])
        }
        return .object(members.filter { $0.key != "name" })
    }
}
