package import PullcordConfig

/// The reference of the language as Markdown, made of the tables that the readers and the JSON
/// Schema are made of.
package struct KeyReference {
    /// One mapping of the language, and where it stands first.
    private struct Section {
        let path: String
        let table: KeyTable
        var elsewhere: [String] = []

        var title: String { path }
    }

    private var sections: [Section] = []

    private init() {}

    /// Everything between the comments of ``GeneratedPart/keys``.
    package static var guide: String {
        LanguageSchema.Document.allCases.map { markdown($0, level: 3) }.joined(separator: "\n\n")
    }

    /// The reference of one kind of file; its headings begin at `level`.
    package static func markdown(
        _ document: LanguageSchema.Document, level: Int = 1
    ) -> String {
        var reference = KeyReference()
        reference.add(document.table, at: document.title)
        var next = 0
        while next < reference.sections.count {
            reference.addTables(of: reference.sections[next], isRoot: next == 0)
            next += 1
        }
        return reference.sections.enumerated().map { index, section in
            reference.text(section, level: index == 0 ? level : level + 1)
        }.joined(separator: "\n\n")
    }

    // MARK: Which mappings there are

    private mutating func addTables(of section: Section, isRoot: Bool) {
        let path = isRoot ? "" : section.path + "."
        for key in section.table.keys where key.support != .plannedRefused {
            for (table, step) in Self.tables(in: key.type, step: key.name) {
                add(table, at: path + step)
            }
        }
    }

    private mutating func add(_ table: KeyTable, at path: String) {
        guard table.name != StreamKeys.defaults.name else { return }
        guard let index = index(of: table) else {
            sections.append(Section(path: path, table: table))
            return
        }
        if sections[index].path != path, !sections[index].elsewhere.contains(path) {
            sections[index].elsewhere.append(path)
        }
    }

    /// Two mappings may go by one name, and two names stand for equal keys.
    private func index(of table: KeyTable) -> Int? {
        sections.firstIndex { section in
            section.table.name == table.name
                && section.table.keys.map(\.name) == table.keys.map(\.name)
        }
    }

    private static func tables(in type: KeyType, step: String) -> [(KeyTable, String)] {
        switch type {
        case .table(let table): [(table, step)]
        case .list(let item): tables(in: item, step: step + "[]")
        case .map(let value): tables(in: value, step: step + ".NAME")
        case .either(let types): types.flatMap { tables(in: $0, step: step) }
        case .text, .name, .integer, .boolean, .duration, .size, .time, .percentage, .rate,
            .choice, .template, .expression, .plainPath, .headerName, .json, .data:
            []
        }
    }

    // MARK: How one is written

    private func text(_ section: Section, level: Int) -> String {
        let isRoot = section.path == sections.first?.path
        let title = isRoot ? section.title : Markdown.code(section.title)
        var lines = [String(repeating: "#", count: level) + " " + title, "", section.table.summary]
        if !section.elsewhere.isEmpty {
            let others = section.elsewhere.map(Markdown.code).joined(separator: ", ")
            lines[2] += " The same keys stand in \(others)."
        }
        lines += ["", Markdown.row("key", "value", "default", "means")]
        lines.append(Markdown.row("---", "---", "---", "---"))
        for key in section.table.keys where key.support != .plannedRefused {
            lines.append(
                Markdown.row(
                    Markdown.code(key.name), words(of: key.type), Self.standard(key), key.summary))
        }
        return lines.joined(separator: "\n")
    }

    private static func standard(_ key: KeyTable.Key) -> String {
        if key.isRequired { return "required" }
        guard let text = key.defaultText else { return "" }
        let isCode = !text.contains("`") && (!text.contains(" ") || text.hasPrefix("["))
        return isCode ? Markdown.code(text) : text
    }

    private func words(of type: KeyType) -> String {
        switch type {
        case .table(let table): link(to: table)
        case .list(let item): "a list of " + many(of: item)
        case .map(let value): "by name: " + words(of: value)
        case .either(let types): Self.unique(types.map(words)).joined(separator: ", or ")
        case .choice(let words): words.map(Markdown.code).joined(separator: ", ")
        case .text: "text"
        case .template: "text, `${…}`"
        case .expression: "jq"
        case .plainPath: "a plain path"
        case .boolean: "`true`, `false`"
        case .headerName: "a header's name"
        case .json: "any value, `${…}`"
        case .data: "any value"
        case .name(let rule): rule.shortWords
        case .rate: "a rate, as `10/s`"
        case .percentage: "`0%` to `100%`"
        case .time: "a time, RFC 3339"
        case .integer(let range):
            range.upperBound == .max
                ? "a number from \(range.lowerBound)"
                : "\(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "`\(DurationText.write(range.lowerBound))` to `\(DurationText.write(range.upperBound))`"
        case .size(let range):
            "`\(SizeText.write(range.lowerBound))` to `\(SizeText.write(range.upperBound))`"
        }
    }

    /// As the items of a list.
    private func many(of type: KeyType) -> String {
        switch type {
        case .text: "texts"
        case .template: "texts, `${…}`"
        case .expression: "jq programs"
        case .plainPath: "plain paths"
        case .rate: "rates"
        case .name: "names"
        case .integer(let range) where range.upperBound != .max:
            "numbers from \(range.lowerBound) to \(range.upperBound)"
        case .either(let types):
            "(" + Self.unique(types.map(words)).joined(separator: ", or ") + ")"
        case .table, .list, .map, .choice, .boolean, .headerName, .json, .data, .percentage, .time,
            .integer, .duration, .size:
            words(of: type)
        }
    }

    private static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }

    private func link(to table: KeyTable) -> String {
        if table.name == StreamKeys.defaults.name {
            return "as `streams.NAME`, nothing required"
        }
        guard let index = index(of: table) else { return "a mapping" }
        let title = sections[index].title
        return "[\(Markdown.code(title))](#\(Markdown.anchor(title)))"
    }
}

extension LanguageSchema.Document {
    fileprivate var title: String {
        switch self {
        case .adapter: "Adapter files"
        case .bridge: "Bridge files"
        case .test: "Test files"
        }
    }
}

extension NameRule {
    fileprivate var shortWords: String {
        switch self {
        case .adapter: "a name: `a-z`, `0-9`, `-`"
        case .stream: "a name: letters, digits, `_`"
        case .plain: "a name: letters, digits, `-`, `_`"
        }
    }
}
