import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import PullcordTransfer
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization

/// A whole bridge at work whose file a test edits, as the daemon has it; only time stands still
/// until it is moved.
final class RunningBridge: Sendable {
    let store: any Store & StoreReader
    let runtime: Runtime
    let log = LogBook()
    let meters = Meters()
    let time: ManualTime
    private let engine: TransferEngine
    private let file: File

    /// The bridge file as it is at the moment.
    private final class File: Sendable {
        let text: Mutex<BridgeText>

        init(_ text: BridgeText) { self.text = Mutex(text) }

        func load() throws -> Configuration {
            do {
                return try text.withLock { $0 }.load()
            } catch let refusal as BridgeText.Refusal {
                throw Problem(code: "configuration_refused", message: refusal.description)
            }
        }
    }

    private struct OpenNetwork: NetworkControl {
        func use(_ configuration: Configuration) throws {}
    }

    private init(_ text: BridgeText) async throws {
        time = text.time
        let file = File(text)
        self.file = file
        let configuration = try file.load()
        store = try SQLiteStore.open(path: configuration.storePath, now: time.wall())
        engine = try TransferEngine(
            policy: AddressPolicy(allow: [try AllowEntry(parsing: "loopback")]))
        runtime = try await Runtime(
            configuration, store: store,
            Runtime.Surroundings(
                exchange: engine, network: OpenNetwork(), time: time, log: log.logger,
                version: "1.0.0", load: { try file.load() }, meters: meters))
    }

    /// Runs a bridge for the time of `body`, and stops it in good order.
    static func with(
        _ text: BridgeText, _ body: @escaping @Sendable (RunningBridge) async throws -> Void
    ) async throws {
        let bridge = try await RunningBridge(text)
        do {
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup { group in
                    for service in bridge.runtime.allServices() {
                        group.addTask { try await service.run() }
                    }
                    try await body(bridge)
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
        } catch {
            await bridge.close()
            throw error
        }
        await bridge.close()
    }

    private func close() async {
        await engine.shutdown()
        await store.close()
    }

    /// Edits the file and has it read again.
    @discardableResult
    func reload(_ edit: (inout BridgeText) -> Void) async throws -> ReloadSummary {
        file.text.withLock { edit(&$0) }
        return try await runtime.reload()
    }

    /// Carries out what an operator asks for.
    func perform(_ kind: String, _ arguments: [String: String] = [:]) async throws
        -> OperatorAnswer
    {
        try await runtime.operations.carryOut(kind, arguments: Operations.write(arguments))
    }

    /// Moves time on, sleeper by sleeper, until `isDone`.
    func advance(until isDone: () async throws -> Bool) async throws {
        while try await !isDone() {
            try Task.checkCancellation()
            await time.advanceToNextSleeper()
        }
    }

    /// All changes of one source as `kind key version`, the oldest first.
    func changes(of source: String) async throws -> [String] {
        try await events(of: source).map { "\($0.kind.rawValue) \($0.key) v\($0.version)" }
    }

    /// All changes of one source, the oldest first.
    func events(of source: String) async throws -> [Event] {
        try await store.events(EventQuery(source: SourceName(source), limit: 100_000))
            .map(\.event).reversed()
    }

    /// How many polls of a source have ended.
    func polls(of source: String) -> Int {
        log.lines("poll").count { $0.facts["source"] == source }
    }
}
