import PullcordJSON

/// The types that a member has been seen with; null is none of them, as it says nothing.
package struct ShapeTypes: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let boolean = ShapeTypes(rawValue: 1)
    package static let number = ShapeTypes(rawValue: 2)
    package static let string = ShapeTypes(rawValue: 4)
    package static let array = ShapeTypes(rawValue: 8)
    package static let object = ShapeTypes(rawValue: 16)

    private static let named: [(type: ShapeTypes, word: String)] = [
        (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
        (.object, "object"),
    ]

    package var words: [String] { Self.named.filter { contains($0.type) }.map(\.word) }

    /// Whether it is one type and no other.
    var isSingle: Bool { rawValue != 0 && rawValue & (rawValue - 1) == 0 }
}

/// Something that differs between how records looked and how they look.
package struct ShapeChange: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A member that every record had is in none any more.
        case removed
        /// A member that always had one type has another.
        case type
        /// A member that no record had is in all.
        case added
    }

    /// A JSON Pointer; `*` stands for each element of an array.
    package let path: String
    package let kind: Kind
    package let before: ShapeTypes
    package let after: ShapeTypes

    /// Whether somebody who reads the member has to mend something.
    package var isBreaking: Bool { kind != .added }

    /// Changes that are told in words.
    private static let toldMax = 5

    package static func words(_ changes: [ShapeChange]) -> String {
        let told = changes.prefix(toldMax).map { change in
            switch change.kind {
            case .removed: "\(change.path) is gone"
            case .added: "\(change.path) is new"
            case .type:
                "\(change.path) was \(change.before.words.joined(separator: " or ")) and is "
                    + change.after.words.joined(separator: " or ")
            }
        }
        let more = changes.count > toldMax ? ["\(changes.count - toldMax) more"] : []
        return (told + more).joined(separator: ", ")
    }
}

