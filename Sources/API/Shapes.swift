import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// The shapes of the API's answers by their names, as the document has them.
enum Shapes {
    typealias Member = Schema.Member

    static let text = Schema.text(max: 4096)
    static let long = Schema.text(max: 1 << 20)
    static let name = Schema.text(max: 64)
    /// Labels that are asked for.
    static let labels = Schema.text(max: 1024)
    static let count = Schema.integer(0...Int.max)
    static let mayBeTime = Schema.nullable(.time)
    static let mayBeText = Schema.nullable(text)

    static let all: [String: Schema] = [
        "Problem": problem, "Done": done, "Source": source, "Stream": stream,
        "PollReport": pollReport, "Pace": pace, "Subscription": subscription, "Event": event,
        "EventDetail": eventDetail, "Delivery": delivery, "Attempt": attempt, "Replay": replay,
        "ReplayCount": replayCount, "Quarantine": quarantine, "QuarantineDetail": quarantineDetail,
        "Adapter": adapter, "Complaint": complaint, "CheckReport": checkReport, "Audit": audit,
        "Status": status, "Ready": ready, "KeySet": keySet, "Poked": poked,
        "Definition": definition, "DefinitionChange": definitionChange, "NewSecret": newSecret,
        "TestSending": testSending,
    ]

    static func page(of name: String) -> Schema {
        .object([
            Member("items", .list(.named(name), max: PageBounds.itemsMax)),
            Member("next", .nullable(.text(max: 4096)), "The cursor of the next page."),
        ])
    }

