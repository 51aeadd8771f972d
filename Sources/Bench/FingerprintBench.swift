import ArgumentParser
import Foundation
import Glibc
import PullcordJSON

/// Validating, finding and fingerprinting records beside a parse that does none of it.
struct FingerprintBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fingerprint",
        abstract: "Scan, key, cursor and fingerprint beside simdjson's DOM parse.")

    @OptionGroup var places: Places

    @Option(help: "Seconds of each measurement.")
    var seconds = 0.5

    @Option(help: "Measurements of each pair; the median counts.")
    var repeats = 5

    func run() async throws {
        Report.title("fingerprint: megabytes per CPU second")
        try await Places.withFolder { folder in
            for (name, page) in Samples.pages {
                let file = folder.appending(path: "page.json").path
                try Data(page).write(to: URL(filePath: file))
                var (own, peer): ([Double], [Double]) = ([], [])
                // Turn by turn, so that a disturbance hits both.
                for _ in 0..<repeats {
                    own.append(try scan(page))
                    let dom = try ChildUsage.run(places.peer("dom"), [file, "\(seconds)"])
                    peer.append(Double(dom.output.split(separator: "\n")[0]) ?? .nan)
                }
                Report.ratio(
                    name, own.median, peer.median, unit: "MB/s", peerName: "simdjson DOM",
                    atLeast: 0.5)
            }
        }
    }

    private func scan(_ page: [UInt8]) throws -> Double {
        guard let records = JSONPath(parsing: ".data"), let key = JSONPath(parsing: ".id"),
            let cursor = JSONPath(parsing: ".updated_at")
        else { throw BenchError("a path cannot be read") }
        let plan = ScanPlan(records: records, recordFields: [key, cursor])
        let start = ownCPUSeconds()
        var (bytes, now) = (0, start)
        repeat {
            for _ in 0..<8 {
                let scan = try plan.scan(page)
                guard scan.count > 0, scan.field(1, of: scan.count - 1) != nil else {
                    throw BenchError("the records were not found")
                }
                bytes += page.count
            }
            now = ownCPUSeconds()
        } while now - start < seconds
        return Double(bytes) / 1e6 / (now - start)
    }
}
