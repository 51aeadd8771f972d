import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `definition` and their labels.
enum DefinitionTable {
    static func read(
        _ query: DefinitionQuery, _ database: Database
    ) throws(Failure) -> [StoredDefinition] {
        var conditions: [LabelCondition] = []
        var next = 4
        for requirement in query.labels?.requirements ?? [] {
            let condition = LabelCondition(requirement, from: next)
            next += condition.values.count
            conditions.append(condition)
        }
        let sql = (["kind = ?1", "name > ?2"] + conditions.map(\.sql)).joined(separator: " AND ")
        let selection = try PreparedStatement(
            """
            SELECT name, text, version, made, changed FROM definition WHERE \(sql)
            ORDER BY name LIMIT ?3
            """, database)
        try selection.bind(1, number(query.kind))
        try selection.bind(2, text: query.after ?? "")
        try selection.bind(3, min(max(0, query.limit), Limits.definitionPageMax))
        // Values are bound, so that no text becomes a part of the statement.
        var place: Int32 = 4
        for value in conditions.flatMap(\.values) {
            try selection.bind(place, text: value)
            place += 1
        }
        let rows = try selection.all(Row.init)
        let labels = try PreparedStatement(labelsSQL, database)
        var result: [StoredDefinition] = []
        for row in rows {
            result.append(try row.definition(query.kind, labels))
        }
        return result
    }

    static func read(
        _ kind: DefinitionKind, _ name: String, _ database: Database
    ) throws(Failure) -> StoredDefinition? {
        let selection = try PreparedStatement(
            """
            SELECT name, text, version, made, changed FROM definition
            WHERE kind = ?1 AND name = ?2
            """, database)
        try selection.bind(1, number(kind))
        try selection.bind(2, text: name)
        guard let row = try selection.first(Row.init) else { return nil }
        return try row.definition(kind, try PreparedStatement(labelsSQL, database))
    }

    static func put(
        _ kind: DefinitionKind, _ name: String, text: String, labels: [String: String],
        expecting: DefinitionExpectation, at time: Timestamp, _ database: Database
    ) throws(Failure) -> DefinitionWrite {
        let current = try read(kind, name, database)
        guard expecting.holds(for: current?.version) else {
            return .refused(current: current?.version)
        }
        let version = try nextVersion(database)
        let insertion = try PreparedStatement(
            """
            INSERT INTO definition (kind, name, text, version, made, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5)
            ON CONFLICT (kind, name) DO UPDATE SET text = ?3, version = ?4, changed = ?5
            """, database)
        try insertion.bind(1, number(kind))
        try insertion.bind(2, text: name)
        try insertion.bind(3, text: text)
        try insertion.bind(4, version)
        try insertion.bind(5, time)
        try insertion.run()
        try remove("definition_label", kind, name, database)
        let label = try PreparedStatement(
            "INSERT INTO definition_label (kind, name, key, value) VALUES (?1, ?2, ?3, ?4)",
            database)
        for (key, value) in labels {
            try label.bind(1, number(kind))
            try label.bind(2, text: name)
            try label.bind(3, text: key)
            try label.bind(4, text: value)
            try label.run()
        }
        return .written(version: version)
    }

    static func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation,
        _ database: Database
    ) throws(Failure) -> DefinitionWrite {
        let current = try read(kind, name, database)
        guard let current, expecting.holds(for: current.version) else {
            return .refused(current: current?.version)
        }
        try remove("definition_label", kind, name, database)
        try remove("definition", kind, name, database)
        return .written(version: try nextVersion(database))
    }

    /// Only the text changes, and only where the version is still the same.
    static func rewrite(
        _ definitions: [StoredDefinition], _ database: Database
    ) throws(Failure) -> Int {
        let update = try PreparedStatement(
            "UPDATE definition SET text = ?3 WHERE kind = ?1 AND name = ?2 AND version = ?4",
            database)
        var count = 0
        for definition in definitions {
            try update.bind(1, number(definition.kind))
            try update.bind(2, text: definition.name)
            try update.bind(3, text: definition.text)
            try update.bind(4, definition.version)
            try update.run()
            count += update.changes
        }
        return count
    }

    private static let labelsSQL =
        "SELECT key, value FROM definition_label WHERE kind = ?1 AND name = ?2"

    private static func remove(
        _ table: String, _ kind: DefinitionKind, _ name: String, _ database: Database
    ) throws(Failure) {
        let deletion = try PreparedStatement(
            "DELETE FROM \(table) WHERE kind = ?1 AND name = ?2", database)
        try deletion.bind(1, number(kind))
        try deletion.bind(2, text: name)
        try deletion.run()
    }

    private static func nextVersion(_ database: Database) throws(Failure) -> Int64 {
        let update = try PreparedStatement(
            "UPDATE definition_version SET last = last + 1 RETURNING last", database)
        guard let version = try update.first({ $0.integer(0) }) else {
            throw Failure(.fault, "the store has no row of versions")
        }
        return version
    }

    private static func number(_ kind: DefinitionKind) -> Int {
        switch kind {
        case .source: 1
        case .subscription: 2
        }
    }

    private struct Row {
        let name: String
        let text: String
        let version: Int64
        let made: Timestamp
        let changed: Timestamp

        init(_ row: borrowing PreparedStatement) {
            name = row.text(0)
            text = row.text(1)
            version = row.integer(2)
            made = Timestamp(milliseconds: row.integer(3))
            changed = Timestamp(milliseconds: row.integer(4))
        }

        func definition(
            _ kind: DefinitionKind, _ labels: borrowing PreparedStatement
        ) throws(Failure) -> StoredDefinition {
            try labels.bind(1, number(kind))
            try labels.bind(2, text: name)
            let pairs = try labels.all { ($0.text(0), $0.text(1)) }
            return StoredDefinition(
                kind: kind, name: name, text: text,
                labels: Dictionary(pairs) { first, _ in first }, version: version, made: made,
                changed: changed)
        }
    }
}

/// A requirement on labels as a condition of SQL; its values are the parameters from a place on.
private struct LabelCondition {
    let sql: String
    let values: [String]

    init(_ requirement: LabelSelector.Requirement, from place: Int) {
        let (options, isWanted): ([String]?, Bool) =
            switch requirement.test {
            case .isOne(let values): (values, true)
            case .isNone(let values): (values, false)
            case .isThere: (nil, true)
            case .isMissing: (nil, false)
            }
        values = [requirement.key] + (options ?? [])
        let list = (options ?? []).indices.map { "?\(place + 1 + $0)" }.joined(separator: ",")
        sql =
            (isWanted ? "" : "NOT ")
            + "EXISTS (SELECT 1 FROM definition_label AS label WHERE label.kind = definition.kind "
            + "AND label.name = definition.name AND label.key = ?\(place)"
            + (options == nil ? ")" : " AND label.value IN (\(list)))")
    }
}
