package import Logging
package import PullcordCommit
package import PullcordConfig
package import PullcordModel
package import PullcordTransfer
package import ServiceLifecycle
import Synchronization

/// A bridge at work: everything that polls and delivers, and the configuration that it works by,
/// which can be replaced while it runs.
package final class Runtime: Reconfigurable {
    /// What the process hands to a runtime.
    package struct Surroundings: Sendable {
        package let exchange: any Exchange
        package let network: any NetworkControl
        package let time: any TimeSource
        package let log: Logger
        package let version: String
        /// Reads the configuration anew; nil where it cannot change.
        package var load: ConfigurationSource?
        /// Hears of reloads.
        package var listener: (any ReloadListener)?
        /// What the store defines beside the file; nil where there is nothing but the file.
        package var definitions: StoreBook?
        package var meters: Meters

        package init(
            exchange: any Exchange, network: any NetworkControl, time: any TimeSource,
            log: Logger, version: String, load: ConfigurationSource? = nil,
            listener: (any ReloadListener)? = nil, definitions: StoreBook? = nil,
            meters: Meters = Meters()
        ) {
            self.meters = meters
            self.exchange = exchange
            self.network = network
            self.time = time
            self.log = log
            self.version = version
            self.load = load
            self.listener = listener
            self.definitions = definitions
        }
    }

    private struct Current {
        var configuration: Configuration
        var assembly: Assembly
        /// Grows with each configuration.
        var edition = 0
    }

    package let deliver: DeliverService
    package let poll: PollService
    package let readiness: Readiness
    /// What operators can ask for; whatever is added here works from everywhere.
    package let operations: Operations

    private let store: any Store & StoreReader
    private let surroundings: Surroundings
    private let services: Assembly.Services
    private let sharing: Assembly.Sharing
    private let pruner: Pruner
    private let current: Mutex<Current>
    /// What the process has begun with.
    private let first: Configuration
    private let turnstile = Turnstile()

    /// Registers what the configuration names with the store it owns; nothing runs yet.
    package init(
        _ configuration: Configuration, store: some Store & StoreReader,
        _ surroundings: Surroundings
    ) async throws {
        sharing = Assembly.Sharing(vault: StoreVault(store: store, time: surroundings.time))
        let assembly = try await Assembly(
            configuration, store: store, log: surroundings.log, sharing: sharing)
        let paused = try await store.pausedSources().map(\.source)
        services = assembly.services(
            store: store, exchange: surroundings.exchange, time: surroundings.time,
            log: surroundings.log, version: surroundings.version, paused: Set(paused),
            meters: surroundings.meters)
        deliver = services.deliver
        poll = services.poll
        readiness = services.readiness
        pruner = Pruner(store: store, retention: assembly.retention)
        self.store = store
        self.surroundings = surroundings
        first = configuration
        current = Mutex(Current(configuration: configuration, assembly: assembly))
        let door = ReloadDoor()
        operations = Self.operations(
            store, services, surroundings.time, door, surroundings.definitions)
        door.open(self)
        await surroundings.definitions?.setApplication { configuration in
            try await door.apply(configuration)
        }
    }

    /// The configuration that everything works by at this moment.
    package var configuration: Configuration { current.withLock { $0.configuration } }

    /// How many configurations came before the present one.
    package var edition: Int { current.withLock { $0.edition } }

    /// Who wants what at this moment.
    package var matcher: EventMatcher { current.withLock { $0.assembly.matcher } }

    /// The services in the order in which they start; they stop in the opposite order: polls
    /// first, so that their last events can still go out, then deliveries.
    package func allServices() -> [any Service] {
        let (time, log) = (surroundings.time, surroundings.log)
        let feeder = ReplayFeeder(
            store: store, matcher: self.services.matcher, deliver: deliver, time: time, log: log)
        let services: [any Service] = [
            deliver, Keeper.operations(operations, time: time, log: log),
            Keeper.replays(feeder, time: time, log: log),
            Keeper.retention(pruner, time: time, log: log),
        ]
        return services + stallKeepers + [poll]
    }

    private var stallKeepers: [any Service] {
        services.stalls.map {
            [Keeper.stalls($0, time: surroundings.time, log: surroundings.log)]
        } ?? []
    }

    /// Reads the configuration anew and puts it to work.
    ///
    /// Throws ``Problem`` if it is refused; the old one runs on then, and the log says why.
    @discardableResult
    package func reload() async throws -> ReloadSummary {
        guard let load = surroundings.load else {
            throw Problem(code: "reload_impossible", message: "the configuration cannot change")
        }
        surroundings.listener?.reloading()
        defer { surroundings.listener?.reloaded() }
        var isGood = false
        defer { surroundings.meters.reloaded(isGood: isGood, at: surroundings.time.wall()) }
        do {
            let summary = try await apply(try await load())
            isGood = true
            surroundings.log.notice("reloaded", metadata: ["changes": "\(summary.text)"])
            for key in summary.atNextStart {
                surroundings.log.warning(
                    "needs a restart",
                    metadata: [
                        "key": "\(key)",
                        "hint": "what the process began with counts until it is started again",
                    ])
            }
            return summary
        } catch let problem as Problem {
            // One line of log for each mistake, so that every place in the files can be found.
            for mistake in problem.description.paragraphs {
                surroundings.log.error(
                    "configuration refused", metadata: ["reason": "\(mistake)"])
            }
            surroundings.log.error(
                "reload failed", metadata: ["hint": "the old configuration runs on"])
            throw problem
        } catch let error as StoreError where error.mayPass {
            surroundings.log.error("reload failed", metadata: ["reason": "\(error)"])
            throw error
        }
    }

    @discardableResult
    package func apply(_ configuration: Configuration) async throws -> ReloadSummary {
        try await turnstile.pass {
            // What was defined in the store meanwhile is not to be lost to an older reading.
            let latest = try await surroundings.definitions?.configuration()
            return try await replace(by: latest ?? configuration)
        }
    }

    private func replace(by configuration: Configuration) async throws -> ReloadSummary {
        let old = current.withLock { $0 }
        guard configuration.storePath == old.configuration.storePath else {
            throw Problem(
                code: "store_changed", message: "another store cannot be taken while running",
                place: configuration.storePath, hint: "stop Pullcord and start it again")
        }
        try surroundings.network.use(configuration)
        let assembly: Assembly
        do {
            assembly = try await Assembly(
                configuration, store: store, log: surroundings.log, replacing: old.assembly,
                sharing: sharing)
        } catch {
            try? surroundings.network.use(old.configuration)
            sharing.keep(for: old.assembly, isNew: false)
            if error is StoreError || error is CancellationError { throw error }
            throw Problem.unexpected(error)
        }
        current.withLock {
            $0 = Current(
                configuration: configuration, assembly: assembly, edition: $0.edition + 1)
        }
        // Who listens is known before who is polled: what a new poll finds has its lane.
        services.matcher.replace(by: assembly.matcher)
        deliver.replace(by: assembly.lanes(by: services.workshop))
        poll.replace(by: assembly.updates(from: old.assembly)) { $0.with(assembly.matcher) }
        sharing.keep(for: assembly, isNew: true)
        pruner.set(assembly.retention)
        var summary = assembly.summary(since: old.assembly)
        summary.atNextStart = first.fixed(otherThan: configuration)
        return summary
    }

    private static func operations(
        _ store: any Store & StoreReader, _ services: Assembly.Services, _ time: any TimeSource,
        _ door: ReloadDoor, _ definitions: StoreBook?
    ) -> Operations {
        var operations = Operations.standard(store: store, deliver: services.deliver, time: time)
        if let definitions { operations.addDefinitions(definitions) }
        operations.addSteering(services.poll, store: store)
        let poll = services.poll
        operations.add("purge") { call in
            let name = try call.argument("name")
            let streams = try await store.streams(of: SourceName(name))
            // A poll that began before its source was removed still writes.
            guard !poll.isPolling(streams.filter { !$0.isInFile }.map(\.id)) else {
                throw Problem(
                    code: "purge_held", message: "`\(name)` is still being polled",
                    hint: "purge again in a moment")
            }
            return try await Purge(name: name, store: store).run()
        }
        operations.add("reload") { _ in
            let summary = try await door.reload()
            return Operations.Outcome(subject: "configuration", text: "reloaded: \(summary.text)")
        }
        return operations
    }
}

