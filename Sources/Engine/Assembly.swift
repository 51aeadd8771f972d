package import Logging
import PullcordAdapter
import PullcordAuth
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
    private let endpoints: [Lane]
    /// The numbers of the streams of health; nil in a dry run.
    private let health: (sources: StreamID, endpoints: StreamID)?
    private let retention: RetentionSpec

    private struct Lane: Sendable {
        let endpoint: Endpoint
        let retries: RetrySchedule
        let batch: BatchSize?
        let gate: EndpointGate
        let rate: Rate?
        let health: String?
    }

    /// Registers what the configuration names with the store it owns.
    ///
    /// `time` stamps the credentials that are kept there.
    package init(
        _ configuration: Configuration, store: some Store & StoreReader,
        log: Logger = Logger(label: "pullcord"), time: any TimeSource = SystemTime()
    ) async throws {
        let logins = Logins(vault: StoreVault(store: store, time: time))
        let plans = try Self.plans(configuration, logins)
        // All in one call: what is not named is not in the file.
        let own: [StreamAddress] = [.sourceHealth, .endpointHealth]
        let registered = try await store.register(streams: plans.map(\.address) + own)
        states = Array(registered.prefix(plans.count))
        let reserved = registered.suffix(own.count).map(\.id)
        health = reserved.count == 2 ? (reserved[0], reserved[1]) : nil
        streams = try StreamPlan.streams(plans, states.map(\.id))
        try await Self.releaseParents(of: streams, store)

        let ids = try await store.register(
            subscriptions: configuration.subscriptions.map {
                SubscriptionRegistration(
                    $0.spec.name, order: $0.spec.queue.order, isNumbered: $0.spec.queue.isNumbered)
            })
        retention = configuration.bridge.retention
        matcher = try Self.matcher(configuration, ids: ids) { name, error in
            log.filterFailed(name, error.message)
        }
        let summaries = try await store.subscriptions()
        endpoints = try zip(configuration.subscriptions, ids).map { subscription, id in
            let endpoint = try Self.endpoint(subscription, id: id)
            let summary = summaries.first { $0.id == id }
            return Lane(
                endpoint: endpoint,
                retries: subscription.spec.retries.map { RetrySchedule(delays: [.zero] + $0) }
                    ?? .standard,
                batch: subscription.spec.queue.batch,
                gate: EndpointGate(subscription.access, endpoint: endpoint, summary: summary),
                rate: subscription.access.spec.rate, health: summary?.health)
        }
    }

    /// Reads the streams' states without owning the store, for a dry run.
    ///
    /// `credentials` has what logins have kept; nil for nothing.
    package init(
        dryRun configuration: Configuration, records: any RecordReader,
        credentials: (any CredentialReader)? = nil
    ) async throws {
        let plans = try Self.plans(
            configuration, Logins(vault: RehearsalVault(reader: credentials)))
        var states: [StreamState] = []
        for plan in plans { states.append(try await records.state(of: plan.address)) }
        self.states = states
        // What the store does not know has no number, yet children have to be told apart.
        streams = try StreamPlan.streams(
            plans,
            states.enumerated().map { index, state in
                state.id.number == 0 ? StreamID(-1 - Int64(index)) : state.id
            })
        matcher = try Self.matcher(dryRun: configuration)
        endpoints = []
        health = nil
        retention = RetentionSpec()
    }

    /// What makes news of health into events; nil in a dry run.
    package func healthReporter(
        records: any RecordReader, bells: LaneBells = LaneBells()
    ) -> HealthReporter? {
        health.map {
            HealthReporter(
                sources: $0.sources, endpoints: $0.endpoints, records: records, matcher: matcher,
                bells: bells)
        }
    }

    /// The services in the order in which they start; they stop in the opposite order.
    package func services(
        store: any Store, exchange: any Exchange, time: any TimeSource, log: Logger,
        version: String
    ) -> (deliver: DeliverService, poll: PollService, readiness: Readiness) {
        let readiness = Readiness(log: log) { () async throws(StoreError) in
            try await store.probe()
        }
        let sender = Sender(exchange: exchange, version: version)
        let introducer = Introducer(exchange: exchange, version: version)
        let slots = Slots(Limits.inFlightMax)
        let bells = LaneBells()
        let reporter = healthReporter(records: store, bells: bells)
        let lanes = endpoints.map { entry in
            DeliveryLane(
                endpoint: entry.endpoint, retries: entry.retries, batch: entry.batch,
                keeper: HealthKeeper(
                    entry.gate, endpoint: entry.endpoint, rate: entry.rate, stored: entry.health,
                    introducer: introducer, store: store, time: time, readiness: readiness,
                    log: log,
                    listener: reporter.map {
                        EndpointNews(
                            reporter: $0, time: time,
                            writer: PatientWriter(
                                store: store, time: time, readiness: readiness, log: log))
                    }),
                store: store, sender: sender, slots: slots, time: time, readiness: readiness,
                log: log)
        }
        for lane in lanes { bells.add(lane.bell, for: lane.subscription) }
        let deliver = DeliverService(lanes: lanes)
        let book = StreamBook(store: store, time: time)
        let pipeline = Pipeline(
            records: book, exchange: exchange, time: time, matcher: matcher, health: reporter,
            memory: PageMemory(),
            commit: { batch in
                if try await book.commit(batch) { deliver.ring(for: batch) }
            })
        let poll = PollService(
            streams: streams, states: states, pipeline: pipeline, book: book, time: time,
            readiness: readiness, log: log)
        return (deliver, poll, readiness)
    }

    /// What runs beside: requests of operators, replays, and what is forgotten in time.
    package func keepers(
        store: any Store & StoreReader, deliver: DeliverService, time: any TimeSource, log: Logger
    ) -> [Keeper] {
        let operations = Operations.standard(store: store, deliver: deliver, time: time)
        let feeder = ReplayFeeder(
            store: store, matcher: matcher, deliver: deliver, time: time, log: log)
        return [
            .operations(operations, time: time, log: log),
            .replays(feeder, time: time, log: log),
            .retention(Pruner(store: store, retention: retention), time: time, log: log),
        ]
    }

    /// Who wants what, by the places of the subscriptions in the file instead of their numbers.
    package static func matcher(dryRun configuration: Configuration) throws -> EventMatcher {
        try matcher(
            configuration,
            ids: configuration.subscriptions.indices.map { SubscriptionID(Int64($0)) })
    }

    private static func plans(
        _ configuration: Configuration, _ logins: Logins
    ) throws -> [StreamPlan] {
        let budgets = Budgets()
        return try configuration.sources.flatMap { source in
            let login = try logins.entry(for: source)
            let sender = try RequestSender(source)
            return try source.streams.map {
                try StreamPlan(source, $0, budgets, login, sender)
            }
        }
    }

    private static func matcher(
        _ configuration: Configuration, ids: [SubscriptionID],
        filterFailed: @escaping @Sendable (SubscriptionName, JQError) -> Void = { _, _ in }
    ) throws -> EventMatcher {
        let entries =
            try zip(configuration.subscriptions, ids).map { subscription, id in
                let spec = subscription.spec
                return EventMatcher.Entry(
                    id: id, name: spec.name, events: spec.events,
                    sources: spec.sources.map { Set($0.map { SourceName($0.text) }) },
                    filter: try spec.filter.map { try Expression(parsing: $0.text) })
            }
        return EventMatcher(entries, filterFailed: filterFailed)
    }

    private static func endpoint(
        _ subscription: BoundSubscription, id: SubscriptionID
    ) throws -> Endpoint {
        Endpoint(
            subscription: id, name: subscription.spec.name, url: Secret(subscription.url),
            keys: try SigningKeys(subscription), wire: try Wire(subscription.spec.wire),
            headers: subscription.headers.map(EndpointHeader.init),
            timeout: subscription.spec.timeout, access: EndpointAccess(subscription.access))
    }
}