    /// The body of an answer that only says what was done.
    static func done(_ outcome: Operations.Outcome) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("subject", outcome.subject)
        writer.member("message", outcome.text)
        writer.endObject()
        return writer.bytes
    }

    private static let done = Schema.object([
        Member("subject", text, "What it was done to."), Member("message", text),
    ])

    private static let problem = Schema.object([
        Member("type", text), Member("title", text), Member("status", .integer(400...599)),
        Member("detail", long), Member("code", text, "A stable name for scripts."),
        Member(
            "field", text, required: false,
            "The JSON Pointer of a member, or the name of a parameter or header."),
        Member("allowed", .list(text, max: 1000), required: false),
        Member("hint", text, required: false, "What to do next."),
        Member("complaints", .list(.named("Complaint"), max: 1000), required: false),
    ])

    private static let source = Schema.object([
        Member("name", name), Member("adapter", .nullable(name)),
        Member("adapter_version", .nullable(count)), Member("schedule", mayBeText),
        Member("origin", .choice(["file", "api", "none"]), "Who named it; none names it now."),
        Member("labels", .map(text)),
        Member("state", .choice(SourceState.allCases.map(\.rawValue))),
        Member(
            "set_aside", .nullable(long), "What is wrong with it, where it does not run for it."),
        Member("paused_since", mayBeTime), Member("records", count),
        Member("last_change", mayBeTime), Member("next_poll", mayBeTime),
        changesPerHour, Member("streams", .list(.named("Stream"), max: 10_000)),
    ])

    private static let stream = Schema.object([
        Member("source", name), Member("stream", name), Member("has_baseline", .boolean),
        Member("records", count), Member("cursor", .nullable(long)), Member("failures", count),
        Member("next_poll", mayBeTime), Member("next_reconcile", mayBeTime),
        Member("last_success", mayBeTime, "When the last poll that ended well began."),
        Member(
            "stalled_since", mayBeTime,
            "Since when no poll has ended well, where that is longer than it may be."),
        Member(
            "schema_changed",
            .nullable(.object([Member("at", .time), Member("changes", long)])),
            "When the records last began to look otherwise, and how."),
        Member("last_change", mayBeTime),
        Member("pace", .nullable(.named("Pace"))),
        Member("in_file", .boolean), Member("last_poll", .nullable(.named("PollReport"))),
    ])

    private static let pace = Schema.object([
        Member("every_ms", count, "How often it is polled now, found out by itself."),
        Member("reason", .choice(PaceReason.allCases.map(\.rawValue))),
        Member("changes_per_day", count),
    ])

    private static let pollReport = Schema.object([
        Member("outcome", text), Member("reason", .nullable(long)), Member("started", .time),
        Member("duration_ms", count), Member("pages", count), Member("records", count),
        Member("created", count), Member("updated", count), Member("deleted", count),
    ])

    private static let subscription = Schema.object([
        Member("name", name), Member("backlog", count), Member("oldest_backlog", mayBeTime),
        Member("delivered", count), Member("dead", count), Member("last_delivered", mayBeTime),
        Member("superseded", count), Member("in_file", .boolean),
        Member("disabled_reason", mayBeText),
        Member(
            "set_aside", .nullable(long), "What is wrong with it, where it gets nothing for it."),
        Member("state", .choice(SubscriptionRoutes.states)), Member("state_until", mayBeTime),
        Member("state_reason", mayBeText),
        Member(
            "last_failure",
            .nullable(
                .object([
                    Member("at", .time), Member("outcome", text), Member("reason", long),
                ]))),
        Member(
            "definition",
            .nullable(
                .object([
                    Member("url", text, "Without its query and secrets."),
                    Member("events", .list(text, max: 1000)),
                    Member("sources", .nullable(.list(text, max: 100_000))),
                    Member("format", text), Member("order", text),
                    Member("origin", .choice(["file", "api"])), Member("labels", .map(text)),
                ]))),
    ])

    private static let eventMembers = [
        Member("id", text), Member("type", text), Member("time", .time), Member("source", name),
        Member("stream", name), Member("key", text), Member("version", count),
        Member("origin", text), Member("fingerprint", mayBeText),
    ]

    private static let tally = Schema.object([
        Member("pending", count), Member("delivered", count), Member("dead", count),
    ])

    private static let event = Schema.object(eventMembers + [Member("deliveries", tally)])

    private static let eventDetail = Schema.object(
        eventMembers + [
            Member("record", .any, "As the API sent it; null where there is none (any more)."),
            Member("previous", .any, "The record before, where it was kept."),
            Member("changed", .any, "JSON Pointers of what differs."),
            Member("patch", .any, "A JSON Patch (RFC 6902)."),
            Member("deliveries", .list(.named("Delivery"), max: 1000)),
            Member("fingerprint_before", mayBeText),
            Member(
                "page",
                .nullable(
                    .object([
                        Member("number", count), Member("look", count), Member("url", mayBeText),
                        Member("status", .nullable(count)), Member("records", count),
                        Member("read_at", .time), Member("poll_started", .time),
                    ]))),
        ])

    private static let delivery = Schema.object([
        Member("id", count), Member("subscription", name), Member("event", text),
        Member("type", text), Member("source", name), Member("key", text),
        Member("state", .choice(DeliveryState.allCases.map(\.rawValue))),
        Member("committed", .time), Member("due", mayBeTime), Member("replay", mayBeText),
        Member("replayed_by", mayBeText), Member("attempts", .list(.named("Attempt"), max: 1000)),
    ])

    private static let attempt = Schema.object([
        Member("number", count), Member("started", .time), Member("duration_ms", count),
        Member("status", .nullable(count)), Member("outcome", text),
        Member("reason", .nullable(long)), Member("reply", long),
        Member("traceparent", mayBeText),
    ])

    private static let replay = Schema.object([
        Member("id", count), Member("to", name),
        Member("state", .choice(["running", "sending", "done", "cancelled"])),
        Member("made", .time), Member("rate", count), Member("read_percent", count),
        Member("queued", count), Member("waiting", count), Member("delivered", count),
        Member("dead", count), Member("cancelled", count), Member("without_payload", count),
    ])

    private static let replayCount = Schema.object([
        Member("dry_run", .boolean), Member("to", name),
        Member("events", count, "How many would be sent."),
        Member("without_payload", count, "How many fit and cannot be sent any more."),
        Member("is_complete", .boolean, "False if the log is too long to be counted here."),
    ])

    private static let quarantineMembers = [
        Member("source", name), Member("stream", name), Member("reason", text),
        Member("message", long), Member("since", .time), Member("last_seen", .time),
        Member("polls", count), Member("affected", count), Member("known", count),
        Member("decision", .choice(QuarantineDecision.allCases.map(\.rawValue))),
        Member("decided_at", mayBeTime),
    ]

    private static let quarantine = Schema.object(quarantineMembers)

    private static let quarantineDetail = Schema.object(
        quarantineMembers + [
            Member("excerpt", .nullable(long)),
            Member(
                "sample",
                .list(
                    .object([
                        Member("key", text), Member("version", count),
                        Member("before", mayBeText), Member("after", mayBeText),
                        Member("previous", .nullable(long)), Member("record", .nullable(long)),
                    ]), max: 1000)),
        ])
}

/// How a source fares, at a glance: the worst of its streams.
enum SourceState: String, CaseIterable {
    case healthy, stalled, failing, quarantined, paused
    case neverPolled = "never_polled"
    /// The API made it, and something is wrong with it, so that it does not run.
    case setAside = "set_aside"
    /// Nobody names it any more.
    case removed
}

/// Items of one page.
enum PageBounds {
    static let itemsMax = 200
    static let limit = Route.Parameter(
        "limit", .integer(1...itemsMax), "Items of one page, 50 unless given.")
    static let cursor = Route.Parameter(
        "cursor", .text(max: 512), "Where the page begins: `next` of the page before.")
}
