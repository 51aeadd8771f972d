import PullcordAdapter
import PullcordModel

/// The language of test files of adapters: every key, once.
package enum TestKeys {
    /// Cases of one file, and polls of one case.
    package static let casesMax = 1000
    /// Exchanges of one poll.
    package static let exchangesMax = 10_000

    package static let file = KeyTable(
        "a test file", "An adapter, and series of polls with what is to come of them.",
        elsewhere: [
            "polls": "`polls` belongs to a case", "exchanges": "`exchanges` belongs to a poll",
            "params": "write `with`", "tests": "write `cases`",
        ],
        [
            .init(
                "adapter", .text, required: true,
                "An adapter's name, looked for above `tests` and beside the file, or a path."),
            .init("summary", .text, "One sentence about the tests."),
            .init("with", .map(.template), "Values for the adapter's parameters, for all cases."),
            .init("source", .table(source), "What a bridge file would say of the source."),
            .init("streams", .list(.name(.stream)), default: "all", "Which streams to poll."),
            .init("cases", .list(.table(testCase)), required: true, "What is tested, one by one."),
        ])

    package static let source = KeyTable(
        "`source`", "What a bridge file would say of the source besides its parameters.",
        elsewhere: [
            "with": "write `with` beside `source`", "streams": "write `streams` beside `source`",
            "adapter": "`adapter` stands at the top of the file",
        ],
        BridgeKeys.source.keys.filter {
            ![
                "name", "adapter", "with", "streams", "tls", "poke", "labels", "jitter", "window",
            ].contains($0.name)
        })

    package static let testCase = KeyTable(
        "a case", "A series of polls that begins with nothing known.",
        elsewhere: [
            "exchanges": "`exchanges` belongs to a poll", "events": "`events` belongs to a poll",
            "name": "write `case`", "params": "write `with`",
        ],
        [
            .init("case", .text, required: true, "What is claimed, as a sentence; unique."),
            .init(
                "with", .map(.template), "Parameters besides those of the file, or in their place."),
            .init("source", .table(source), "What a bridge file would say, on top of the file's."),
            .init("streams", .list(.name(.stream)), default: "all", "Which streams to poll."),
            .init(
                "now", .time, default: "2026-01-01T00:00:00Z",
                "The wall clock when the first poll begins."),
            .init("polls", .list(.table(poll)), required: true, "In the order of time."),
        ])

    package static let poll = KeyTable(
        "a poll", "All streams of the case, polled once, parents before children.",
        elsewhere: ["answer": "`answer` belongs to an exchange", "requests": "write `exchanges`"],
        [
            .init(
                "after", .duration(0...DurationText.day * 3650), default: "the source's `every`",
                "From the start of the poll before to the start of this one."),
            .init("now", .time, "Sets the wall clock, to an earlier time too."),
            .init(
                "exchanges", .list(.table(exchange)),
                "What may be asked, and what comes back."),
            .init(
                "events", .list(.table(event)),
                "Exactly these come out, in any order; left out, nothing is said of them."),
            .init(
                "cursor", .either([.text, .map(.text)]),
                "Where the next poll starts: a text, or one for each stream or named cursor."),
            .init(
                "error", .either([.text, .map(.text)]),
                "The code that the poll fails with: a text, or one for each stream."),
        ])

    package static let methods = ["get", "head", "post", "put", "patch", "delete", "options"]

    package static let exchange = KeyTable(
        "an exchange", "A request, by its method and URL, and its answer.",
        elsewhere: [
            "status": "`status` belongs to `answer`", "json": "`json` belongs to `answer`",
            "url": "write the method: `get: /path?query`", "path": "write `get: /path?query`",
            "query": "write it in the URL: `get: /path?query`",
            "fault": "`fault` belongs to `answer`",
        ],
        methods.map {
            .init($0, .text, "Below `base_url`, or an absolute URL; `*` stands for any value.")
        } + [
            .init("headers", .map(.text), "Must be so; `null`: must not be there; `*`: any value."),
            .init(
                "body", .data,
                "A JSON value with \"*\" for any value, a form as `a=1&b=*`, or a text."),
            .init(
                "times", .either([.integer(1...exchangesMax), .choice(["any"])]), default: "1",
                "How often it has to be used; `any` also not at all."),
            .init("answer", .table(answer), required: true, "What comes back."),
        ])

    package static let faults = ["timeout", "reset", "refused", "truncated"]

    package static let answer = KeyTable(
        "an answer", "What an API answers.",
        [
            .init("status", .integer(100...999), default: "200", "The HTTP status."),
            .init("headers", .map(.either([.text, .list(.text)])), "Its headers."),
            .init("json", .data, "The body as a YAML value."),
            .init("text", .text, "The body as it stands."),
            .init("file", .text, "A file with the body, seen from the test file."),
            .init("fault", .choice(faults), "What goes wrong instead of an answer."),
        ])

    package static let event = KeyTable(
        "an event", "A change that comes out.",
        elsewhere: ["key": "write `created: KEY`", "type": "write `created: KEY`"],
        ChangeKind.allCases.map {
            .init($0.rawValue, .either([.text, .list(.text)]), "The key of the record.")
        } + [
            .init("stream", .name(.stream), "Only needed where the case has several."),
            .init("origin", .choice(["live", "backfill", "resync"]), "How it came about."),
            .init("record", .data, "Members that the record must have so."),
            .init("previous", .data, "Members of the record before, with `keep: record`."),
            .init("changed", .list(.text), "Exactly these JSON Pointers, with `keep: record`."),
        ])
}
