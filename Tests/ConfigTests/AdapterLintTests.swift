import PullcordConfig
import Testing

@Suite struct AdapterLintTests {
    private static func codes(_ stream: String) -> [String] {
        let report = Wrong.report("a.yaml", Wrong.adapter(stream: stream))
        #expect(!report.hasErrors, "\(report.text())")
        return report.warnings.map(\.code)
    }

    private static func incremental(_ query: String, _ cursor: String) -> String {
        "request: { path: /x, query: { \(query) } }\nkey: .id\ncursor: { from: .u\(cursor) }"
    }

    @Test(arguments: [
        "'updated[gt]': '${cursor}'", "updated_gt: '${cursor}'", "updated__gt: '${cursor}'",
        "jql: 'updated > \"${cursor}\"'", "q: 'changed >${cursor} ORDER BY changed'",
    ])
    func `what is asked for strictly after the cursor is warned about`(query: String) {
        #expect(Self.codes(Self.incremental(query, "")) == ["cursor_strict"])
        #expect(Self.codes(Self.incremental(query, ", overlap: 1s")).isEmpty)
        #expect(Self.codes(Self.incremental(query, ", settle: 1m")).isEmpty)
        #expect(Self.codes(Self.incremental(query, ", strict: true")).isEmpty)
        #expect(Self.codes(Self.incremental(query, ", strict: false")) == ["cursor_strict"])
    }

    @Test(arguments: [
        "'updated[gte]': '${cursor}'", "since: '${cursor}'", "weight: '${cursor}'",
        "jql: 'updated >= \"${cursor}\"'", "updated: 'ge:${cursor}'",
    ])
    func `what is asked for at or after it is not`(query: String) {
        #expect(Self.codes(Self.incremental(query, "")).isEmpty)
    }

    @Test(arguments: [
        ("%Y-%m-%d", "", ["cursor_coarse"]), ("%d/%m/%Y %H:%M", "", ["cursor_coarse"]),
        ("%Y-%m-%d", ", overlap: 1d", []), ("%d/%m/%Y %H:%M:%S", "", []),
        ("%F %T", "", []), ("%Y-%m-%d", ", strict: true", []),
        ("%d/%m/%Y %H:%M", ", overlap: 1m", []),
    ])
    func `a cursor of minutes or days needs an overlap`(
        pattern: String, more: String, expected: [String]
    ) {
        let cursor = ", format: '\(pattern)'\(more)"
        #expect(Self.codes(Self.incremental("since: '${cursor}'", cursor)) == expected)
    }

    @Test(arguments: [
        ("since: '${cursor}', page: '${page.number}'", "", ["cursor_unsorted"]),
        ("since: '${cursor}', page: '${page.number}', sort: updated", "", []),
        ("since: '${cursor}', page: '${page.number}', orderBy: u", "", []),
        ("q: 'u >= ${cursor} ORDER BY u', page: '${page.number}'", "", []),
        ("since: '${cursor}', page: '${page.number}'", ", ascending: true", []),
        ("since: '${cursor}', page: '${page.number}'", ", overlap: 1h", []),
    ])
    func `a cursor over counted pages wants an order`(
        query: String, cursor: String, expected: [String]
    ) {
        let stream = Self.incremental(query, cursor) + "\npages: { number: 1 }"
        #expect(Self.codes(stream) == expected)
    }

    @Test(arguments: [
        ("limit: 100", "", ["list_cut"]), ("per_page: '50'", "", ["list_cut"]),
        ("'$top': 10", "", ["list_cut"]), ("limit: 100", "pages: { link: next }", []),
        ("limit: 100", "confirm_deletes: { get: '/x/${record.key}' }", []),
        ("limit: 100", "cursor: { from: .u }\ndetect: incremental", ["cursor_unused"]),
        ("limit: 0", "", []), ("kind: '100'", "", []),
    ])
    func `a list that is cut deletes what falls off it`(
        query: String, more: String, expected: [String]
    ) {
        let stream = "request: { path: /x, query: { \(query) } }\nkey: .id\n\(more)"
        #expect(Self.codes(stream) == expected)
    }

    @Test(arguments: ["api_key", "access_token", "Password"])
    func `a credential written into a query is warned about and not shown`(name: String) {
        let report = Wrong.report(
            "a.yaml",
            Wrong.adapter(stream: "request: { path: /x, query: { \(name): hunter2x } }\nkee: .id"))
        #expect(!report.text().contains("hunter2x"))
        let whole = "request: { path: /x, query: { \(name): hunter2x } }\nkey: .id"
        #expect(Self.codes(whole) == ["secret_in_adapter"])
    }

    @Test func `a secret in a header over plain HTTP is warned about without any auth`() {
        let text = """
            adapter: a
            base_url: http://api.example
            params: { t: { type: secret, required: true } }
            headers: { X-Key: "${params.t}" }
            streams: { s: { request: /x, key: .id } }

            """
        #expect(Wrong.report("a.yaml", text).warnings.map(\.code) == ["credentials_over_http"])
    }
}
