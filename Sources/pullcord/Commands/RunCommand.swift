import ArgumentParser
import Logging
import PullcordAPI
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer
import ServiceLifecycle
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Poll the sources and deliver the events until stopped.",
        discussion: """
            SIGTERM and SIGINT stop in order: no new poll, polls end with their page, POSTs under \
            way are settled, the store is closed; what takes longer than 30 seconds is cut off. \
            After kill -9 simply start again: no change is lost and no id changes.

            One line of log per poll and per attempt goes to standard error.
            """)

    @OptionGroup var options: ConfigOption

    @Option(help: "How log lines are written.")
    var logFormat: LineLogHandler.Format = .text

    @Option(help: "The least level that is logged.")
    var logLevel: LogLevel = .info

    func run() async throws {
        let configuration = try options.load()
        var log = Logger(label: "pullcord") { [logFormat, logLevel] _ in
            LineLogHandler(logLevel: logLevel.level, format: logFormat, time: Workplace.time)
        }
        log.logLevel = logLevel.level
        try await explaining {
            try await Daemon(configuration: configuration, log: log).run()
        }
    }
}

extension LineLogHandler.Format: ExpressibleByArgument {}

/// The levels that a person would choose between.
enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
    case debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

/// Everything that `pullcord run` keeps going, and the order in which it ends.
struct Daemon {
    let configuration: Configuration
    let log: Logger
    /// How long an orderly stop may take before what is left is cut off.
    var stopMax: Duration = .seconds(30)
    /// Services besides the engine's, as the demo has them; they end after it.
    var others: [any Service] = []
    var signals: [UnixSignal] = [.sigterm, .sigint]

    func run() async throws {
        let store = try SQLiteStore.open(path: configuration.storePath, now: Workplace.time.wall())
        do {
            try await serve(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        log.notice("stopped")
    }

    private func serve(_ store: SQLiteStore) async throws {
        let engine = try Workplace.engine(for: configuration)
        let assembly = try await Assembly(configuration, store: store, log: log)
        let services = assembly.services(
            store: store, exchange: Workplace.exchange(over: engine, for: configuration),
            time: Workplace.time, log: log,
            version: Pullcord.version)
        log.notice(
            "started",
            metadata: [
                "version": "\(Pullcord.version)", "store": "\(configuration.storePath)",
                "streams": "\(assembly.streams.count)",
                "subscriptions": "\(configuration.subscriptions.count)",
            ])
        // Services stop in the opposite order: polls first, so that their last events can still
        // go out, then deliveries.
        let keepers = assembly.keepers(
            store: store, deliver: services.deliver, time: Workplace.time, log: log)
        var all: [any Service] = others + [services.deliver] + keepers + [services.poll]
        if let api = configuration.api {
            let server = server(api, store, assembly, services.deliver, services.readiness)
            try await server.checkTokens()
            // The last, so that it is the first that takes nothing more.
            all.append(server)
        }
        var group = ServiceGroupConfiguration(
            services: all.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: signals, logger: Self.silent)
        group.maximumGracefulShutdownDuration = stopMax
        let running = ServiceGroup(configuration: group)
        do {
            try await running.run()
        } catch {
            await engine.shutdown()
            throw error
        }
        await engine.shutdown()
    }

    private func server(
        _ api: BoundAPI, _ store: SQLiteStore, _ assembly: Assembly, _ deliver: DeliverService,
        _ readiness: Readiness
    ) -> APIServer {
        APIServer(
            api,
            desk: APIDesk(
                store: store,
                operations: .standard(store: store, deliver: deliver, time: Workplace.time),
                catalogue: Catalogue(configuration), time: Workplace.time,
                version: Pullcord.version,
                adapters: AdapterDesk(
                    checkers: .native, files: Workplace.files, bridge: configuration.bridge.file,
                    folders: configuration.bridge.adapterFolders),
                readiness: { readiness.state }, matcher: { assembly.matcher }), log: log)
    }

    /// The service group's own words are about services, which users do not know of.
    private static let silent = Logger(label: "pullcord.services") { _ in
        SwiftLogNoOpLogHandler()
    }
}
