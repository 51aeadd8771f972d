import ArgumentParser
import Foundation

/// Polls that the API answers with 304, by the daemon, beside a loop that does nothing else.
struct NotModifiedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notmodified",
        abstract: "Polls answered 304 beside a bare libcurl loop.")

    @OptionGroup var places: Places

    @Option(help: "How many sources are polled.")
    var sources = 10_000

    @Option(help: "Seconds of the measurement.")
    var seconds = 10.0

    @Option(help: "The least level that the daemon logs.")
    var logLevel = "warning"

    func run() async throws {
        let server = try PeerServer(places)
        Report.title("notmodified: \(sources) sources, per CPU second")
        let loop = try (0..<3).map { _ in
            let output = try ChildUsage.run(
                places.peer("loop"), [server.url("/quiet/1"), "100000", "16", "get"]
            ).output
            return Double(output.split(separator: "\n")[0]) ?? .nan
        }
        let own = try await Places.withFolder { try measure(server, $0) }
        Report.ratio(
            "polls answered 304", own.rate, loop.median, unit: "polls", peerName: "bare libcurl",
            atLeast: 0.35)
        Report.line("  resident memory", "\(Report.figure(own.megabytes)) MB")
        Report.line("  written to disk", "\(Report.figure(own.written)) bytes a poll")
    }

    private func measure(
        _ server: PeerServer, _ folder: URL
    ) throws -> (rate: Double, megabytes: Double, written: Double) {
        try Self.adapter.write(
            toFile: folder.appending(path: "quiet.yaml").path, atomically: true, encoding: .utf8)
        var bridge = """
            store: sqlite:bench.db
            network: { allow: [loopback] }
            subscriptions: []
            sources:

            """
        for number in 1...sources {
            bridge += """
                  - { name: s\(number), adapter: quiet.yaml, every: 1s, \
                with: { server: "\(server.url(""))", id: "\(number)" } }

                """
        }
        let config = folder.appending(path: "pullcord.yaml").path
        try bridge.write(toFile: config, atomically: true, encoding: .utf8)
        let before = try server.counts().requests
        let daemon = try Child(
            places.pullcord, ["run", "--config", config, "--log-level", logLevel],
            readsErrors: logLevel == "warning")
        // Each source has its baseline, and has been asked again.
        while try server.counts().requests - before < sources * 3 { usleep(50_000) }
        let (cpu, polls, written) = (
            daemon.cpuSeconds, try server.counts().requests, daemon.bytesWritten
        )
        usleep(UInt32(seconds * 1e6))
        let count = Double(try server.counts().requests - polls)
        let rate = count / (daemon.cpuSeconds - cpu)
        return (rate, daemon.megabytes(), (daemon.bytesWritten - written) / count)
    }

    private static let adapter = """
        adapter: quiet
        params:
          server: { type: string, required: true }
          id: { type: string, required: true }
        base_url: "${params.server}"
        streams:
          things:
            request: { path: "/quiet/${params.id}" }
            records: .
            key: .id
        """
}
