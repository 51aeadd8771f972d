import PullcordJSON

/// Where the list of records stands in an answer, and why.
struct RecordsGuess: Equatable {
    enum Shape: Equatable {
        case array
        /// An object whose values are the records, and know their names themselves.
        case values
        /// An object whose values are the records, and whose keys are their names.
        case named
        /// A list of bare ids.
        case scalars
        /// A list of lists, whose columns are named beside it.
        case table(names: [String])
        /// The answer itself is the one record.
        case single
    }

    let path: [String]
    let shape: Shape
    let records: [JSONValue]
    let score: Int
    let reasons: [String]
    /// What a person has said instead.
    var program: String?

    /// The jq program that finds it.
    var expression: String {
        if let program { return program }
        let path = PathText.expression(path)
        switch shape {
        case .array, .scalars, .single: return path
        case .values: return self.path.isEmpty ? ".[]" : path + "[]"
        case .named: return "\(path) | to_entries | map(.value + { _name: .key })"
        case .table(let names):
            return
                "\(PathText.expression(names)) as $names | \(path) | map([$names, .] | transpose | "
                + "map({ (.[0]): .[1] }) | add)"
        }
    }

    /// The records of another answer of the same kind; nil if it has no such list.
    func records(in value: JSONValue) -> [JSONValue]? {
        guard program == nil else { return nil }
        let list = value.value(at: path)
        switch shape {
        case .array, .scalars: return list?.elements
        case .values: return list?.members?.map(\.value)
        case .named: return list?.members.map(Self.named)
        case .single: return list.map { [$0] }
        case .table(let names):
            guard let rows = list?.elements, let names = value.value(at: names)?.elements else {
                return nil
            }
            return Self.rows(rows, names)
        }
    }

    fileprivate static func named(_ members: [JSONValue.Member]) -> [JSONValue] {
        members.map { member in
            .object(
                (member.value.members ?? []) + [JSONValue.Member("_name", .string(member.key))])
        }
    }

    /// Rows as objects; nil if they are none of these columns.
    fileprivate static func rows(_ rows: [JSONValue], _ names: [JSONValue]) -> [JSONValue]? {
        let names = names.compactMap(\.string)
        guard Set(names).count == names.count, !names.isEmpty else { return nil }
        let records = rows.compactMap { row -> JSONValue? in
            guard let values = row.elements, values.count == names.count else { return nil }
            return .object(zip(names, values).map { JSONValue.Member($0, $1) })
        }
        return records.count == rows.count ? records : nil
    }

    /// The candidates, the best first.
    static func all(in value: JSONValue, url: DraftURL?) -> [RecordsGuess] {
        var finder = RecordsFinder(subject: url?.lastWord ?? "")
        finder.look(at: value, path: [])
        let found = finder.found.filter { $0.score > 0 }.sorted { $0.score > $1.score }
        guard found.isEmpty, value.isObject else { return found }
        return [
            RecordsGuess(
                path: [], shape: .single, records: [value], score: 1,
                reasons: ["there is no list in it: the answer itself is one record"])
        ]
    }
}

private struct RecordsFinder {
    /// The last word of the URL's path, which mostly says what is listed.
    let subject: String
    var found: [RecordsGuess] = []
    private static let foundMax = 100

    init(subject: String) { self.subject = subject }

    /// `isOnly` says that it is the one list of a small object.
    mutating func look(at value: JSONValue, path: [String], isOnly: Bool = false) {
        guard path.count <= DraftLimits.depthMax, found.count < Self.foundMax else { return }
        if let elements = value.elements {
            judge(elements, path, isOnly)
            return
        }
        guard let members = value.members else { return }
        judge(members, path)
        judgeTables(members, path)
        let isSmall = members.count <= 4 && members.count { $0.value.elements != nil } == 1
        for member in members.prefix(DraftLimits.membersMax) {
            look(at: member.value, path: path + [member.key], isOnly: isSmall)
        }
    }

