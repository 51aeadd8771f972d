import Foundation
import Logging
import PullcordConfig
import PullcordDemo
import PullcordEngine
import PullcordModel
import PullcordReceiver
import PullcordSigning
import ServiceLifecycle
import UnixSignals

/// The demo's three parts in one process: the shop, the receiver, and Pullcord between them.
struct Demo: Sendable {
    let folder: String
    let changeEvery: Duration
    /// Webhooks after which it ends by itself; 0 for never.
    let count: Int
    private let palette = Palette(isOn: StandardOutput.hasColours)

    init(folder: String, changeEvery: Duration, count: Int) {
        self.folder = folder
        self.changeEvery = changeEvery
        self.count = count
    }

    func run() async throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let file = OrderBookFile(path: "\(folder)/shop.json")
        let known = try file.load()
        let secret = try keptSecret()
        let shopPort = Announcement<Int>()
        let receiverPort = Announcement<Int>()
        let shop = shop(known ?? OrderBook(seed: 7, now: Workplace.time.wall()), shopPort)
        let countdown = Countdown(count)
        let receiver = receiver(secret, receiverPort, countdown)
        let bridge = Work {
            let (shop, receiver) = (try await shopPort.value(), try await receiverPort.value())
            let configuration = try configuration(shop: shop, receiver: receiver)
            introduce(shop: shop, isFirst: known == nil)
            try await Daemon(
                configuration: configuration, log: Self.log, signals: [],
                onListening: { port in
                    let address = palette.bold("http://127.0.0.1:\(port)/")
                    StandardOutput.writeLine("The console, for a browser: \(address)\n")
                }
            ).run()
        }
        // They stop in the opposite order: Pullcord first, while its receiver still listens.
        try await Lifetime.run([shop, receiver, countdown, bridge], stopMax: .seconds(10))
        try file.save(shop.book)
        StandardOutput.writeLine("\nStopped. The next demo goes on from here.")
    }

    private func shop(_ book: OrderBook, _ port: Announcement<Int>) -> OrderAPI {
        OrderAPI(
            book: book, tickEvery: changeEvery, clock: ContinuousClock(),
            now: { Workplace.time.wall() }, onListening: { port.make($0) },
            onChange: { change in
                let clock = Workplace.time.wall().description.dropFirst(11).prefix(8)
                StandardOutput.writeLine(
                    palette.dim("\(clock)       ·  the shop: order \(change.id) \(change.what)"))
            })
    }

    private func receiver(
        _ secret: SigningSecret, _ port: Announcement<Int>, _ countdown: Countdown
    ) -> ReceiverServer {
        let printer = WebhookPrinter(form: palette.isOn ? .coloured : .plain) {
            StandardOutput.write($0)
        }
        return ReceiverServer(
            secrets: [secret], now: { Workplace.time.wall() }, onListening: { port.make($0) },
            onDelivery: {
                printer.print($0)
                countdown.count()
            })
    }

    private func introduce(shop: Int, isFirst: Bool) {
        StandardOutput.writeLine(
            """
            \(palette.bold("A shop that can only be asked")) answers at \
            http://127.0.0.1:\(shop)/orders and changes by itself.
            Pullcord asks it every second through adapters/orders.yaml, and the receiver below
            verifies each webhook. Look closer from another terminal:
              .build/release/pullcord status --config \(folder)/pullcord.yaml
            \(isFirst
                ? "The first poll remembers the orders that there are; each change from then on is an event."
                : "Going on from the last demo: what changed in between comes first.")

            """)
    }

    /// Writes the bridge file, for people to look at, and reads it as `pullcord run` would.
    private func configuration(shop: Int, receiver: Int) throws -> Configuration {
        let path = "\(folder)/pullcord.yaml"
        let adapters = try Self.adapters()
        try """
        # Written by `pullcord demo` anew each time it starts: the ports change.
        store: sqlite:demo.db
        adapters: ["\(adapters)"]
        network: { allow: [loopback] }
        api: { listen: "127.0.0.1:0" }
        sources:
          - name: shop
            adapter: orders
            with: { server: "http://127.0.0.1:\(shop)" }
            every: 1s
        subscriptions:
          - name: receiver
            url: "http://127.0.0.1:\(receiver)/"
            secret: "${file:secret}"

        """.write(toFile: path, atomically: true, encoding: .utf8)
        switch Workplace.loader.load(path, environment: [:]) {
        case .success(let configuration): return configuration
        case .failure(let report):
            Workplace.show(report)
            throw Problem(
                code: "demo_adapter", message: "the demo's adapter could not be read",
                place: adapters, hint: "put adapters/orders.yaml back as it was")
        }
    }

    /// The folder of the shop's adapter: the project's, or the one that `make install` fills.
    private static func adapters() throws -> String {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let installed = program.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "share/pullcord/adapters").path
        let folders = [FileManager.default.currentDirectoryPath + "/adapters", installed]
        let found = folders.first {
            FileManager.default.fileExists(atPath: "\($0)/orders.yaml")
        }
        guard let found else {
            throw Problem(
                code: "demo_adapter", message: "the demo's adapter, orders.yaml, is not there",
                place: folders.joined(separator: ", "),
                hint: "start it in the project's folder, or install Pullcord with adapters"
            )
        }
        return found
    }

    /// The receiver's secret, made at the first demo and readable by its owner only.
    private func keptSecret() throws -> SigningSecret {
        let path = "\(folder)/secret"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            return try SigningSecret(parsing: text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let secret = SigningSecret.generate()
        let isKept = FileManager.default.createFile(
            atPath: path, contents: Data(secret.text.expose().utf8),
            attributes: [.posixPermissions: 0o600])
        guard isKept else {
            throw Problem(
                code: "demo_folder", message: "the folder cannot be written to", place: folder)
        }
        return secret
    }

    /// Only what goes wrong: the webhooks tell the rest.
    private static let log = Logger(label: "pullcord.demo") { _ in
        LineLogHandler(logLevel: .warning, format: .text, time: Workplace.time)
    }
}
