import ArgumentParser
import Foundation
import Hummingbird
import Synchronization

/// Measures whole polls by the real program against a server on loopback.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pullcord-bench",
        abstract:
            "Full polls of generated orders: the first, one with nothing changed, one with 1 % changed."
    )

    @Option(help: "How many records of about 1 KB the API holds.")
    var records = 100_000

    @Option(help: "Records of one page.")
    var pageSize = 1000

    @Option(help: "How often the poll with nothing changed is repeated.")
    var repeats = 3

    @Option(help: "The program to measure.")
    var pullcord = ".build/release/pullcord"

    func run() async throws {
        let server = PageServer(
            pages: OrderPages(records: records, pageSize: pageSize, changedEvery: 0))
        try await withThrowingTaskGroup { group in
            let port = AsyncStream<Int>.makeStream()
            group.addTask { try await server.run { port.continuation.yield($0) } }
            for await port in port.stream {
                try measure(server, port: port)
                break
            }
            group.cancelAll()
        }
    }

    private func measure(_ server: PageServer, port: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appending(path: "pullcord.yaml").path
        try bridge(port: port).write(toFile: config, atomically: true, encoding: .utf8)
        try Self.adapter.write(
            toFile: folder.appending(path: "bench.yaml").path, atomically: true, encoding: .utf8)

        print("\(records) records in pages of \(pageSize), \(server.bytes() / 1_000_000) MB")
        print("poll             wall s   CPU s   records/s   records/CPU s   peak MB")
        try poll("baseline", config)
        for _ in 0..<repeats { try poll("nothing changed", config) }
        server.setPages(OrderPages(records: records, pageSize: pageSize, changedEvery: 100))
        try poll("1 % changed", config)
    }

    private func poll(_ name: String, _ config: String) throws {
        guard let usage = ChildUsage.run(pullcord, ["poll", "bench", "--config", config]),
            usage.status == 0
        else { throw ValidationError("\(pullcord) poll failed") }
        let cells = [
            String(format: "%.2f", usage.wallSeconds), String(format: "%.2f", usage.cpuSeconds),
            String(format: "%.0f", Double(records) / usage.wallSeconds),
            String(format: "%.0f", Double(records) / usage.cpuSeconds),
            String(format: "%.1f", Double(usage.peakKilobytes) / 1024),
        ]
        let widths = [7, 8, 12, 16, 10]
        let row = zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }
        print(name.padding(toLength: 16, withPad: " ", startingAt: 0) + row.joined())
    }

    private func bridge(port: Int) -> String {
        """
        store: sqlite:bench.db
        network: { allow: [loopback] }
        sources:
          - name: bench
            adapter: bench.yaml
            with: { server: "http://127.0.0.1:\(port)" }
            every: 60s
        """
    }

    private static let adapter = """
        adapter: bench
        params: { server: { type: string, required: true } }
        base_url: "${params.server}"
        streams:
          orders:
            request: { path: /orders, query: { page: "${page.number}" } }
            pages: { number: { start: 1 }, total: .meta.total }
            records: .data
            key: .id
        """
}

/// Serves generated pages, made beforehand so that the server costs next to nothing.
final class PageServer: Sendable {
    private let bodies: Mutex<[ByteBuffer]>

    init(pages: OrderPages) {
        bodies = Mutex(Self.bodies(pages))
    }

    func setPages(_ pages: OrderPages) {
        let made = Self.bodies(pages)
        bodies.withLock { $0 = made }
    }

    func bytes() -> Int { bodies.withLock { $0.reduce(0) { $0 + $1.readableBytes } } }

    func run(onPort: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router()
        router.get("/orders") { request, _ in
            let page = request.uri.queryParameters.get("page", as: Int.self) ?? 1
            let body = self.bodies.withLock { $0.indices.contains(page - 1) ? $0[page - 1] : nil }
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: body ?? ByteBuffer(string: #"{"data":[],"meta":{}}"#)))
        }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in onPort(channel.localAddress?.port ?? 0) })
        try await application.runService(gracefulShutdownSignals: [])
    }

    private static func bodies(_ pages: OrderPages) -> [ByteBuffer] {
        (0..<pages.count).map { ByteBuffer(bytes: pages.body($0 + 1)) }
    }
}
