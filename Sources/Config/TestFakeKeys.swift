import PullcordAdapter
import PullcordModel

/// The language of the fake API of a test file: lists of records that polls read and changes alter.
package enum TestFakeKeys {
    /// Records that `fill` makes.
    package static let filledMax = 10_000

    package static let list = KeyTable(
        "a list of the fake", "Records under a URL, as an API would page, filter and sort them.",
        elsewhere: [
            "changes": "`changes` belongs to a poll", "faults": "`faults` belongs to a poll",
            "path": "write `list`", "url": "write `list`",
        ],
        [
            .init(
                "list", .text, required: true,
                "Its URL below `base_url`, or a whole one; items of the query must be so, `*`: any."
            ),
            .init("method", .choice(["get", "post"]), default: "get", "How it is asked for."),
            .init("records", .data, default: "[]", "What is there before the first poll: a list."),
            .init("fill", .table(fill), "Many records that differ in key and sorted field only."),
            .init(
                "key", .text, default: "id",
                "The member that tells records apart, `a.b` for one within."),
            .init("sort", .text, default: "as inserted", "A member; `-updated_at` for descending."),
            .init("since", .table(since), "A parameter that leaves out older records."),
            .init("pages", .table(pages), default: "all on one page", "How it is cut in pages."),
            .init(
                "items", .text, default: "the answer itself",
                "Where the records stand: `data.items`."),
            .init("total", .text, "Where the number of all records stands."),
            .init("extra", .data, "Further members of each answer: a mapping."),
            .init("fields", .list(.text), default: "all", "The members that the list shows."),
            .init("one", .text, "The URL of one record: `/items/{key}`; 404 if it is not there."),
            .init("item", .text, default: "the answer itself", "Where the record stands there."),
            .init("headers", .map(.text), "Headers of each answer."),
            .init("wants", .map(.text), "Headers without which it answers 401."),
            .init(
                "etag", .boolean, default: "false", "Whether it answers 304 where nothing is new."),
        ])

    package static let fill = KeyTable(
        "`fill`", "Many records that differ in key and sorted field only.",
        [
            .init("count", .integer(1...filledMax), required: true, "How many."),
            .init(
                "record", .data, required: true,
                "The first; in each further one the key and a number that it is sorted by are one "
                    + "more, a time one second later."),
        ])

    package static let since = KeyTable(
        "`since`", "A parameter of the request that leaves out older records.",
        [
            .init(
                "param", .text, required: true, "In the query, the form or the JSON body (`a.b`)."),
            .init("field", .text, required: true, "The member that is compared with it."),
            .init("inclusive", .boolean, default: "true", "Whether an equal one is in the answer."),
            .init("prefix", .text, "What stands in front of the value: `updated_at>=`."),
        ])

    package static let pagers = ["link", "url", "token", "number", "offset", "keyset"]

    package static let pages = KeyTable(
        "`pages`", "How a list is cut in pages.",
        [
            .init(
                "by", .choice(pagers), required: true,
                "The Link header, a URL or token in the answer, or what the client counts."),
            .init("size", .integer(1...100_000), required: true, "Records of a page at most."),
            .init(
                "size_param", .text, "The parameter by which a request asks for fewer than `size`."),
            .init(
                "param", .text, default: "page, offset, after or token",
                "The parameter that says where a page begins."),
            .init("start", .integer(0...1), default: "1", "The number of the first page."),
            .init("next", .text, default: "next", "Where the next URL or token stands."),
            .init("next_header", .text, "The header that it stands in instead."),
            .init("more", .text, "Where true stands if there are more."),
            .init("last", .text, "Where the number of pages stands."),
            .init("field", .text, default: "the key", "Of keyset: what `param` is compared with."),
        ])

    package static let change = KeyTable(
        "a change", "What happens to the records of the fake.",
        [
            .init("insert", .data, "A record."),
            .init("update", .data, "The key and the members that become another."),
            .init("delete", .text, "The key of the record."),
            .init("in", .text, "The list, as `list` names it; needed where there are several."),
            .init(
                "during", .integer(1...100_000), default: "before the poll",
                "After the answer to that request of the poll, counted from 1."),
        ])

    package static let fault = KeyTable(
        "a fault", "An answer in the place of the fake's own.",
        [
            .init(
                "request", .integer(1...100_000), default: "1",
                "Which request of the poll gets it, counted from 1."),
            .init("times", .integer(1...100_000), default: "1", "How many requests in a row."),
        ] + TestKeys.answer.keys)
}
