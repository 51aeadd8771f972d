import PullcordEngine
import PullcordJSON
import PullcordModel

/// Records as a table that fits the terminal: what tells them apart, then some of their members.
struct RecordTable {
    /// Members that are shown beside the key.
    private static let membersMax = 4
    /// Characters of one cell.
    private static let cellMax = 40

    let records: [RecordSight]
    let redactor: Redactor

    func lines(width: Int?, palette: Palette) -> [String] {
        let values = records.map {
            try? JSONValue(parsing: String(decoding: $0.record, as: UTF8.self))
        }
        let names = members(of: values.first ?? nil)
        let hasCursor = records.contains { $0.cursor != nil }
        var table = Table(
            headings: ["key"] + (hasCursor ? ["cursor"] : []) + ["fingerprint"] + names)
        for (record, value) in zip(records, values) {
            var row = [cell(record.key.text)]
            if hasCursor { row.append(cell(record.cursor ?? "–")) }
            row.append(
                record.isDeleted ? "deleted" : String(record.fingerprint.description.prefix(12)))
            row += names.map { cell(Self.text(Self.member($0, of: value))) }
            table.add(row: row)
        }
        return table.lines(width: width, palette: palette)
    }

    /// The first members of a record that are no object or array, without those that repeat the
    /// key or the cursor.
    private func members(of value: JSONValue?) -> [String] {
        guard case .object(let members)? = value, let first = records.first else { return [] }
        return members.filter { member in
            switch member.value {
            case .object, .array: false
            case .null, .bool, .number, .string:
                ![first.key.text, first.cursor].contains(Self.text(member.value))
            }
        }.map(\.key).prefix(Self.membersMax).map { StrangerText.printable($0) }
    }

    private static func member(_ name: String, of value: JSONValue?) -> JSONValue? {
        guard case .object(let members)? = value else { return nil }
        return members.first { $0.key == name }?.value
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil: ""
        case .null?: "null"
        case .bool(let flag)?: flag ? "true" : "false"
        case .number(let text)?, .string(let text)?: text
        case .object?: "{…}"
        case .array(let items)?: "[\(items.count)]"
        }
    }

    private func cell(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let shown = redactor.redact(StrangerText.printable(line))
        return shown.count > Self.cellMax ? shown.prefix(Self.cellMax - 1) + "…" : shown
    }
}
