import Foundation
import Logging
import PullcordAPI
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import ServiceLifecycle
import Synchronization
import WireSupport

/// A server on loopback over a real store with two sources, a subscription and some events.
final class APIFixture: Sendable {
    static let secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    static let adapter = """
        adapter: orders
        summary: Orders of a shop
        params:
          key: { type: secret }
        base_url: https://shop.example
        streams:
          orders: { request: /orders, records: ., key: .id }

        """

    let time = ManualTime()
    let store: SQLiteStore
    let configuration: Configuration
    let polls = Counter()
    let log = Counter()
    private let folder: URL

    final class Counter: Sendable {
        private let names = Mutex<[String]>([])

        var all: [String] { names.withLock { $0 } }

        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// `api` is what stands under `api` in the bridge file.
    init(api: String = "{ listen: \"127.0.0.1:0\" }", environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-api-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        configuration = try Self.load(api: api, folder: folder.path, environment).get()
        store = try SQLiteStore.open(path: configuration.storePath, now: time.wall())
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func load(
        api: String, folder: String, _ environment: [String: String] = [:]
    ) -> Result<Configuration, DiagnosticReport> {
        let bridge = """
            store: sqlite:store.db
            api: \(api)
            sources:
              - name: shop
                adapter: orders
                every: 60s
                poke: { secret: "${env.POKE}", header: X-Signature, prefix: "sha256=" }
              - { name: depot, adapter: orders, every: 5m, poke: { secret: "${env.SECRET}" } }
            subscriptions:
              - name: triage
                url: "https://triage.example/hook?key=${env.URL_KEY}"
                secret: "${env.SECRET}"
                ed25519: "${env.KEY}"

            """
        let own = [
            "POKE": "open sesame", "URL_KEY": "sesame", "SECRET": secret,
            "KEY": "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ]
        return Loader(checkers: .native, files: files(folder, bridge)).load(
            "\(folder)/pullcord.yaml", environment: own.merging(environment) { $1 })
    }

    static func files(_ folder: String, _ bridge: String = "") -> FileAccess {
        let texts = [
            "\(folder)/pullcord.yaml": bridge, "\(folder)/adapters/orders.yaml": adapter,
            "\(folder)/secret.yaml": "password: hunter2\n", "/etc/secret.yaml": "a: hunter2\n",
        ]
        return FileAccess(
            read: { path in texts[path].map { .bytes(Array($0.utf8)) } ?? .missing },
            list: { $0 == "\(folder)/adapters" ? ["orders.yaml"] : [] })
    }

    static let orders = StreamAddress(source: SourceName("shop"), stream: StreamName("orders"))

    /// Registers what the bridge file names and commits so many events, a second apart.
    func fill(_ count: Int) async throws {
        let stream = try await register()
        try await commit((0..<count).map { event($0) }, stream)
    }

    private func register() async throws -> StreamID {
        let assembly = try await Assembly(configuration, store: store)
        return assembly.streams[0].id
    }

    func commit(_ events: [Event], _ stream: StreamID? = nil) async throws {
        let subscription = try await store.subscriptions()[0].id
        let stream = if let stream { stream } else { try await register() }
        try await store.commit(
            CommitBatch(
                stream: stream, time: time.wall(),
                events: events.map { OutgoingEvent(event: $0, subscriptions: [subscription]) }))
    }

    func event(_ number: Int, kind: EventKind = .created) -> Event {
        Event(
            id: EventID("evt_\(number)"), address: Self.orders, key: RecordKey("\(number)"),
            kind: kind, version: 1, fingerprint: Fingerprint(high: 1, low: UInt64(number)),
            time: time.wall() + .seconds(number), origin: .live,
            record: Array(#"{"id":\#(number),"price":12.50}"#.utf8))
    }

    func desk(
        _ definitions: (any DefinitionBook)? = nil, _ catalogue: Catalogue? = nil
    ) async throws -> APIDesk {
        let assembly = try await Assembly(configuration, store: store)
        var operations = Operations.standard(store: store, deliver: nil, time: time)
        for kind in ["poll", "pause", "resume", "rewind", "reset"] {
            operations.add(kind) { [polls] call in
                let name = try call.argument("name")
                polls.add("\(kind) \(name)")
                return .init(subject: name, text: "\(name): \(kind)")
            }
        }
        return APIDesk(
            store: store, operations: operations,
            catalogue: catalogue ?? Catalogue(configuration), time: time, version: "1.0.0",
            adapters: AdapterDesk(
                checkers: .native, files: Self.files(folder.path),
                bridge: "\(folder.path)/pullcord.yaml",
                folders: configuration.bridge.adapterFolders),
            readiness: { .ready }, matcher: { assembly.matcher }, definitions: definitions)
    }

    /// Serves while `use` runs, and closes the store afterwards.
    func serve(
        definitions: (any DefinitionBook)? = nil, catalogue: Catalogue? = nil,
        groups: [any RouteGroup] = [],
        deadlines: ClientDeadlines = ClientDeadlines(),
        _ use: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        let api = configuration.api ?? BoundAPI(spec: APISpec(place: configuration.place))
        let desk = try await desk(definitions, catalogue)
        do {
            try await withServer {
                APIServer(
                    api, desk: desk, groups: groups,
                    log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
                    deadlines: deadlines,
                    onListening: $0)
            } use: { port in
                try await use(port)
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

extension Configuration {
    fileprivate var place: Place { Place(file: bridge.file, line: 1, column: 1) }
}

/// A configuration that another takes the place of, as at a reload.
final class RunningCatalogue: Sendable {
    private let configurations: Mutex<[Configuration]>

    init(_ configuration: Configuration) { configurations = Mutex([configuration]) }

    var catalogue: Catalogue {
        Catalogue(
            edition: { [self] in configurations.withLock { $0.count } },
            configuration: { [self] in configurations.withLock { $0[$0.count - 1] } })
    }

    func run(_ configuration: Configuration) {
        configurations.withLock { $0.append(configuration) }
    }
}

/// One request whose answer is read to its end.
struct Call: Sendable {
    var method = "GET"
    var target: String
    var headers: [(String, String)] = []
    var body = ""

    init(
        _ target: String, _ method: String = "GET", json: String? = nil,
        headers: [(String, String)] = []
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        guard let json else { return }
        body = json
        self.headers.append(("Content-Type", "application/json"))
    }

    func send(_ port: Int) async throws -> WireAnswer {
        try await Wire.request(
            method, target, headers: headers, body: Array(body.utf8), to: port)
    }
}

extension WireAnswer {
    /// The problem's code; nil if it is none.
    var code: String? {
        guard header("content-type") == "application/problem+json" else { return nil }
        return object?["code"] as? String
    }

    var object: [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
    }

    var items: [[String: Any]] { object?["items"] as? [[String: Any]] ?? [] }
}
