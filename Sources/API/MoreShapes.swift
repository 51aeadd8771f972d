/// Shapes besides those of the data itself.
extension Shapes {
    static let changesPerHour = Member(
        "changes_per_hour", .list(count, max: ActivityTally.hours),
        "Changes in each of the last 24 hours; the last is the current one.")

    static let adapter = Schema.object([
        Member("name", name), Member("file", text), Member("version", .nullable(count)),
        Member("summary", .nullable(long)), Member("documentation", mayBeText),
        Member(
            "parameters",
            .list(
                .object([
                    Member("name", name), Member("kind", text), Member("required", .boolean),
                    Member("default", mayBeText), Member("summary", long),
                ]), max: 1000)),
        Member("streams", .list(name, max: 1000)),
        Member("complaints", .list(.named("Complaint"), max: 1000)),
    ])

    static let complaint = Schema.object([
        Member("severity", .choice(["error", "warning"])), Member("code", text),
        Member("file", text, required: false), Member("line", count, required: false),
        Member("column", count, required: false),
        Member("path", text, required: false, "The keys that lead to the value."),
        Member("pointer", text, required: false, "A JSON Pointer into the definition."),
        Member("message", long), Member("found", long, required: false),
        Member("allowed", .list(text, max: 1000), required: false),
        Member("suggestion", text, required: false), Member("hint", long, required: false),
        Member("related", text, required: false),
    ])

    static let checkReport = Schema.object([
        Member("valid", .boolean), Member("errors", count), Member("warnings", count),
        Member("complaints", .list(.named("Complaint"), max: 1000)),
    ])

    static let audit = Schema.object([
        Member("time", .time), Member("action", text), Member("subject", text),
        Member("detail", long), Member("actor", mayBeText, "null for the command line."),
    ])

    static let status = Schema.object([
        Member("version", text), Member("now", .time), Member("ready", .boolean),
        Member("sources", .map(count), "How many are in each state."),
        Member("streams", count), Member("subscriptions", .map(count)), Member("backlog", count),
        Member("dead", count),
        changesPerHour,
        Member(
            "kept_since",
            .object([Member("events", mayBeTime), Member("payloads", mayBeTime)])),
    ])

    static let ready = Schema.object([
        Member("status", .choice(["ok", "full"])), Member("reason", text, required: false),
        Member("since", .time, required: false),
    ])

    static let keySet = Schema.object([
        Member(
            "keys",
            .list(
                .object([
                    Member("kty", text), Member("crv", text), Member("x", text),
                    Member("kid", text), Member("use", text), Member("alg", text),
                ]), max: 100_000))
    ])

    static let poked = Schema.object([
        Member("source", name),
        Member("outcome", .choice(Poker.Outcome.allCases.map(\.rawValue))),
    ])

    static let definition = Schema.object([
        Member("kind", .choice(["source", "subscription"])), Member("name", name),
        Member("origin", .choice(["file", "api"])),
        Member("definition", .any, "The keys of the bridge file; secrets are sealed."),
        Member("labels", .map(text)), Member("version", .nullable(count)),
        Member("made", mayBeTime), Member("changed", mayBeTime),
        Member("complaints", .list(.named("Complaint"), max: 1000)),
    ])

    static let definitionChange = Schema.object([
        Member("outcome", .choice(["created", "replaced", "unchanged", "deleted"])),
        Member("definition", .named("Definition")),
        Member("problem", mayBeText, "Why the daemon does not run by it yet."),
    ])

    static let newSecret = Schema.object([
        Member("secret", text, "Shown this once."), Member("change", .named("DefinitionChange")),
    ])

    static let testSending = Schema.object([
        Member("event", text), Member("delivered", .boolean), Member("outcome", text),
        Member("reason", long), Member("status", .nullable(count)), Member("duration_ms", count),
        Member("reply", long),
    ])
}
