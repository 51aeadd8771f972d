package import Logging
import PullcordAdapter
package import PullcordCommit
package import PullcordConfig
import PullcordDeliver
import PullcordDetect
import PullcordJQ
import PullcordJSON
package import PullcordModel
import PullcordPoll
import PullcordSchedule
import PullcordSigning
package import PullcordTransfer

/// A configuration put to work on a store: streams, subscriptions, and the services over them.
package struct Assembly: Sendable {
    package let streams: [LiveStream]
    package let states: [StreamState]
    package let matcher: EventMatcher
    let sources: [SourcePlan]
    let subscriptions: [SubscriptionPlan]
    /// How the endpoints fare, by the store; empty in a dry run.
    private let summaries: [SubscriptionSummary]
    /// The numbers of the streams of health; nil in a dry run.
    private let health: (sources: StreamID, endpoints: StreamID)?
    let retention: RetentionSpec

    /// Registers what the configuration names with the store it owns.
    ///
    /// What is the same as in `previous` is taken over as it is. Nothing is written before
    /// everything has been compiled.
    package init(
        _ configuration: Configuration, store: some Store & StoreReader,
        log: Logger = Logger(label: "pullcord"), replacing previous: Assembly? = nil,
        budgets: Budgets = Budgets()
    ) async throws {
        sources = try Self.plans(configuration, replacing: previous, budgets)
        let drafts = try Self.subscriptions(configuration, replacing: previous)
        let addresses = sources.flatMap { $0.streams.map(\.address) }
        // All in one call: what is not named is not in the file.
        let own: [StreamAddress] = [.sourceHealth, .endpointHealth]
        let registered = try await store.register(streams: addresses + own)
        let ids: [SubscriptionID]
        do {
            ids = try await store.register(subscriptions: drafts.map(\.registration))
        } catch {
            // All or nothing: what ran before is what is in the file.
            if let before = previous?.streams.map(\.address) {
                _ = try? await store.register(streams: before + own)
            }
            throw error
        }
        states = Array(registered.prefix(addresses.count))
        let reserved = registered.suffix(own.count).map(\.id)
        health = reserved.count == 2 ? (reserved[0], reserved[1]) : nil
        streams = Self.streams(sources, states, replacing: previous)
        subscriptions = zip(drafts, ids).map { $0.with(id: $1) }
        retention = configuration.bridge.retention
        matcher = EventMatcher(subscriptions.map(\.listener)) { name, error in
            log.filterFailed(name, error.message)
        }
        summaries = try await store.subscriptions()
    }

    /// Reads the streams' states without owning the store, for a dry run.
    package init(dryRun configuration: Configuration, records: any RecordReader) async throws {
        sources = try Self.plans(configuration, replacing: nil, Budgets())
        var states: [StreamState] = []
        for plan in sources.flatMap(\.streams) {
            states.append(try await records.state(of: plan.address))
        }
        self.states = states
        streams = Self.streams(sources, states, replacing: nil)
        matcher = try Self.matcher(dryRun: configuration)
        subscriptions = []
        summaries = []
        health = nil
        retention = RetentionSpec()
    }

    /// What makes news of health into events; nil in a dry run.
    package func healthReporter(
        records: any RecordReader, bells: LaneBells = LaneBells(), matcher: LiveMatcher? = nil
    ) -> HealthReporter? {
        health.map {
            HealthReporter(
                sources: $0.sources, endpoints: $0.endpoints, records: records,
                matcher: matcher ?? LiveMatcher(self.matcher), bells: bells)
        }
    }

    /// The services in the order in which they start; they stop in the opposite order.
    package func services(
        store: any Store & StoreReader, exchange: any Exchange, time: any TimeSource, log: Logger,
        version: String, paused: Set<SourceName> = []
    ) -> Services {
        let readiness = Readiness(log: log) { () async throws(StoreError) in
            try await store.probe()
        }
        let bells = LaneBells()
        let matcher = LiveMatcher(matcher)
        let reporter = healthReporter(records: store, bells: bells, matcher: matcher)
        let workshop = LaneWorkshop(
            store: store, sender: Sender(exchange: exchange, version: version),
            introducer: Introducer(exchange: exchange, version: version),
            slots: Slots(Limits.inFlightMax), bells: bells, reporter: reporter, time: time,
            readiness: readiness, log: log)
        let known = Dictionary(summaries.map { ($0.id, $0) }) { $1 }
        let slots = lanes(by: workshop).map { LaneSlot($0, known[$0.subscription]) }
        let deliver = DeliverService(slots, store: store, time: time)
        let book = StreamBook(store: store, time: time)
        let pipeline = Pipeline(
            records: book, exchange: exchange, time: time, matcher: self.matcher, health: reporter,
            memory: PageMemory(),
            commit: { batch in
                if try await book.commit(batch) { deliver.ring(for: batch) }
            })
        let poll = PollService(
            streams: streams, states: states, pipeline: pipeline, book: book, time: time,
            readiness: readiness, log: log, paused: paused)
        return Services(
            deliver: deliver, poll: poll, readiness: readiness, matcher: matcher,
            workshop: workshop)
    }

    /// The lanes that the subscriptions ask for.
    func lanes(by workshop: LaneWorkshop) -> [LanePlan] {
        subscriptions.map { $0.lane(by: workshop) }
    }

    /// What runs, and what it needs to be changed while it runs.
    package struct Services: Sendable {
        package let deliver: DeliverService
        package let poll: PollService
        package let readiness: Readiness
        let matcher: LiveMatcher
        let workshop: LaneWorkshop
    }

    /// Who wants what, by the places of the subscriptions in the file instead of their numbers.
    package static func matcher(dryRun configuration: Configuration) throws -> EventMatcher {
        let plans = try Self.subscriptions(configuration, replacing: nil)
        return EventMatcher(
            plans.enumerated().map { $1.with(id: SubscriptionID(Int64($0))).listener })
    }

    private static func plans(
        _ configuration: Configuration, replacing previous: Assembly?, _ budgets: Budgets
    ) throws -> [SourcePlan] {
        let known = Dictionary((previous?.sources ?? []).map { ($0.name, $0) }) { $1 }
        var identity = ConfigurationIdentity()
        return try configuration.sources.map { source in
            let before = known[source.spec.name]
            // To look at every word of thousands of sources takes a while; most stay as they are.
            if let before, before.source.isSame(as: source) { return before }
            let own = identity.of(source)
            if let before, before.identity == own { return before }
            return SourcePlan(
                source: source, identity: own,
                schedule: ConfigurationIdentity.of(source.spec.schedule),
                streams: try source.streams.map { try StreamPlan(source, $0, budgets) })
        }
    }

    private static func streams(
        _ sources: [SourcePlan], _ states: [StreamState], replacing previous: Assembly?
    ) -> [LiveStream] {
        let known = Dictionary((previous?.streams ?? []).map { ($0.address, $0) }) { $1 }
        let before = Dictionary((previous?.sources ?? []).map { ($0.name, $0.identity) }) { $1 }
        let plans = sources.flatMap { source in source.streams.map { (source, $0) } }
        return zip(plans, states).map { plan, state in
            let (source, stream) = plan
            if before[source.name] == source.identity, let same = known[stream.address],
                same.id == state.id
            {
                return same
            }
            return stream.stream(id: state.id)
        }
    }

    private static func subscriptions(
        _ configuration: Configuration, replacing previous: Assembly?
    ) throws -> [SubscriptionPlan] {
        let known = Dictionary((previous?.subscriptions ?? []).map { ($0.name, $0) }) { $1 }
        return try configuration.subscriptions.map {
            try SubscriptionPlan($0, replacing: known[$0.spec.name])
        }
    }
}

