import PullcordJSON

/// What tells one record from another, and why.
struct KeyGuess: Equatable {
    let paths: [[String]]
    let score: Int
    let evidence: String
    let sureness: Sureness
    /// Other fields that would do.
    let others: [String]
    /// A jq program in the place of the paths.
    var program: String?

    var expressions: [String] {
        if let program { return [program] }
        return paths.map { $0.isEmpty ? "." : PathText.expression($0) }
    }

    /// Whether it is called like a key, and not only different by chance.
    var isGood: Bool { score >= 40 }

    var draft: DraftValue {
        expressions.count == 1
            ? .text(expressions[0]) : .list(expressions.map { .text($0) })
    }

    /// The best key of some records.
    static func best(_ records: [JSONValue], subject: String) -> KeyGuess {
        let table = FieldTable(records)
        guard table.count > 0 else {
            return KeyGuess(
                paths: [["id"]], score: 0, evidence: "there is no record to look at",
                sureness: .unsure, others: [])
        }
        let singles = table.fields.filter { isUnique([$0]) }
            .map { ($0, score($0, subject: subject)) }
            .filter { $0.1 > 0 }
            .sorted { $0.1 > $1.1 }
        if let (field, score) = singles.first, score >= 25 || table.count > 1 {
            return KeyGuess(
                paths: [field.path], score: score,
                evidence: words(table.count, "it has another value in each"),
                sureness: sureness(score, table.count),
                others: singles.dropFirst().prefix(4).map(\.0.expression))
        }
        if let pair = composite(table, subject: subject) { return pair }
        if let whole = whole(records) { return whole }
        return KeyGuess(
            paths: [["id"]], score: 0,
            evidence: table.count == 1
                ? "one record does not tell which field is a key"
                : "no field is in all \(table.count) records and different in each",
            sureness: .unsure, others: [])
    }

    private static func words(_ count: Int, _ reason: String) -> String {
        count == 1 ? "by its name; there is only one record" : "\(reason) of \(count) records"
    }

    private static func sureness(_ score: Int, _ count: Int) -> Sureness {
        if score >= 60, count >= 5 { return .sure }
        return score >= 40 ? (count > 1 ? .likely : .unsure) : .unsure
    }

    private static func isUnique(_ fields: [FieldTable.Field]) -> Bool {
        guard fields.allSatisfy(\.isEverywhere), let count = fields.first?.values.count else {
            return false
        }
        var seen: Set<[String]> = []
        for index in 0..<count {
            let parts = fields.map { $0.values[index]?.scalarText ?? "" }
            guard !parts.contains(""), parts.allSatisfy({ $0.utf8.count <= 512 }) else {
                return false
            }
            guard seen.insert(parts).inserted else { return false }
        }
        return true
    }

    /// How much a field is called like a key; 0 for what can be none.
    static func score(_ field: FieldTable.Field, subject: String) -> Int {
        guard let sample = field.values.compactMap(\.self).first else { return 0 }
        if case .bool = sample { return 0 }
        if let number = sample.number, number.contains(".") || number.contains("e") { return 0 }
        return max(0, score(path: field.path, subject: subject) - (isTime(sample) ? 60 : 0))
    }

    static func score(path: [String], subject: String) -> Int {
        guard let name = path.last else { return 0 }
        let words = Names.words(name)
        let singular = Names.singular(subject.lowercased())
        let lower = name.lowercased().filter { $0 != "@" && $0 != "#" && $0 != "$" }
        var score: Int
        switch lower {
        case "id": score = 100
        case "_id", "uid", "guid", "uuid", "oid", "gid", "sid", "_name": score = 92
        case "key", "sys_id", "record_id", "recordid", "objectid", "object_id": score = 82
        case "number", "code", "iid", "sku", "slug", "ref", "reference", "digest", "sha", "hash",
            "fingerprint":
            score = 62
        case "login", "username", "email", "name", "filename", "path", "ts": score = 45
        case "url", "href", "link", "uri", "self": score = 42
        default:
            if !singular.isEmpty,
                [singular + "_id", singular + "id", singular + "key", singular + "number"].contains(
                    lower)
            {
                score = 88
            } else if words.last == "id" || words.last == "uuid" || words.last == "guid" {
                score = words.count > 1 ? 66 : 92
            } else if ["key", "number", "no", "sku"].contains(words.last ?? "") {
                score = 55
            } else {
                score = 12
            }
        }
        if path.count > 1 {
            let wrapper = path.first?.lowercased() ?? ""
            score -=
                ["sys", "metadata", "_id", "meta", "attributes", "properties"]
                    .contains(wrapper) ? 15 : 45
        }
        return max(0, score)
    }

    private static func isTime(_ value: JSONValue) -> Bool {
        value.string.map { TimeNotation.text($0) != nil } ?? false
    }

    private static func composite(_ table: FieldTable, subject: String) -> KeyGuess? {
        guard table.count > 1 else { return nil }
        let parts = table.fields.filter { field in
            field.isEverywhere && field.path.count == 1
        }.map { field in (field, max(score(field, subject: subject), dateScore(field))) }
            .filter { $0.1 >= 12 }.sorted { $0.1 > $1.1 }.prefix(12)
        var best: (paths: [[String]], score: Int)?
        for (index, first) in parts.enumerated() {
            for second in parts.dropFirst(index + 1) {
                let score = first.1 + second.1
                guard score > best?.score ?? 0, isUnique([first.0, second.0]) else { continue }
                best = ([first.0.path, second.0.path], score)
            }
        }
        guard let best else { return nil }
        return KeyGuess(
            paths: best.paths, score: best.score >= 80 ? 41 : 20,
            evidence: "no single field is different in each of \(table.count) records, these two "
                + "together are",
            sureness: .unsure, others: [])
    }

    /// An object of plain values that is another one in each record, as labels are.
    private static func whole(_ records: [JSONValue]) -> KeyGuess? {
        guard records.count > 1, let first = records.first?.members else { return nil }
        let records = records.prefix(DraftLimits.recordsMax)
        let name = first.map(\.key).first { name in
            var seen: Set<[String]> = []
            return records.allSatisfy { record in
                guard let members = record[name]?.members, !members.isEmpty else { return false }
                let parts = members.compactMap { member in
                    member.value.scalarText.map { "\(member.key)=\($0)" }
                }
                return parts.count == members.count && seen.insert(parts.sorted()).inserted
            }
        }
        guard let name else { return nil }
        let path = PathText.expression([name])
        return KeyGuess(
            paths: [[name]], score: 30,
            evidence: "no field is different in each of \(records.count) records, `\(path)` as a "
                + "whole is",
            sureness: .unsure, others: [],
            program: #"\#(path) | to_entries | map("\(.key)=\(.value)") | sort | join(",")"#)
    }

    private static func dateScore(_ field: FieldTable.Field) -> Int {
        let words = Names.words(field.name)
        return words.contains("date") || words.contains("day") || words.contains("time") ? 30 : 0
    }
}
