import PullcordAdapter
import PullcordModel

/// The keys of `answers` and `expect`.
package enum AnswerKeys {
    package static let rule = KeyTable(
        "a rule of `answers`", "Which answers, and what they mean; all conditions must hold.",
        elsewhere: [
            "if": "write `when`", "headers": "write `header`", "code": "write `status`",
            "action": "write `then`", "wait": "write `after`", "retry_after": "write `after`",
            "body": "write `when`: a jq program over the body",
        ],
        [
            .init(
                "status", .either([status, .list(status)]),
                "Statuses: one, a class such as 4xx, or a list."),
            .init(
                "header", .map(.text),
                "Headers and their values; `*` in a value stands for any text."),
            .init("when", .expression, "A jq program over the body that is true."),
            .init(
                "then", .choice(AnswerRuleSpec.Meaning.allCases.map(\.rawValue)), required: true,
                "What such an answer means."),
            .init(
                "after", .either([.duration(0...DurationText.day), .expression, .table(wait)]),
                "How long to wait, for retry and rate_limited."),
            .init("message", .expression, "What the answer says, for people."),
        ])

    static let status = KeyType.either([
        .integer(100...599), .choice(["1xx", "2xx", "3xx", "4xx", "5xx"]),
    ])

    package static let wait = KeyTable(
        "`after`", "Where the answer says how long to wait, and how it is written.",
        LimitKeys.reading(ValueReading.Meaning.times, default: .seconds))

    package static let expect = KeyTable(
        "`expect`", "What an answer must be before it counts as a page.",
        elsewhere: ["status": "write a rule under `answers`"],
        [
            .init(
                "content_type", .either([.text, .list(.text)]), default: "all but web pages",
                "Media types; `*` stands for any text."),
            .init(
                "path", .expression, "What is neither absent nor null nor false in every page."),
        ])
}
