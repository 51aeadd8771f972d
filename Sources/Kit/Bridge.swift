import Foundation
public import Logging
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer
import ServiceLifecycle

/// A bridge file put to work by this process, with sources in code beside its adapters.
///
/// ```swift
/// var bridge = Bridge(file: "pullcord.yaml")
/// bridge.add(StockRoom(), as: "stock-room")
/// try await bridge.run()
/// ```
///
/// The file names such a source as `adapter: swift:stock-room`. An adapter in YAML may also leave
/// its pages to one, with `swift: stock-room` in the place of `base_url`; then ``RecordSource/streams``
/// does not count, and everything of the language does. Store, detection and delivery are those
/// of `pullcord run`, and its commands (`status`, `events`, `replay` …) work beside it with the same
/// file. The HTTP API and the console are not served: `api` in the file is left alone.
public struct Bridge: Sendable {
    /// The path of the bridge file.
    public let file: String
    /// What `${env.NAME}` stands for; by default the process's own.
    public var environment: [String: String]
    /// Hears of every poll and every attempt, one line each.
    public var log: Logger
    /// How long a stop may take before what is left is cut off; 30 seconds unless set.
    public var stopMax: Duration
    private var sources = SourceBook()

    /// - Parameters:
    ///   - file: The path of the bridge file; relative paths in it start at its folder.
    ///   - environment: nil for the process's own.
    ///   - log: Hears of every poll and every attempt.
    ///   - stopMax: How long a stop may take before what is left is cut off.
    public init(
        file: String, environment: [String: String]? = nil,
        log: Logger = Logger(label: "pullcord"), stopMax: Duration = .seconds(30)
    ) {
        self.file = file
        self.environment = environment ?? ProcessInfo.processInfo.environment
        self.log = log
        self.stopMax = stopMax
    }

    /// Adds a source in code; one of the same name is replaced.
    ///
    /// - Parameters:
    ///   - source: What brings the records.
    ///   - name: Lower-case letters, digits and `-`; another name is refused by ``check()`` and
    ///     ``run()`` where the file uses it.
    public mutating func add(_ source: some RecordSource, as name: String) {
        sources.add(source, as: name)
    }

    /// Reads the file and all that it names.
    ///
    /// - Throws: ``BridgeError`` with every mistake and its place.
    public func check() throws(BridgeError) { _ = try load(WatchedFiles()) }

    /// Polls and delivers until the process is told to stop (SIGTERM, SIGINT), or the task is
    /// cancelled.
    ///
    /// The file, adapters and secret files are read again when they change, and at SIGHUP.
    ///
    /// - Throws: ``BridgeError`` if the file has mistakes, or the store cannot be used.
    public func run() async throws {
        let watched = WatchedFiles()
        let configuration = try load(watched)
        let time = SystemTime()
        let store: SQLiteStore
        do throws(StoreError) {
            store = try SQLiteStore.open(path: configuration.storePath, now: time.wall())
        } catch {
            throw BridgeError(description: "\(error)")
        }
        do {
            try await serve(configuration, store, watched, time)
        } catch {
            await store.close()
            throw BridgeError(error)
        }
        await store.close()
        log.notice("stopped")
    }

    private func serve(
        _ configuration: Configuration, _ store: SQLiteStore, _ watched: WatchedFiles,
        _ time: SystemTime
    ) async throws {
        let exchange = try ConfiguredExchange(
            configuration, environment: environment, userAgent: "PullcordKit"
        ) { [sources] call, request throws(TransferError) in
            try await sources.answer(to: call, request, time: time)
        }
        do {
            let runtime = try await Runtime(
                configuration, store: store,
                Runtime.Surroundings(
                    exchange: exchange, network: exchange, time: time, log: log,
                    version: Self.version,
                    load: { [self] in try reload(watched) }))
            let services =
                runtime.allServices() + [
                    HangupService(runtime: runtime),
                    Keeper.files(watched, of: runtime, time: time, log: log),
                ]
            try await Lifetime.run(services, stopMax: stopMax)
        } catch {
            await exchange.shutdown()
            throw error
        }
        await exchange.shutdown()
    }

    private func reload(_ watched: WatchedFiles) throws -> Configuration {
        do throws(BridgeError) {
            return try load(watched)
        } catch {
            throw Problem(
                code: "configuration_refused", message: error.description, place: file)
        }
    }

    private func load(_ watched: WatchedFiles) throws(BridgeError) -> Configuration {
        let loader = Loader(
            checkers: .native, files: watched.beginning(over: sources.over(.machine)),
            now: SystemTime().wall())
        switch loader.load(file, environment: environment) {
        case .failure(let report): throw BridgeError(description: report.text(color: false))
        case .success(let configuration):
            for warning in configuration.warnings.diagnostics {
                log.warning("\(warning.place): \(warning.message)")
            }
            for source in configuration.sources {
                guard case .code(let name) = source.adapter.origin, !sources.has(name) else {
                    continue
                }
                throw BridgeError(
                    description: "\(source.adapter.place): no source in code is called `\(name)`")
            }
            return configuration
        }
    }

    private static let version = "kit"
}

/// Why a bridge file cannot be put to work.
public struct BridgeError: Error, Sendable, CustomStringConvertible {
    /// Every complaint with its place, as `pullcord check` prints them.
    public let description: String

    init(description: String) { self.description = description }

    init(_ error: any Error) {
        self = error as? BridgeError ?? BridgeError(description: "\(error)")
    }
}
