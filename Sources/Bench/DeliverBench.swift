import ArgumentParser
import Foundation

/// Durable deliveries beside a loop of POSTs, and how far one endpoint's trouble reaches.
struct DeliverBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver",
        abstract: "Deliveries, each with its committed attempt, beside a bare libcurl loop.")

    @OptionGroup var places: Places

    @Option(help: "Deliveries of the measurement of throughput.")
    var deliveries = 50_000

    @Option(help: "Deliveries that wait: for a dead endpoint, and before the restart.")
    var queued = 100_000

    @Option(help: "Seconds of each measurement of latency.")
    var seconds = 5.0

    func run() async throws {
        let server = try PeerServer(places)
        Report.title("deliver: POSTs of 1 KB per CPU second")
        let loop = try (0..<3).map { _ in
            let output = try ChildUsage.run(
                places.peer("loop"), [server.url("/hook"), "50000", "16", "post"]
            ).output
            return Double(output.split(separator: "\n")[0]) ?? .nan
        }
        let rate = try await throughput(server, loop: loop.median)
        try await restart(server)
        try await latency(server, rate: rate)
    }

    /// By the daemon, of deliveries that wait when it starts; returns deliveries a second.
    private func throughput(_ server: PeerServer, loop: Double) async throws -> Double {
        try await Places.withFolder { folder in
            let scene = try await DeliverScene(folder, server, endpoints: [.healthy])
            try await scene.fill(0..<deliveries, for: [.healthy])
            await scene.close()
            try server.forgetReceipts()
            let daemon = try Child(
                places.pullcord, ["run", "--config", scene.config, "--log-level", "warning"],
                readsErrors: true)
            // What the start takes is not a delivery's.
            while try server.counts().hooks < deliveries / 10 { usleep(2000) }
            let (cpu, start, before) = (
                daemon.cpuSeconds, monotonicNanoseconds(), try server.counts().hooks
            )
            while try server.counts().hooks < deliveries { usleep(2000) }
            let count = Double(try server.counts().hooks - before)
            let rate = count / (Double(monotonicNanoseconds() - start) / 1e9)
            Report.ratio(
                "durable deliveries", count / (daemon.cpuSeconds - cpu), loop, unit: "a CPU s",
                peerName: "bare libcurl", atLeast: 0.25)
            Report.line("  by the clock", "\(Report.figure(rate)) a second")
            return rate
        }
    }

    private func restart(_ server: PeerServer) async throws {
        try await Places.withFolder { folder in
            let scene = try await DeliverScene(folder, server, endpoints: [.healthy])
            try await scene.fill(0..<queued, for: [.healthy])
            await scene.close()
            try server.forgetReceipts()
            let start = monotonicNanoseconds()
            let daemon = try Child(
                places.pullcord, ["run", "--config", scene.config, "--log-level", "warning"],
                readsErrors: true)
            while try server.counts().hooks == 0 { usleep(1000) }
            let first = try server.receipts(0..<queued).filter { $0 > 0 }.min() ?? .max
            Report.bound(
                "first of \(queued) after a restart", Double(first - start) / 1e9, unit: "s",
                atMost: 1)
            Report.line("  resident memory", "\(Report.figure(daemon.megabytes())) MB")
        }
    }

    /// At half of what went before: alone, and beside an endpoint that is dead and one that is
    /// slow.
    private func latency(_ server: PeerServer, rate: Double) async throws {
        Report.title("deliver: commit to receipt at \(Int(rate / 2)) a second")
        let idle = try await Places.withFolder { folder in
            let scene = try await DeliverScene(folder, server, endpoints: [.healthy])
            return try await scene.latencies(rate: rate / 2, seconds: seconds)
        }
        Report.line("alone, p50", "\(Report.figure(idle.median)) ms")
        Report.bound("alone, p99", idle.quantile(0.99), unit: "ms", atMost: 20)
        try await Places.withFolder { folder in
            let scene = try await DeliverScene(
                folder, server, endpoints: [.healthy, .dead, .slow])
            let first = DeliverScene.marksOfLoad
            try await scene.fill(first..<first + queued, for: [.dead])
            try await scene.fill(first..<first + 2000, for: [.slow])
            let before = Child.megabytes(of: "self", "VmRSS")
            let beside = try await scene.latencies(rate: rate / 2, seconds: seconds)
            Report.line("beside \(queued) dead, p50", "\(Report.figure(beside.median)) ms")
            Report.bound(
                "beside, p99 to alone", beside.quantile(0.99) / idle.quantile(0.99), unit: "x",
                atMost: 1.1)
            let after = Child.megabytes(of: "self", "VmRSS")
            Report.line(
                "  resident memory", "\(Report.figure(before)) MB, then \(Report.figure(after)) MB")
        }
    }
}