/// A source with its streams compiled.
struct SourcePlan: Sendable {
    let source: BoundSource
    /// Equal for sources that poll alike.
    let identity: Fingerprint
    /// Equal for sources that are polled at the same times.
    let schedule: Fingerprint
    let streams: [StreamPlan]

    var name: SourceName { source.spec.name }
}

extension BoundSource {
    /// Whether all that a poll goes by is equal, places in the files included; a cheap question
    /// before the one for identities.
    fileprivate func isSame(as other: BoundSource) -> Bool {
        parameters == other.parameters && secrets == other.secrets && spec == other.spec
            && adapter == other.adapter
    }
}

/// A stream of a source with everything compiled that its adapter says.
struct StreamPlan: Sendable {
    let address: StreamAddress
    let budget: BudgetUse
    private let poll: PollPlan
    private let reader: PageReader
    private let spec: StreamSpec
    private let timetable: Timetable
    private let lane: BudgetLane

    init(_ source: BoundSource, _ stream: StreamSpec, _ budgets: Budgets) throws {
        address = StreamAddress(source: source.spec.name, stream: stream.name)
        spec = stream
        timetable = try Timetable(source.spec.schedule, of: address)
        budget = BudgetUse(
            key: BudgetKey.of(stream, source), spec: source.adapter.limits.budget)
        lane = budgets.lane(budget.key, budget.spec)
        poll = try PollPlan(
            address: address, adapter: source.adapter, stream: stream,
            parameters: source.parameters, rules: ComparisonRules.identity(of: stream, source),
            redactor: Redactor(source.secrets + Self.credentials(source)))
        reader = PageReader(try DetectPlan(stream, poll: poll))
    }

    /// What the adapter's `auth` sends, also where its author wrote it down.
    private static func credentials(_ source: BoundSource) -> [Secret] {
        let context = TemplateContext(parameters: source.parameters)
        let values = { (templates: [Template]) in
            templates.compactMap { (try? $0.render(context)) ?? nil }
        }
        guard case .basic(let username, let password) = source.adapter.auth else {
            return values(source.adapter.auth.templates).map { Secret($0) }
        }
        let pair = values([username, password]).joined(separator: ":")
        return values([password]).map { Secret($0) } + [Secret(Base64.encode(Array(pair.utf8)))]
    }

    func stream(id: StreamID) -> LiveStream {
        LiveStream(
            id: id, poll: poll, reader: reader, timetable: timetable, first: spec.first,
            deletes: spec.deletes, lane: lane)
    }
}

extension DetectPlan {
    /// Compiles a stream's expressions; they were checked before, so a failure is a mistake of
    /// ours or of a checker.
    fileprivate init(_ stream: StreamSpec, poll: PollPlan) throws {
        let values = { (texts: [ExpressionText]) in
            try texts.map { try Expression(parsing: $0.text) }
        }
        let paths = { (texts: [ExpressionText]) in
            texts.compactMap { JSONPath(parsing: $0.text) }
        }
        let mask: ScanPlan.Mask =
            switch stream.mask {
            case .all: .all
            case .ignoring(let texts): .ignoring(paths(texts))
            case .only(let texts): .only(paths(texts))
            }
        self.init(
            records: try Expression(parsing: stream.records.text, as: .records),
            when: try stream.condition.map { try Expression(parsing: $0.text) },
            key: try values(stream.key),
            cursor: try stream.cursor.map {
                DetectPlan.Cursor(try Expression(parsing: $0.from.text), format: $0.format)
            },
            mask: mask, unordered: paths(stream.unordered),
            pageFields: try values(poll.pageFields), lastFields: try values(poll.lastFields))
    }
}
