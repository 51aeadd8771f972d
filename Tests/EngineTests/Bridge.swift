import Logging
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Synchronization

/// A bridge file put to work on real parts: loader, transfer engine, SQLite store and pipeline;
/// only time stands still until a test moves it.
final class Bridge: Sendable {
    let time: ManualTime
    let configuration: Configuration
    let store: any Store & StoreReader
    let engine: TransferEngine
    let assembly: Assembly
    let log = LogBook()
    private let memory = PageMemory()
    private let records: CountingRecords
    private let text: BridgeText

    private init(
        _ text: BridgeText, _ configuration: Configuration, _ store: any Store & StoreReader,
        _ assembly: Assembly
    ) throws {
        time = text.time
        self.text = text
        self.configuration = configuration
        self.store = store
        records = CountingRecords(store)
        self.assembly = assembly
        engine = try TransferEngine(
            policy: AddressPolicy(
                allow: try configuration.bridge.allowedAddresses.map {
                    try AllowEntry(parsing: $0.text)
                }))
    }

    static func open(_ text: BridgeText) async throws -> Bridge {
        let configuration = try text.load()
        let store = try SQLiteStore.open(path: configuration.storePath, now: text.time.wall())
        let assembly = try await Assembly(configuration, store: store)
        return try Bridge(text, configuration, store, assembly)
    }

    /// A bridge on a store that is open already.
    static func over(_ store: SQLiteStore, _ text: BridgeText) async throws -> Bridge {
        let configuration = try text.load()
        return try Bridge(
            text, configuration, store, try await Assembly(configuration, store: store))
    }

    /// Opens a bridge for the time of `body`, and closes its store afterwards.
    static func with(
        _ text: BridgeText, _ body: (Bridge) async throws -> Void
    ) async throws {
        let bridge = try await open(text)
        do {
            try await body(bridge)
        } catch {
            await bridge.close()
            throw error
        }
        await bridge.close()
    }

    func close() async {
        await engine.shutdown()
        await store.close()
    }

    /// Polls the first stream once; `commit` stands before the store, to fail or to look.
    @discardableResult
    func poll(
        _ index: Int = 0, acceptsDeletes: Bool = false, acceptsChanges: Bool = false,
        pieces: PieceSizes? = nil,
        commit: (@Sendable (CommitBatch) async throws -> Void)? = nil
    ) async throws -> PollReport {
        let stream = assembly.streams[index]
        let pipeline = Pipeline(
            records: records, exchange: engine, time: time, matcher: assembly.matcher,
            health: assembly.healthReporter(records: store), memory: memory,
            commit: { [store] batch in
                try await commit?(batch)
                try await store.commit(batch)
            })
        var options = PollOptions(
            acceptsDeletes: acceptsDeletes, acceptsChanges: acceptsChanges)
        if let pieces { options.pieces = pieces }
        return try await pipeline.run(
            stream, options: options,
            nextPoll: { [time] _ in stream.nextPoll(after: time.wall()) })
    }

    /// How many pages were read, and not skipped because they came as they were.
    var pagesRead: Int { records.questions.load(ordering: .relaxed) }

    /// All changes so far, the oldest first.
    func events() async throws -> [Event] { try await allEvents().filter { !$0.kind.isHealth } }

    /// All news of health so far as `kind key`, the oldest first.
    func news() async throws -> [String] {
        try await allEvents().filter(\.kind.isHealth).map { "\($0.kind.rawValue) \($0.key)" }
    }

    private func allEvents() async throws -> [Event] {
        try await store.events(EventQuery(limit: 100_000)).map(\.event).reversed()
    }

    /// The events as `kind key version`, the oldest first.
    func changes() async throws -> [String] {
        try await events().map { "\($0.kind.rawValue) \($0.key) v\($0.version)" }
    }

    /// The state of the first stream.
    func state() async throws -> StreamState {
        try await store.state(of: assembly.streams[0].address)
    }

