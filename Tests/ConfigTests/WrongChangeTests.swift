import Testing

@Suite struct WrongChangeTests {
    @Test(arguments: rows)
    func `a mistake in how changes are found is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(stream: wrong.text))
    }

    /// Lines of a stream; the first is line 5.
    static let rows: [Wrong] = [
        .init(
            #"request: /x\#nkey: .id\#ntransform: ''"#,
            7, 16, #"streams.s.transform"#, "value_empty",
            #"the text is empty"#),
        .init(
            #"request: /x\#nkey: .id\#ntombstone: """#,
            7, 16, #"streams.s.tombstone"#, "value_empty",
            #"the text is empty"#),
        .init(
            #"request: /x\#nkey: .id\#nreconcile: 1h"#,
            7, 5, #"streams.s.reconcile"#, "detect_clash",
            #"`snapshot` reads the whole list each time"#),
        .init(
            #"request: /x\#nkey: .id\#ndeletes: { request: /d, key: .id, at: .t }"#,
            7, 5, #"streams.s.deletes"#, "detect_clash",
            #"`snapshot` sees by itself what is gone"#),
        .init(
            #"request: /x\#nkey: .id\#nupdates: true"#,
            7, 5, #"streams.s.updates"#, "detect_clash",
            #"only a feed has items that are news once"#),
        .init(
            #"request: /x\#nkey: .id\#ndetect: feed\#ntombstone: .gone"#,
            8, 5, #"streams.s.tombstone"#, "detect_clash",
            #"no longer shows is not gone"#),
        .init(
            #"request: /x\#nkey: .id\#ndetect: feed\#nremember: 10"#,
            8, 15, #"streams.s.remember"#, "value_out_of_range",
            #"`10` is out of range"#),
        .init(
            #"request: /x\#nkey: .id\#nnormalize: [.a]"#,
            7, 16, #"streams.s.normalize"#, "type_mismatch",
            #"a list was found"#),
        .init(
            #"request: /x\#nkey: .id\#nnormalize: { a: number }"#,
            7, 18, #"streams.s.normalize.a"#, "path_not_plain",
            #"`a` is no plain path"#,
            suggestion: #".a"#),
        .init(
            #"request: /x\#nkey: .id\#nnormalize: { .a: numbr }"#,
            7, 22, #"streams.s.normalize[".a"]"#, "value_unknown",
            #"`numbr` is none of the allowed values"#,
            suggestion: #"number"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nreconcile: 5s"#,
            8, 16, #"streams.s.reconcile"#, "value_out_of_range",
            #"`5s` is out of range"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nreconcile: '0 3 * *'"#,
            8, 17, #"streams.s.reconcile"#, "cron_invalid",
            #"it has 4 fields"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nreconcile: { request: /all }"#,
            8, 16, #"streams.s.reconcile.at"#, "key_missing",
            #"`at` is missing"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nreconcile: { at: 1h, every: 1h }"#,
            8, 26, #"streams.s.reconcile.every"#, "key_unknown",
            #"`every` is no key"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#nreconcile: { at: 1h, request: '/all?s=${cursor}' }"#,
            8, 43, #"streams.s.reconcile.request"#, "reconcile_cursor",
            #"so `${cursor}` has no value here"#),
        .init(
            #"request: '/x/${cursor}'\#nkey: .id\#ncursor: { from: .u, initial: '2026-01-01T00:00:00Z' }\#nreconcile: 1h"#,
            5, 18, #"streams.s.request"#, "reconcile_cursor",
            #"there would be no URL"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#ndeletes: { request: '/d?s=${cursor}', key: .id, at: .t }"#,
            8, 31, #"streams.s.deletes.request"#, "cursor_missing",
            #"`deletes` has no `cursor`"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#ndeletes: { request: '/d?p=${page.number}', key: .id, at: .t }"#,
            8, 31, #"streams.s.deletes.request"#, "page_value_missing",
            #"`${page.number}` has no value"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#ndeletes: { key: .id }"#,
            8, 14, #"streams.s.deletes.request"#, "key_missing",
            #"`request` is missing"#),
        .init(
            #"request: { path: /x, query: { s: "${cursor}" } }\#nkey: .id\#ncursor: { from: .u }\#ndeletes: { request: /d, key: .id, at: .t, covered: .c }"#,
            8, 56, #"streams.s.deletes.covered"#, "cursor_missing",
            #"there is no `cursor` that it could move"#),
    ]
}
