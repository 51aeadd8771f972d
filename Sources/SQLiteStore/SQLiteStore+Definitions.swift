import GRDB
package import PullcordCommit
package import PullcordModel

/// Sources and subscriptions that are kept in the store.
extension SQLiteStore {
    package func definitions(_ query: DefinitionQuery) async throws -> [StoredDefinition] {
        try await read("definitions", questionReader) { database throws(Failure) in
            try DefinitionTable.read(query, database)
        }
    }

    package func definition(
        _ kind: DefinitionKind, _ name: String
    ) async throws -> StoredDefinition? {
        try await read("definition", questionReader) { database throws(Failure) in
            try DefinitionTable.read(kind, name, database)
        }
    }

    package func put(
        _ kind: DefinitionKind, _ name: String, text: String, labels: [String: String],
        expecting: DefinitionExpectation, audit: AuditEntry
    ) async throws -> DefinitionWrite {
        try await committer.write("put") { database throws(Failure) in
            let write = try DefinitionTable.put(
                kind, name, text: text, labels: labels, expecting: expecting, at: audit.time,
                database)
            if case .written = write { try OperatorTable.add(audit, database) }
            return write
        }
    }

    package func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation, audit: AuditEntry
    ) async throws -> DefinitionWrite {
        try await committer.write("delete") { database throws(Failure) in
            let write = try DefinitionTable.delete(kind, name, expecting: expecting, database)
            if case .written = write { try OperatorTable.add(audit, database) }
            return write
        }
    }

    package func rewrite(
        _ definitions: [StoredDefinition], audit: AuditEntry
    ) async throws -> Int {
        try await committer.write("rewrite", rows: definitions.count) { database throws(Failure) in
            let count = try DefinitionTable.rewrite(definitions, database)
            try OperatorTable.add(audit, database)
            return count
        }
    }
}

extension SQLiteReader {
    package func definitions(_ query: DefinitionQuery) async throws -> [StoredDefinition] {
        try await read("definitions") { database throws(Failure) in
            try DefinitionTable.read(query, database)
        }
    }

    package func definition(
        _ kind: DefinitionKind, _ name: String
    ) async throws -> StoredDefinition? {
        try await read("definition") { database throws(Failure) in
            try DefinitionTable.read(kind, name, database)
        }
    }
}
