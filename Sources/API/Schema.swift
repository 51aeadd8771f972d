import PullcordJSON
import PullcordModel

/// The shape of a JSON value: what is written into the OpenAPI document, and what bodies of
/// requests are held against.
package indirect enum Schema: Sendable {
    /// At most so many characters.
    case text(max: Int)
    /// A text that a regular expression fits; bodies of requests have none of these.
    case pattern(String)
    /// RFC 3339.
    case time
    case choice([String])
    case integer(ClosedRange<Int>)
    case boolean
    case any
    case list(Schema, max: Int)
    case object([Member])
    /// Names of somebody's own choice.
    case map(Schema)
    case nullable(Schema)
    /// One of several, in answers only.
    case either([Schema])
    /// A shape of ``Shapes`` by its name.
    case named(String)

    package struct Member: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
        package let summary: String

        package init(
            _ name: String, _ schema: Schema, required: Bool = true, _ summary: String = ""
        ) {
            self.name = name
            self.schema = schema
            isRequired = required
            self.summary = summary
        }
    }

    /// What is wrong with a value: where, as a JSON Pointer, and what may stand there.
    package struct Complaint: Sendable, Equatable {
        package let pointer: String
        package let code: String
        package let message: String
        package var allowed: [String] = []
    }

    // MARK: As JSON Schema 2020-12

    func write(to writer: inout JSONWriter, summary: String = "") {
        writer.beginObject()
        if !summary.isEmpty { writer.member("description", summary) }
        writeKeywords(&writer)
        writer.endObject()
    }

    private func writeKeywords(_ writer: inout JSONWriter) {
        switch self {
        case .text(let max):
            writer.member("type", "string")
            writer.member("maxLength", max)
        case .pattern(let pattern):
            writer.member("type", "string")
            writer.member("pattern", pattern)
        case .time:
            writer.member("type", "string")
            writer.member("format", "date-time")
        case .choice(let words):
            writer.member("type", "string")
            writer.key("enum")
            writer.beginArray()
            for word in words { writer.string(word) }
            writer.endArray()
        case .integer(let range):
            writer.member("type", "integer")
            if range.lowerBound > .min { writer.member("minimum", range.lowerBound) }
            if range.upperBound < .max { writer.member("maximum", range.upperBound) }
        case .boolean: writer.member("type", "boolean")
        case .any: break
        case .list(let item, let max):
            writer.member("type", "array")
            writer.member("maxItems", max)
            writer.key("items")
            item.write(to: &writer)
        case .object(let members): Self.write(members, &writer)
        case .map(let value):
            writer.member("type", "object")
            writer.key("additionalProperties")
            value.write(to: &writer)
        case .nullable(let schema):
            writer.key("anyOf")
            writer.beginArray()
            schema.write(to: &writer)
            writer.beginObject()
            writer.member("type", "null")
            writer.endObject()
            writer.endArray()
        case .either(let schemas):
            writer.key("anyOf")
            writer.beginArray()
            for schema in schemas { schema.write(to: &writer) }
            writer.endArray()
        case .named(let name): writer.member("$ref", "#/components/schemas/\(name)")
        }
    }

    private static func write(_ members: [Member], _ writer: inout JSONWriter) {
        writer.member("type", "object")
        writer.key("properties")
        writer.beginObject()
        for member in members {
            writer.key(member.name)
            member.schema.write(to: &writer, summary: member.summary)
        }
        writer.endObject()
        let required = members.filter(\.isRequired)
        if !required.isEmpty {
            writer.key("required")
            writer.beginArray()
            for member in required { writer.string(member.name) }
            writer.endArray()
        }
        writer.key("additionalProperties")
        writer.bool(false)
    }
}

extension Schema {
    /// The first thing that is wrong with a value; nil if it has the shape.
    func complaint(about value: JSONValue, at pointer: String = "") -> Complaint? {
        switch (self, value) {
        case (.any, _), (.either(_), _), (.pattern(_), .string): return nil
        case (.nullable(_), .null): return nil
        case (.nullable(let schema), _): return schema.complaint(about: value, at: pointer)
        case (.named(let name), _):
            return Shapes.all[name]?.complaint(about: value, at: pointer)
        case (.text(let max), .string(let text)):
            guard text.unicodeScalars.count > max else { return nil }
            return Complaint(
                pointer: pointer, code: "value_too_long",
                message: "the text has more than \(max) characters")
        case (.time, .string(let text)):
            guard Timestamp(rfc3339: text) == nil else { return nil }
            return Complaint(
                pointer: pointer, code: "value_invalid",
                message: "this is no time with its offset from UTC",
                allowed: ["2026-12-24T00:00:00Z"])
        case (.choice(let words), .string(let text)):
            guard !words.contains(text) else { return nil }
            return Complaint(
                pointer: pointer, code: "value_unknown",
                message: "`\(text)` is none of the allowed values", allowed: words)
        case (.integer(let range), .number(let text)):
            if let number = Int(text), range.contains(number) { return nil }
            return Complaint(
                pointer: pointer, code: "value_out_of_range",
                message: "`\(text.prefix(40))` is out of range", allowed: [words])
        case (.boolean, .bool): return nil
        case (.list(let item, let max), .array(let items)):
            guard items.count <= max else {
                return Complaint(
                    pointer: pointer, code: "value_too_long",
                    message: "the list has more than \(max) items")
            }
            for (index, value) in items.enumerated() {
                if let found = item.complaint(about: value, at: "\(pointer)/\(index)") {
                    return found
                }
            }
            return nil
        case (.map(let schema), .object(let members)):
            for member in members {
                let found = schema.complaint(
                    about: member.value, at: "\(pointer)/\(Self.escaped(member.key))")
                if let found { return found }
            }
            return nil
        case (.object(let known), .object(let members)):
            return complaint(about: members, known, at: pointer)
        default:
            return Complaint(
                pointer: pointer, code: "type_mismatch", message: "the value has another type",
                allowed: [words])
        }
    }

    private func complaint(
        about members: [JSONValue.Member], _ known: [Member], at pointer: String
    ) -> Complaint? {
        for member in members {
            let place = "\(pointer)/\(Self.escaped(member.key))"
            guard let schema = known.first(where: { $0.name == member.key })?.schema else {
                return Complaint(
                    pointer: place, code: "key_unknown",
                    message: "there is no such member", allowed: known.map(\.name))
            }
            if let found = schema.complaint(about: member.value, at: place) { return found }
        }
        for member in known where member.isRequired {
            guard !members.contains(where: { $0.key == member.name }) else { continue }
            return Complaint(
                pointer: "\(pointer)/\(Self.escaped(member.name))", code: "key_missing",
                message: "the member `\(member.name)` is missing", allowed: [member.schema.words])
        }
        return nil
    }

    /// A step of a JSON Pointer (RFC 6901).
    private static func escaped(_ key: String) -> String {
        key.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    /// The shape in words.
    var words: String {
        switch self {
        case .text(let max): "a text of at most \(max) characters"
        case .pattern(let pattern): "a text that \(pattern) fits"
        case .time: "a time such as 2026-12-24T00:00:00Z"
        case .choice(let words): words.joined(separator: ", ")
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .any: "any value"
        case .list(let item, _): "a list, each item \(item.words)"
        case .object, .map, .named, .either: "an object"
        case .nullable(let schema): "\(schema.words), or null"
        }
    }
}
