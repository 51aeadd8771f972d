import PullcordConfig
import Testing

@Suite struct AdapterLintTests {
    private static func codes(_ stream: String) -> [String] {
        let report = Wrong.report("a.yaml", Wrong.adapter(stream: stream))
        #expect(!report.hasErrors, "\(report.text())")
        return report.warnings.map(\.code)
    }

    /// A stream whose first poll has a cursor: what goes with an absent one is another matter.
    private static func incremental(_ query: String, _ cursor: String) -> String {
        let isPattern = cursor.contains("format")
        let initial = isPattern ? "now" : "2020-01-01T00:00:00Z"
        return "request: { path: /x, query: { \(query) } }\nkey: .id\n"
            + "cursor: { from: .u, initial: '\(initial)'\(cursor) }"
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

    @Test(arguments: [
        ("keyset: .updated_at", "", ["cursor_ties"]),
        ("keyset: .createdDate", "", ["cursor_ties"]),
        ("keyset: { from: .updated_at, then: .id }", "", []),
        ("keyset: .id", "", []), ("keyset: .seq", "", []),
        ("keyset: .u", "cursor: { from: .u }", ["cursor_unused", "cursor_ties"]),
        (
            "keyset: .stamp_time", "cursor: { from: .stamp_time, format: integer }",
            ["cursor_unused"]
        ),
    ])
    func `pages that go on behind a time need a second field`(
        pages: String, more: String, expected: [String]
    ) {
        let then = pages.contains("then") ? ", t: '${page.then}'" : ""
        let stream = """
            request: { path: /x, query: { after: '${page.after}'\(then) } }
            key: .id
            pages: { \(pages) }
            \(more)
            """
        #expect(Set(Self.codes(stream)) == Set(expected))
    }

    @Test(arguments: [
        ("sort: '-updated'", ["cursor_descending"]), ("direction: desc", ["cursor_descending"]),
        ("order: updated DESC", ["cursor_descending"]), ("sort: updated, direction: asc", []),
        ("sort: descriptor", []), ("$orderby: 'modified descending'", ["cursor_descending"]),
    ])
    func `ascending contradicts an order that begins with the newest`(
        query: String, expected: [String]
    ) {
        let stream = Self.incremental("since: '${cursor}', \(query)", ", ascending: true")
        #expect(Self.codes(stream) == expected)
        let other = Self.incremental("since: '${cursor}', \(query)", "")
        #expect(Self.codes(other).isEmpty)
    }

    @Test(arguments: [
        ("per_page: 50", "size: 100, stop: short", ["page_size_differs"]),
        ("per_page: 100", "size: 100, stop: short", []),
        ("per_page: '${page.size}'", "size: 100, stop: short", []),
        ("limit: 500", "size: 100, stop: short", []),
    ])
    func `a page that is asked for small is always short`(
        query: String, pages: String, expected: [String]
    ) {
        let stream = """
            request: { path: /x, query: { page: '${page.number}', \(query) } }
            key: .id
            pages: { number: 1, \(pages) }
            """
        #expect(Self.codes(stream) == expected)
    }

    @Test(arguments: [
        (".items[] | select(.open)", "number: 1", ["records_filtered"]),
        (".items | map(select(.a == 1))", "number: 1", ["records_filtered"]),
        (".selected", "number: 1", []), (".items", "number: 1", []),
        (".items[] | select(.open)", "link: next", []),
        (".items[] | select(.open)", "link: next, stop: empty", ["records_filtered"]),
    ])
    func `records are counted before they are chosen`(
        records: String, pages: String, expected: [String]
    ) {
        let query = pages.hasPrefix("number") ? "page: '${page.number}'" : ""
        let stream = """
            request: { path: /x, query: { \(query) } }
            records: '\(records)'
            key: .id
            pages: { \(pages) }
            """
        #expect(Self.codes(stream) == expected)
    }

    @Test(arguments: [
        ("from: '${poll.started}'", "", ["list_window"]),
        ("from: '${poll.started}'", "detect: feed", []),
        ("timestamp: '${poll.started}'", "", []), ("from: '2026-01-01'", "", []),
        ("from: '${poll.started}'", "confirm_deletes: { get: '/x/${record.key}' }", []),
    ])
    func `a window that moves leaves records behind that are not gone`(
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