    func deliveries(_ query: DeliveryQuery = DeliveryQuery(limit: 100_000)) async throws
        -> [DeliverySummary]
    {
        try await store.deliveries(query).sorted { $0.id < $1.id }
    }

    /// The services as the daemon makes them.
    func services() -> Assembly.Services {
        assembly.services(
            store: store, exchange: engine, time: time, log: log.logger, version: "1.0.0")
    }
}

/// A store's records, with a count of the pages that were compared with them.
final class CountingRecords: RecordReader {
    let questions = Atomic(0)
    let store: any RecordReader

    init(_ store: any RecordReader) { self.store = store }

    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        try await store.state(of: stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        questions.wrappingAdd(1, ordering: .relaxed)
        return try await store.known(keys, of: stream)
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await store.unseen(of: stream, seen: seen, after: after, limit: limit)
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await store.kept(records, of: stream, bytesMax: bytesMax)
    }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await store.quarantine(of: stream)
    }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await store.scansMissed(keys, of: stream)
    }
}

/// The text of a bridge file with one adapter, `shop`, and one stream, `orders`.
struct BridgeText: Sendable {
    let time: ManualTime
    let folder: TemporaryFolder
    /// The stream in YAML's flow style.
    var stream = "{ request: /orders, records: ., key: .id }"
    /// Further streams, one a line.
    var streams: [String] = []
    /// Further lines of the adapter.
    var adapter = "retry: { attempts: 1 }"
    /// One source each, in YAML's flow style without name and adapter.
    var sources = ["every: 60s"]
    /// One subscription each, in YAML's flow style without name, URL and secret.
    var subscriptions: [(subscriber: Subscriber, text: String)] = []
    var environment: [String: String] = [:]
    /// Further lines of the bridge file.
    var more = ""
    /// Kept, so that it answers as long as somebody may ask.
    private let api: ChangingAPI

    init(
        _ api: ChangingAPI, time: ManualTime = ManualTime(), folder: TemporaryFolder? = nil
    ) throws {
        self.time = time
        self.folder = try folder ?? TemporaryFolder()
        self.api = api
    }

    /// A reason why a text of this file's tests is none.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    func load() throws -> Configuration {
        let path = "\(folder.path)/pullcord.yaml"
        let files = [path: bridgeText, "\(folder.path)/shop.yaml": adapterText]
        let loader = Loader(
            checkers: .native,
            files: FileAccess(
                read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in [] }))
        var environment = environment
        for (subscriber, _) in subscriptions {
            environment["SECRET_\(subscriber.name)"] = subscriber.secret.text.expose()
        }
        switch loader.load(path, environment: environment) {
        case .success(let configuration): return configuration
        case .failure(let report): throw Refusal(description: report.text(color: false))
        }
    }

    private var adapterText: String {
        """
        adapter: shop
        params:
          shelf: { type: string, default: none }
          token: { type: secret }
        base_url: "\(api.server.url(""))"
        \(adapter)
        streams:
          orders: \(stream)
        \(streams.map { "  \($0)" }.joined(separator: "\n"))
        """
    }

    private var bridgeText: String {
        var lines = ["store: sqlite:store.db", "network: { allow: [loopback] }"]
        lines.append(sources.isEmpty ? "sources: []" : "sources:")
        for (index, source) in sources.enumerated() {
            lines.append("  - { name: shop\(index), adapter: shop.yaml, \(source) }")
        }
        if !subscriptions.isEmpty { lines.append("subscriptions:") }
        for (subscriber, text) in subscriptions {
            let url = subscriber.server.url("/hook")
            let secret = "${env.SECRET_\(subscriber.name)}"
            let more = text.isEmpty ? "" : ", \(text)"
            lines.append(
                "  - { name: \(subscriber.name), url: \"\(url)\", secret: \"\(secret)\"\(more) }")
        }
        if !more.isEmpty { lines.append(more) }
        return lines.joined(separator: "\n") + "\n"
    }
}
