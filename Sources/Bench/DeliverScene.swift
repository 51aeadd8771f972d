import Foundation
import Glibc
import Logging
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer

/// A store with events to deliver, and the real services over it.
final class DeliverScene {
    enum Destination: String {
        case healthy, dead, slow
    }

    /// Marks from here on belong to deliveries that are not measured.
    static let marksOfLoad = 2 << 20

    let config: String
    private let store: SQLiteStore
    private let assembly: Assembly
    private let subscriptions: [Destination: SubscriptionID]
    private let server: PeerServer

    init(_ folder: URL, _ server: PeerServer, endpoints: [Destination]) async throws {
        self.server = server
        config = folder.appending(path: "pullcord.yaml").path
        try Self.adapter.write(
            toFile: folder.appending(path: "bench.yaml").path, atomically: true, encoding: .utf8)
        var text = """
            store: sqlite:bench.db
            network: { allow: [loopback] }
            sources:
              - { name: bench, adapter: bench.yaml, every: 24h, \
            with: { server: "\(server.url(""))" } }
            subscriptions:

            """
        for endpoint in endpoints {
            let url =
                switch endpoint {
                case .healthy: server.url("/hook")
                case .slow: server.url("/slow")
                // Nothing listens there.
                case .dead: "http://127.0.0.1:59998/"
                }
            text += """
                  - { name: \(endpoint.rawValue), url: "\(url)", \
                secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }

                """
        }
        try text.write(toFile: config, atomically: true, encoding: .utf8)
        let files = FileAccess(
            read: { path in
                FileManager.default.contents(atPath: path).map { .bytes(Array($0)) } ?? .missing
            }, list: { _ in [] })
        let loaded = Loader(checkers: .native, files: files).load(config, environment: [:])
        let configuration: Configuration
        switch loaded {
        case .success(let value): configuration = value
        case .failure(let report): throw BenchError(report.text(color: false))
        }
        store = try SQLiteStore.open(
            path: folder.appending(path: "bench.db").path, now: SystemTime().wall())
        assembly = try await Assembly(configuration, store: store)
        let names = endpoints.map { SubscriptionName($0.rawValue) }
        let ids = try await store.register(subscriptions: names)
        subscriptions = Dictionary(uniqueKeysWithValues: zip(endpoints, ids))
    }

    func close() async { await store.close() }

    /// Commits events that wait to be delivered.
    func fill(_ marks: Range<Int>, for endpoints: [Destination]) async throws {
        for start in stride(from: marks.lowerBound, to: marks.upperBound, by: 2000) {
            let part = start..<min(start + 2000, marks.upperBound)
            try await store.commit(batch(part, for: endpoints))
        }
        // The source has been polled, and is not due.
        var ending = CommitBatch(stream: assembly.streams[0].id, time: SystemTime().wall())
        ending.ending = PollEnding(
            report: PollReport(
                started: ending.time, duration: .zero, outcome: "unchanged", reason: "", pages: 1,
                records: 0, created: 0, updated: 0, deleted: 0),
            nextPoll: ending.time + .seconds(24 * 3600), isSuccess: true)
        try await store.commit(ending)
    }

    /// Commits events at a steady rate; returns the milliseconds from each commit to its receipt.
    func latencies(rate: Double, seconds: Double) async throws -> [Double] {
        try server.forgetReceipts()
        let engine = try TransferEngine(
            policy: AddressPolicy(allow: [try AllowEntry(parsing: "loopback")]))
        let deliver = assembly.services(
            store: store, exchange: engine, time: SystemTime(),
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, version: "bench"
        ).deliver
        let running = Task { try await deliver.run() }
        let step = 0.005
        let perStep = max(1, Int(rate * step))
        let steps = Int(seconds / step)
        let committed = try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
            let start = ContinuousClock.now
            for index in 0..<steps {
                let batch = batch(
                    index * perStep..<(index + 1) * perStep, for: [.healthy])
                let store = store
                group.addTask {
                    try await store.commit(batch)
                    let now = monotonicNanoseconds()
                    deliver.ring(for: batch)
                    return (index, now)
                }
                try await ContinuousClock().sleep(until: start + .seconds(step * Double(index + 1)))
            }
            var times = [Int64](repeating: 0, count: steps)
            for try await (index, time) in group { times[index] = time }
            return times
        }
        let marks = 0..<steps * perStep
        var receipts: [Int64] = []
        for _ in 0..<200 {
            receipts = try server.receipts(marks)
            if !receipts.contains(0) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        running.cancel()
        _ = try? await running.value
        await engine.shutdown()
        await store.close()
        return marks.map { mark in
            let receipt = receipts[mark]
            // A receiver may be quicker than the return of the commit.
            return receipt == 0
                ? .infinity : max(0, Double(receipt - committed[mark / perStep]) / 1e6)
        }
    }

    private func batch(_ marks: Range<Int>, for endpoints: [Destination]) -> CommitBatch {
        let stream = assembly.streams[0]
        let wanted = endpoints.compactMap { subscriptions[$0] }
        let now = SystemTime().wall()
        var batch = CommitBatch(stream: stream.id, time: now)
        for mark in marks {
            let id = "evt_" + String(repeating: "0", count: 18) + String(10_000_000 + mark)
            let destination = endpoints.first?.rawValue ?? ""
            let event = Event(
                id: EventID(id + destination), address: stream.address,
                key: RecordKey("\(destination)\(mark)"), kind: .created, version: 1,
                fingerprint: Fingerprint(high: UInt64(mark), low: 1), time: now, origin: .live,
                record: Array(#"{"mark":\#(mark),"text":"\#(Self.filling)"}"#.utf8))
            batch.events.append(OutgoingEvent(event: event, subscriptions: wanted))
        }
        return batch
    }

    private static let filling = String(repeating: "All work and no play. ", count: 42)

    private static let adapter = """
        adapter: bench
        params: { server: { type: string, required: true } }
        base_url: "${params.server}"
        streams:
          orders: { request: { path: /orders }, records: .data, key: .id }
        """
}

/// The clock of the server's receipts.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
