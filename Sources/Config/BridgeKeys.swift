import PullcordAdapter
import PullcordModel

/// The language of bridge files: every key, once.
package enum BridgeKeys {
    package static let bridge = KeyTable(
        "a bridge file", "Which adapters are put to work, and who hears of changes.",
        elsewhere: [
            "streams": "`streams` belongs to an adapter",
            "params": "`params` belongs to an adapter",
            "base_url": "`base_url` belongs to an adapter",
            "every": "`every` belongs to each source",
        ],
        [
            .init("store", .text, default: "sqlite:pullcord.db", "The database: sqlite:PATH."),
            .init(
                "adapters", .list(.either([.text, .table(pack)])), default: "[./adapters]",
                "Folders and archives to look for adapters in, the first that has one counts; "
                    + "the file's own folder and `adapters` in it come last."),
            .init("network", .table(network), "Which private addresses may be connected to."),
            .init(
                "programs", .table(ExecKeys.programs),
                "Which adapters may run programs on this machine; none unless given."),
            .init("sources", .list(.table(source)), "Adapters put to work."),
            .init("subscriptions", .list(.table(subscription)), "Who wants which events."),
            .init("retention", .table(QueueKeys.retention), "How long what is finished is kept."),
            .init("api", .table(APIKeys.api), "The HTTP API; without the key there is none."),
            .init(
                "secrets", .table(DefinitionKeys.secrets),
                "Keys that secrets in the store are sealed with."),
        ])

    package static let pack = KeyTable(
        "an archive", "Adapters in one file, and what it must be.",
        elsewhere: [
            "path": "write `archive`", "file": "write `archive`", "checksum": "write `sha256`",
            "url": "write `archive`: the path of a file that was fetched before",
        ],
        [
            .init(
                "archive", .text, required: true,
                "The path of a .tar.gz, as `pullcord adapter pack` makes it."),
            .init(
                "sha256", .text, required: true,
                "The checksum of the file: 64 hexadecimal digits."),
        ])

    package static let network = KeyTable(
        "`network`", "Which private addresses may be connected to.",
        [
            .init(
                "allow", .list(.text),
                "Words (loopback, private), networks (10.1.0.0/16) or hosts (name:port)."),
            .init(
                "proxy", .template,
                "The URL of a proxy (http, https, socks5, socks5h); none unless given."),
        ])

    package static let source = KeyTable(
        "a source", "An adapter put to work.",
        elsewhere: [
            "params": "write `with`", "parameters": "write `with`", "stream": "write `streams`",
            "url": "an adapter's `base_url` says where to poll",
            "reconcile": "`reconcile` belongs to a stream of the adapter",
        ],
        [
            .init(
                "name", .name(.plain), required: true,
                "What the source is called: unique, part of its events, its state is kept by it."),
            .init("adapter", .text, required: true, "An adapter's name, or the path of its file."),
            .init("with", .map(.template), "Values for the adapter's parameters."),
            .init(
                "every",
                .either([pause, .choice(["auto"]), .table(PaceKeys.every)]),
                "From the start of one poll to the start of the next; this or `cron` is required. "
                    + "auto polls what changes often more often."),
            .init(
                "catch_up", .duration(1000...DurationText.day),
                "The interval while more is waiting than one poll reads."),
            .init(
                "cron", .text,
                "Times of the calendar instead of `every`: minute hour day month weekday."),
            .init("zone", .text, default: "UTC", "Where `cron` and `window` are meant."),
            .init(
                "window", .either([.text, .list(.text)]), default: "always",
                "Hours in which polls start."),
            .init(
                "jitter", .duration(0...DurationText.day), default: "0s",
                "Spreads streams over so long, each by a share of its own."),
            .init("streams", .list(.name(.stream)), default: "all", "Which streams to poll."),
            .init(
                "first", .choice(FirstPoll.allCases.map(\.rawValue)),
                "Instead of what the adapter says."),
            .init("max_delete", .percentage, "Instead of what the adapter says."),
            .init("max_change", .percentage, "Instead of what the adapter says."),
            .init("emit_rate", .text, "Instead of what the adapter says."),
            .init("tls", .table(AccessKeys.tls), "Instead of what the adapter says."),
            .init("poke", .table(APIKeys.poke), "Which foreign webhook makes it poll at once."),
            .init("labels", DefinitionKeys.labels, "Words to choose it by."),
            .init(
                "stalled_after", .duration(1000...DurationText.day * 365),
                default: "ten times `every`, at least 1h",
                "How long no poll may end well until `pullcord.source.stalled` tells of it."),
        ])

    static let pause = KeyType.duration(1000...DurationText.day * 365)

    static let wait = KeyType.duration(0...DurationText.day * 7)

    /// Attempts of one delivery at most.
    static let attemptsMax = 1000

    package static let retry = KeyTable(
        "`retry`", "How the waits between attempts grow.",
        [
            .init("first", wait, default: "5s", "Before the second attempt."),
            .init("factor", .integer(1...10), default: "2", "Each wait is so many times the last."),
            .init("max", wait, default: "24h", "No wait is longer."),
            .init(
                "attempts", .integer(1...attemptsMax), default: "11",
                "In all, the first included; then the delivery is dead."),
        ])

    package static let subscription = KeyTable(
        "a subscription", "Who wants which events, where and how.",
        elsewhere: [
            "source": "write `sources`", "event": "write `events`", "when": "write `filter`",
            "streams": "write `events: [\"STREAM.*\"]`",
        ],
        [
            .init(
                "name", .name(.plain), required: true,
                "What the subscription is called: unique, its deliveries are kept by it."),
            .init("url", .template, required: true, "Where events are POSTed to."),
            .init(
                "events", .list(.text), default: "[\"*\"]",
                "Patterns: orders.created, orders.*, *.deleted, *."),
            .init("sources", DefinitionKeys.sources, default: "all", "Only events of these."),
            .init("labels", DefinitionKeys.labels, "Words to choose it by."),
            .init("filter", .expression, "A predicate over the webhook's body."),
            .init("headers", .map(.template), "Headers of each POST; may hold `${event.…}`."),
            .init(
                "timeout", .duration(Limits.attemptMilliseconds), default: "20s",
                "How long one attempt may take."),
            .init(
                "order", .choice(DeliveryOrder.allCases.map(\.rawValue)), default: "per_record",
                "Which deliveries wait for which."),
            .init(
                "sequence", .boolean, default: "false",
                "Number the deliveries, so that a receiver sees what it has missed."),
            .init("batch", .table(QueueKeys.batch), "Several events in one POST."),
            .init(
                "retry", .either([.list(wait), .table(retry)]),
                default: "[5s, 30s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h]",
                "The waits between attempts: a list, or how they grow."),
        ] + wire + AccessKeys.keys)
}
