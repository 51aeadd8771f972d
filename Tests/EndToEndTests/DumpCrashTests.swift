import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// A dump in NDJSON that is large enough to be read in many pieces.
private final class Dump: Sendable {
    static let records = 600
    /// So that a piece holds about a hundred records.
    private static let filling = String(repeating: "All work and no play. ", count: 1900)

    /// How often the even records have changed.
    private let changes = Mutex(0)

    func change() { changes.withLock { $0 += 1 } }

    var body: String {
        let changes = changes.withLock { $0 }
        return (0..<Self.records).map { id in
            #"{"id":\#(id),"value":\#(id % 2 == 0 ? changes : 0),"text":"\#(Self.filling)"}"#
        }.joined(separator: "\n") + "\n"
    }
}

/// Kills the daemon at the n-th webhook: the pieces behind those that were committed are unread.
private final class Ambush: Sendable {
    private let state = Mutex((left: 0, target: pid_t(0)))

    func set(_ count: Int, for target: pid_t) { state.withLock { $0 = (count, target) } }

    func step() {
        state.withLock { state in
            guard state.left > 0 else { return }
            state.left -= 1
            if state.left == 0 { kill(state.target, SIGKILL) }
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct DumpCrashTests {
    private static let seed =
        ProcessInfo.processInfo.environment["PULLCORD_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0...UInt64.max)

    @Test func `kill -9 between the pieces of a dump loses no record and tells of none twice`()
        async throws
    {
        let seed = Self.seed
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        let dump = Dump()
        let server = try ScriptedServer { _ in
            .reply(headers: [("Content-Type", "application/x-ndjson")], text: dump.body)
        }
        let ambush = Ambush()
        let receiver = try Receiver(before: { ambush.step() })
        let bridge = try Self.bridge(folder, server.url(""), receiver.url)
        let environment = ["SECRET": receiver.secret.text.expose()]
        var cuts = 0
        for round in 0..<3 {
            if round > 0 { dump.change() }
            let expected = Dump.records + round * Dump.records / 2
            for _ in 0..<3 {
                let before = try await Self.events(bridge)
                guard before.count < expected else { break }
                let daemon = try PullcordProcess(
                    ["run", "--config", bridge], log: log, environment: environment)
                ambush.set(Int.random(in: 1...20, using: &random), for: daemon.identifier)
                let status = await daemon.status()
                #expect(status == SIGKILL, "seed \(seed)")
                let after = try await Self.events(bridge)
                if after.count > before.count, after.count < expected { cuts += 1 }
            }
            let daemon = try PullcordProcess(
                ["run", "--config", bridge], log: log, environment: environment)
            await receiver.wait { Set($0.map(\.id)).count >= expected }
            daemon.signal(SIGTERM)
            #expect(await daemon.status() == 0)
        }
        #expect(cuts > 0, "no kill fell between two pieces, seed \(seed)")
        let events = try await Self.events(bridge)
        #expect(events.count == 2 * Dump.records && Set(events).count == events.count)
        #expect(Set(receiver.accepted.map(\.id)) == Set(events.map(\.id)), "seed \(seed)")
        for (key, versions) in Dictionary(grouping: events, by: \.key) {
            let isEven = (Int(key) ?? 1) % 2 == 0
            #expect(
                versions.map(\.version).sorted() == (isEven ? [1, 2, 3] : [1]),
                "key \(key), seed \(seed)")
        }
        receiver.stop()
        server.stop()
    }

    private static func bridge(
        _ folder: TemporaryFolder, _ server: String, _ receiver: String
    ) throws -> String {
        _ = try folder.write(
            """
            adapter: dump
            base_url: "\(server)"
            streams:
              things: { request: /dump.ndjson, format: ndjson, key: .id }
            """, to: "dump.yaml")
        return try folder.write(
            """
            store: sqlite:store.db
            network: { allow: [loopback] }
            sources:
              - { name: dump, adapter: dump.yaml, every: 1s, first: emit, emit_rate: 100000/s }
            subscriptions:
              - { name: receiver, url: "\(receiver)", secret: "${env.SECRET}",
                  retry: { first: 1ms, factor: 1, max: 1ms, attempts: 1000 } }
            """, to: "pullcord.yaml")
    }

    private struct Found: Hashable {
        let id: String
        let key: String
        let version: Int
    }

    private static func events(_ bridge: String) async throws -> [Found] {
        let answer = try await PullcordProcess.run(
            "events", "--json", "--limit", "1000000", "--config", bridge)
        // Before the first run there is no store.
        guard answer.status == 0 else { return [] }
        return try answer.text.split(separator: "\n").map { line in
            let value = try JSONValue(parsing: String(line))
            return Found(
                id: value.text("id"), key: value.text("key"),
                version: Int(value.text("version")) ?? 0)
        }
    }
}
