import ArgumentParser
import Foundation

/// Whole polls by the real program, beside a script for the same.
struct PollBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "Full polls beside a script of aiohttp, orjson, xxhash and SQLite.")

    @OptionGroup var places: Places

    @Option(help: "The largest number of records; the others are its tenths, from 1,000 on.")
    var largest = 100_000

    @Option(help: "Records of one page.")
    var pageSize = 1000

    @Option(help: "Polls by the daemon with nothing changed.")
    var repeats = 5

    func run() async throws {
        let server = try PeerServer(places)
        try await compare(server, records: min(largest, 100_000))
        for isRandom in [false, true] { try await grow(server, isRandom: isRandom) }
    }

    // MARK: Beside the script

    private func compare(_ server: PeerServer, records: Int) async throws {
        Report.title("poll: \(records) records of 1 KB, pages of \(pageSize), per CPU second")
        let perSecond = { (usage: ChildUsage) in Double(records) / usage.cpuSeconds }
        try await Places.withFolder { folder in
            try server.serve(records: records, pageSize: pageSize)
            let bridge = try PollBridge(folder, server, first: "emit")
            let own = try bridge.poll(places)
            let peer = try script(server, folder, "new.db", records, keepsEvents: true)
            Report.ratio(
                "everything new, an event each", perSecond(own), perSecond(peer), unit: "records",
                peerName: "script", atLeast: 2)
            memory(own)
        }
        try await Places.withFolder { folder in
            let bridge = try PollBridge(folder, server, first: "baseline")
            let first = try bridge.poll(places)
            let firstPeer = try script(server, folder, "base.db", records, keepsEvents: false)
            Report.ratio(
                "the first, all remembered", perSecond(first), perSecond(firstPeer),
                unit: "records", peerName: "script", atLeast: 2)
            let again = try bridge.poll(places)
            let peer = try script(server, folder, "base.db", records, keepsEvents: false)
            Report.ratio(
                "nothing changed, a new process", perSecond(again), perSecond(peer),
                unit: "records", peerName: "script", atLeast: 5)
            memory(again)
            let daemon = try bridge.daemon(places, polls: repeats)
            Report.ratio(
                "nothing changed, the daemon", Double(records) / daemon.cpuSeconds,
                perSecond(peer), unit: "records", peerName: "script", atLeast: 5)
            memory(daemon)
            try server.serve(
                records: records, pageSize: pageSize, changedEvery: 100, generation: 1)
            let changed = try bridge.poll(places)
            let changedPeer = try script(server, folder, "base.db", records, keepsEvents: true)
            Report.ratio(
                "1 % changed, a new process", perSecond(changed), perSecond(changedPeer),
                unit: "records", peerName: "script", atLeast: 5)
            memory(changed)
        }
    }

    private func memory(_ usage: ChildUsage) {
        Report.bound("  peak memory", usage.peakMegabytes, unit: "MB", atMost: 256)
    }

    private func script(
        _ server: PeerServer, _ folder: URL, _ name: String, _ records: Int, keepsEvents: Bool
    ) throws -> ChildUsage {
        try ChildUsage.run(
            "/usr/bin/env",
            [
                "python3", "Sources/Bench/Peers/poll_script.py", server.url("/orders"),
                "\(records)", "\(pageSize)", folder.appending(path: name).path,
            ] + (keepsEvents ? ["events"] : []),
            environment: ["PYTHONPATH": places.peer("python")])
    }

    // MARK: From few records to many

    private func grow(_ server: PeerServer, isRandom: Bool) async throws {
        Report.title("poll: growth, ids \(isRandom ? "in no order" : "ascending")")
        Report.line("records", "first us | unchanged us | 1 % changed us | bytes | peak MB")
        let none = try await growth(server, records: 1, isRandom: isRandom)
        var points: [(first: Double, again: Double, size: Double)] = []
        var records = 1000
        while records <= largest {
            let found = try await growth(server, records: records, isRandom: isRandom)
            let each = { (usage: ChildUsage, start: ChildUsage) in
                (usage.cpuSeconds - start.cpuSeconds) * 1e6 / Double(records)
            }
            let figures = [
                each(found.first, none.first), each(found.again, none.again),
                each(found.changed, none.changed), Double(found.bytes) / Double(records),
                max(found.first.peakMegabytes, found.changed.peakMegabytes),
            ]
            Report.line("\(records)", figures.map(Report.figure).joined(separator: " | "))
            points.append((figures[0], figures[1], Double(records)))
            records *= 10
        }
        guard points.count > 1 else { return }
        Report.bound(
            "slope, the first poll", Self.slope(points.map { ($0.size, $0.first * $0.size) }),
            atMost: 1.05)
        Report.bound(
            "slope, nothing changed", Self.slope(points.map { ($0.size, $0.again * $0.size) }),
            atMost: 1.05)
    }

    private typealias Growth = (
        first: ChildUsage, again: ChildUsage, changed: ChildUsage, bytes: Int
    )

    private func growth(
        _ server: PeerServer, records: Int, isRandom: Bool
    ) async throws -> Growth {
        try await Places.withFolder { folder in
            let bridge = try PollBridge(folder, server, first: "baseline")
            try server.serve(records: records, pageSize: pageSize, isRandom: isRandom)
            let (first, bytes) = (try bridge.poll(places), bridge.storeBytes)
            let again = try bridge.poll(places)
            try server.serve(
                records: records, pageSize: pageSize, changedEvery: 100, generation: 1,
                isRandom: isRandom)
            return (first, again, try bridge.poll(places), bytes)
        }
    }

    /// The slope of the line through the logarithms: 1 if the cost of a record stays the same.
    private static func slope(_ points: [(Double, Double)]) -> Double {
        let logs = points.map { (log($0.0), log(max($0.1, 1))) }
        let count = Double(logs.count)
        let meanX = logs.reduce(0) { $0 + $1.0 } / count
        let meanY = logs.reduce(0) { $0 + $1.1 } / count
        let over = logs.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        return over / logs.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
    }
}

