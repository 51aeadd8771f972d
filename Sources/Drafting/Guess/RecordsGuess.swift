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
        }
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
            let named = members.map { member in
                JSONValue.object(
                    (member.value.members ?? []) + [JSONValue.Member("_name", .string(member.key))])
            }
            add(
                path, .named, named, 34 + (isNumbered ? 10 : 0),
                [reason, "their names are in no member of theirs, so they become `_name`"])
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
        if shape == .array, !records.isEmpty {
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
