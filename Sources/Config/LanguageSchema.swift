import PullcordAdapter
package import PullcordJSON
import PullcordModel

/// The language as a JSON Schema (draft 2020-12), made of the tables that the readers work by.
///
/// It is for editors: names, types, ranges and descriptions. What only `pullcord check` knows —
/// jq programs, keys that exclude each other, names that refer to something — is not in it.
package struct LanguageSchema {
    /// Which files it describes.
    package enum Document: String, CaseIterable, Sendable {
        case adapter, bridge, test

        package var table: KeyTable {
            switch self {
            case .adapter: AdapterKeys.adapter
            case .bridge: BridgeKeys.bridge
            case .test: TestKeys.file
            }
        }
    }

    private var tables: [KeyTable] = []
    private var written = 0

    private let document: Document

    private init(_ document: Document) { self.document = document }

    /// The schema of one kind of file.
    package static func of(_ document: Document) -> JSONValue {
        var schema = LanguageSchema(document)
        let root = schema.reference(to: document.table)
        var definitions: [(String, JSONValue)] = []
        // Each definition may name tables that were not met before.
        while schema.written < schema.tables.count {
            let table = schema.tables[schema.written]
            schema.written += 1
            definitions.append((Self.name(of: table), schema.definition(table)))
        }
        return object([
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("Pullcord: \(document.table.name)")),
            ("$ref", root), ("$defs", object(definitions)),
        ])
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONValue.Member($0.0, $0.1) })
    }

    /// `a stream` becomes `stream`, `` `retry` `` becomes `retry`.
    private static func name(of table: KeyTable) -> String {
        let words = table.name.filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == " " }
            .split(separator: " ").filter { !["a", "an", "the"].contains($0) }
        // Two tables may go by one name, as the retries of requests and of deliveries do.
        let keys = table.keys.map(\.name).joined(separator: " ")
        var hasher = IdentityHasher()
        hasher.add(keys)
        let mark = String(hasher.finish().high & 0xFFFF, radix: 16)
        return words.joined(separator: "_") + "_" + mark
    }

    private mutating func reference(to table: KeyTable) -> JSONValue {
        let name = Self.name(of: table)
        if !tables.contains(where: { Self.name(of: $0) == name }) { tables.append(table) }
        return .string("#/$defs/\(name)")
    }

    private mutating func definition(_ table: KeyTable) -> JSONValue {
        let keys = table.keys.filter { $0.support != .plannedRefused }
        var properties: [(String, JSONValue)] = []
        for key in keys {
            var members = self.members(of: key.type)
            let ending = key.defaultText.map { " Default: \($0)." } ?? ""
            members.append(("description", .string(key.summary + ending)))
            properties.append((key.name, Self.object(members)))
        }
        // What an adapter extends may have the streams; see `wholeness`.
        let extends = table.key("extends") != nil
        let isStream = table.name == StreamKeys.stream.name
        let required = keys.filter {
            $0.isRequired && !isStream && !(extends && $0.name == "streams")
        }
        .map(\.name)
        return Self.object(
            [
                ("description", .string(table.summary)), ("type", .string("object")),
                ("properties", Self.object(properties)),
                ("additionalProperties", .bool(false)),
            ] + (required.isEmpty ? [] : [("required", Self.names(required))])
                + (extends ? [("anyOf", Self.wholeness)] : []))
    }

    /// A stream is whole, unless the adapter says that something else holds what it leaves out: what
    /// it extends, defaults, or who brings the records without being asked by a request.
    private static var wholeness: JSONValue {
        let required = StreamKeys.stream.keys.filter(\.isRequired).map(\.name)
        let streams = { (asked: [String]) in
            let stream = object([
                ("anyOf", .array([needs(asked + required), feed(asked)]))
            ])
            return ("streams", object([("additionalProperties", stream)]))
        }
        let local = { (key: String) in
            object([("required", names([key])), ("properties", object([streams([])]))])
        }
        // The schema that a tap states says what tells its records apart.
        let singer = object([("const", .string(ProgramSpec.Language.singer.rawValue))])
        let tap = object([
            ("required", names(["protocol"])), ("properties", object([("protocol", singer)])),
        ])
        return .array([
            needs(["extends"]), needs(["defaults"]), local("exec"), local("swift"),
            object([("required", names(["exec"])), ("properties", object([("exec", tap)]))]),
            object([("properties", object([streams(["request"])]))]),
        ])
    }

    private static func needs(_ names: [String]) -> JSONValue {
        object([("required", Self.names(names))])
    }

    /// What a feed requires: its format says what tells items apart.
    private static func feed(_ asked: [String]) -> JSONValue {
        let kinds = FormatSpec.Kind.allCases.filter(\.isFeed).map(\.rawValue)
        let forms = kinds.map { kind in
            object([("type", .string("object")), ("required", names([kind]))])
        }
        let format = object([("anyOf", .array([object([("enum", names(kinds))])] + forms))])
        return object([
            (
                "required",
                names(
                    asked + FormatKeys.feedStream.keys.filter(\.isRequired).map(\.name)
                        + ["format"])
            ),
            ("properties", object([("format", format)])),
        ])
    }

    private static func names(_ names: [String]) -> JSONValue {
        .array(names.map { .string($0) })
    }

    private mutating func members(of type: KeyType) -> [(String, JSONValue)] {
        switch type {
        case .text, .template:
            // YAML reads 1 and true as numbers and words of their own; both are taken as text.
            return [("type", .array(["string", "number", "boolean"].map { .string($0) }))]
        case .expression, .plainPath, .time: return [("type", .string("string"))]
        case .headerName:
            return [
                ("type", .string("string")), ("pattern", .string("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")),
            ]
        case .parameter: return pattern(#"^\$\{ *params\."#)
        case .name(let rule):
            return [
                ("type", .array(["string", "integer"].map { .string($0) })),
                ("pattern", .string(rule.pattern)),
            ]
        case .integer(let range):
            return [
                ("type", .string("integer")), ("minimum", .number(String(range.lowerBound))),
            ] + (range.upperBound == .max ? [] : [("maximum", .number(String(range.upperBound)))])
        case .boolean: return [("type", .string("boolean"))]
        case .duration:
            return pattern(#"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$"#)
        case .size: return pattern("^[0-9]+ ?([kKMG]i?)?B$")
        case .rate: return pattern(#"^[0-9]+/([0-9]+(\.[0-9]+)?)?(ms|s|m|h|d)$"#)
        case .percentage: return pattern(#"^[0-9]+(\.[0-9]+)?%$"#)
        case .choice(let words): return [("enum", .array(words.map { .string($0) }))]
        case .json, .data: return []
        case .list(let item):
            return [("type", .string("array")), ("items", Self.object(members(of: item)))]
        case .map(let value):
            var values = Self.object(members(of: value))
            // Takes away what the adapter that is extended has there.
            if document == .adapter {
                values = Self.object([
                    ("anyOf", .array([values, Self.object([("type", .string("null"))])]))
                ])
            }
            return [("type", .string("object")), ("additionalProperties", values)]
        case .table(let table): return [("$ref", reference(to: table))]
        case .either(let types):
            return [("anyOf", .array(types.map { Self.object(members(of: $0)) }))]
        }
    }

    private func pattern(_ pattern: String) -> [(String, JSONValue)] {
        [("type", .string("string")), ("pattern", .string(pattern))]
    }
}

extension NameRule {
    /// As a regular expression of ECMA-262.
    fileprivate var pattern: String {
        switch self {
        case .adapter: "^[a-z0-9][a-z0-9-]*$"
        case .stream: "^[A-Za-z0-9_]+$"
        case .plain: "^[A-Za-z0-9_-]+$"
        }
    }
}
