import PullcordAdapter

/// The keys of `format` when it is a mapping.
package enum FormatKeys {
    package static let kinds = FormatSpec.Kind.allCases.map(\.rawValue)

    package static let format = KeyTable(
        "`format`", "One format with its options.",
        [
            .init("json", .table(plain), "JSON."),
            .init("ndjson", .table(plain), "One JSON value a line."),
            .init("xml", .table(xml), "XML."),
            .init("csv", .table(csv), "Comma-separated values (RFC 4180)."),
            .init("rss", .table(plain), "An RSS feed."),
            .init("atom", .table(plain), "An Atom feed."),
            .init("soap", .table(xml), "The body of a SOAP envelope."),
            .init(
                "headers", .table(plain), "The headers of the answer, their names in lower case."),
        ])

    private static let common: [KeyTable.Key] = [
        .init(
            "charset", .choice(Charset.allCases.map(\.rawValue)),
            default: "as the answer says, else utf-8", "What the bytes are."),
        .init(
            "content_type", .choice(ContentTypeCheck.allCases.map(\.rawValue)), default: "assert",
            "Whether an answer with a Content-Type of another format is a failure."),
    ]

    package static let plain = KeyTable(
        "the format's options", "What every format has.", common)

    package static let xml = KeyTable(
        "the format's options", "How XML becomes JSON.",
        elsewhere: ["records": "`records` belongs to the stream: `.orders.order`"],
        [
            .init(
                "lists", .list(.text), default: "[]",
                "Elements that are always an array: `item`, or `items/item`."),
            .init(
                "namespaces", .choice(XMLSpec.Namespaces.allCases.map(\.rawValue)),
                default: "keep, with soap strip", "What becomes of prefixes."),
        ] + common)

    package static let csv = KeyTable(
        "`csv`", "The dialect.",
        elsewhere: [
            "separator": "write `delimiter`", "encoding": "write `charset`",
            "columns": "write `header: [id, name]`", "empty": "write `empty_as_null: true`",
        ],
        [
            .init(
                "header", .either([.list(.text), .boolean]), default: "true",
                "Whether the first row names the columns; or the names."),
            .init("delimiter", .text, default: "\",\"", "One ASCII character."),
            .init("quote", .text, default: "'\"'", "One ASCII character, or `none`."),
            .init("trim", .boolean, default: "false", "Drops spaces around fields."),
            .init(
                "empty_as_null", .boolean, default: "false",
                "An empty field without quotes is null."),
        ] + common)

    /// A stream whose answers are a feed: its records have a shape and a key already.
    package static let feedStream = KeyTable(
        StreamKeys.stream.name, StreamKeys.stream.summary,
        elsewhere: StreamKeys.stream.elsewhere,
        StreamKeys.stream.keys.map { key in
            guard key.name == "key" else { return key }
            return .init(key.name, key.type, default: ".id", key.summary)
        })
}

/// The values of `content_type`.
package enum ContentTypeCheck: String, CaseIterable {
    case assert
    case any
}
