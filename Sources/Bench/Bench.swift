import ArgumentParser
import Foundation
import Glibc
import Hummingbird

/// Measures whole polls by the real program against a server on loopback.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pullcord-bench",
        abstract: "Measures whole polls by the real program.",
        subcommands: [PollBench.self, ServeCommand.self], defaultSubcommand: PollBench.self)
}

/// Serves the orders, in a process of its own: what it takes is not counted.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve generated orders and print the port.")

    @Option var records = 100_000
    @Option var pageSize = 1000
    @Option var changedEvery = 0

    func run() async throws {
        let pages = OrderPages(
            records: records, pageSize: pageSize, changedEvery: changedEvery)
        try await PageServer(pages: pages).run { port in
            print(port)
            fflush(nil)
        }
    }
}

struct PollBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "The first poll, polls with nothing changed, and one with 1 % changed.")

    @Option(help: "How many records of about 1 KB the API holds.")
    var records = 100_000

    @Option(help: "Records of one page.")
    var pageSize = 1000

    @Option(help: "How often the poll with nothing changed is repeated.")
    var repeats = 3

    @Option(help: "The program to measure.")
    var pullcord = ".build/release/pullcord"

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.adapter.write(
            toFile: folder.appending(path: "bench.yaml").path, atomically: true, encoding: .utf8)

        print("\(records) records of about 1 KB in pages of \(pageSize)")
        print("poll             wall s   CPU s   records/s   records/CPU s   peak MB")
        let config = folder.appending(path: "pullcord.yaml").path
        try withServer(changedEvery: 0) { port in
            try bridge(port: port).write(toFile: config, atomically: true, encoding: .utf8)
            try poll("baseline", config)
            for _ in 0..<repeats { try poll("nothing changed", config) }
        }
        try withServer(changedEvery: 100) { port in
            try bridge(port: port).write(toFile: config, atomically: true, encoding: .utf8)
            try poll("1 % changed", config)
        }
    }

    /// Runs this program's own `serve` while something is measured.
    private func withServer(changedEvery: Int, _ body: (Int) throws -> Void) throws {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
        server.arguments = [
            "serve", "--records", "\(records)", "--page-size", "\(pageSize)",
            "--changed-every", "\(changedEvery)",
        ]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ValidationError("the server did not start")
        }
        try body(port)
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
        subscriptions: []
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
    private let bodies: [ByteBuffer]

    init(pages: OrderPages) {
        bodies = (0..<pages.count).map { ByteBuffer(bytes: pages.body($0 + 1)) }
    }

    func run(onPort: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router()
        router.get("/orders") { request, _ in
            let page = request.uri.queryParameters.get("page", as: Int.self) ?? 1
            let pages = self.bodies
            let body = pages.indices.contains(page - 1) ? pages[page - 1] : nil
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

}
