import PullcordAdapter
import PullcordModel

/// The keys of a stream and of what is in it.
package enum StreamKeys {
    package static let stream = KeyTable(
        "a stream", "One list of records.",
        elsewhere: [
            "every": "`every` belongs to a source in the bridge file",
            "path": "`path` belongs under `request`", "url": "`url` belongs under `request`",
            "query": "`query` belongs under `request`",
            "headers": "`headers` belongs under `request`",
            "body": "`body` belongs under `request`", "method": "`method` belongs under `request`",
            "overlap": "`overlap` belongs under `cursor`",
            "events": "`events` belongs to a subscription in the bridge file",
            "filter": "write `when` to look at some records only",
        ],
        [
            .init("summary", .text, "What its records are, in one sentence."),
            .init(
                "request", .either([.template, .table(request)]),
                "What to ask for a page: a path alone, or a mapping; required but with `exec` and "
                    + "`swift`."),
            .init(
                "exec", .table(ExecKeys.part), "What it adds to the adapter's `exec`."),
            .init(
                "pages", .either([.choice(["none"]), .table(pages)]), default: "none",
                "How one page leads to the next."),
            .init(
                "format", .either([.choice(FormatKeys.kinds), .table(FormatKeys.format)]),
                default: "json", "How answers are written: a format, or one with its options."),
            .init("records", .expression, default: ".", "Where the list stands in an answer."),
            .init("when", .expression, "Only records for which this is true are looked at."),
            .init(
                "key", .either([.expression, .list(.expression)]), required: true,
                "What tells one record from another: 1 to 8 values together."),
            .init("cursor", .table(cursor), "Where the next incremental poll starts."),
            .init(
                "cursors", .map(.table(cursor)),
                "Several cursors by name, the one that orders the records first."),
            .init(
                "detect", .choice(DetectMode.allCases.map(\.rawValue)),
                default: "feed for rss and atom, else incremental with a cursor, else snapshot",
                "How changes are found."),
            .init("ignore", .list(.plainPath), "Members whose changes are no changes."),
            .init("only", .list(.plainPath), "The only members whose changes are changes."),
            .init("unordered", .list(.plainPath), "Arrays whose order means nothing."),
            .init(
                "first", .choice(FirstPoll.allCases.map(\.rawValue)), default: "baseline",
                "What becomes of the records that exist at the first poll."),
            .init(
                "max_delete", .percentage, default: "20%",
                "The share of records, beyond 10, over which deletes are held back; 100% for never."
            ),
            .init(
                "max_change", .percentage, default: "90%",
                "The share of records from which updates are held back; 100% for never."),
            .init(
                "may_be_empty", .boolean, default: "false",
                "Whether an empty list is believed at once, up to `max_delete`."),
            .init(
                "confirm_deletes", .table(confirmation),
                "What must happen before a record counts as deleted."),
            .init(
                "emit_rate", .text, default: "100/s",
                "How fast `first: emit` sends what exists, such as 100/s or 600/m."),
            .init(
                "keep", .choice(KeepMode.allCases.map(\.rawValue)), default: "fingerprint",
                "What the store keeps of a record: with `record`, events tell what was before."),
            .init(
                "conditional", .boolean, default: "true",
                "Whether ETag and Last-Modified are sent back where a poll is one page."),
            .init(
                "parent", .table(FanOutKeys.parent),
                "The stream whose records this one is asked for, one by one."),
            .init(
                "detail", .table(FanOutKeys.detail),
                "A request for each record of a list that gives ids or summaries only."),
            .init(
                "answers", .list(.table(AnswerKeys.rule)),
                "What answers mean, before the rules of the adapter."),
            .init(
                "expect", .table(AnswerKeys.expect),
                "What an answer must be before it counts as a page."),
        ] + ChangeKeys.stream)

    /// What may stand under `defaults`: the same keys, none of them required.
    package static let defaults = KeyTable(
        "`defaults`", "What every stream says that does not say otherwise.",
        stream.keys.map {
            .init($0.name, $0.type, default: $0.defaultText, support: $0.support, $0.summary)
        })

    package static let request = KeyTable(
        "a request", "The request for a page.",
        elsewhere: ["params": "write `query` for query items"],
        [
            .init(
                "method", .choice(RequestSpec.Method.allCases.map(\.rawValue)),
                default: "GET", "The method of the request."),
            .init("path", .template, "Appended to `base_url`; begins with `/`."),
            .init(
                "url", .template,
                "A whole URL, instead of `path`; its placeholders are taken as they are."),
            .init(
                "query", .map(.either([.template, .list(.template)])),
                "Query items; a list repeats the name, an absent value leaves the item out."),
            .init("headers", .map(.template), "Headers of the request."),
            .init("body", .either([.template, .json]), "A text, or JSON as YAML; needs POST."),
            .init(
                "form", .map(.either([.template, .list(.template)])),
                "Items of a form, instead of `body`; an absent value leaves the item out."),
            .init(
                "content_type", .text,
                default: "application/json of a body as YAML, text/plain; charset=utf-8 of a text, "
                    + "application/x-www-form-urlencoded of a form",
                "What the body is sent as, such as application/vnd.api+json."),
            .init("cost", LimitKeys.cost, "What it counts for in `limits.budget`."),
        ])

    package static let keyset = KeyTable(
        "`keyset`", "Pages that go on behind a record.",
        [
            .init("from", .expression, required: true, "A field that orders the records."),
            .init(
                "then", .expression,
                "A field that orders those whose first is equal; `${page.then}` is its value."),
            .init("start", .template, "`${page.after}` on the first page."),
        ])

    package static let confirmation = KeyTable(
        "`confirm_deletes`", "What must happen before a record counts as deleted.",
        [
            .init(
                "scans", .integer(2...10), "So many complete polls in a row have missed it."),
            .init(
                "get", .template,
                "A path with ${record.key}: only 404 and 410 mean that it is gone."),
        ])

    static let schemes = [
        "link", "next_url", "token", "number", "offset", "keyset", "continue", "range",
    ]

    static let stop = KeyType.choice(PagesSpec.Stop.allCases.map(\.rawValue))

    package static let pages = KeyTable(
        "`pages`", "One scheme, and when to stop.",
        elsewhere: [
            "url": "write `next_url` for a URL in the body or a header",
            "next": "write `next_url` for a URL in the body, `token` for a token",
            "cursor": "write `token` for a token in the body",
            "limit": "write `size`", "per_page": "write `size`",
        ],
        [
            .init("link", .text, "The relation of a Link header (RFC 8288), mostly `next`."),
            .init(
                "next_url", .either([.expression, .table(answerHeader)]),
                "The next page's URL, in the body or in a header."),
            .init(
                "token", .either([.expression, .table(tokenHeader)]),
                "What `${page.token}` is for the next page."),
            .init(
                "continue", .either([.expression, .table(continuation)]),
                "An object whose members are merged into the next request."),
            .init(
                "range", .table(range),
                "`${page.number}` to `${page.last}` count from the cursor to an end asked for."),
            .init(
                "number", .either([.table(start), .integer(0...1_000_000)]),
                "`${page.number}` counts pages."),
            .init(
                "offset", .either([.table(start), .integer(0...1_000_000)]),
                "`${page.offset}` counts records."),
            .init(
                "keyset", .either([.expression, .table(keyset)]),
                "`${page.after}` is this field of the last record."),
            .init(
                "size", .either([.integer(1...Limits.recordsPerPageMax), .parameter]),
                "What `${page.size}` stands for: records of a full page."),
            .init(
                "stop", .either([stop, .list(stop)]), default: "empty",
                "Which page is the last; of several the first that comes."),
            .init(
                "more", .either([.expression, .table(answerHeader)]),
                "False or absent on the last page."),
            .init(
                "total", .either([.expression, .table(answerHeader)]),
                "How many records there are in all."),
            .init(
                "end_statuses", .list(.integer(400...499)), default: "[]",
                "Statuses that mean: past the last page."),
            .init(
                "cap", .integer(1...10_000_000),
                "More records than this the API never gives for one filter."),
        ])

    package static let tokenHeader = KeyTable(
        "`token`", "Where the token is, and what it is for the first page.",
        [
            .init("from", .expression, "Where it stands in the body."),
            .init("header", .headerName, "The header that carries it."),
            .init("start", .template, "`${page.token}` on the first page."),
        ])

    package static let continuation = KeyTable(
        "`continue`", "Members of the answer that belong into the next request.",
        [
            .init("from", .expression, required: true, "Where the object stands in the body."),
            .init(
                "into", .choice(PagesSpec.MergeTarget.allCases.map(\.rawValue)),
                default: "body where the request has one of JSON, else query",
                "Where its members go."),
        ])

    package static let range = KeyTable(
        "`range`", "How far the numbers go.",
        [
            .init(
                "to", .template, required: true,
                "A path of the API that tells the end, such as /maxitem.json."),
            .init(
                "value", .expression, default: ".", "Where the end stands in its answer."),
        ])

    package static let answerHeader = KeyTable(
        "a header", "The header that carries a value.",
        [.init("header", .headerName, required: true, "The name of the header.")])

    static let cursorSources = ["from", "watermark", "token", "url", "link"]

    package static let start = KeyTable(
        "a count", "Where it starts.",
        [.init("start", .integer(0...1_000_000), "The number of the first page or record.")])

    package static let cursor = KeyTable(
        "`cursor`", "Where the next incremental poll starts.",
        [
            .init(
                "from", .expression, "The field that grows when a record changes."),
            .init(
                "watermark", .either([.expression, .table(answerHeader)]),
                "A value of the answer that says how far it reaches."),
            .init(
                "token", .either([.expression, .table(answerHeader)]),
                "A token of the last answer, opaque, that `${cursor}` stands for."),
            .init("url", .expression, "A URL in the last answer that the next poll begins with."),
            .init(
                "link", .text,
                "The relation of a Link header of the last answer, for the same."),
            .init(
                "each_page", .boolean, default: "false",
                "Whether each page's token or link may be kept, not only the last one's."),
            .init(
                "moves", .choice(CursorSpec.Moves.allCases.map(\.rawValue)),
                default: "with_records",
                "What moves it: records found, or every poll that comes to its end."),
            .init(
                "format", .either([.choice(CursorFormat.named.map(\.name)), .text]),
                default: "rfc3339", "How records hold it: a word, or strftime's directives."),
            .init(
                "sent", .either([.choice(CursorFormat.named.map(\.name)), .text]),
                default: "as `format`", "How requests carry it."),
            .init("zone", .text, default: "UTC", "Where times without an offset are meant."),
            .init(
                "settle", .duration(0...DurationText.day), default: "0s",
                "How long after its stamp a record may show up."),
            .init(
                "overlap",
                .either([.duration(0...DurationText.day * 365), .integer(0...Int.max)]),
                default: "0",
                "How far each poll goes back behind the greatest value: a duration, or a count."),
            .init(
                "initial", .template,
                "What `${cursor}` is at the first poll, written as `format` says; `now` begins with "
                    + "that poll."),
            .init(
                "ascending", .boolean, default: "false",
                "Whether the API sends records in ascending order of it."),
            .init(
                "strict", .boolean, default: "false",
                "Whether the API gives what is later only: it is sent one unit less."),
        ])
}
