import ArgumentParser
import Foundation

/// A dump of a gigabyte in one answer, polled by the real program in bounded memory.
struct SpoolBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Polls of one large NDJSON or CSV answer, beside jq and Python's csv.")

    @OptionGroup var places: Places

    @Option(help: "Megabytes of the answer.")
    var megabytes = 1024

    func run() async throws {
        for format in ["ndjson", "csv"] {
            try await Places.withFolder { try measure(format, $0) }
        }
    }

    private func measure(_ format: String, _ folder: URL) throws {
        let dump = folder.appending(path: "dump.\(format)")
        let records = try write(format, to: dump.path)
        Report.title("spool: \(megabytes) MB of \(format) in one answer, \(records) records")
        let server = try Child(
            "/usr/bin/env", ["python3", "Sources/Bench/Peers/dump_server.py", dump.path])
        guard let port = Int(server.read().split(separator: "\n").first ?? "") else {
            throw BenchError("the server did not start")
        }
        try bridge(format, port: port, folder)
        let config = folder.appending(path: "pullcord.yaml").path
        let perSecond = { (usage: ChildUsage) in Double(megabytes) / usage.cpuSeconds }
        let peer = try self.peer(format, dump.path)
        for name in ["the first, all remembered", "nothing changed, a new process"] {
            let own = try ChildUsage.run(
                places.pullcord, ["poll", "bench", "--config", config])
            guard own.output.contains("\(records) records") else {
                throw BenchError("the poll did not read all\n\(own.output)")
            }
            Report.ratio(
                name, perSecond(own), perSecond(peer), unit: "MB",
                peerName: format == "csv" ? "Python csv" : "jq -c .id", atLeast: 1)
            Report.bound("  peak memory", own.peakMegabytes, unit: "MB", atMost: 150)
        }
    }

    /// What reads the whole and keeps nothing.
    private func peer(_ format: String, _ path: String) throws -> ChildUsage {
        if format == "ndjson" {
            return try ChildUsage.run(
                "/bin/sh", ["-c", "exec jq -c .id \"$0\" > /dev/null", path])
        }
        let script = "import csv, sys\nfor row in csv.DictReader(open(sys.argv[1])): row['id']"
        return try ChildUsage.run("/usr/bin/env", ["python3", "-c", script, path])
    }

    /// Writes the dump, and returns how many records it has.
    private func write(_ format: String, to path: String) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchError("\(path) cannot be written") }
        defer { try? file.close() }
        let words = "A plain and sturdy article of the catalogue, in green, boxed. "
        let text = String(repeating: words, count: 14)
        var (records, written) = (0, 0)
        var piece = format == "csv" ? "id,updated_at,total,text\r\n" : ""
        while written < megabytes << 20 {
            for _ in 0..<1000 {
                records += 1
                piece +=
                    format == "csv"
                    ? "\(records),2026-10-01T08:15:30Z,\(records % 977).50,\"\(text)\"\r\n"
                    : "{\"id\":\(records),\"updated_at\":\"2026-10-01T08:15:30Z\","
                        + "\"total\":\(records % 977).50,\"text\":\"\(text)\"}\n"
            }
            let bytes = Data(piece.utf8)
            try file.write(contentsOf: bytes)
            written += bytes.count
            piece = ""
        }
        return records
    }

    private func bridge(_ format: String, port: Int, _ folder: URL) throws {
        try """
        adapter: dump
        base_url: "http://127.0.0.1:\(port)"
        limits: { page_bytes: 60GiB, timeout: 10m }
        streams:
          dump: { request: /dump, format: \(format), key: .id }
        """.write(
            toFile: folder.appending(path: "dump.yaml").path, atomically: true, encoding: .utf8)
        try """
        store: sqlite:bench.db
        network: { allow: [loopback] }
        subscriptions: []
        sources: [{ name: bench, adapter: dump.yaml, every: 1h }]
        """.write(
            toFile: folder.appending(path: "pullcord.yaml").path, atomically: true,
            encoding: .utf8)
    }
}
