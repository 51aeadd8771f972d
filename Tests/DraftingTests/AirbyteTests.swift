import PullcordDrafting
import PullcordModel
import Testing

/// Manifests of low-code connectors become adapters.
@Suite
struct AirbyteTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var requester = ""
        var retriever = ""
        var stream = ""
        var selector = ""
        let expected: [String]
        var absent: [String] = []
        /// Words of what was reported; empty for nothing.
        var leftovers: [String] = []
    }

    static let auth = [
        Row(
            testDescription: "bearer",
            requester:
                #"authenticator: { type: BearerAuthenticator, api_token: "{{ config['token'] }}" }"#,
            expected: [
                #"auth: { bearer: "${params.token}" }"#, "token: { type: secret, required: true }",
            ]),
        Row(
            testDescription: "basic, with a nested key",
            requester:
                #"authenticator: { type: BasicHttpAuthenticator, username: "{{ config.get('site') }}", password: "{{ config['nested']['key'] }}" }"#,
            expected: [
                #"username: "${params.site}""#, #"password: "${params.key}""#, "allowed: [eu, us]",
                "default: eu", "summary: Where.",
            ]),
        Row(
            testDescription: "a key in a header",
            requester:
                #"authenticator: { type: ApiKeyAuthenticator, header: X-Key, api_token: "{{ config.token }}" }"#,
            expected: [#"api_key: { header: X-Key, value: "${params.token}" }"#]),
        Row(
            testDescription: "a key in the query",
            requester:
                #"authenticator: { type: ApiKeyAuthenticator, api_token: "{{ config.token }}", inject_into: { type: RequestOption, inject_into: request_parameter, field_name: k } }"#,
            expected: [#"api_key: { query: k, value: "${params.token}" }"#]),
        Row(
            testDescription: "a bearer that is spelt out",
            requester:
                #"authenticator: { type: ApiKeyAuthenticator, api_token: "Bearer {{ config.token }}", inject_into: { inject_into: header, field_name: Authorization } }"#,
            expected: [#"bearer: "${params.token}""#]),
        Row(
            testDescription: "client credentials",
            requester:
                #"authenticator: { type: OAuthAuthenticator, token_refresh_endpoint: "https://l.example/t", client_id: a, client_secret: "{{ config.token }}", grant_type: client_credentials, scopes: [r, w], refresh_request_body: { audience: x } }"#,
            expected: [
                "grant: client_credentials", "client_auth: body", "scope: r w",
                "parameters: { audience: x }",
            ]),
        Row(
            testDescription: "a refresh token",
            requester:
                #"authenticator: { type: OAuthAuthenticator, token_refresh_endpoint: "https://l.example/t", client_id: a, client_secret: "{{ config.token }}", refresh_token: "{{ config.nested.key }}" }"#,
            expected: ["grant: refresh_token", #"refresh_token: "${params.key}""#]),
        Row(
            testDescription: "a session",
            requester: """
                authenticator:
                  type: SessionTokenAuthenticator
                  login_requester: { type: HttpRequester, url_base: "https://api.example.com", path: /login, http_method: POST, request_body_json: { user: me, password: "{{ config['token'] }}" } }
                  session_token_path: [data, id]
                  expiration_duration: PT1H
                  request_authentication: { type: ApiKey, inject_into: { inject_into: header, field_name: X-Session } }
                """,
            expected: [
                "token: .data.id", "header: X-Session", "expires: 1h",
                "url: https://api.example.com/login",
            ]),
        Row(
            testDescription: "one of several",
            requester:
                #"authenticator: { type: SelectiveAuthenticator, authenticator_selection_path: [x], authenticators: { a: { type: BearerAuthenticator, api_token: "{{ config.token }}" }, b: { type: BasicHttpAuthenticator, username: u, password: "" } } }"#,
            expected: ["bearer:"], leftovers: ["an adapter logs in in one way"]),
        Row(
            testDescription: "Python",
            requester: "authenticator: { type: CustomAuthenticator, class_name: x.Y }",
            expected: ["things:"], absent: ["auth:"], leftovers: ["`x.Y` is Python"]),
        Row(
            testDescription: "a key in the body",
            requester: "http_method: POST\n"
                + #"authenticator: { type: ApiKeyAuthenticator, api_token: "{{ config.token }}", inject_into: { inject_into: body_json, field_name: k } }"#,
            expected: [#"body: { k: "${params.token}" }"#]),
    ]

    private static func paging(
        _ strategy: String,
        _ option: String = "{ type: RequestOption, inject_into: request_parameter, field_name: p }"
    ) -> String {
        """
        paginator:
          type: DefaultPaginator
          page_token_option: \(option)
          page_size_option: { type: RequestOption, inject_into: request_parameter, field_name: per }
          pagination_strategy: { \(strategy) }
        """
    }

    static let pages = [
        Row(
            testDescription: "offset", retriever: paging("type: OffsetIncrement, page_size: 50"),
            expected: [
                "offset: { start: 0 }", "size: 50", "stop: short", #"p: "${page.offset}""#,
                #"per: "${page.size}""#,
            ]),
        Row(
            testDescription: "number",
            retriever: paging("type: PageIncrement, page_size: 50, start_from_page: 1"),
            expected: ["number: { start: 1 }", #"p: "${page.number}""#]),
        Row(
            testDescription: "number without a size", retriever: paging("type: PageIncrement"),
            expected: ["number: { start: 0 }"], absent: ["stop:", "size"]),
        Row(
            testDescription: "a size of the configuration",
            retriever: paging(#"type: OffsetIncrement, page_size: "{{ config['size'] }}""#),
            expected: [#"per: "${params.size}""#], absent: ["stop:"]),
        Row(
            testDescription: "a token",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ response.get('meta', {}).get('next') }}", stop_condition: "{{ not response.meta.next }}""#
            ),
            expected: ["token: .meta.next", #"p: "${page.token}""#], absent: ["more:"]),
        Row(
            testDescription: "a token and a flag",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ response['next'] }}", stop_condition: "{{ not response['has_more'] }}""#
            ),
            expected: ["more: .has_more"]),
        Row(
            testDescription: "a computed stop",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ response.page + 1 }}", stop_condition: "{{ response.page >= response.pages }}""#
            ),
            expected: [#"token: "(.page + 1)""#, #"more: "(.page >= .pages) | not""#]),
        Row(
            testDescription: "a URL",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ response.links.next }}""#,
                "{ type: RequestPath }"),
            expected: ["next_url: .links.next"]),
        Row(
            testDescription: "a Link header",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ headers['link']['next']['url'] }}", stop_condition: "{{ 'next' not in headers['link'] }}""#,
                "{ type: RequestPath }"),
            expected: ["pages: { link: next"]),
        Row(
            testDescription: "a header",
            retriever: paging(#"type: CursorPagination, cursor_value: "{{ headers['X-Next'] }}""#),
            expected: ["header: X-Next"]),
        Row(
            testDescription: "the last record",
            retriever: paging(#"type: CursorPagination, cursor_value: "{{ last_record['id'] }}""#),
            expected: ["keyset: .id", #"p: "${page.after}""#]),
        Row(
            testDescription: "counted by hand",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ (next_page_token['next_page_token'] or 1) + 1 }}""#
            ),
            expected: ["number: { start: 1 }"]),
        Row(
            testDescription: "a part of a URL",
            retriever: paging(
                #"type: CursorPagination, cursor_value: "{{ response.next.split('c=')[1] }}""#),
            expected: [#"token: '(.next | split("c="))[1]'"#]),
        Row(
            testDescription: "in a body of JSON",
            requester: "http_method: POST\nrequest_body_json: { query: { a: 1 } }",
            retriever: paging(
                "type: OffsetIncrement, page_size: 50",
                "{ inject_into: body_json, field_path: [query, from] }"),
            expected: [#"from: "${page.offset | number}""#, "a: 1"]),
    ]

    private static func cursor(_ more: String) -> String {
        "incremental_sync: { type: DatetimeBasedCursor, cursor_field: updated_at, \(more), start_time_option: { inject_into: request_parameter, field_name: since } }"
    }

    static let cursors = [
        Row(
            testDescription: "RFC 3339",
            stream: cursor(
                #"datetime_format: "%Y-%m-%dT%H:%M:%SZ", start_datetime: "{{ config['start_date'] }}", lookback_window: P3D"#
            ),
            expected: [
                "from: .updated_at, overlap: 3d", #"initial: "${params.start_date}""#,
                #"since: "${cursor}""#,
            ],
            absent: ["format:", "sent:"]),
        Row(
            testDescription: "sent as seconds",
            stream: cursor(
                #"datetime_format: "%s", cursor_datetime_formats: ["%Y-%m-%dT%H:%M:%S.%f%z"], start_datetime: "2020-01-01T00:00:00Z""#
            ),
            expected: ["sent: epoch_seconds", #"initial: "2020-01-01T00:00:00Z""#],
            absent: [" format:"]),
        Row(
            testDescription: "days, between two",
            stream: cursor(
                #"datetime_format: "%Y-%m-%d", start_datetime: { type: MinMaxDatetime, datetime: "{{ config.start_date }}", datetime_format: "%Y-%m-%dT%H:%M:%SZ" }, end_time_option: { inject_into: request_parameter, field_name: until }"#
            ),
            expected: [
                #"format: "%Y-%m-%d""#, "overlap: 1d", #"until: "${cursor.until}""#,
                #"${params.start_date | date "%Y-%m-%d"}"#,
            ]),
        Row(
            testDescription: "in a template",
            requester:
                #"request_parameters: { filter: "changed gt {{ stream_interval['start_time'] }}" }"#,
            stream:
                #"incremental_sync: { type: DatetimeBasedCursor, cursor_field: u, datetime_format: "%ms", start_datetime: "{{ config.start_date }}" }"#,
            expected: [
                "changed gt ${cursor}", "format: epoch_milliseconds",
                #"initial: "${params.start_date}""#,
            ]),
        Row(
            testDescription: "never sent",
            stream:
                #"incremental_sync: { type: DatetimeBasedCursor, cursor_field: u, datetime_format: "%s", start_datetime: "0" }"#,
            expected: ["things:"], absent: ["cursor"], leftovers: ["no request asks by the cursor"]),
        Row(
            testDescription: "a count",
            stream:
                "incremental_sync: { type: IncrementingCountCursor, cursor_field: seq, start_value: 5, start_value_option: { inject_into: request_parameter, field_name: after } }",
            expected: ["format: integer", #"initial: "5""#, #"after: "${cursor}""#]),
        Row(
            testDescription: "Python",
            stream:
                "incremental_sync: { type: CustomIncrementalSync, class_name: a.B, cursor_field: u }",
            expected: ["things:"], absent: ["cursor"], leftovers: ["`a.B` is Python"]),
    ]

    static let requests = [
        Row(
            testDescription: "parameters, headers and a path with a query",
            requester: #"""
                path: "/{{ config['site'] }}/things?a=1&b={{ config.size }}"
                request_parameters: { now: "{{ now_utc().strftime('%Y-%m-%d') }}", limit: 5, empty: "", many: [x, z] }
                request_headers: { X-Site: "{{ config['site'] }}", Accept-Encoding: gzip }
                """#,
            expected: [
                #"path: "/${params.site}/things""#, "a: \"1\"", #"b: "${params.size}""#,
                #"date "%Y-%m-%d""#, "limit: \"5\"", "many: [x, z]", "X-Site:",
            ],
            absent: ["gzip", "empty"]),
        Row(
            testDescription: "a default in the template",
            requester:
                #"request_parameters: { s: "{{ config.get('size', 7) }}", t: "{{ config['other'] or 'z' }}" }"#,
            expected: ["size: { type: integer, default: \"7\" }", "other: { default: z }"]),
        Row(
            testDescription: "a form",
            requester: "http_method: POST\n"
                + #"request_body_data: { a: "x y", b: "{{ config['site'] }}" }"#,
            expected: [
                "method: POST", "form:", #"a: x y"#, #"b: "${params.site}""#,
            ], absent: ["content_type"]),
        Row(
            testDescription: "a condition",
            requester: #"request_parameters: { s: "{{ 'a' if config['site'] else 'b' }}", t: u }"#,
            expected: ["t: u"], absent: [" s:"], leftovers: ["a condition has no counterpart"]),
        Row(
            testDescription: "a statement",
            requester: #"request_parameters: { s: "{% if true %}x{% endif %}" }"#,
            expected: ["things:"], leftovers: ["statements"]),
        Row(
            testDescription: "a base that is computed",
            requester:
                #"url_base: "https://{{ 'sandbox.' if config['site'] else '' }}example.com""#,
            expected: [#"base_url: "${params.base_url}""#], leftovers: ["url_base"]),
        Row(
            testDescription: "a literal placeholder",
            requester: #"request_parameters: { s: "${HOME}" }"#,
            expected: [#"s: "$${HOME}""#]),
    ]

    static let records = [
        Row(
            testDescription: "a filter",
            selector:
                #"record_filter: { condition: "{{ record['state'] == 'open' and record.n > 1 }}" }"#,
            expected: [#"when: '((.state == "open") and (.n > 1))'"#]),
        Row(
            testDescription: "a filter by the state",
            selector:
                #"record_filter: { condition: "{{ record.u > stream_state.get('u', '') }}" }"#,
            expected: ["things:"], absent: ["when"], leftovers: ["known here anyway"]),
        Row(
            testDescription: "fields",
            stream: """
                transformations:
                  - { type: AddFields, fields: [{ path: [a, b], value: "{{ record['x'] ~ '-' ~ record.y }}" }, { path: [c], value: "{{ config['site'] }}" }] }
                  - { type: RemoveFields, field_pointers: [[d], [e, f]] }
                """,
            expected: [#".a.b = (((.x | tostring) + "-") + (.y | tostring)) | del(.d, .e.f)"#],
            leftovers: ["jq does not see parameters"]),
        Row(
            testDescription: "NDJSON", retriever: "decoder: { type: JsonlDecoder }",
            expected: ["format: ndjson"]),
        Row(
            testDescription: "CSV",
            retriever:
                "decoder: { type: CompositeRawDecoder, parser: { type: CsvParser, delimiter: ';' } }",
            expected: [#"delimiter: ";""#]),
        Row(
            testDescription: "error handlers",
            requester: """
                error_handler:
                  type: CompositeErrorHandler
                  error_handlers:
                    - type: DefaultErrorHandler
                      response_filters:
                        - { http_codes: [404], action: IGNORE }
                        - { predicate: "{{ response.error == 'limit' }}", action: RETRY }
                      backoff_strategies: [{ type: WaitTimeFromHeader, header: X-Wait }]
                """,
            expected: [
                "status: 404, then: skip",
                #"when: '(.error == "limit")', then: retry, after: { header: X-Wait, as: seconds }"#,
            ]),
    ]

    @Test(arguments: auth + pages + cursors + requests + records)
    func `each part becomes what stands for it here`(row: Row) throws {
        let conversion = try Drafted.stream(
            requester: row.requester, retriever: row.retriever, stream: row.stream,
            selector: row.selector)
        let text = conversion.draft.text
        let report = conversion.leftovers.map(\.description).joined(separator: "\n")
        for words in row.expected { #expect(text.contains(words), "\(words)\n\(text)\n\(report)") }
        for words in row.absent { #expect(!text.contains(words), "\(words)\n\(text)") }
        for words in row.leftovers { #expect(report.contains(words), "\(report)") }
        if row.leftovers.isEmpty { #expect(report.isEmpty, "\(report)") }
        #expect(Drafted.complaints(in: text) == [], "\(text)")
        #expect(conversion.draft.streams.count == 1)
    }

    @Test(
        arguments: [
            ("requester", "{ type: CustomRequester, class_name: a.B }", "requester"),
            (
                "paginator",
                "{ type: DefaultPaginator, pagination_strategy: { type: CustomPaginationStrategy, class_name: a.B } }",
                "the list would be cut"
            ),
            (
                "partition_router", "{ type: CustomPartitionRouter, class_name: a.B }",
                "said by Python"
            ),
            (
                "record_selector",
                "{ type: RecordSelector, extractor: { type: CustomRecordExtractor, class_name: a.B } }",
                "`a.B`"
            ),
            ("decoder", "{ type: GzipDecoder, decoder: { type: JsonDecoder } }", "GzipDecoder"),
        ])
    func `a stream that cannot be expressed is left out and told of with its place`(
        key: String, value: String, reason: String
    ) throws {
        let text = Drafted.text().replacing(
            "      type: SimpleRetriever",
            with: "      type: SimpleRetriever\n      \(key): \(value)")
        // The part of that name further down goes: a key stands once.
        let conversion = try Drafted.manifest(text)
        #expect(conversion.draft.streams.isEmpty)
        let leftover = try #require(
            conversion.leftovers.first {
                $0.subject == "stream things" && $0.reason.contains(reason)
            }, "\(conversion.leftovers)")
        #expect(leftover.weight == .leftOut)
        #expect(leftover.place.line > 1)
        #expect(leftover.subject == "stream things")
    }
}