/// A bridge file over the server's orders, and what can be done with it.
struct PollBridge {
    private let config: String
    private let store: String

    init(_ folder: URL, _ server: PeerServer, first: String) throws {
        config = folder.appending(path: "pullcord.yaml").path
        store = folder.appending(path: "bench.db").path
        try Self.adapter.write(
            toFile: folder.appending(path: "bench.yaml").path, atomically: true, encoding: .utf8)
        try """
        store: sqlite:bench.db
        network: { allow: [loopback] }
        subscriptions: []
        sources:
          - name: bench
            adapter: bench.yaml
            with: { server: "\(server.url(""))" }
            first: \(first)
            every: 1s
        """.write(toFile: config, atomically: true, encoding: .utf8)
    }

    /// Bytes of the store's file; after a poll its log is empty.
    var storeBytes: Int {
        let facts = try? FileManager.default.attributesOfItem(atPath: store)
        return facts?[.size] as? Int ?? 0
    }

    /// One poll in a process of its own.
    func poll(_ places: Places) throws -> ChildUsage {
        try ChildUsage.run(places.pullcord, ["poll", "bench", "--config", config])
    }

    /// The mean of polls by the daemon, after one that it needs to get warm.
    func daemon(_ places: Places, polls: Int) throws -> ChildUsage {
        let daemon = try Child(
            places.pullcord, ["run", "--config", config], readsErrors: true)
        try daemon.awaitOutput("outcome=unchanged", times: 1)
        let start = daemon.cpuSeconds
        try daemon.awaitOutput("outcome=unchanged", times: polls)
        let taken = (daemon.cpuSeconds - start) / Double(polls)
        let usage = daemon.terminate()
        return ChildUsage(
            status: usage.status, cpuSeconds: max(taken, 1e-6), peakMegabytes: usage.peakMegabytes,
            output: "")
    }

    private static let adapter = """
        adapter: bench
        params: { server: { type: string, required: true } }
        base_url: "${params.server}"
        limits: { pages: 100000 }
        streams:
          orders:
            request: { path: /orders, query: { page: "${page.number}" } }
            pages: { number: { start: 1 }, total: .meta.total }
            records: .data
            key: .id
        """
}
