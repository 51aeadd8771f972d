import Testing

@Suite struct WrongPagesTests {
    @Test(arguments: rows)
    func `a mistake in pages or cursors is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(stream: wrong.text))
    }

    private static let since = #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#n"#

    /// Lines of a stream; the first is line 5.
    static let rows: [Wrong] = [
        .init(
            #"request: /x\#nkey: .id\#npages: { token: { start: "0" } }"#,
            7, 21, "streams.s.pages.token", "token_missing", "nothing says where the token is"),
        .init(
            #"request: /x\#nkey: .id\#npages: { token: { from: .a, header: X-A } }"#,
            7, 33, "streams.s.pages.token.header", "keys_exclude_each_other",
            "`header` cannot stand beside `from`"),
        .init(
            #"request: /x\#nkey: .id\#npages: { continue: { from: .c, into: headers } }"#,
            7, 42, "streams.s.pages.continue.into", "value_unknown",
            "`headers` is none of the allowed values"),
        .init(
            #"request: /x\#nkey: .id\#npages: { continue: {} }"#,
            7, 24, "streams.s.pages.continue.from", "key_missing", "`from` is missing"),
        .init(
            #"request: "/x/${page.number}"\#nkey: .id\#npages: { range: { to: /max } }"#,
            7, 21, "streams.s.pages.range", "range_cursor", "a range begins at a cursor"),
        .init(
            #"request: "/x/${page.number}"\#nkey: .id\#npages: { range: { to: max } }\#ncursor: { from: .id, format: integer }"#,
            7, 27, "streams.s.pages.range.to", "path_invalid", "the path does not begin with `/`"),
        .init(
            #"request: /x\#nkey: .id\#npages: { range: { to: /max } }\#ncursor: { from: .id, format: integer }"#,
            7, 21, "streams.s.pages.range", "page_value_unused", "`${page.number}` is never sent"),
        .init(
            #"request: { path: /x, query: { a: "${page.after}", t: "${page.then}" } }\#nkey: .id\#npages: { keyset: .id }"#,
            5, 59, "streams.s.request.query.t", "page_value_missing",
            "`${page.then}` has no value"),
        .init(
            since + #"pages: { link: next, cap: 100 }\#ncursor: { from: .u }"#,
            7, 31, "streams.s.pages.cap", "cap_until", "a part is halved by its upper end",
            errors: 2),
        .init(
            since + #"pages: { link: next, cap: 100 }\#ncursor: { from: .n, format: integer }"#,
            7, 31, "streams.s.pages.cap", "cap_cursor", "only a cursor that is a time"),
        .init(
            since + #"pages: { link: next, cap: 0 }\#ncursor: { from: .u }"#,
            7, 31, "streams.s.pages.cap", "value_out_of_range", "`0` is out of range"),
        .init(
            since + "cursor: { from: .u, token: .t }",
            7, 25, "streams.s.cursor.token", "keys_exclude_each_other",
            "`token` cannot stand beside `from`"),
        .init(
            since + "cursor: { token: .t, overlap: 5m }",
            7, 26, "streams.s.cursor.overlap", "cursor_key_unused",
            "`overlap` means nothing to this cursor"),
        .init(
            since + "cursor: { from: .u, each_page: true }",
            7, 25, "streams.s.cursor.each_page", "cursor_key_unused",
            "`each_page` means nothing to this cursor"),
        .init(
            since + "cursor: { watermark: .w, ascending: true }",
            7, 30, "streams.s.cursor.ascending", "cursor_key_unused",
            "`ascending` means nothing to this cursor"),
        .init(
            since + "cursor: { url: .next }",
            5, 39, "streams.s.request.query.s", "cursor_is_url", "`${cursor}` has no value"),
        .init(
            #"request: /x\#nkey: .id\#ncursor: { url: .next, initial: "1" }"#,
            7, 27, "streams.s.cursor.initial", "cursor_key_unused",
            "`initial` means nothing to this cursor"),
        .init(
            #"request: /x\#nkey: .id\#npages: { link: next }\#ncursor: { link: next }"#,
            8, 13, "streams.s.cursor", "cursor_link_endless", "the poll would have no end"),
        .init(
            since + "cursor: { moves: with_time, format: integer }",
            7, 22, "streams.s.cursor.moves", "cursor_moves",
            "a number that only counts does not move with time"),
        .init(
            since + "cursor: { from: .u, moves: always }",
            7, 32, "streams.s.cursor.moves", "value_unknown",
            "`always` is none of the allowed values"),
        .init(
            since + "cursor: { watermark: { header: 'a b' } }",
            7, 36, "streams.s.cursor.watermark.header", "header_name", "", errors: 1),
        .init(
            #"request: { path: /x, query: { s: "${cursor.b}" } }\#nkey: .id\#ncursors: { a: { from: .u }, until: { from: .v } }"#,
            7, 33, "streams.s.cursors.until", "name_invalid", "no cursor can be called so"),
        .init(
            #"request: { path: /x, query: { s: "${cursor.chnged}" } }\#nkey: .id\#ncursors: { changed: { from: .u } }"#,
            5, 39, "streams.s.request.query.s", "cursor_unknown",
            "the stream has no cursor `chnged`", suggestion: "cursor.changed"),
        .init(
            #"request: { path: /x, query: { s: "${cursor.a}" } }\#nkey: .id\#ncursors: { a: { from: .u }, b: { link: next } }"#,
            7, 36, "streams.s.cursors.b", "cursor_url_named", "so it stands alone"),
        .init(
            #"request: { path: /x, query: { s: "${cursor.a}" } }\#nkey: .id\#ncursors: { a: { from: .u }, b: { from: .v, ascending: true } }"#,
            7, 36, "streams.s.cursors.b", "cursor_second_ascending",
            "in the order of the first cursor only"),
        .init(
            #"request: { path: /x, query: { s: "${cursor.a}" } }\#nkey: .id\#ncursors: {}"#,
            7, 14, "streams.s.cursors", "value_empty", "there is nothing in it"),
        .init(
            since + #"cursor: { from: .u }\#ncursors: { a: { from: .u } }"#,
            8, 5, "streams.s.cursors", "keys_exclude_each_other",
            "`cursors` cannot stand beside `cursor`"),
        .init(
            #"request: { path: /x, query: { s: "${cursor}", u: "${cursor.until}" } }\#nkey: .id\#ncursor: { from: .n, format: integer }"#,
            5, 55, "streams.s.request.query.u", "cursor_until", "`${cursor.until}` is a time"),
        .init(
            #"request: { path: /x, query: { u: "${cursor.until}" } }\#nkey: .id"#,
            5, 39, "streams.s.request.query.u", "cursor_missing",
            "has no value: the stream has no `cursor`"),
        .init(
            #"request: "/x/${page.token}"\#nkey: .id\#npages: { token: .t }"#,
            5, 18, "streams.s.request", "url_value_absent", "the first page has no such value"),
    ]
}