/// A stream of a source with everything compiled that its adapter says.
private struct StreamPlan {
    let address: StreamAddress
    private let poll: PollPlan
    private let reader: PageReader
    private let spec: StreamSpec
    private let timetable: Timetable
    private let lane: BudgetLane
    private let access: SourceAccess?
    private let sender: RequestSender
    private let reconciliation: Reconciliation?
    private let deletions: DeletionList?

    init(
        _ source: BoundSource, _ stream: StreamSpec, _ budgets: Budgets, _ login: Logins.Entry?,
        _ sender: RequestSender
    ) throws {
        access = login?.access
        self.sender = sender
        address = StreamAddress(source: source.spec.name, stream: stream.name)
        spec = stream
        timetable = try Timetable(source.spec.schedule, of: address)
        lane = budgets.lane(BudgetKey.of(stream, source), source.adapter.limits.budget)
        poll = try PollPlan(
            address: address, adapter: source.adapter, stream: stream,
            parameters: source.parameters, rules: ComparisonRules.identity(of: stream, source),
            redactor: Redactor(source.secrets + Self.credentials(source), book: login?.book))
        reader = PageReader(try DetectPlan(stream, poll: poll))
        reconciliation = try Reconciliation(stream, source, like: poll)
        deletions = try DeletionList(stream, source, like: poll)
    }

    /// What the adapter's `auth` sends, also where its author wrote it down.
    private static func credentials(_ source: BoundSource) -> [Secret] {
        let context = TemplateContext(parameters: source.parameters)
        let values = { (templates: [Template]) in
            templates.compactMap { (try? $0.render(context)) ?? nil }
        }
        guard case .basic(let username, let password) = source.adapter.auth else {
            return values(source.adapter.auth.secretTemplates).map { Secret($0) }
        }
        let pair = values([username, password]).joined(separator: ":")
        return values([password]).map { Secret($0) } + [Secret(Base64.encode(Array(pair.utf8)))]
    }

    func stream(id: StreamID, fan: FanOut) -> LiveStream {
        LiveStream(
            id: id, poll: poll, reader: reader, timetable: timetable, first: spec.first,
            deletes: spec.deletes, lane: lane, sender: sender, access: access,
            reconciliation: reconciliation, deletions: deletions, fan: fan)
    }

    /// The streams of all sources, each source's connected with one another.
    static func streams(_ plans: [StreamPlan], _ ids: [StreamID]) throws -> [LiveStream] {
        var streams: [LiveStream] = []
        var rest = plans.indices
        while let first = rest.first {
            let source = plans[first].address.source
            let own = rest.prefix { plans[$0].address.source == source }
            let fans = try FanOut.connect(own.map { plans[$0].spec }, own.map { ids[$0] })
            streams += zip(own, fans).map { plans[$0].stream(id: ids[$0], fan: $1) }
            rest = rest.dropFirst(own.count)
        }
        return streams
    }
}
