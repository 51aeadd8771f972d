import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads how the answers of a stream are written.
struct FormatReader {
    func read(_ field: Field) -> FormatSpec {
        guard field.node.mapping != nil else {
            return FormatSpec(field.choice(FormatSpec.Kind.self) ?? .json)
        }
        guard let keys = MappingReader(field, FormatKeys.format) else { return .json }
        guard let name = keys.exclusive(FormatKeys.kinds, hint: "a stream has one format"),
            let kind = FormatSpec.Kind(rawValue: name)
        else {
            if !keys.hasUnknownKeys {
                field.complain(
                    "format_missing", "nothing says which format it is",
                    allowed: FormatKeys.kinds)
            }
            return .json
        }
        var spec = FormatSpec(kind)
        guard let options = keys[name] else { return spec }
        switch kind {
        case .csv:
            guard let keys = MappingReader(options, FormatKeys.csv) else { return spec }
            readCommon(keys, &spec)
            spec.csv = readCSV(keys)
        case .xml, .soap:
            guard let keys = MappingReader(options, FormatKeys.xml) else { return spec }
            readCommon(keys, &spec)
            spec.xml.lists = keys["lists"].map(readLists) ?? []
            spec.xml.namespaces =
                keys["namespaces"]?.choice(XMLSpec.Namespaces.self) ?? spec.xml.namespaces
        case .json, .ndjson, .rss, .atom, .headers:
            guard let keys = MappingReader(options, FormatKeys.plain) else { return spec }
            readCommon(keys, &spec)
        }
        return spec
    }

    /// Whether a stream's records come from a feed, before anything of it is read.
    static func isFeed(_ field: Field) -> Bool {
        let entry = field.node.mapping?.first { $0.key.text == "format" }
        guard let node = entry?.value else { return false }
        let name = node.scalar?.text ?? node.mapping?.first?.key.text ?? ""
        return FormatSpec.Kind(rawValue: name)?.isFeed ?? false
    }

    private func readCommon(_ keys: MappingReader, _ spec: inout FormatSpec) {
        spec.charset = keys["charset"]?.choice(Charset.self)
        spec.checksContentType =
            (keys["content_type"]?.choice(ContentTypeCheck.self) ?? .assert) == .assert
    }

    private func readCSV(_ keys: MappingReader) -> CSVSpec {
        var csv = CSVSpec()
        csv.header = keys["header"].flatMap(readHeader) ?? .firstRow
        csv.delimiter = keys["delimiter"].flatMap(readCharacter) ?? csv.delimiter
        if let quote = keys["quote"] {
            csv.quote = quote.node.scalar?.text == "none" ? nil : readCharacter(quote)
        }
        csv.trims = keys["trim"]?.boolean() ?? false
        csv.emptyIsNull = keys["empty_as_null"]?.boolean() ?? false
        if csv.quote == csv.delimiter, let field = keys["quote"] ?? keys["delimiter"] {
            field.complain(
                "csv_characters", "`quote` and `delimiter` are the same character",
                hint: "if quotes mean nothing, write `quote: none`")
        }
        return csv
    }

    private func readHeader(_ field: Field) -> CSVSpec.Header? {
        guard field.node.sequence != nil else {
            guard let hasHeader = field.boolean() else { return nil }
            if !hasHeader {
                field.complain(
                    "csv_header", "without a header row the columns need names",
                    hint: "write them in their order: header: [id, name]")
            }
            return .firstRow
        }
        let names = (field.items(of: .text) ?? []).compactMap { item -> String? in
            item.filledText()?.text
        }
        if names.isEmpty, field.node.sequence?.isEmpty == true {
            field.complain("value_empty", "a file has at least one column")
        }
        if Set(names).count < names.count {
            field.complain("csv_header", "two columns have the same name")
        }
        return .names(names)
    }

    private func readCharacter(_ field: Field) -> UInt8? {
        guard let text = field.text()?.text else { return nil }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80,
            byte == 0x09 || byte >= 0x20
        else {
            return field.refuse(
                "csv_characters", "`\(text)` is not one ASCII character",
                allowed: [#""," or ";" or "\t" or "|", in double quotes"#])
        }
        return byte
    }

    private func readLists(_ field: Field) -> [XMLSpec.List] {
        (field.items(of: .text) ?? []).compactMap { item -> XMLSpec.List? in
            guard let text = item.filledText()?.text else { return nil }
            if let list = XMLSpec.List(text) { return list }
            return item.refuse(
                "xml_list", "`\(text)` is no name of an element",
                allowed: ["item", "items/item"])
        }
    }
}
