import ArgumentParser
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJQ
import PullcordModel

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send events of the log again, with the ids that they had.",
        discussion: """
            Live deliveries never wait for a replay. It is carried on by the daemon, at its rate \
            and through restarts; pullcord replays shows how far it is. --dry-run counts what \
            would be sent.

            Without --subscription and --to, each subscription gets again what it was sent. With \
            --to alone, that subscription gets what it would have been sent.
            """)

    @Argument(help: "Ids of events; without any, all that fit.")
    var events: [String] = []

    @Option(help: "Only what this subscription was sent.")
    var subscription: String?

    @Option(help: "The subscription to send to, if another.")
    var to: String?

    @Option(help: "Only events of this source.")
    var source: String?

    @Option(help: "Only events of streams of this name.")
    var stream: String?

    @Option(help: "Only events of the record with this key.")
    var key: String?

    @Option(help: "Only created, updated or deleted.")
    var kind: EventKind?

    @Option(help: "Only events at or after this time, as 2026-01-31T09:30:00Z.")
    var since: Timestamp?

    @Option(help: "Only events before this time.")
    var until: Timestamp?

    @Flag(help: "Only what is dead, and was not sent again.")
    var dead = false

    @Option(help: "A jq predicate over the webhook's body.")
    var filter: String?

    @Option(help: "Events a second, as 50/s.")
    var rate = Rate(number: ReplayArguments.rateDefault)

    @Flag(help: "Only count.")
    var dryRun = false

    @Flag(help: "Send the whole log again, to every subscription.")
    var all = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            let reader = try options.reader()
            var total = 0
            for arguments in try await targets(reader) {
                let count = try await count(arguments, reader)
                total += count.send
                if dryRun || count.send > 0 || subscription != nil || to != nil {
                    show(arguments.target, count)
                }
                guard !dryRun, count.send > 0 else { continue }
                StandardOutput.writeLine(
                    try await OperatorChannel(options).perform("replay", arguments.texts))
            }
            if total == 0 { StandardOutput.writeLine("there is nothing to send: " + Self.why) }
        }
    }

    private static let why =
        "either nothing fits, or the payloads are no longer kept (--dry-run counts them)"

    private func show(_ target: SubscriptionName, _ count: (send: Int, withoutPayload: Int)) {
        let gone =
            count.withoutPayload > 0
            ? "; \(count.withoutPayload) more have no payload any more" : ""
        StandardOutput.writeLine("\(target): \(count.send) events\(gone)")
    }

    /// Refuses events that are not there, and the whole log unless that is meant.
    private func check(_ reader: any StoreReader) async throws {
        for id in events where try await reader.events(EventQuery(id: EventID(id))).isEmpty {
            throw Problem(code: "unknown_event", message: "there is no event `\(id)`")
        }
        let isNarrowed =
            !events.isEmpty || dead || since != nil || until != nil
            || [subscription, to, source, stream, key, filter].contains { $0 != nil }
            || kind != nil
        guard !isNarrowed, !all else { return }
        throw Problem(
            code: "replay_all", message: "that would send the whole log to every subscription",
            hint: "say which events are meant, or --all")
    }

    /// One replay for each subscription that is meant.
    private func targets(_ reader: any StoreReader) async throws -> [ReplayArguments] {
        let known = try await reader.subscriptions().map(\.name.text)
        for name in [subscription, to].compactMap(\.self) where !known.contains(name) {
            throw Problem(
                code: "unknown_subscription", message: "there is no subscription `\(name)`",
                hint: "there is: \(known.joined(separator: ", "))")
        }
        if dead, to != nil, subscription == nil {
            throw Problem(
                code: "replay_whose", message: "whose dead letters?",
                hint: "name the subscription that did not get them: --subscription NAME")
        }
        try await check(reader)
        let query = ReplayQuery(
            events: events.map { EventID($0) },
            source: source.map { SourceName($0) }, stream: stream.map { StreamName($0) },
            key: key.map { RecordKey($0) }, kind: kind, since: since, until: until,
            isDeadOnly: dead, filter: filter)
        if let to {
            var query = query
            query.subscription = subscription.map { SubscriptionName($0) }
            return [
                ReplayArguments(query: query, target: SubscriptionName(to), rate: rate.number)
            ]
        }
        return (subscription.map { [$0] } ?? known).map { name in
            var query = query
            query.subscription = SubscriptionName(name)
            return ReplayArguments(
                query: query, target: SubscriptionName(name), rate: rate.number)
        }
    }

    private func count(
        _ arguments: ReplayArguments, _ reader: any StoreReader
    ) async throws -> (send: Int, withoutPayload: Int) {
        let query = arguments.query
        let audience = try await audience(of: arguments)
        let choice = try Self.choice(
            query, audience?.target ?? SubscriptionID(0), audience?.matcher)
        return try await choice.count(query, in: reader)
    }

    /// Who would get what the log holds; nil where the replay says itself what it sends.
    private func audience(
        of arguments: ReplayArguments
    ) async throws -> (matcher: EventMatcher, target: SubscriptionID)? {
        guard arguments.query.subscription == nil, arguments.query.events.isEmpty else {
            return nil
        }
        let configuration = try await options.loadAll()
        let index = configuration.subscriptions.firstIndex { $0.spec.name == arguments.target }
        return (
            try Assembly.matcher(dryRun: configuration), SubscriptionID(Int64(index ?? -1))
        )
    }

    private static func choice(
        _ query: ReplayQuery, _ target: SubscriptionID, _ matcher: EventMatcher?
    ) throws(Problem) -> ReplayChoice {
        do throws(JQError) {
            return try ReplayChoice(query, target: target, matcher: matcher)
        } catch {
            throw Problem(
                code: "expression_invalid", message: error.message, place: "--filter")
        }
    }
}

/// Events a second, as `50/s`.
struct Rate: ExpressibleByArgument, CustomStringConvertible {
    let number: Int

    init(number: Int) { self.number = number }

    init?(argument: String) {
        let text = argument.hasSuffix("/s") ? argument.dropLast(2) : argument[...]
        guard let number = Int(text), (1...Limits.replayRateMax).contains(number) else {
            return nil
        }
        self.number = number
    }

    var description: String { "\(number)/s" }
    var defaultValueDescription: String { description }
}
