import PullcordJSON

/// Short ways to look into a value.
extension JSONValue {
    var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var isObject: Bool { members != nil }

    /// A text, number or truth value as text; nil for null and for what holds others.
    var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: String? { if case .number(let text) = self { text } else { nil } }
    var integer: Int? { number.flatMap(Int.init) }

    /// The value that a list of keys leads to.
    func value(at path: [String]) -> JSONValue? {
        var value = self
        for key in path {
            guard let next = value[key] else { return nil }
            value = next
        }
        return value
    }
}

/// Paths as expressions of the language.
enum PathText {
    static func expression(_ path: [String]) -> String {
        JSONPath(steps: path.map { .key($0) }).description
    }
}

/// Every scalar field of some records, those of objects within them included.
struct FieldTable {
    struct Field {
        let path: [String]
        /// The values in the order of the records; nil where there is none or null.
        var values: [JSONValue?]

        var name: String { path.last ?? "" }
        var expression: String { PathText.expression(path) }
        var present: Int { values.count { $0 != nil } }
        var isEverywhere: Bool { !values.isEmpty && values.allSatisfy { $0 != nil } }
    }

    private(set) var fields: [Field] = []
    private var places: [[String]: Int] = [:]
    let count: Int

    init(_ records: [JSONValue]) {
        let records = records.prefix(DraftLimits.recordsMax)
        count = records.count
        for (number, record) in records.enumerated() {
            add(record, path: [], number: number, depth: 0)
        }
        for index in fields.indices {
            let missing = count - fields[index].values.count
            fields[index].values += Array(repeating: nil, count: max(0, missing))
        }
    }

    private mutating func add(_ value: JSONValue, path: [String], number: Int, depth: Int) {
        for member in (value.members ?? []).prefix(DraftLimits.membersMax) {
            let path = path + [member.key]
            if member.value.isObject {
                if depth < 2 { add(member.value, path: path, number: number, depth: depth + 1) }
                continue
            }
            guard member.value.scalarText != nil else { continue }
            let place: Int
            if let known = places[path] {
                place = known
            } else {
                guard fields.count < DraftLimits.fieldsMax else { continue }
                place = fields.count
                places[path] = place
                fields.append(Field(path: path, values: []))
            }
            let missing = number - fields[place].values.count
            // A key that stands twice in one object was refused when it was read.
            guard missing >= 0 else { continue }
            fields[place].values += Array(repeating: nil, count: missing)
            fields[place].values.append(member.value)
        }
    }
}
