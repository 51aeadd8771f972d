import PullcordAdapter
import PullcordConfig
import Testing

@Suite struct FormatReaderTests {
    private static func stream(_ lines: String) throws -> StreamSpec {
        var fixture = Fixture()
        fixture.files = ["a.yaml": Wrong.adapter(stream: lines), "p.yaml": bridge]
        switch fixture.loader.load("p.yaml", environment: Wrong.environment) {
        case .success(let configuration):
            return try #require(configuration.sources.first?.streams.first)
        case .failure(let report): throw Refused(text: report.text())
        }
    }

    private struct Refused: Error { let text: String }

    private static let bridge = """
        store: sqlite:x.db
        sources: [{ name: a, adapter: a.yaml, every: 60s }]

        """

    @Test(arguments: [
        ("key: .id", FormatSpec.json), ("key: .id\nformat: json", .json),
        ("key: .id\nformat: ndjson", .init(.ndjson)),
        (
            #"key: .id\#nformat: { csv: { header: [id, v], delimiter: "\t", quote: none, trim: true, empty_as_null: true, charset: shift_jis, content_type: any } }"#,
            .init(
                .csv, charset: .shiftJIS, checksContentType: false,
                csv: CSVSpec(
                    header: .names(["id", "v"]), delimiter: 0x09, quote: nil, trims: true,
                    emptyIsNull: true))
        ),
        (
            "key: .id\nformat: { xml: { lists: [item], namespaces: strip } }",
            .init(
                .xml,
                xml: XMLSpec(lists: ["item"].compactMap { .init($0) }, namespaces: .strip))
        ),
        ("key: .id\nformat: soap", .init(.soap, xml: XMLSpec(namespaces: .strip))),
        ("key: .id\nformat: { csv: { header: true, content_type: assert } }", .init(.csv)),
    ])
    func `a format is read with its options`(lines: String, format: FormatSpec) throws {
        #expect(try Self.stream("request: /x\n" + lines).format == format)
    }

    @Test(arguments: ["rss", "atom", "{ rss: { charset: utf-8 } }"])
    func `a feed has records and a key of its own`(format: String) throws {
        let plain = try Self.stream("request: /x\nformat: \(format)")
        #expect(plain.records.text == ".items")
        #expect(plain.key.map(\.text) == [".id"])
        let own = try Self.stream("request: /x\nformat: \(format)\nkey: .link\nrecords: .items[1:]")
        #expect(own.records.text == ".items[1:]")
        #expect(own.key.map(\.text) == [".link"])
    }

    @Test(arguments: [
        Wrong(
            "request: /x\nkey: .id\nformat: cvs", 7, 13, "streams.s.format", "value_unknown",
            "`cvs` is none of the allowed values", suggestion: "csv"),
        Wrong(
            "request: /x\nkey: .id\nformat: [csv]", 7, 13, "streams.s.format", "type_mismatch",
            "a list was found"),
        Wrong(
            "request: /x\nkey: .id\nformat: {}", 7, 13, "streams.s.format", "format_missing",
            "nothing says which format it is"),
        Wrong(
            "request: /x\nkey: .id\nformat: { xml: { }, csv: { } }", 7, 25,
            "streams.s.format.csv", "keys_exclude_each_other", "cannot stand beside `xml`"),
        Wrong(
            "request: /x\nkey: .id\nformat: { yaml: { } }", 7, 15, "streams.s.format.yaml",
            "key_unknown", "`yaml` is no key of `format`"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: ';' }", 7, 20, "streams.s.format.csv",
            "type_mismatch", "the text `;` was found"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { separator: ';' } }", 7, 22,
            "streams.s.format.csv.separator", "key_unknown", "`separator` is no key of `csv`"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { delimiter: ';;' } }", 7, 33,
            "streams.s.format.csv.delimiter", "csv_characters", "is not one ASCII character"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { quote: ',' } }", 7, 29,
            "streams.s.format.csv.quote", "csv_characters", "are the same character"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { header: false } }", 7, 30,
            "streams.s.format.csv.header", "csv_header", "the columns need names"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { header: [a, a] } }", 7, 30,
            "streams.s.format.csv.header", "csv_header", "two columns have the same name"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { header: [] } }", 7, 30,
            "streams.s.format.csv.header", "value_empty", "at least one column"),
        Wrong(
            "request: /x\nkey: .id\nformat: { csv: { charset: latin1 } }", 7, 31,
            "streams.s.format.csv.charset", "value_unknown", "`latin1` is none"),
        Wrong(
            "request: /x\nkey: .id\nformat: { xml: { lists: [a/b/c] } }", 7, 30,
            "streams.s.format.xml.lists[0]", "xml_list", "`a/b/c` is no name of an element"),
        Wrong(
            "request: /x\nkey: .id\nformat: { rss: { content_type: none } }", 7, 36,
            "streams.s.format.rss.content_type", "value_unknown", "`none` is none"),
        Wrong(
            "request: /x\nformat: csv", 5, 5, "streams.s.key", "key_missing",
            "`key` is missing in a stream"),
    ])
    func `a mistake in a format is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(stream: wrong.text))
    }
}
