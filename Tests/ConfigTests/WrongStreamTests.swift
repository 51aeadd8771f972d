import Testing

@Suite struct WrongStreamTests {
    @Test(arguments: rows)
    func `a mistake in a stream is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(stream: wrong.text))
    }

    /// Lines of a stream; the first is line 5.
    static let rows: [Wrong] = [
        .init(
            "request: { method: POST, path: /x, body: 'a ${cursor}' }\nkey: .id\ncursor: { from: .u }",
            5, 49, "streams.s.request.body", "body_value_absent",
            "the first poll has no cursor, and there would be no body"),
        .init(
            "request: { method: POST, path: /x, body: 'a ${page.token}' }\nkey: .id\npages: { token: .t }",
            5, 49, "streams.s.request.body", "body_value_absent",
            "the first page has no such value, and there would be no body"),
        .init(
            "request: { method: POST, path: /x, body: 'a ${cursor}' }\nkey: .id\nreconcile: 1d\n"
                + "cursor: { from: .u, initial: '2026-01-01T00:00:00Z' }",
            5, 49, "streams.s.request.body", "reconcile_cursor",
            "`reconcile` asks without `${cursor}`, and there would be no body"),
        .init(
            "request: /x\nkey: .id\ncursor: { from: .u }\nmay_be_empty: true",
            8, 19, "streams.s.may_be_empty", "empty_incremental",
            "nothing is gone because an incremental stream is empty"),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, zone: "Europe/${params.city}", format: "%Y" }"#,
            7, 31, "streams.s.cursor.zone", "parameter_whole",
            #"only a whole parameter can stand here"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, zone: "${params.zone}", format: "%Y" }"#,
            7, 32, "streams.s.cursor.zone", "parameter_unknown",
            #"no parameter `zone` is declared"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, zone: Europe/Berlin }"#,
            7, 25, "streams.s.cursor.zone", "cursor_key_unused",
            #"`zone` means nothing to this cursor"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { token: .t, strict: true }"#,
            7, 26, "streams.s.cursor.strict", "cursor_key_unused",
            #"`strict` means nothing to this cursor"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, format: integer, initial: now }"#,
            7, 51, "streams.s.cursor.initial", "cursor_initial",
            #"`now` is no value of the format integer"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, initial: '${poll.started | date "%d.%m.%Y"}' }"#,
            7, 34, "streams.s.cursor.initial", "cursor_initial",
            #"`31.01.2026` is no value of the format rfc3339"#),
        .init(
            #"request: /x\#nkey: .id\#nconfirm_deletes: { scans: 1 }"#,
            7, 31, "streams.s.confirm_deletes.scans", "value_out_of_range", #"`1` is out of range"#),
        .init(
            #"request: /x\#nkey: .id\#nconfirm_deletes: { scans: 2, get: '/x/${record.key}' }"#,
            7, 34, "streams.s.confirm_deletes.get", "keys_exclude_each_other",
            #"`get` cannot stand beside `scans`"#),
        .init(
            #"request: /x\#nkey: .id\#nconfirm_deletes: {}"#,
            7, 22, "streams.s.confirm_deletes", "value_empty", #"it says nothing"#),
        .init(
            #"request: /x\#nkey: .id\#nconfirm_deletes: { get: /x }"#,
            7, 29, "streams.s.confirm_deletes.get", "record_key_missing",
            #"the path is the same for all records"#),
        .init(
            #"request: /x\#nkey: .id\#nconfirm_deletes: { get: 'x/${record.key}' }"#,
            7, 29, "streams.s.confirm_deletes.get", "path_invalid",
            #"the path does not begin with `/`"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nconfirm_deletes: { scans: 2 }"#,
            8, 22, "streams.s.confirm_deletes", "confirm_incremental",
            #"an incremental stream sees no deletes"#),
        .init(
            #"request: /x\#nkey: .id\#nemit_rate: 100"#,
            7, 16, "streams.s.emit_rate", "rate_invalid", #"`100` is no rate"#),
        .init(
            #"request: /x\#nkey: .id\#nmax_change: 2"#,
            7, 17, "streams.s.max_change", "type_mismatch", #"the number `2` was found"#,
            suggestion: #"2%"#),
        .init(
            #"request: '/x/${record.key}'\#nkey: .id"#,
            5, 18, "streams.s.request", "placeholder_misplaced",
            #"`${record.key}` has a value only under"#),
        .init(
            #"request: /x\#nkey: .id\#nkeep: records"#,
            7, 11, "streams.s.keep", "value_unknown", #"`records` is none of the allowed values"#,
            suggestion: #"record"#),
        .init(
            #"request: /x\#nkey: .id\#nkeep: true"#,
            7, 11, "streams.s.keep", "value_unknown", #"`true` is none of the allowed values"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#ndetect: snapshot"#,
            8, 13, "streams.s.detect", "cursor_with_snapshot",
            #"`snapshot` reads the whole list each time,"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id"#,
            5, 39, "streams.s.request.query.s", "cursor_missing",
            #"`${cursor}` has no value: the stream has no"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor | dte '%Y'}" } }\#nkey: .id\#ncursor: { from: .u }"#,
            5, 50, "streams.s.request.query.s", "filter_unknown", #"there is no filter `dte`"#,
            suggestion: #"date"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor | date '%Y-%q'}" } }\#nkey: .id\#ncursor: { from: .u }"#,
            5, 59, "streams.s.request.query.s", "filter_argument",
            #"there is no date directive `%q`"#),
        .init(
            #"request: { path: /x, query: { s: "${curser}" } }\#nkey: .id\#ncursor: { from: .u }"#,
            5, 41, "streams.s.request.query.s", "placeholder_unknown",
            #"nothing is called `curser`"#, suggestion: #"cursor"#),
        .init(
            #"request: { path: '/x/${cursor}' }\#nkey: .id\#ncursor: { from: .u }"#,
            5, 26, "streams.s.request.path", "url_value_absent",
            #"the first poll has no cursor, and there"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, overlap: 5 }"#,
            7, 34, "streams.s.cursor.overlap", "type_mismatch", #"the number `5` was found"#,
            suggestion: #"5s"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, format: integer, overlap: 5m }"#,
            7, 51, "streams.s.cursor.overlap", "type_mismatch", #"the text `5m` was found"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u, initial: yesterday }"#,
            7, 34, "streams.s.cursor.initial", "cursor_initial",
            #"`yesterday` is no value of the format"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { field: .u }"#,
            7, 13, "streams.s.cursor.from", "key_missing", #"`from` is missing in `cursor`"#,
            errors: 2),
        .init(
            #"request: /x\#nkey: .id\#npages: link"#,
            7, 12, "streams.s.pages", "type_mismatch", #"the text `link` was found"#,
            suggestion: #"{ link: next }"#),
        .init(
            #"request: /x\#nkey: .id\#npages: {}"#,
            7, 12, "streams.s.pages", "pages_scheme",
            #"nothing says how one page leads to the next"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { link: next, next_url: .next }"#,
            7, 26, "streams.s.pages.next_url", "keys_exclude_each_other",
            #"`next_url` cannot stand beside `link`"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { token: .next }"#,
            7, 21, "streams.s.pages.token", "page_value_unused",
            #"`${page.token}` is never sent, so every"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { number: {} }"#,
            7, 22, "streams.s.pages.number", "page_value_unused",
            #"`${page.number}` is never sent, so every"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { offset: 0 }"#,
            7, 22, "streams.s.pages.offset", "page_value_unused",
            #"`${page.offset}` is never sent, so every"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { keyset: .id }"#,
            7, 22, "streams.s.pages.keyset", "page_value_unused",
            #"`${page.after}` is never sent, so every"#),
        .init(
            #"request: { path: /x, query: { t: "${page.token}" } }\#nkey: .id"#,
            5, 39, "streams.s.request.query.t", "page_value_missing",
            #"`${page.token}` has no value: `pages` has"#),
        .init(
            #"request: { path: /x, query: { t: "${page.tokn}" } }\#nkey: .id"#,
            5, 41, "streams.s.request.query.t", "placeholder_unknown",
            #"there is no page value `tokn`"#, suggestion: #"page.token"#),
        .init(
            #"request: { path: /x, query: { p: "${page.number}", n: "${page.size}" } }\#nkey: .id\#npages: { number: 1 }"#,
            5, 60, "streams.s.request.query.n", "page_value_missing",
            #"`${page.size}` has no value: `pages` has no"#),
        .init(
            #"request: { path: '/x/${page.token}' }\#nkey: .id\#npages: { token: .next }"#,
            5, 26, "streams.s.request.path", "url_value_absent",
            #"the first page has no such value, and there"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { link: next, stop: short }"#,
            7, 26, "streams.s.pages.stop", "pages_size_missing",
            #"`stop: short` needs `size`: how many"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { link: next, size: many }"#,
            7, 32, "streams.s.pages.size", "type_mismatch", #"the text `many` was found"#),
        .init(
            #"request: /x\#nkey: .id\#npages: { link: next, end_statuses: [200] }"#,
            7, 41, "streams.s.pages.end_statuses[0]", "value_out_of_range",
            #"`200` is out of range"#),
        .init(
            #"request: { path: /x, query: { p: "${page.number}" } }\#nkey: .id\#npages: { number: { begin: 2 } }"#,
            7, 24, "streams.s.pages.number.begin", "key_unknown", #"`begin` is no key of a count"#),
        .init(
            #"request: { path: /x, query: { t: "${page.token}" } }\#nkey: .id\#npages: { token: { header: 'a b' } }"#,
            7, 31, "streams.s.pages.token.header", "header_name", #"`a b` is no name of a header"#),
        .init(
            #"request: { path: /x, query: { grüße: "é😀 ${crsor}" } }\#nkey: .id"#,
            5, 48, "streams.s.request.query.grüße", "placeholder_unknown",
            #"nothing is called `crsor`"#, suggestion: #"cursor"#),
        .init(
            #"request: /x\#nkey: .id\#nsummary: 'é'\#nwhen: |\#n  .a == 1 and\#n  .b ]"#,
            10, 10, "streams.s.when", "expression_invalid", #"this is no jq program: unexpected ]"#),
        .init(
            #"request: /x\#nkey: .id\#nkey: .b"#,
            7, 5, "", "yaml_duplicate_key", #"the key `key` is given twice; the first is"#),
        .init(
            #"request: { path: /x, query: { a: ${params.x} } }\#nkey: .id"#,
            5, 39, "", "yaml_syntax", #"`,` or `}` was expected here"#),
    ]
}
