import PullcordAdapter
import PullcordModel

/// The keys of a stream that say where changes show besides the list, and what of them counts.
package enum ChangeKeys {
    static let stream: [KeyTable.Key] = [
        .init(
            "updates", .boolean, default: "false",
            "Whether items of a feed that are edited later are events as well."),
        .init(
            "remember", .integer(FeedMemory.range), default: String(FeedMemory.standard),
            "How many items a feed keeps in mind that it no longer shows."),
        .init("tombstone", .expression, "True for a record that is deleted."),
        .init(
            "transform", .expression,
            "Makes the record of what the API sent, before anything else looks at it."),
        .init(
            "normalize", .map(.choice(NormalSpec.Kind.allCases.map(\.rawValue))),
            "Paths whose strings are compared as numbers or times."),
        .init(
            "reconcile", .either([.text, .table(reconcile)]),
            "When the whole list is read, to see deletes: cron, or a duration such as 24h."),
        .init("deletes", .table(deletions), "A list of deleted records, polled with the stream."),
    ]

    package static let reconcile = KeyTable(
        "`reconcile`", "When and how the whole list is read.",
        elsewhere: ["every": "write `at: 24h`", "cron": "write `at: \"0 3 * * *\"`"],
        [
            .init("at", .text, required: true, "Cron, or a duration such as 24h."),
            .init(
                "request", .either([.template, .table(StreamKeys.request)]),
                default: "the stream's, without `${cursor}`", "What to ask for instead."),
            .init(
                "pages", .either([.choice(["none"]), .table(StreamKeys.pages)]),
                default: "the stream's", "How one page leads to the next."),
            .init(
                "records", .expression, default: "the stream's",
                "Where the list stands in an answer."),
        ])

    package static let deletions = KeyTable(
        "`deletes`", "A list of deleted records, with a cursor of its own.",
        elsewhere: ["every": "it is polled with the stream"],
        [
            .init(
                "request", .either([.template, .table(StreamKeys.request)]), required: true,
                "What to ask for a page."),
            .init(
                "pages", .either([.choice(["none"]), .table(StreamKeys.pages)]),
                default: "none", "How one page leads to the next."),
            .init("records", .expression, default: ".", "Where the list stands in an answer."),
            .init(
                "key", .either([.expression, .list(.expression)]), required: true,
                "The key of the record that was deleted."),
            .init("cursor", .table(StreamKeys.cursor), "Where the next poll of it starts."),
            .init(
                "at", .expression, default: "cursor.from",
                "When the record was deleted, in the cursor's format."),
            .init(
                "covered", .expression, default: "the greatest line",
                "How far the answer says that it reaches: the next cursor."),
        ])
}
