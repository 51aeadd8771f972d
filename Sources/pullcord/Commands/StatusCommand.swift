import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each source's last and next poll and each subscription's backlog.",
        discussion: """
            Reads the store beside a running daemon or without one. The status is 0 however the \
            sources fare; scripts look into --json.
            """)

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Only with these labels: customer=acme,tier!=free,region in (eu,us).")
    var label: String?

    func run() async throws {
        try await explaining {
            let reader = try options.reader()
            let sources = try await names(.source, reader)
            let states = try await reader.streams()
            let stalled = StalledMark.read(states)
            let streams = states.filter { stream in
                !stream.address.isInternal
                    && sources?.contains(stream.address.source.text) ?? true
            }.sorted { $0.address < $1.address }
            let chosen = try await names(.subscription, reader)
            let subscriptions = try await reader.subscriptions()
                .filter { chosen?.contains($0.name.text) ?? true }.sorted { $0.name < $1.name }
            let kept = try await reader.kept()
            let paused = Set(try await reader.pausedSources().map(\.source))
            let owner = SQLiteStore.owner(path: try options.storePath())
            if json {
                printJSON(streams, subscriptions, kept, paused, stalled, owner)
            } else {
                show(owner, roomLeft: HostFigures.read(store: try options.storePath()).freeBytes)
                printTables(streams, subscriptions, paused, stalled)
                show(kept)
            }
        }
    }

    /// The names that `--label` chooses; nil for all.
    private func names(_ kind: DefinitionKind, _ reader: any StoreReader) async throws
        -> Set<String>?
    {
        guard let label else { return nil }
        let selector = try LabelSelector(parsing: label)
        let stored = try await reader.allDefinitions(kind, labels: selector).map(\.name)
        let own = Workplace.loader.labels(in: options.config, of: kind)
            .filter { selector.matches($0.value) }.map(\.key)
        return Set(stored + own)
    }

    /// Whether anything is going on at all.
    private func show(_ owner: String?, roomLeft: Int?) {
        let palette = Palette(isOn: StandardOutput.hasColours)
        let text =
            owner.map { palette.green("running: ") + $0 }
            ?? palette.yellow("no daemon runs: nothing is polled or delivered")
        StandardOutput.writeLine(text)
        if let roomLeft, roomLeft < Limits.probeBytes {
            let room = palette.red("the store's disk has \(Shown.bytes(roomLeft)) left")
            StandardOutput.writeLine("\(room): what does not fit is not polled until there is more")
        }
        StandardOutput.writeLine()
    }

    private func show(_ kept: KeptSummary) {
        guard let events = kept.events else { return }
        let now = Workplace.time.wall()
        let payloads = kept.payloads.map { Shown.time($0, now: now) } ?? "now"
        let palette = Palette(isOn: StandardOutput.hasColours)
        StandardOutput.writeLine(
            palette.dim("events since \(Shown.time(events, now: now)), payloads since \(payloads)"))
    }

    private func printJSON(
        _ streams: [StreamState], _ subscriptions: [SubscriptionSummary], _ kept: KeptSummary,
        _ paused: Set<SourceName>, _ stalled: [StreamAddress: Timestamp], _ owner: String?
    ) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("daemon", owner)
        writer.key("paused")
        writer.beginArray()
        for source in paused.map(\.text).sorted() { writer.string(source) }
        writer.endArray()
        writer.key("streams")
        writer.beginArray()
        for stream in streams { writer.stream(stream, stalled: stalled[stream.address]) }
        writer.endArray()
        writer.key("subscriptions")
        writer.beginArray()
        for subscription in subscriptions { writer.subscription(subscription) }
        writer.endArray()
        writer.key("kept_since")
        writer.beginObject()
        writer.member("events", kept.events)
        writer.member("payloads", kept.payloads)
        writer.endObject()
        writer.endObject()
        StandardOutput.writeLine(String(decoding: writer.bytes, as: UTF8.self))
    }

    private func printTables(
        _ streams: [StreamState], _ subscriptions: [SubscriptionSummary],
        _ paused: Set<SourceName>, _ stalled: [StreamAddress: Timestamp]
    ) {
        let now = Workplace.time.wall()
        let palette = Palette(isOn: StandardOutput.hasColours)
        var polls = Table("STREAM", "LAST POLL", "OUTCOME", "RECORDS", "LAST CHANGE", "NEXT POLL")
        for stream in streams {
            let failures = stream.failures > 1 ? " (\(stream.failures) in a row)" : ""
            polls.add(
                stream.address.description,
                Shown.relative(stream.lastPoll?.started, now: now),
                stream.isInFile
                    ? (stream.lastPoll?.outcome ?? "never polled") + failures : "not defined",
                String(stream.liveCount), Shown.relative(stream.lastChange, now: now),
                paused.contains(stream.address.source) ? "paused" : next(stream, now: now))
        }
        show(polls, palette)
        for stream in streams {
            guard stream.isInFile, let next = stream.nextReconcile else { continue }
            let time = next <= now ? "due" : Shown.relative(next, now: now)
            StandardOutput.writeLine(
                palette.dim("\(stream.address): reads its whole list next \(time)"))
        }
        for stream in streams where stream.isInFile {
            guard let pace = stream.pace else { continue }
            StandardOutput.writeLine(palette.dim("\(stream.address): \(pace.words)"))
        }
        for stream in streams {
            if let since = stalled[stream.address], stream.isInFile {
                StandardOutput.writeLine(
                    palette.red(
                        "\(stream.address): stalled, no poll has ended well since "
                            + Shown.time(since, now: now)))
            }
            guard stream.isInFile, let mark = SchemaMark(stream) else { continue }
            let age = Shown.relative(mark.time, now: now)
            StandardOutput.writeLine(
                palette.yellow("\(stream.address): its records changed \(age): \(mark.text)"))
        }
        for stream in streams {
            guard let reason = stream.lastPoll?.reason, !reason.isEmpty else { continue }
            StandardOutput.writeLine(palette.red("\(stream.address): \(reason)"))
        }
        StandardOutput.writeLine()
        var lanes = Table(
            "SUBSCRIPTION", "STATE", "BACKLOG", "OLDEST", "DELIVERED", "DEAD", "LAST DELIVERY")
        for subscription in subscriptions {
            lanes.add(
                subscription.name.text, state(subscription, now: now),
                String(subscription.backlog),
                Shown.relative(subscription.oldestBacklog, now: now),
                String(subscription.delivered), String(subscription.dead),
                Shown.relative(subscription.lastDelivered, now: now))
        }
        show(lanes, palette)
        for subscription in subscriptions {
            guard subscription.disabledReason == nil, let failure = subscription.failure else {
                continue
            }
            StandardOutput.writeLine(
                palette.red("\(subscription.name): \(failure.reason)")
                    + palette.dim(" [\(failure.outcome), \(Shown.relative(failure.at, now: now))]"))
        }
        for subscription in subscriptions where subscription.disabledReason == nil {
            guard let health = EndpointHealth(of: subscription), !health.reason.isEmpty else {
                continue
            }
            StandardOutput.writeLine(
                palette.red("\(subscription.name): \(health.condition.rawValue), \(health.reason)"))
        }
        for subscription in subscriptions {
            guard let reason = subscription.disabledReason else { continue }
            StandardOutput.writeLine(
                palette.red("\(subscription.name): \(reason)")
                    + "\n  hint: pullcord enable \(subscription.name) starts it again"
            )
        }
    }

    /// The health of the endpoint and how long a pause still lasts; with a word where attempts
    /// fail and the endpoint counts as healthy.
    private func state(_ subscription: SubscriptionSummary, now: Timestamp) -> String {
        if !subscription.isInFile { return "not defined" }
        if subscription.disabledReason != nil { return "disabled" }
        if let health = EndpointHealth(of: subscription), health.condition != .healthy {
            guard let until = health.until, until > now else { return health.condition.rawValue }
            return "\(health.condition.rawValue), again \(Shown.relative(until, now: now))"
        }
        return subscription.failure == nil ? "healthy" : "healthy, retrying"
    }

    private func next(_ stream: StreamState, now: Timestamp) -> String {
        guard stream.isInFile, let next = stream.nextPoll else { return "–" }
        return next <= now ? "due" : Shown.relative(next, now: now)
    }

    private func show(_ table: Table, _ palette: Palette) {
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
    }
}
