import Testing

@Suite struct WrongAdapterTests {
    @Test(arguments: rows)
    func `a mistake in what streams share is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("a.yaml", Wrong.adapter(top: wrong.text))
    }

    /// Lines after `adapter` and `base_url`; the first is line 3.
    static let rows: [Wrong] = [
        .init(
            #"params: [a]"#,
            3, 9, "params", "type_mismatch", #"a list was found"#),
        .init(
            #"params: { a: strng }"#,
            3, 14, "params.a", "value_unknown", #"`strng` is none of the allowed values"#,
            suggestion: #"string"#),
        .init(
            #"params: { a: { typ: string } }"#,
            3, 16, "params.a.typ", "key_unknown", #"`typ` is no key of a parameter"#,
            suggestion: #"type"#),
        .init(
            #"params: { a: { required: yes } }"#,
            3, 26, "params.a.required", "type_mismatch", #"the text `yes` was found"#,
            suggestion: #"true"#),
        .init(
            #"params: { a: { type: integer, default: x1 } }"#,
            3, 40, "params.a.default", "parameter_type", #"`x1` is no whole number"#),
        .init(
            #"params: { a: { allowed: [x, y], default: z } }"#,
            3, 42, "params.a.default", "parameter_type",
            #"`z` is none of the values that `a` takes"#),
        .init(
            #"params: { a: { type: boolean, allowed: [maybe] } }"#,
            3, 41, "params.a.allowed[0]", "parameter_type", #"`maybe` is not true or false"#),
        .init(
            #"params: { a: { type: secret, default: hunter22 } }"#,
            3, 39, "params.a.default", "secret_in_adapter",
            #"a secret has no default: an adapter holds"#),
        .init(
            #"params: { 'a b': string }"#,
            3, 11, #"params["a b"]"#, "name_invalid", #"`a b` is no name here"#, suggestion: #"a-b"#
        ),
        .init(
            #"headers: { 'X Y': 1 }"#,
            3, 12, #"headers["X Y"]"#, "header_name", #"`X Y` is no name of a header"#),
        .init(
            #"headers: { Host: x }"#,
            3, 12, "headers.Host", "header_reserved", #"the header `Host` cannot be given here: it"#
        ),
        .init(
            #"headers: { Accept: a, accept: b }"#,
            3, 23, "headers.accept", "header_repeated", #"the header `accept` is given twice: see"#),
        .init(
            #"headers: { X-A: "a\nb" }"#,
            3, 17, "headers.X-A", "header_value", #"a header's value holds a line break or"#),
        .init(
            #"headers: { X-A: [a] }"#,
            3, 17, "headers.X-A", "type_mismatch", #"a list was found"#),
        .init(
            #"headers: { X-A: "${env.TOKEN}" }"#,
            3, 18, "headers.X-A", "secret_in_adapter", #"an adapter reads neither the environment"#),
        .init(
            #"headers: { X-A: "${file:/etc/x}" }"#,
            3, 18, "headers.X-A", "secret_in_adapter", #"an adapter reads neither the environment"#),
        .init(
            #"headers: { X-A: "ab ${params.x" }"#,
            3, 21, "headers.X-A", "placeholder_unclosed", #"the `${` that is opened here is never"#),
        .init(
            #"headers: { Authorization: x }\#nauth: { bearer: "${params.t}" }\#nparams: { t: secret }"#,
            3, 27, "headers.Authorization", "auth_twice", #"`auth` sends `Authorization` already"#),
        .init(
            #"query: { a: "${page.token}" }"#,
            3, 14, "query.a", "page_value_missing",
            #"no stream's `pages` gives `${page.token}`"#),
        .init(
            #"query: { a: "x${cursor}" }"#,
            3, 15, "query.a", "cursor_missing", #"no stream has a `cursor`"#),
        .init(
            #"auth: basic"#,
            3, 7, "auth", "type_mismatch", #"the text `basic` was found"#),
        .init(
            #"auth: {}"#,
            3, 7, "auth", "auth_missing", #"`auth` says nothing"#),
        .init(
            #"auth: { bearer: x, basic: { username: a, password: b } }"#,
            3, 20, "auth.basic", "keys_exclude_each_other", #"`basic` cannot stand beside `bearer`"#
        ),
        .init(
            #"auth: { basic: { username: a } }"#,
            3, 16, "auth.basic.password", "key_missing", #"`password` is missing in `basic`"#),
        .init(
            #"auth: { basic: { username: 'a:b', password: '' } }"#,
            3, 28, "auth.basic.username", "username_colon",
            #"a user name cannot hold a colon (RFC 7617)"#),
        .init(
            #"auth: { api_key: { value: "${params.k}" } }\#nparams: { k: secret }"#,
            3, 18, "auth.api_key", "api_key_place", #"nothing says where the key goes"#),
        .init(
            #"auth: { api_key: { cookie: 'a b', value: "${params.k}" } }\#nparams: { k: secret }"#,
            3, 28, "auth.api_key.cookie", "cookie_name", #"`a b` is no name of a cookie (RFC 6265)"#
        ),
        .init(
            #"auth: { bearerr: x }"#,
            3, 9, "auth.bearerr", "key_unknown", #"`bearerr` is no key of `auth`"#,
            suggestion: #"bearer"#),
        .init(
            #"limits: { page_bytes: 64 }"#,
            3, 23, "limits.page_bytes", "type_mismatch", #"the number `64` was found"#),
        .init(
            #"limits: { page_bytes: 65GiB }"#,
            3, 23, "limits.page_bytes", "value_out_of_range", #"`65GiB` is out of range"#),
        .init(
            #"limits: { pages: 0 }"#,
            3, 18, "limits.pages", "value_out_of_range", #"`0` is out of range"#),
        .init(
            #"limits: { timeout: 60 }"#,
            3, 20, "limits.timeout", "type_mismatch", #"the number `60` was found"#,
            suggestion: #"60s"#),
        .init(
            #"limits: { timeout: 2h }"#,
            3, 20, "limits.timeout", "value_out_of_range", #"`2h` is out of range"#),
        .init(
            #"limits: { reset: { header: x-reset, as: epoch } }"#,
            3, 41, "limits.reset.as", "value_unknown", #"`epoch` is none of the allowed values"#),
        .init(
            #"limits: { reset: { as: seconds } }"#,
            3, 18, "limits.reset", "reading_source", #"nothing says where it stands"#),
        .init(
            #"retry: { attempts: 11 }"#,
            3, 20, "retry.attempts", "value_out_of_range", #"`11` is out of range"#),
        .init(
            #"retry: { statuses: 500 }"#,
            3, 20, "retry.statuses", "type_mismatch", #"the number `500` was found"#),
        .init(
            #"retry: { statuses: [200] }"#,
            3, 21, "retry.statuses[0]", "value_out_of_range", #"`200` is out of range"#),
    ]
}
