import ArgumentParser
import Foundation

/// The start and the first minute of a daemon with many sources of one adapter.
struct SourcesBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Start-up, memory and spread of a daemon with many sources.")

    @OptionGroup var places: Places

    @Option(help: "How many sources the bridge file has.")
    var count = 10_000

    @Option(help: "Seconds between the polls of a source, and of the measurement.")
    var every = 60

    func run() async throws {
        let server = try PeerServer(places)
        for usesPrograms in [false, true] {
            Report.title(
                "sources: \(count) of one adapter, every \(every)s, "
                    + (usesPrograms ? "jq programs" : "plain paths"))
            let few = try await Places.withFolder {
                try measure(server, $0, count: 1, usesPrograms, seconds: 3)
            }
            let many = try await Places.withFolder {
                try measure(server, $0, count: count, usesPrograms, seconds: every)
            }
            let each = { (megabytes: Double) in megabytes * 1024 / Double(count) }
            Report.bound("start", many.start, unit: "s", atMost: 5)
            Report.bound(
                "memory at the start", each(many.atStart - few.atStart), unit: "KB a source",
                atMost: 20)
            Report.bound(
                "memory after the polls", each(many.afterwards - few.afterwards),
                unit: "KB a source", atMost: 20)
            // Spread evenly, each second would have its equal share.
            let share = Double(count) / Double(every)
            Report.bound(
                "requests of the busiest second", Double(many.perSecond.max() ?? 0) / share,
                unit: "times an equal share", atMost: 2)
            Report.line(
                "  requests by second", many.perSecond.map(String.init).joined(separator: " "))
            Report.line("  CPU of the minute", "\(Report.figure(many.cpu)) s")
        }
    }

    private struct Measured {
        /// Seconds from the start of the process to the first request.
        var start: Double
        var atStart: Double
        var afterwards: Double
        var cpu: Double
        var perSecond: [Int]
    }

    private func measure(
        _ server: PeerServer, _ folder: URL, count: Int, _ usesPrograms: Bool, seconds: Int
    ) throws -> Measured {
        try Self.adapter(usesPrograms).write(
            to: folder.appending(path: "quiet.yaml"), atomically: true, encoding: .utf8)
        let sources = (1...count).map {
            """
              - { name: s\($0), adapter: quiet, every: \(every)s, \
            with: { server: "\(server.url(""))", id: "\($0)" } }
            """
        }
        let text =
            "store: sqlite:bench.db\nnetwork: { allow: [loopback] }\nsubscriptions: []\n"
            + "sources:\n" + sources.joined(separator: "\n") + "\n"
        let config = folder.appending(path: "pullcord.yaml")
        try text.write(to: config, atomically: true, encoding: .utf8)
        let before = try server.counts().requests
        let clock = ContinuousClock()
        let began = clock.now
        let daemon = try Child(
            places.pullcord, ["run", "--config", config.path, "--log-level", "warning"],
            readsErrors: true)
        while try server.counts().requests == before {
            guard clock.now - began < .seconds(300) else { throw BenchError("no request came") }
            usleep(2000)
        }
        let first = clock.now
        let start = first - began
        let atStart = daemon.megabytes()
        var perSecond: [Int] = []
        var last = before
        for second in 1...seconds {
            let left = first + .seconds(second) - clock.now
            let (whole, parts) = left.components
            usleep(UInt32(max(0, Double(whole) + Double(parts) / 1e18) * 1e6))
            let now = try server.counts().requests
            perSecond.append(now - last)
            last = now
        }
        return Measured(
            start: Double(start.components.seconds) + Double(start.components.attoseconds) / 1e18,
            atStart: atStart, afterwards: daemon.megabytes(), cpu: daemon.cpuSeconds,
            perSecond: perSecond)
    }

    private static func adapter(_ usesPrograms: Bool) -> String {
        """
        adapter: quiet
        params:
          server: { type: string, required: true }
          id: { type: string, required: true }
        base_url: "${params.server}"
        headers: { X-Source: "source ${params.id}" }
        limits: { concurrency: 64 }
        streams:
          things:
            request: { path: "/quiet/${params.id}" }
            records: \(usesPrograms ? "'if type == \"array\" then .[] else . end'" : ".")
            key: \(usesPrograms ? "'.id | tostring'" : ".id")
            \(usesPrograms ? "when: '.gone != true'" : "")
        """
    }
}