/// What the records of a stream look like: which members they have, and of which types.
///
/// It is learned from samples, and holds names of members and nothing of their values.
package struct RecordShape: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var types: ShapeTypes
        /// In how many of the records it was.
        var count: Int
    }

    /// Members that are looked at; of larger records the first so many.
    static let membersMax = 256
    /// Bytes of a path; longer ones are keys of data rather than names.
    static let pathBytesMax = 200
    /// How deep members are looked at.
    static let depthMax = 6
    /// Elements of each array that are looked at.
    private static let elementsMax = 4
    /// Bytes of a record that is looked at; larger ones are passed over.
    static let recordBytesMax = 64 << 10
    /// Records that must have been seen before anything is compared with them, and that must be
    /// seen to compare: fewer may all be of one kind by chance.
    package static let recordsMin = 20
    /// Records are no longer counted beyond it.
    private static let recordsMax = 1_000_000

    private(set) var records = 0
    private(set) var members: [String: Member] = [:]
    /// Whether there were more members than are kept; then nothing can be called new.
    private(set) var isCut = false

    package init() {}

    /// Takes a record into account; one that is no object, or too large, is passed over.
    package mutating func learn(_ record: [UInt8]) {
        guard record.count <= Self.recordBytesMax, let value = try? JSONValue(parsing: record),
            case .object = value
        else { return }
        var seen: [String: ShapeTypes] = [:]
        look(at: value, "", 0, &seen)
        records = min(records + 1, Self.recordsMax)
        for (path, types) in seen {
            if members[path] == nil, members.count >= Self.membersMax {
                isCut = true
                continue
            }
            members[path, default: Member(types: [], count: 0)].types.formUnion(types)
            members[path]?.count += 1
        }
    }

    mutating func add(_ path: String, _ member: Member) { members[path] = member }

    mutating func restore(records: Int, isCut: Bool) {
        self.records = records
        self.isCut = isCut
    }

    private func look(
        at value: JSONValue, _ path: String, _ depth: Int, _ seen: inout [String: ShapeTypes]
    ) {
        guard depth < Self.depthMax else { return }
        switch value {
        case .object(let fields):
            for field in fields {
                note(field.value, path + JSONPointer(tokens: [field.key]).description, depth, &seen)
            }
        case .array(let elements):
            for element in elements.prefix(Self.elementsMax) {
                note(element, path + "/*", depth, &seen)
            }
        case .null, .bool, .number, .string: return
        }
    }

    private func note(
        _ value: JSONValue, _ path: String, _ depth: Int, _ seen: inout [String: ShapeTypes]
    ) {
        guard path.utf8.count <= Self.pathBytesMax, seen.count < Self.membersMax * 2 else { return }
        seen[path, default: []].formUnion(value.shapeType)
        look(at: value, path, depth + 1, &seen)
    }

    /// Whether enough was seen to compare.
    package var isKnown: Bool { records >= Self.recordsMin }

    /// What differs in `now`, by path, the members that stand above others alone.
    package func changes(to now: RecordShape) -> [ShapeChange] {
        guard isKnown, now.isKnown else { return [] }
        var changes: [ShapeChange] = []
        for (path, member) in members {
            guard let other = now.members[path] else {
                guard member.count >= records, !now.isCut else { continue }
                changes.append(
                    ShapeChange(path: path, kind: .removed, before: member.types, after: []))
                continue
            }
            guard member.types.isSingle, !other.types.isEmpty,
                other.types.isDisjoint(with: member.types),
                min(member.count, other.count) >= Self.recordsMin
            else { continue }
            changes.append(
                ShapeChange(
                    path: path, kind: .type, before: member.types, after: other.types))
        }
        for (path, member) in now.members
        where members[path] == nil && member.count >= now.records && !isCut {
            changes.append(ShapeChange(path: path, kind: .added, before: [], after: member.types))
        }
        let paths = Set(changes.map(\.path))
        return changes.filter { !Self.stands(below: paths, $0.path) }
            .sorted { ($0.isBreaking ? 0 : 1, $0.path) < ($1.isBreaking ? 0 : 1, $1.path) }
    }

    private static func stands(below paths: Set<String>, _ path: String) -> Bool {
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
            rest = rest[..<slash]
            if paths.contains(String(rest)) { return true }
        }
        return false
    }

    /// Goes on with `now` besides what was known; what has been told as a change is taken over as
    /// it is now.
    package mutating func take(_ now: RecordShape, told changes: [ShapeChange]) {
        let total = min(records + now.records, Self.recordsMax)
        for change in changes {
            let below = change.path + "/"
            for path in members.keys where path == change.path || path.hasPrefix(below) {
                members[path] = nil
            }
            // As if it had always been so.
            for (path, member) in now.members where path == change.path || path.hasPrefix(below) {
                let isAlways = member.count >= now.records
                members[path] = Member(
                    types: member.types, count: isAlways ? records : member.count)
            }
        }
        let told = Set(changes.map(\.path))
        for (path, member) in members {
            let isTold = told.contains(path) || Self.stands(below: told, path)
            let more = now.members[path]
            members[path]?.types.formUnion(isTold ? [] : more?.types ?? [])
            // One that was in all stays so only if it was in all again.
            let wasAlways = member.count >= records
            let isAlways = wasAlways && (more?.count ?? 0) >= now.records
            members[path]?.count =
                isAlways ? total : min(member.count + (more?.count ?? 0), max(total - 1, 0))
        }
        for (path, member) in now.members where members[path] == nil {
            guard members.count < Self.membersMax else {
                isCut = true
                break
            }
            let isAlways = records == 0 && member.count >= now.records
            members[path] = Member(
                types: member.types, count: isAlways ? total : min(member.count, max(total - 1, 0)))
        }
        records = total
        isCut = isCut || now.isCut
    }
}

extension JSONValue {
    fileprivate var shapeType: ShapeTypes {
        switch self {
        case .null: []
        case .bool: .boolean
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}
