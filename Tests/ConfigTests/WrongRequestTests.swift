import Testing

@Suite struct WrongRequestTests {
    @Test(arguments: rows)
    func `a mistake in a stream's request is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(stream: wrong.text))
    }

    /// Lines of a stream; the first is line 5.
    static let rows: [Wrong] = [
        .init(
            #"request: /x"#,
            5, 5, "streams.s.key", "key_missing", #"`key` is missing in a stream"#),
        .init(
            #"key: .id"#,
            5, 5, "streams.s.request", "key_missing", #"`request` is missing in a stream"#),
        .init(
            #"request: x\#nkey: .id"#,
            5, 14, "streams.s.request", "path_invalid", #"a path begins with `/`"#,
            suggestion: #"/x"#),
        .init(
            #"request: '/a b'\#nkey: .id"#,
            5, 14, "streams.s.request", "path_invalid", #"a path holds no blanks: write %20"#),
        .init(
            #"request: '/a#b'\#nkey: .id"#,
            5, 14, "streams.s.request", "path_invalid", #"a fragment (`#…`) is never sent"#),
        .init(
            #"request: {}\#nkey: .id"#,
            5, 14, "streams.s.request", "request_target", #"nothing says where the request goes"#),
        .init(
            #"request: { path: /x, url: https://x.example }\#nkey: .id"#,
            5, 26, "streams.s.request.url", "keys_exclude_each_other",
            #"`url` cannot stand beside `path`"#),
        .init(
            #"request: { path: https://x.example/y }\#nkey: .id"#,
            5, 22, "streams.s.request.path", "path_is_url", #"this is a whole URL"#),
        .init(
            #"request: { path: /x, method: PUT }\#nkey: .id"#,
            5, 34, "streams.s.request.method", "value_unknown",
            #"`PUT` is none of the allowed values"#),
        .init(
            #"request: { path: /x, body: { a: 1 } }\#nkey: .id"#,
            5, 26, "streams.s.request.body", "body_without_post", #"a body needs `method: POST`"#),
        .init(
            #"request: { path: /x, method: POST, form: { a: b }, body: c }\#nkey: .id"#,
            5, 56, "streams.s.request.body", "keys_exclude_each_other", "beside `form`"),
        .init(
            #"request: { path: /x, method: GET, form: { a: b } }\#nkey: .id"#,
            5, 39, "streams.s.request.form", "body_without_post", "a form needs `method: POST`"),
        .init(
            #"request: { path: /x, form: { a: b }, headers: { Content-Type: a/b } }\#nkey: .id"#,
            5, 53, "streams.s.request.headers.Content-Type", "header_reserved",
            #"the header `Content-Type` cannot be given"#),
        .init(
            #"request: { path: /x, form: { n: "${poll.started | number}" } }\#nkey: .id"#,
            5, 38, "streams.s.request.form.n", "filter_misplaced",
            #"`number` belongs to the members of a JSON"#),
        .init(
            #"request: { path: /x, content_type: text/csv }\#nkey: .id"#,
            5, 26, "streams.s.request.content_type", "content_type_without_body",
            #"`content_type` needs a `body`"#),
        .init(
            #"request: { path: /x, method: POST, content_type: json, body: { a: 1 } }\#nkey: .id"#,
            5, 54, "streams.s.request.content_type", "header_value",
            #"this is no media type"#),
        .init(
            #"request: { path: /x, method: POST, body: { a: 0o17, b: .inf } }\#nkey: .id"#,
            5, 60, "streams.s.request.body.b", "json_number",
            #"`.inf` cannot be written as a number of JSON"#),
        .init(
            #"request: { path: /x, method: POST, body: { a: "x${poll.started | number}" } }\#nkey: .id"#,
            5, 53, "streams.s.request.body.a", "filter_misplaced",
            #"`number` must be the last filter of a value"#),
        .init(
            #"request: { path: /x, query: { n: "a${poll.started | list}" } }\#nkey: .id"#,
            5, 40, "streams.s.request.query.n", "filter_misplaced",
            #"`list` ends a value that is one placeholder"#),
        .init(
            #"request: { path: "/x${poll.started | list}" }\#nkey: .id"#,
            5, 25, "streams.s.request.path", "filter_misplaced",
            #"`list` ends a value that is one placeholder"#),
        .init(
            #"request: { path: /x, query: { n: "${poll.started | list | raw}" } }\#nkey: .id"#,
            5, 39, "streams.s.request.query.n", "filter_misplaced",
            #"`list` ends a value that is one placeholder"#),
        .init(
            #"request: { path: /x, query: { n: "${poll.started | number}" } }\#nkey: .id"#,
            5, 39, "streams.s.request.query.n", "filter_misplaced",
            #"`number` belongs to the members of a JSON"#),
        .init(
            #"request: { path: /x, params: { a: 1 } }\#nkey: .id"#,
            5, 26, "streams.s.request.params", "key_unknown", #"`params` is no key of a request"#),
        .init(
            #"request: { path: /x, method: POST, body: x, headers: { Content-Type: a/b } }\#nkey: .id"#,
            5, 60, "streams.s.request.headers.Content-Type", "header_reserved",
            #"the header `Content-Type` cannot be given"#),
        .init(
            #"request: /x\#nkey: []"#,
            6, 10, "streams.s.key", "value_empty", #"a key needs a field"#),
        .init(
            #"request: /x\#nkey: tickets"#,
            6, 10, "streams.s.key", "expression_invalid", #"tickets/0 is not defined"#,
            suggestion: #".tickets"#),
        .init(
            #"request: /x\#nkey: .id\#nrecords: $.tickets"#,
            7, 14, "streams.s.records", "expression_invalid", #"is not defined"#,
            suggestion: #".tickets"#),
        .init(
            #"request: /x\#nkey: '.a | ('"#,
            6, 11, "streams.s.key", "expression_invalid",
            #"this is no jq program: a bracket is never"#),
        .init(
            #"request: /x\#nkey: .id\#nrecords: '.a)'"#,
            7, 17, "streams.s.records", "expression_invalid",
            #"this is no jq program: unexpected )"#),
        .init(
            #"request: /x\#nkey: .id\#npath: /y"#,
            7, 5, "streams.s.path", "key_unknown", #"`path` is no key of a stream"#),
        .init(
            #"request: /x\#nkey: .id\#nignore: [.a]\#nonly: [.b]"#,
            8, 5, "streams.s.only", "keys_exclude_each_other",
            #"`only` cannot stand beside `ignore`"#),
        .init(
            #"request: /x\#nkey: .id\#nignore: .a"#,
            7, 13, "streams.s.ignore", "type_mismatch", #"the text `.a` was found"#),
        .init(
            #"request: /x\#nkey: .id\#nignore: [updated_at]"#,
            7, 14, "streams.s.ignore[0]", "path_not_plain", #"`updated_at` is no plain path"#,
            suggestion: #".updated_at"#),
        .init(
            #"request: /x\#nkey: .id\#nonly: []"#,
            7, 11, "streams.s.only", "value_empty", #"nothing would ever change"#),
        .init(
            #"request: /x\#nkey: .id\#nfirst: emitt"#,
            7, 12, "streams.s.first", "value_unknown", #"`emitt` is none of the allowed values"#,
            suggestion: #"emit"#),
        .init(
            #"request: /x\#nkey: .id\#nmax_delete: 0.2"#,
            7, 17, "streams.s.max_delete", "type_mismatch", #"the number `0.2` was found"#,
            suggestion: #"20%"#),
        .init(
            #"request: /x\#nkey: .id\#nmax_delete: 120%"#,
            7, 17, "streams.s.max_delete", "type_mismatch", #"the text `120%` was found"#),
        .init(
            #"request: /x\#nkey: .id\#nconditional: no"#,
            7, 18, "streams.s.conditional", "type_mismatch", #"the text `no` was found"#,
            suggestion: #"false"#),
        .init(
            #"request: /x\#nkey: .id\#ndetect: incremental"#,
            7, 13, "streams.s.detect", "cursor_missing",
            #"`incremental` asks for what changed since a"#),
    ]
}
