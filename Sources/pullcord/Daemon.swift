import Foundation
import Logging
import PullcordAPI
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordConsole
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer
import ServiceLifecycle
import UnixSignals

/// Everything that `pullcord run` keeps going, and the order in which it ends.
struct Daemon {
    let configuration: Configuration
    let log: Logger
    /// How an orderly stop may take before what is left is cut off.
    var stopMax: Duration = .seconds(30)
    /// Services besides the engine's, as the demo has them; they end after it.
    var others: [any Service] = []
    var signals: [UnixSignal] = [.sigterm, .sigint]
    /// Reads the configuration anew; nil where it does not change.
    var load: ConfigurationSource?
    /// The definitions of the store beside the file's; nil to go by the file alone.
    var definitions: (@Sendable (SQLiteStore, any Exchange) -> StoreBook)?
    /// What the configuration was read from; nil to watch no files.
    var watched: WatchedFiles?
    /// Hears the port that the API and the console are served on.
    var onListening: @Sendable (_ port: Int) async -> Void = { _ in }
    /// How long to go on until everything that is due is done; nil to run until stopped.
    var onceMax: Duration?
    /// What is counted and measured.
    var meters = Meters()

    /// How it ended, if it was to end by itself.
    @discardableResult
    func run() async throws -> OnceService.End? {
        let store = try SQLiteStore.open(
            path: configuration.storePath, now: Workplace.time.wall(),
            syncWatch: SyncWatch(time: Workplace.time) { [meters] in meters.synced($0) })
        let end: OnceService.End?
        do {
            end = try await serve(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        log.notice("stopped")
        return end
    }

    private func serve(_ store: SQLiteStore) async throws -> OnceService.End? {
        let exchange = try Workplace.exchange(for: configuration)
        do {
            let end = try await serve(store, over: exchange)
            await exchange.shutdown()
            return end
        } catch {
            await exchange.shutdown()
            throw error
        }
    }

    private func serve(
        _ store: SQLiteStore, over exchange: ConfiguredExchange
    ) async throws -> OnceService.End? {
        let time = Workplace.time
        let book = definitions?(store, exchange)
        // Whoever read the file before has shown its warnings.
        let configuration = try await read(book, showsWarnings: false)
        let facts = Facts()
        let manager = ServiceManager(
            environment: ProcessInfo.processInfo.environment, time: time,
            uptime: SystemTime.uptime, status: { facts.text })
        let runtime = try await Runtime(
            configuration, store: store,
            Runtime.Surroundings(
                exchange: exchange, network: exchange, time: time, log: log,
                version: Pullcord.version,
                load: reading(book), listener: manager, definitions: book, meters: meters))
        facts.follow(runtime)
        log.notice(
            "started",
            metadata: [
                "version": "\(Pullcord.version)", "store": "\(configuration.storePath)",
                "sources": "\(configuration.sources.count)",
                "streams": "\(configuration.sources.reduce(0) { $0 + $1.streams.count })",
                "subscriptions": "\(configuration.subscriptions.count)",
            ])
        let once = onceMax.map { OnceService(runtime, store: store, time: time, longest: $0) }
        var all: [any Service] = others + runtime.allServices()
        if load != nil { all.append(HangupService(runtime: runtime)) }
        if let watched { all.append(Keeper.files(watched, of: runtime, time: time, log: log)) }
        if let once { all.append(once) }
        if let api = configuration.api, once == nil {
            let server = server(api, store, runtime, book)
            try await server.checkTokens()
            // Stops before what it steers.
            all.append(server)
        }
        // The first to hear of a stop, so that it is told before anything takes its time.
        if let manager { all.append(manager) }
        try await Lifetime.run(all, until: signals, stopMax: stopMax)
        return once?.end
    }

    private func server(
        _ api: BoundAPI, _ store: SQLiteStore, _ runtime: Runtime, _ book: StoreBook?
    ) -> APIServer {
        var desk = APIDesk(
            store: store, operations: runtime.operations,
            catalogue: Catalogue(
                edition: { runtime.edition }, configuration: { runtime.configuration }),
            time: Workplace.time, version: Pullcord.version,
            adapters: AdapterDesk(
                checkers: .native, files: Workplace.files(of: { runtime.configuration }),
                bridge: configuration.bridge.file,
                folders: configuration.bridge.adapterFolders),
            readiness: { runtime.readiness.state }, matcher: { runtime.matcher },
            definitions: book)
        desk.meters = meters
        desk.sights = { runtime.poll.watch.sights }
        desk.host = { [path = configuration.storePath, started = Workplace.time.wall()] in
            HostFigures.read(store: path, started: started)
        }
        return APIServer(
            api, desk: desk, groups: [ConsoleRoutes()], log: log, onListening: onListening)
    }

    /// What a reload reads; nil where nothing changes.
    private func reading(_ book: StoreBook?) -> ConfigurationSource? {
        guard let load else { return nil }
        guard let book else { return load }
        return { [self] in try await read(book) }
    }

    /// Reads file and store, and tells of what had to be set aside.
    private func read(
        _ book: StoreBook?, showsWarnings: Bool = true
    ) async throws -> Configuration {
        guard let book else { return configuration }
        let configuration = try await Workplace.load(book, showsWarnings: showsWarnings)
        for definition in try await book.broken() {
            for complaint in definition.complaints where complaint.isError {
                log.error(
                    "definition set aside",
                    metadata: [
                        "\(definition.kind)": "\(definition.name)", "reason": "\(complaint)",
                    ])
            }
        }
        return configuration
    }
}
