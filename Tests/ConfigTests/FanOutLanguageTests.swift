import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct FanOutLanguageTests {
    private static func adapter(_ streams: String) -> String {
        "adapter: a\nbase_url: https://api.example\nstreams:\n"
            + streams.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n") + "\n"
    }

    private static let repos = "repos: { request: /repos, key: .id }\n"

    /// One stream `tags` below `repos`, with what is given as its `parent` and the rest.
    private static func tags(_ parent: String, request: String = "/t/${parent.name}") -> String {
        repos + "tags: { request: \"\(request)\", key: .id, parent: \(parent) }"
    }

    @Test(arguments: [
        tags("{ stream: repos, fields: { name: .name } }"),
        tags("{ stream: repos }", request: "/t/${parent.key}"),
        tags("{ stream: repos, fields: { name: .n }, poll: changed, every: 1h, include: [name] }"),
        tags("{ stream: repos, fields: { name: '.a | tostring' }, include: [name], as: repo }"),
        repos + "items: { request: /i, key: ., detail: { request: \"/i/${record.key}\" } }",
        repos + "items: { request: /i, key: .id, detail: { request: { path: /i, "
            + "query: { id: \"${record.a.b}\" } }, watch: [.at], refresh: 1d, when: .ok } }",
    ])
    func `streams that hang together are understood`(_ streams: String) {
        let report = Wrong.report("a.yaml", Self.adapter(streams))
        #expect(!report.hasErrors && report.warnings.isEmpty, "\(report.text())")
    }

    struct Row: Sendable {
        let streams: String
        let code: String
        let message: String
        var suggestion: String?
    }

    @Test(arguments: [
        Row(
            streams: tags("{ stream: repo, fields: { name: .name } }"), code: "parent_unknown",
            message: "no stream `repo`", suggestion: "repos"),
        Row(
            streams: tags("{ stream: tags, fields: { name: .name } }"), code: "parent_cycle",
            message: "its own parent"),
        Row(
            streams: "a: { request: \"/a/${parent.key}\", key: .id, parent: { stream: b } }\n"
                + "b: { request: \"/b/${parent.key}\", key: .id, parent: { stream: a } }",
            code: "parent_cycle", message: "asked for each record of"),
        Row(
            streams: tags("{ stream: repos, fields: { nam: .name } }"),
            code: "parent_field_unknown", message: "has no `name`", suggestion: "parent.nam"),
        Row(
            streams: tags("{ stream: repos }", request: "/t"), code: "parent_unused",
            message: "the same for every parent"),
        Row(
            streams: repos + "tags: { request: \"/t/${parent.name}\", key: .id }",
            code: "parent_missing", message: "has no `parent`"),
        Row(
            streams: tags("{ stream: repos, fields: { name: .name }, poll: all, every: 1h }"),
            code: "parent_every", message: "every poll asks for every parent"),
        Row(
            streams: tags("{ stream: repos, fields: { name: .name }, include: [nam] }"),
            code: "parent_field_unknown", message: "has no `nam`", suggestion: "name"),
        Row(
            streams: tags("{ stream: repos, fields: { name: .name }, as: repo }"),
            code: "parent_as", message: "`as` needs `include`"),
        Row(
            streams: tags("{ stream: repos, fields: { key: .id } }"), code: "name_invalid",
            message: "the parent's key already"),
        Row(
            streams: tags("{ stream: repos, fields: { name: '.[' } }"),
            code: "expression_invalid", message: "this is no jq program"),
        Row(
            streams: tags("{ fields: { name: .name } }"), code: "key_missing",
            message: "`stream` is missing"),
        Row(
            streams: tags("{ stream: repos, fields: { name: .name }, concurrency: 99 }"),
            code: "value_out_of_range", message: "`99` is out of range"),
        Row(
            streams: tags("{ stream: repos, fields: { name: .name }, poll: some }"),
            code: "value_unknown", message: "`some` is none"),
        Row(
            streams: repos + "tags: { request: \"/t/${parent.key}\", key: .id, "
                + "confirm_deletes: { scans: 2 }, parent: { stream: repos } }",
            code: "confirm_below_parent", message: "not confirmed this way"),
        Row(
            streams: repos + "tags: { request: { path: \"/t/${parent.key}\", query: { since: "
                + "\"${cursor}\" } }, cursor: { from: .at, format: integer }, key: .id, "
                + "reconcile: 1d, parent: { stream: repos } }",
            code: "reconcile_below_parent", message: "reads no whole list of its own"),
        Row(
            streams: repos + "tags: { request: { path: \"/t/${parent.key}\", query: { since: "
                + "\"${cursor}\" } }, cursor: { from: .at, format: integer }, key: .id, "
                + "deletes: { request: /gone, key: .id }, parent: { stream: repos } }",
            code: "deletes_below_parent", message: "cannot be read below a parent"),
        Row(
            streams: repos + "tags: { request: \"/t/${parent.key}\", key: .id, detect: feed, "
                + "parent: { stream: repos } }",
            code: "feed_fan_out", message: "its parents come and go"),
        Row(
            streams: "repos: { request: /repos, key: .id, detect: feed }\n"
                + "tags: { request: \"/t/${parent.key}\", key: .id, parent: { stream: repos } }",
            code: "feed_fan_out", message: "so `tags` cannot be asked for each"),
        Row(
            streams: "items: { request: /i.xml, format: rss, detail: { request: "
                + "\"/i/${record.id}\" } }",
            code: "feed_fan_out", message: "their details cannot be kept"),
        Row(
            streams: "items: { request: /i, key: .id, cursor: { from: .at, format: integer }, "
                + "reconcile: { at: 1d, request: \"/i/${parent.key}\" } }",
            code: "parent_missing", message: "has no `parent`"),
        Row(
            streams: "items: { request: \"/i/${record.id}\", key: .id }",
            code: "placeholder_misplaced", message: "only in the request of `detail`"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { request: /i } }",
            code: "record_value_unused", message: "the same for every record"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { refresh: 1h } }",
            code: "key_missing", message: "`request` is missing"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { request: "
                + "\"/i/${record.id}?p=${page.number}\" } }",
            code: "placeholder_misplaced", message: "belongs to the request for the list"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { request: "
                + "\"/i/${record.id}\", watch: [] } }",
            code: "value_empty", message: "no change would ever be seen"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { request: "
                + "\"/i/${record.id}\", every: 1h } }",
            code: "key_unknown", message: "`every` is no key of `detail`"),
        Row(
            streams: "items: { request: /i, key: .id, detail: { request: "
                + "\"/i/${record.id}/${parent.name}\" } }",
            code: "parent_missing", message: "has no `parent`"),
    ])
    func `a mistake is told with what is allowed`(_ row: Row) {
        let report = Wrong.report("a.yaml", Self.adapter(row.streams))
        let found = report.diagnostics.first { $0.code == row.code }
        #expect(found?.message.contains(row.message) == true, "\(report.text())")
        #expect(found?.suggestion == row.suggestion, "\(report.text())")
        #expect(found?.place.line ?? 0 >= 4)
    }

    @Test func `a stream with details is a list without a word and its records`() throws {
        let stream = StreamSpec(
            name: StreamName("items"), request: RequestSpec(target: .path(literal("/i"))),
            records: text("."), key: [text(".id")], detect: .snapshot, place: place)
        var detailed = stream
        detailed.detail = DetailSpec(
            request: RequestSpec(target: .path(literal("/i/1"))), records: text(".item"))
        #expect(stream.parts == [stream])
        let parts = detailed.parts
        #expect(parts.map(\.name.text) == ["items.list", "items"])
        #expect(parts.map(\.isSilent) == [true, false])
        #expect(parts[1].parent?.stream == parts[0].name && parts[1].parent?.isDetail == true)
    }

    private let place = Place(file: "a.yaml", line: 1, column: 1)

    private func literal(_ text: String) -> Template { Template(literal: text, place: place) }

    private func text(_ text: String) -> ExpressionText { ExpressionText(text: text, place: place) }
}
