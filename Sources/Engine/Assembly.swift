package import Logging
import PullcordAdapter
package import PullcordAuth
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
        sharing: Sharing? = nil
    ) async throws {
        sources = try Self.plans(
            configuration, replacing: previous,
            sharing ?? Sharing(vault: StoreVault(store: store, time: SystemTime())))
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
        streams = try Self.streams(sources, states.map(\.id), replacing: previous)
        try await Self.releaseParents(of: streams, store)
        subscriptions = zip(drafts, ids).map { $0.with(id: $1) }
        retention = configuration.bridge.retention
        matcher = EventMatcher(subscriptions.map(\.listener)) { name, error in
            log.filterFailed(name, error.message)
        }
        summaries = try await store.subscriptions()
    }

    /// Reads the streams' states without owning the store, for a dry run.
    ///
    /// `credentials` has what logins have kept; nil for nothing.
    package init(
        dryRun configuration: Configuration, records: any RecordReader,
        credentials: (any CredentialReader)? = nil
    ) async throws {
        sources = try Self.plans(
            configuration, replacing: nil,
            Sharing(vault: RehearsalVault(reader: credentials)))
        var states: [StreamState] = []
        for plan in sources.flatMap(\.streams) {
            states.append(try await records.state(of: plan.address))
        }
        self.states = states
        // What the store does not know has no number, yet children have to be told apart.
        let ids = states.enumerated().map { index, state in
            state.id.number == 0 ? StreamID(-1 - Int64(index)) : state.id
        }
        streams = try Self.streams(sources, ids, replacing: nil)
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

    /// What sources have in common, from one configuration to the next.
    package struct Sharing: Sendable {
        let budgets = Budgets()
        let logins: Logins

        package init(vault: any CredentialVault) { logins = Logins(vault: vault) }

        /// What logins bring is kept in a store, with stamps of this time.
        package init(store: any Store, time: any TimeSource) {
            self.init(vault: StoreVault(store: store, time: time))
        }

        /// Lets go of what none of an assembly's streams uses; a new one's changes count now.
        func keep(for assembly: Assembly, isNew: Bool) {
            budgets.keep(assembly.budgetUses)
            logins.keep(assembly.streams.compactMap(\.access), isNew: isNew)
        }
    }

    /// Who wants what, by the places of the subscriptions in the file instead of their numbers.
    package static func matcher(dryRun configuration: Configuration) throws -> EventMatcher {
        let plans = try Self.subscriptions(configuration, replacing: nil)
        return EventMatcher(
            plans.enumerated().map { $1.with(id: SubscriptionID(Int64($0))).listener })
    }

    private static func plans(
        _ configuration: Configuration, replacing previous: Assembly?, _ sharing: Sharing
    ) throws -> [SourcePlan] {
        let known = Dictionary((previous?.sources ?? []).map { ($0.name, $0) }) { $1 }
        var identity = ConfigurationIdentity()
        return try configuration.sources.map { source in
            let before = known[source.spec.name]
            // To look at every word of thousands of sources takes a while; most stay as they are.
            if let before, before.source.isSame(as: source) { return before }
            let own = identity.of(source)
            if let before, before.identity == own { return before }
            let login = try sharing.logins.entry(for: source)
            let sender = try RequestSender(source)
            return SourcePlan(
                source: source, identity: own,
                schedule: ConfigurationIdentity.of(source.spec.schedule),
                streams: try source.streams.map {
                    try StreamPlan(source, $0, sharing.budgets, login, sender)
                })
        }
    }

    /// `ids` has the numbers of all streams, in the order of the sources.
    private static func streams(
        _ sources: [SourcePlan], _ ids: [StreamID], replacing previous: Assembly?
    ) throws -> [LiveStream] {
        let known = Dictionary((previous?.streams ?? []).map { ($0.address, $0) }) { $1 }
        let before = Dictionary((previous?.sources ?? []).map { ($0.name, $0.identity) }) { $1 }
        var streams: [LiveStream] = []
        streams.reserveCapacity(ids.count)
        for source in sources {
            let own = Array(ids[streams.count...].prefix(source.streams.count))
            // Those of one source go by each other's numbers: all of them stay, or none does.
            let same = zip(source.streams, own).compactMap { plan, id in
                known[plan.address].flatMap { $0.id == id ? $0 : nil }
            }
            let isSame = before[source.name] == source.identity && same.count == own.count
            streams += isSame ? same : try StreamPlan.streams(source.streams, own)
        }
        return streams
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