/// The way from the operations, which are made first, to the runtime.
private final class ReloadDoor: Sendable {
    private struct Room: Sendable { weak var runtime: Runtime? }
    private let room = Mutex(Room())

    func open(_ runtime: Runtime) { room.withLock { $0.runtime = runtime } }

    func reload() async throws -> ReloadSummary { try await runtime().reload() }

    func apply(_ configuration: Configuration) async throws {
        try await runtime().apply(configuration)
    }

    private func runtime() throws(Problem) -> Runtime {
        guard let runtime = room.withLock({ $0.runtime }) else {
            throw Problem(code: "not_running", message: "nothing runs any more")
        }
        return runtime
    }
}

extension String {
    /// Its lines, each with those behind it that are indented, but for what is quoted of a file.
    fileprivate var paragraphs: [String] {
        split(separator: "\n").reduce(into: []) { all, line in
            if line.hasPrefix(" "), let last = all.indices.last {
                let isQuoted = line.first { $0 != " " && !$0.isNumber } == "|"
                if !isQuoted { all[last] += "; " + line.drop { $0 == " " } }
            } else {
                all.append(String(line))
            }
        }
    }
}

/// What requests go through, as far as a configuration says.
package protocol NetworkControl: Sendable {
    /// Follows a configuration from now on; throws ``Problem`` and changes nothing if it cannot.
    func use(_ configuration: Configuration) throws
}

