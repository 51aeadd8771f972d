import PullcordDrafting
import PullcordModel
import Testing

/// What one answer lets guess.
@Suite
struct APIGuessTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        var url = "https://api.example.com/v1/orders"
        var headers: [(String, String)] = [("Content-Type", "application/json")]
        /// What must stand in the draft.
        let expected: [String]
        var absent: [String] = []
    }

    private static func records(_ count: Int, _ more: String = "") -> String {
        (1...count).map { #"{"id":\#($0)\#(more)}"# }.joined(separator: ",")
    }

    static let shapes = [
        Row(
            testDescription: "a bare array", body: "[\(records(6))]",
            expected: [
                "base_url: https://api.example.com/v1\n", "request: /orders\n", "records: .\n",
                "key: .id\n", "adapter: example\n", "  orders:\n",
            ]),
        Row(
            testDescription: "a list in an object, among others",
            body:
                #"{"errors":[{"id":1}],"data":{"orders":[\#(records(3))],"tags":[{"id":9},{"id":8}]}}"#,
            expected: ["records: .data.orders\n"]),
        Row(
            testDescription: "an object of objects that know their names",
            body: #"{"a":{"id":"a","n":1},"b":{"id":"b","n":2}}"#,
            expected: [#"records: ".[]""#, "key: .id\n"]),
        Row(
            testDescription: "an object of objects that do not",
            body: #"{"orders":{"a":{"n":1},"b":{"n":1}}}"#,
            expected: ["to_entries | map(.value + { _name: .key })", "key: ._name\n"]),
        Row(
            testDescription: "bare ids", body: "[11,12,13]", expected: ["records: .\n", "key: .\n"]),
        Row(
            testDescription: "one object", body: #"{"name":"x","version":3}"#,
            expected: ["records: .\n"]),
        Row(
            testDescription: "no id, but two fields together",
            body: #"[{"shop_id":1,"number":1},{"shop_id":1,"number":2},{"shop_id":2,"number":1}]"#,
            expected: ["key: [.shop_id, .number]"]),
        Row(
            testDescription: "a key within an object",
            body: #"[{"metadata":{"uid":"x"},"n":1},{"metadata":{"uid":"y"},"n":1}]"#,
            expected: ["key: .metadata.uid"]),
        Row(
            testDescription: "an id called after the list",
            body: #"[{"orderId":1,"state":"a"},{"orderId":2,"state":"b"}]"#,
            expected: ["key: .orderId"]),
        Row(
            testDescription: "rows and the names of their columns",
            body: #"{"columns":["id","n"],"rows":[[1,"a"],[2,"b"]],"facets":[{"name":"x"}]}"#,
            expected: [
                ".columns as $names | .rows | map([$names, .] | transpose | map({ (.[0]): .[1] })",
                "key: .id\n",
            ]),
        Row(
            testDescription: "an object of labels, and nothing else that tells records apart",
            body: #"[{"labels":{"a":"1","b":"1"},"n":1},{"labels":{"a":"1","b":"2"},"n":1}]"#,
            expected: [#".labels | to_entries | map("#, "sort"]),
        Row(
            testDescription: "an empty list", body: #"{"orders":[]}"#,
            expected: ["records: .orders\n", "key: .id\n"]),
        Row(
            testDescription: "NDJSON", body: "{\"id\":1}\n{\"id\":2}\n",
            expected: ["format: ndjson", "key: .id\n"]),
        Row(
            testDescription: "CSV with semicolons", body: "id;name\n1;a\n2;b\n3;c\n", headers: [],
            expected: [#"format: { csv: { delimiter: ";" } }"#, "key: .id\n"]),
        Row(
            testDescription: "XML",
            body: #"<list><order id="1"><n>1</n></order><order id="2"><n>2</n></order></list>"#,
            headers: [("Content-Type", "application/xml")],
            expected: ["lists: [list/order]", "records: .list.order", #"key: '.["@id"]'"#]),
        Row(
            testDescription: "RSS",
            body:
                "<rss version=\"2.0\"><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>",
            headers: [], expected: ["format: rss"], absent: ["key:", "records:"]),
        Row(
            testDescription: "Atom",
            body:
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><entry><id>1</id></entry></feed>",
            headers: [], expected: ["format: atom"]),
    ]

    static let pages = [
        Row(
            testDescription: "a Link header", body: "[\(records(2))]",
            headers: [("Link", "<https://api.example.com/v1/orders?page=2>; rel=\"next\"")],
            expected: ["pages: { link: next }"]),
        Row(
            testDescription: "a URL in the body",
            body:
                #"{"count":40,"next":"https://api.example.com/v1/orders?page=2","previous":null,"results":[\#(records(2))]}"#,
            expected: ["pages: { next_url: .next }"]),
        Row(
            testDescription: "a URL in an object of links",
            body: #"{"data":[\#(records(2))],"links":{"next":{"href":"/v1/orders?p=2"}}}"#,
            expected: ["next_url: .links.next.href"]),
        Row(
            testDescription: "OData",
            body:
                #"{"value":[\#(records(2))],"@odata.nextLink":"https://api.example.com/v1/orders?$skip=2"}"#,
            expected: [#"next_url: '.["@odata.nextLink"]'"#]),
        Row(
            testDescription: "a token", body: #"{"items":[\#(records(2))],"nextPageToken":"abc"}"#,
            expected: ["token: .nextPageToken", "pageToken: \"${page.token}\""]),
        Row(
            testDescription: "a token that a query item carries",
            body: #"{"items":[\#(records(2))],"meta":{"next_cursor":"abc"}}"#,
            url: "https://api.example.com/v1/orders?cursor=x&limit=2",
            expected: [
                "token: .meta.next_cursor", "cursor: \"${page.token}\"", "limit: \"${page.size}\"",
                "size: 2",
            ]),
        Row(
            testDescription: "a token by the name of an offset, on a host without a name",
            body: #"{"records":[\#(records(2))],"offset":"itrX1/rec2"}"#,
            url: "http://127.0.0.1:8080/v0/appAAA/Tasks?pageSize=2",
            expected: [
                "adapter: tasks\n", "  Tasks:\n", "token: .offset", "offset: \"${page.token}\"",
            ]),
        Row(
            testDescription: "ids alone in the path",
            body: #"{"records":[\#(records(2))]}"#,
            url: "https://api.airtable.com/v0/appAAA/tblX1b2C3d4e5f",
            expected: ["adapter: airtable\n", "  records:\n"]),
        Row(
            testDescription: "a token beside an offset in the query",
            body: #"{"items":[\#(records(2))],"nextPageToken":"abc"}"#,
            url: "https://api.example.com/v1/orders?offset=0",
            expected: ["token: .nextPageToken", "pageToken: \"${page.token}\""]),
        Row(
            testDescription: "a token in a header", body: "[\(records(2))]",
            headers: [("X-Next-Page", "2")],
            expected: ["token: { header: x-next-page }", "page: \"${page.token}\""]),
        Row(
            testDescription: "numbers in the query", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?page=1&per_page=2",
            expected: [
                "number: { start: 1 }", "size: 2", "stop: short", "page: \"${page.number}\"",
                "per_page: \"${page.size}\"",
            ]),
        Row(
            testDescription: "numbers in the body",
            body: #"{"orders":[\#(records(2))],"meta":{"page":1,"total_pages":9,"total":18}}"#,
            expected: ["number: { start: 1 }", "total: .meta.total", "page: \"${page.number}\""]),
        Row(
            testDescription: "an offset",
            body: #"{"offset":0,"limit":2,"total":9,"items":[\#(records(2))]}"#,
            expected: ["offset: { start: 0 }", "total: .total", "offset: \"${page.offset}\""]),
        Row(
            testDescription: "has_more without a token",
            body: #"{"object":"list","has_more":true,"data":[{"id":"a"},{"id":"b"}]}"#,
            expected: ["keyset: .id", "more: .has_more", "starting_after: \"${page.after}\""]),
        Row(
            testDescription: "fewer records than were asked for", body: "[\(records(3))]",
            url: "https://api.example.com/v1/orders?page=1&per_page=500",
            expected: ["number: { start: 1 }", "size: 500"], absent: ["stop:"]),
        Row(
            testDescription: "a URL of a later page", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?page=7&per_page=2",
            expected: ["number: { start: 1 }", "a poll begins with 1"]),
        Row(
            testDescription: "a URL behind the first records", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?offset=40&limit=2",
            expected: ["offset: { start: 0 }", "stop: short"]),
        Row(
            testDescription: "a URL of a later page with a Link header", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?page=7&per_page=2",
            headers: [("Link", "<https://api.example.com/v1/orders?page=8>; rel=\"next\"")],
            expected: ["link: next"], absent: ["page: \"7\""]),
        Row(
            testDescription: "a full page that says nothing of others", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?limit=2",
            expected: ["offset: { start: 0 }", "offset: \"${page.offset}\"", "stop: short"]),
        Row(
            testDescription: "a URL in a header of its own", body: "[\(records(2))]",
            url: "https://api.example.com/v1/orders?_limit=2",
            headers: [("Next-Page", "https://api.example.com/v1/orders?_token=x")],
            expected: ["next_url: { header: next-page }", "_limit: \"${page.size}\""]),
        Row(
            testDescription: "nothing", body: "[\(records(3))]", expected: ["records: .\n"],
            absent: ["pages:"]),
    ]

    static let times = [
        ("2026-01-02T03:04:05Z", "rfc3339", false),
        ("2026-01-02T03:04:05.123+01:00", "rfc3339", false),
        ("1767323045", "epoch_seconds", true), ("1767323045123", "epoch_milliseconds", true),
        ("1767323045123456", "epoch_microseconds", true),
        ("/Date(1767323045123)/", "microsoft_date", false),
        ("2026-01-02 03:04:05", "\"%Y-%m-%d %H:%M:%S\"", false),
        ("2026-01-02", "\"%Y-%m-%d\"", false),
        ("2026-01-02T03:04:05", "\"%Y-%m-%dT%H:%M:%S\"", false),
        ("22/01/2026 03:04", "\"%d/%m/%Y %H:%M\"", false),
        ("Fri, 02 Jan 2026 03:04:05 GMT", "\"%a, %d %b %Y %H:%M:%S %Z\"", false),
    ]

    @Test(arguments: shapes + pages)
    func `the draft says what the answer shows, and passes check`(row: Row) throws {
        let guess = try APIGuess(
            Drafted.answer(row.body, url: row.url, headers: row.headers), DraftChoices())
        let text = guess.draft.text
        for words in row.expected { #expect(text.contains(words), "\(text)") }
        for words in row.absent { #expect(!text.contains(words), "\(text)") }
        #expect(Drafted.complaints(in: text) == [], "\(text)")
    }

    @Test(arguments: times)
    func `a time is known by how it is written`(value: String, format: String, isNumber: Bool)
        throws
    {
        let written = isNumber ? value : "\"\(value)\""
        var choices = DraftChoices()
        choices.since = "changed_after"
        let guess = try APIGuess(
            Drafted.answer(#"[{"id":1,"updated":\#(written)},{"id":2,"updated":\#(written)}]"#),
            choices)
        let text = guess.draft.text
        #expect(text.contains("from: .updated"), "\(text)")
        #expect(text.contains("changed_after: \"${cursor}\""))
        if format == "rfc3339" {
            #expect(!text.contains("format:"))
        } else {
            #expect(text.contains("format: \(format)"), "\(text)")
        }
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test func `a since in the URL makes a cursor, sent as it is written there`() throws {
        let guess = try APIGuess(
            Drafted.answer(
                #"[{"id":1,"modified_at":"2026-01-02T03:04:05Z"}]"#,
                url: "https://api.example.com/orders?updated_since=1767323045"), DraftChoices())
        let text = guess.draft.text
        #expect(text.contains("updated_since: \"${cursor}\""))
        #expect(text.contains("sent: epoch_seconds"))
        #expect(!text.contains("1767323045"))
    }

    @Test(arguments: [
        // A number that is no time: what grows from record to record.
        (
            "0",
            #"[{"id":5,"time":"2026-01-02T03:04:05Z"},{"id":7,"time":"2026-01-02T03:04:06Z"}]"#,
            "cursor: { from: .id, format: integer, overlap: 0, initial: \"0\" }"
        ),
        (
            "4", #"[{"id":5,"n":9},{"id":7,"n":9}]"#,
            "cursor: { from: .id, format: integer, overlap: 0 }"
        ),
        // 1970, where records have such times.
        (
            "0",
            #"[{"id":5,"last_modified":1767323045123},{"id":7,"last_modified":1767323045124}]"#,
            "cursor: { from: .last_modified, format: epoch_milliseconds, overlap: 2m }"
        ),
    ])
    func `a since that is a number goes by what grows`(
        since: String, body: String, cursor: String
    ) throws {
        let guess = try APIGuess(
            Drafted.answer(body, url: "https://api.example.com/v1/events?since=\(since)"),
            DraftChoices())
        #expect(guess.draft.text.contains(cursor), "\(guess.draft.text)")
        #expect(Drafted.complaints(in: guess.draft.text) == [])
    }

    @Test func `secrets of the query and of headers are parameters, and nowhere else`() throws {
        var choices = DraftChoices()
        choices.headers = [("X-Auth-Token", "s3cr3t-header"), ("X-Tenant", "acme")]
        let guess = try APIGuess(
            Drafted.answer(
                "[{\"id\":1}]", url: "https://api.example.com/orders?api_key=s3cr3t-query&a=1"),
            choices)
        let text = guess.draft.text
        #expect(!text.contains("s3cr3t"))
        #expect(text.contains("query: api_key"))
        #expect(text.contains("X-Auth-Token: \"${params.x-auth-token}\""))
        #expect(text.contains("X-Tenant: acme"))
        #expect(!guess.findings.contains { "\($0)".contains("s3cr3t") })
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test(
        arguments: [
            (DraftCredential.bearer, "bearer: \"${params.token}\""),
            (.basic, "password: \"${params.password}\""), (.header("X-Key"), "header: X-Key"),
            (.query("k"), "query: k"), (.cookie("sid"), "cookie: sid"),
        ])
    func `each credential becomes auth`(credential: DraftCredential, expected: String) throws {
        var choices = DraftChoices()
        choices.credential = credential
        let text = try APIGuess(Drafted.answer("[{\"id\":1}]"), choices).draft.text
        #expect(text.contains(expected), "\(text)")
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test(
        arguments: [
            (
                [
                    "X-RateLimit-Remaining": "10", "X-RateLimit-Limit": "60",
                    "X-RateLimit-Reset": "1767323045",
                ],
                [
                    "remaining: x-ratelimit-remaining", "limit: x-ratelimit-limit",
                    "as: epoch_seconds",
                ]
            ),
            (["X-Rate-Limit-Remaining": "10", "X-Rate-Limit-Reset": "30"], ["as: seconds"]),
            (["X-Shopify-Shop-Api-Call-Limit": "1/40"], ["as: n_of_m"]),
        ])
    func `limit headers are named with their meaning`(
        headers: [String: String], expected: [String]
    ) throws {
        let answer = Drafted.answer("[{\"id\":1}]", headers: headers.map { ($0.key, $0.value) })
        let text = try APIGuess(answer, DraftChoices()).draft.text
        for words in expected { #expect(text.contains(words), "\(text)") }
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test func `what a person says is not guessed`() throws {
        var choices = DraftChoices()
        choices.records = ".other"
        choices.key = [".a", ".b"]
        choices.name = "mine"
        choices.stream = "my list"
        choices.pages = "offset"
        let body = #"{"orders":[\#(Self.records(3))],"other":[{"a":1,"b":2}]}"#
        let guess = try APIGuess(Drafted.answer(body), choices)
        let text = guess.draft.text
        for words in [
            "adapter: mine", "  my_list:", "records: .other", "key: [.a, .b]",
            "offset: \"${page.offset}\"",
        ] {
            #expect(text.contains(words), "\(text)")
        }
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test(arguments: [
        (#""mark":"Zm9vYmFy","made":"2026-01-02T03:04:05Z""#, "token: .mark", "mark: "),
        (
            #""made":"2026-01-02T03:04:05Z","kind":"list""#, "token: .next_page_token",
            "page_token: "
        ),
    ])
    func `a token that a person knows of is looked for`(
        members: String, pages: String, item: String
    ) throws {
        var choices = DraftChoices()
        choices.pages = "token"
        let body = #"{"orders":[\#(Self.records(3))],\#(members)}"#
        let text = try APIGuess(Drafted.answer(body), choices).draft.text
        #expect(text.contains(pages), "\(text)")
        #expect(text.contains(item + "\"${page.token}\""), "\(text)")
        #expect(Drafted.complaints(in: text) == [])
    }

    @Test func `a trial is given what the draft was made with`() throws {
        var choices = DraftChoices()
        choices.credential = .basic
        choices.headers = [("X-Auth-Token", "x")]
        let draft = try APIGuess(Drafted.answer("[{\"id\":1}]"), choices).draft
        let flags = TrialFlags(
            draft, allow: ["loopback"],
            known: [("username", "it's me"), ("password", "@env:SHOP_PASSWORD")])
        #expect(
            flags.text == #" --allow loopback --with 'username=it'\''s me'"#
                + " --with password=@env:SHOP_PASSWORD --with x-auth-token=@env:X_AUTH_TOKEN")
    }

    @Test(
        arguments: [
            (Drafted.answer(""), "sample_empty"),
            (Drafted.answer("<!DOCTYPE html><html></html>"), "sample_web_page"),
            (Drafted.answer("hello"), "sample_format"),
            (Drafted.answer("[", status: 200), "json_truncated"),
            (Drafted.answer("[]", status: 401), "sample_refused"),
            (Drafted.answer("[]", status: 302), "sample_refused"),
            (Drafted.answer("\"x\""), "sample_format"),
            (Drafted.answer("[1,1]"), "records_missing"),
            (Drafted.answer("[]", url: "ftp://x/y"), "url_invalid"),
            (Drafted.answer("[]", url: "https://u:p@x/y"), "url_invalid"),
            (Drafted.answer("<a><b></a>"), "xml_malformed"),
        ])
    func `what is no list is refused with a reason`(answer: SampleAnswer, code: String) throws {
        do {
            let guess = try APIGuess(answer, DraftChoices())
            Issue.record("accepted: \(guess.draft.text)")
        } catch {
            #expect(error.code == code, "\(error)")
        }
    }
}
