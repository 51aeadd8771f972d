import Testing

@Suite struct WrongFileTests {
    @Test(arguments: rows)
    func `a mistake at the top of an adapter is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", wrong.text)
    }

    /// Whole adapters.
    static let rows: [Wrong] = [
        .init(
            #"streams: { s: { request: /x, key: .id } }\#nbase_url: https://x.example\#n"#,
            1, 1, "adapter", "key_missing", #"`adapter` is missing in an adapter"#),
        .init(
            #"adapter: a\#n"#,
            1, 1, "streams", "key_missing", #"`streams` is missing in an adapter"#),
        .init(
            #"adapter: A b\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            1, 10, "adapter", "name_invalid", #"`A b` is no name here"#, suggestion: #"a-b"#),
        .init(
            #"adapter: [a]\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            1, 10, "adapter", "type_mismatch", #"a list was found"#),
        .init(
            #"adapter:\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            1, 9, "adapter", "value_missing", #"`adapter` has no value"#),
        .init(
            #"adapter: a\#nadapterr: b\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            2, 1, "adapterr", "key_unknown", #"`adapterr` is no key of an adapter"#,
            suggestion: #"adapter"#),
        .init(
            #"adapter: a\#nversion: one\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            2, 10, "version", "type_mismatch", #"the text `one` was found"#),
        .init(
            #"adapter: a\#nversion: 0\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            2, 10, "version", "value_out_of_range", #"`0` is out of range"#),
        .init(
            #"adapter: a\#nevery: 60s\#nbase_url: https://x.example\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            2, 1, "every", "key_unknown", #"`every` is no key of an adapter"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example\#nstreams: {}\#n"#,
            3, 10, "streams", "value_empty", #"there is nothing in it"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example\#nstreams: [s]\#n"#,
            3, 10, "streams", "type_mismatch", #"a list was found"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example\#nstreams: { my-stream: { request: /x, key: .id } }\#n"#,
            3, 12, "streams.my-stream", "name_invalid", #"`my-stream` is no name here"#,
            suggestion: #"my_stream"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example\#nstreams: { s: null }\#n"#,
            3, 15, "streams.s", "type_mismatch", #"nothing was found"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example\#ntls: x\#nstreams: { s: { request: /x, key: .id } }\#n"#,
            3, 6, "tls", "type_mismatch", #"the text `x` was found"#),
        .init(
            #"- adapter: a\#n"#,
            1, 1, "", "file_kind", #"this is neither an adapter nor a bridge file"#),
        .init(
            #"adapter: a\#nbase_url: ftp://x.example\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_invalid", #"this is no URL of http or https"#),
        .init(
            #"adapter: a\#nbase_url: api.x.example\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_invalid", #"this is no URL of http or https"#,
            suggestion: #"https://api.x.example"#),
        .init(
            #"adapter: a\#nbase_url: https://\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_invalid", #"the URL has no host"#),
        .init(
            #"adapter: a\#nbase_url: https://u:p@x.example\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_credentials", #"credentials cannot stand in a URL"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example/a b\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_invalid", #"a URL holds no blanks: write %20"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example/#a\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 11, "base_url", "url_invalid", #"a fragment (`#…`) is never sent"#),
        .init(
            #"adapter: a\#nbase_url: https://${params.hosst}\#nparams: { host: { required: true } }\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 19, "base_url", "parameter_unknown", #"no parameter `hosst` is declared"#,
            suggestion: #"params.host"#),
        .init(
            #"adapter: a\#nbase_url: https://${params.host}\#nparams: { host: string }\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 19, "base_url", "url_value_absent", #"the parameter `host` may be absent, and"#),
        .init(
            #"adapter: a\#nbase_url: https://x.example/${cursor}\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            2, 29, "base_url", "placeholder_misplaced", #"`${cursor}` belongs to the request of a"#),
        .init(
            #"adapter: a\#nstreams:\#n  s:\#n    request: /x\#n    key: .id\#n    \#n"#,
            4, 14, "streams.s.request", "base_url_missing",
            #"`path` is appended to `base_url`, which the"#),
    ]
}
