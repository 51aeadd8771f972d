import PullcordAdapter
import PullcordModel

/// The keys of streams that hang together: `parent` and `detail`.
package enum FanOutKeys {
    static let concurrency = KeyTable.Key(
        "concurrency", .integer(1...Limits.visitsAtOnceMax), default: "4",
        "How many requests go on at once; `limits.budget` holds besides.")

    static let pause = KeyType.duration(1000...DurationText.day * 365)

    package static let parent = KeyTable(
        "`parent`", "The stream whose records this one is asked for, one by one.",
        elsewhere: [
            "refresh": "write `every`", "path": "`path` belongs under `request`",
            "name": "write `stream`", "member": "write `as`", "visit": "write `poll`",
        ],
        [
            .init("stream", .name(.stream), required: true, "Its name in this adapter."),
            .init(
                "fields", .map(.expression),
                "What `${parent.NAME}` stands for: a jq program over the parent's record each."),
            .init(
                "when", .expression,
                "Which parents are asked for, by their records; for one that no longer is, once more."
            ),
            .init(
                "poll", .choice(ParentSpec.Visits.allCases.map(\.rawValue)),
                default: "all; with `every`, changed",
                "Whether each poll asks for every parent, or for new and changed ones only."),
            .init(
                "every", pause,
                "After how long a parent is asked for again though it has not changed."),
            concurrency,
            .init(
                "include", .list(.text),
                "Fields that each record carries along, under the member `as`."),
            .init(
                "as", .text, default: "parent", "The member that carries what is included."),
        ])

    package static let detail = KeyTable(
        "`detail`", "A request for each record of a list that gives ids or summaries only.",
        elsewhere: [
            "every": "write `refresh`", "path": "`path` belongs under `request`",
            "key": "the key is taken from the list",
        ],
        [
            .init(
                "request", .either([.template, .table(StreamKeys.request)]), required: true,
                "What to ask for one record, by `${record.key}` or `${record.NAME}`."),
            .init(
                "format", .either([.choice(FormatKeys.kinds), .table(FormatKeys.format)]),
                default: "as the list, of a feed json", "How the answer is written."),
            .init(
                "records", .expression, default: ".", "Where the record stands in the answer."),
            .init("when", .expression, "Which records are kept, by what their details say."),
            .init(
                "watch", .list(.plainPath), default: "all",
                "The members of the list's records that tell that one has changed."),
            .init(
                "refresh", pause,
                "After how long a record is asked for again though the list says nothing new."),
            concurrency,
        ])
}
