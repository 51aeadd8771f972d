import PullcordAdapter
import PullcordModel

/// The keys of `limits`.
package enum LimitKeys {
    package static let limits = KeyTable(
        "`limits`", "What the API says of its limits, and what is never exceeded.",
        elsewhere: [
            "rate": "write `budget`, as in budget: 5000/h", "retry_after": "it is always obeyed",
            "attempts": "`attempts` belongs under `retry`",
        ],
        [
            .init(
                "remaining", .either([.headerName, .table(count)]),
                "Where an answer says how many requests are left."),
            .init(
                "limit", .either([.headerName, .table(count)]),
                "Where an answer says how many a window has."),
            .init(
                "reset", .either([.headerName, .table(time)]),
                "Where an answer says when there are more again."),
            .init(
                "budget", .either([.rate, .list(.rate)]),
                "How many requests are sent at most; several rates hold together."),
            .init("concurrency", .integer(1...1000), "Requests under way at once."),
            .init(
                "reserve", .either([.integer(0...1_000_000_000), .percentage]), default: "0",
                "How many of the remaining are left to others."),
            .init(
                "share", .choice(BudgetSpec.Share.allCases.map(\.rawValue)),
                default: "credential", "Which sources count together."),
            .init("cost", cost, default: "1", "What a request counts for."),
            .init(
                "respect", .list(.choice(LimitsSpec.Advice.allCases.map(\.rawValue))),
                default: "[x-poll-interval]", "Headers that put the next poll off."),
            .init(
                "page_bytes", .size(1...Limits.dumpBytesMax), default: "64MiB",
                "Decoded bytes of one page; beyond 256MiB for NDJSON and CSV only."),
            .init(
                "pages", .integer(1...Limits.pagesMax), default: "\(Limits.pagesDefault)",
                "Pages of one poll."),
            .init(
                "timeout", .duration(1...DurationText.day / 24), default: "60s",
                "For one request, to its last byte."),
        ])

    static let cost = KeyType.either([.integer(0...1_000_000), .table(count)])

    package static let count = KeyTable(
        "a number of requests", "Where it stands in an answer, and how it is written.",
        reading(ValueReading.Meaning.counts, default: .count))

    package static let time = KeyTable(
        "`reset`", "Where a time stands in an answer, and how it is written.",
        reading(ValueReading.Meaning.times, default: .epochSeconds))

    static func reading(
        _ meanings: [ValueReading.Meaning], default standard: ValueReading.Meaning
    ) -> [KeyTable.Key] {
        [
            .init("header", .headerName, "The header that has it."),
            .init("path", .expression, "A jq program over the body that gives it."),
            .init(
                "as", .choice(meanings.map(\.rawValue)), default: standard.rawValue,
                "How it is written."),
        ]
    }
}

/// Rates as `5000/h`, `10/s`, `100/15m`.
enum RateText {
    /// nil for anything else than a count, a slash and a length of time of at most 31 days.
    static func read(_ text: String) -> BudgetSpec.Rate? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000_000).contains(count),
            parts[0].allSatisfy(\.isNumber)
        else { return nil }
        let hasNumber = parts[1].first?.isNumber ?? false
        guard let window = DurationText.read(hasNumber ? String(parts[1]) : "1\(parts[1])"),
            (1...DurationText.day * 31).contains(window)
        else { return nil }
        return BudgetSpec.Rate(count: count, window: .milliseconds(window))
    }
}