/// Hears when the configuration is being read anew, and when that has ended, well or not.
package protocol ReloadListener: Sendable {
    func reloading()
    func reloaded()
}

extension Assembly {
    var budgetUses: [BudgetUse] { sources.flatMap { $0.streams.map(\.budget) } }

    /// What is polled from now on, with what is not as it was.
    func updates(from old: Assembly) -> [PollService.Update] {
        let schedules = Dictionary(old.sources.map { ($0.name, $0.schedule) }) { $1 }
        let own = Dictionary(sources.map { ($0.name, $0.schedule) }) { $1 }
        return zip(streams, states).map { stream, state in
            let source = stream.address.source
            return PollService.Update(
                stream: stream, state: state, isRescheduled: schedules[source] != own[source])
        }
    }

    func summary(since old: Assembly) -> ReloadSummary {
        ReloadSummary(
            sources: ReloadSummary.Names(
                from: old.sources.map { ($0.name.text, $0.identity) },
                to: sources.map { ($0.name.text, $0.identity) }),
            subscriptions: ReloadSummary.Names(
                from: old.subscriptions.map { ($0.name.text, $0.identity) },
                to: subscriptions.map { ($0.name.text, $0.identity) }))
    }
}

extension ReloadSummary.Names {
    fileprivate init(from old: [(String, Fingerprint)], to new: [(String, Fingerprint)]) {
        let before = Dictionary(old) { $1 }
        let after = Dictionary(new) { $1 }
        self.init(
            added: after.keys.filter { before[$0] == nil }.sorted(),
            changed: after.keys.filter { before[$0] != nil && before[$0] != after[$0] }.sorted(),
            removed: before.keys.filter { after[$0] == nil }.sorted(),
            unchanged: after.keys.filter { before[$0] == after[$0] }.sorted())
    }
}