    private mutating func judge(_ elements: [JSONValue], _ path: [String], _ isOnly: Bool) {
        let isNamed = path.last.map { Vocabulary.lists.contains($0.lowercased()) } ?? true
        if elements.isEmpty {
            guard isNamed || isSubject(path) else { return }
            add(path, .array, [], 20, ["an empty array that is called like a list"])
        } else if elements.allSatisfy(\.isObject) {
            let count = elements.count
            let words = count == 1 ? "an array of one object" : "an array of \(count) objects"
            add(path, .array, elements, 50 + min(count, 10) * 2, [words])
        } else if elements.allSatisfy({ $0.scalarText != nil }), elements.count > 1 || isNamed {
            let texts = Set(elements.compactMap(\.scalarText))
            guard texts.count == elements.count,
                path.isEmpty || isNamed || isSubject(path) || isOnly
            else { return }
            add(path, .scalars, elements, 30, ["an array of bare, different values"])
        }
    }

    /// Judges an object whose values are all objects of one kind.
    private mutating func judge(_ members: [JSONValue.Member], _ path: [String]) {
        guard members.count > 1, members.allSatisfy(\.value.isObject) else { return }
        let keys = members.prefix(50).map { Set(($0.value.members ?? []).map(\.key)) }
        guard let first = keys.first, !first.isEmpty else { return }
        let alike = keys.allSatisfy { other in
            first.intersection(other).count * 2 > first.union(other).count
        }
        let hasPlainNames = members.contains { Vocabulary.wrappers.contains($0.key.lowercased()) }
        guard alike, !hasPlainNames else { return }
        let values = members.map(\.value)
        let isNumbered = members.allSatisfy { $0.key.allSatisfy(\.isNumber) }
        let reason = "an object of \(members.count) objects with the same members"
        let key = KeyGuess.best(values, subject: subject)
        if key.isGood {
            add(path, .values, values, 36 + (isNumbered ? 10 : 0), [reason])
        } else {
            add(
                path, .named, RecordsGuess.named(members), 34 + (isNumbered ? 10 : 0),
                [reason, "their names are in no member of theirs, so they become `_name`"])
        }
    }

    /// Judges lists of lists beside a list of the columns' names.
    private mutating func judgeTables(_ members: [JSONValue.Member], _ path: [String]) {
        let names = members.first {
            Vocabulary.columns.contains($0.key.lowercased()) && $0.value.elements != nil
        }
        guard let names, let columns = names.value.elements else { return }
        for member in members {
            guard let rows = member.value.elements, !rows.isEmpty,
                let records = RecordsGuess.rows(rows, columns)
            else { continue }
            add(
                path + [member.key], .table(names: path + [names.key]), records,
                50 + min(records.count, 10) * 2,
                ["\(records.count) rows, whose columns are named in `\(names.key)`"])
        }
    }

    private func isSubject(_ path: [String]) -> Bool {
        guard let name = path.last, !subject.isEmpty else { return false }
        return Names.singular(name.lowercased()) == Names.singular(subject.lowercased())
    }

    private mutating func add(
        _ path: [String], _ shape: RecordsGuess.Shape, _ records: [JSONValue], _ score: Int,
        _ reasons: [String]
    ) {
        var (score, reasons) = (score - 6 * path.count, reasons)
        if path.isEmpty { reasons.append("it is the answer itself") }
        if isSubject(path) {
            score += 30
            reasons.append("called like the last word of the URL")
        } else if let name = path.last, Vocabulary.lists.contains(name.lowercased()) {
            score += 20
            reasons.append("`\(name)` is what lists are mostly called")
        } else if let word = path.last.flatMap({ Names.words($0).last }),
            Vocabulary.sideLists.contains(word)
        {
            score -= 40
        }
        let isList: Bool
        if case .table = shape { isList = true } else { isList = shape == .array }
        if isList, !records.isEmpty {
            let key = KeyGuess.best(records, subject: subject)
            if key.isGood {
                score += 15
                reasons.append("its objects have `\(key.expressions.joined(separator: ", "))`")
            }
        }
        found.append(
            RecordsGuess(
                path: path, shape: shape, records: records, score: score, reasons: reasons))
    }
}
