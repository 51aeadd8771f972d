import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// An API whose records change each time somebody asks.
private final class RestlessAPI: Sendable {
    private struct State {
        var random: SeededRandom
        var records: [Int: Int] = [:]
        var next = 1
        var isRestless = true
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SeededRandom(seed: seed))) }

    func rest() { state.withLock { $0.isRestless = false } }

    /// Key and value of every record there is now.
    var records: [Int: Int] { state.withLock { $0.records } }

    func body() -> String {
        state.withLock { state in
            if state.isRestless {
                for _ in 0..<Int.random(in: 0...3, using: &state.random) { Self.change(&state) }
            }
            let list = state.records.sorted { $0.key < $1.key }
                .map { #"{"id":\#($0.key),"value":\#($0.value)}"# }
            return "[\(list.joined(separator: ","))]"
        }
    }

    private static func change(_ state: inout State) {
        let keys = state.records.keys.sorted()
        switch Int.random(in: 0..<4, using: &state.random) {
        case 0 where keys.count > 2:
            guard let key = keys.randomElement(using: &state.random) else { return }
            state.records[key] = nil
        case 1, 2:
            guard let key = keys.randomElement(using: &state.random) else { return }
            state.records[key, default: 0] += 1
        default:
            state.records[state.next] = 0
            state.next += 1
        }
    }
}

/// Kills the daemon at the n-th request to either of its neighbours.
private final class Trap: Sendable {
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

@Suite
struct CrashTests {
    /// `PULLCORD_KILLS=200` for the long version; the seed of a failure is in its message.
    private static let kills =
        ProcessInfo.processInfo.environment["PULLCORD_KILLS"].flatMap { Int($0) } ?? 12
    private static let seed =
        ProcessInfo.processInfo.environment["PULLCORD_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0...UInt64.max)

    @Test func `kill -9 loses no change, changes no id and breaks no order`() async throws {
        let seed = Self.seed
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        let api = RestlessAPI(seed: seed)
        let trap = Trap()
        let failures = Mutex(SeededRandom(seed: seed &+ 1))
        let server = try ScriptedServer { _ in
            trap.step()
            return .reply(headers: [("Content-Type", "application/json")], text: api.body())
        }
        let receiver = try Receiver(
            // Few enough failures for the endpoint not to count as down, and be left alone.
            status: { _ in
                failures.withLock { Int.random(in: 0..<10, using: &$0) } < 7 ? 204 : 500
            },
            before: { trap.step() })
        let bridge = try folder.write(
            """
            store: sqlite:crash.db
            network: { allow: [loopback] }
            sources:
              - { name: restless, adapter: restless.yaml, every: 1s, first: emit, max_delete: 100%,
                  with: { server: "\(server.url(""))" } }
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}",
                  retry: { first: 1ms, factor: 1, max: 1ms, attempts: 1000 } }
            """, to: "pullcord.yaml")
        _ = try folder.write(
            """
            adapter: restless
            params: { server: { type: string, required: true } }
            base_url: "${params.server}"
            streams:
              things: { request: { path: /things }, records: ., key: .id, keep: record }
            """, to: "restless.yaml")
        let environment = ["SECRET": receiver.secret.text.expose()]

        var random = SeededRandom(seed: seed &+ 2)
        for _ in 0..<Self.kills {
            let daemon = try PullcordProcess(
                ["run", "--config", bridge], log: log, environment: environment)
            trap.set(Int.random(in: 1...12, using: &random), for: daemon.identifier)
            let status = await daemon.status()
            #expect(status == SIGKILL, "seed \(seed)")
        }
        api.rest()
        let daemon = try PullcordProcess(
            ["run", "--config", bridge], log: log, environment: environment)
        await server.waitForRequests(server.requests.count + 3)
        var backlog = -1
        while backlog != 0 { backlog = try await Self.backlog(bridge) }
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)

        try await compare(receiver, api, bridge, seed: seed)
        receiver.stop()
        server.stop()
    }

    private static func backlog(_ bridge: String) async throws -> Int {
        let answer = try await PullcordProcess.run("status", "--json", "--config", bridge)
        let value = try JSONValue(parsing: answer.text)
        guard case .array(let subscriptions) = value["subscriptions"] else { return -1 }
        return subscriptions.reduce(0) { $0 + (Int($1.text("backlog")) ?? -1) }
    }

    private func compare(
        _ receiver: Receiver, _ api: RestlessAPI, _ bridge: String, seed: UInt64
    ) async throws {
        #expect(receiver.forgeries == 0)
        // The set of changes found equals the set of events received.
        let answer = try await PullcordProcess.run(
            "events", "--json", "--limit", "1000000", "--config", bridge)
        let found = try answer.text.split(separator: "\n").map {
            try JSONValue(parsing: String($0)).text("id")
        }
        let accepted = receiver.accepted
        #expect(Set(found) == Set(accepted.map(\.id)), "seed \(seed)")
        #expect(!found.isEmpty)

        // An id stands for one change, however often it was sent.
        for (id, webhooks) in Dictionary(grouping: receiver.webhooks, by: \.id) {
            #expect(Set(webhooks.map(\.body)).count == 1, "\(id), seed \(seed)")
        }
        // Whoever takes the first of each id sees each record's versions in order, without gaps,
        // and ends at what the API has.
        var seen: Set<String> = []
        var versions: [String: Int] = [:]
        var records: [String: [UInt8]] = [:]
        for webhook in accepted where seen.insert(webhook.id).inserted {
            #expect(
                webhook.version == versions[webhook.key, default: 0] + 1,
                "key \(webhook.key), seed \(seed)")
            versions[webhook.key] = webhook.version
            let isDelete = webhook.type == "things.deleted"
            let before = try records[webhook.key].map { try JSONValue(parsing: $0) }
            let data = try JSONValue(parsing: webhook.body)["data"]
            #expect(data?["previous"] == before?["data"]?["record"], "\(webhook.id), seed \(seed)")
            records[webhook.key] = isDelete ? nil : webhook.body
        }
        let expected = api.records
        #expect(Set(records.keys) == Set(expected.keys.map(String.init)), "seed \(seed)")
        for (key, value) in expected {
            let body = try JSONValue(parsing: try #require(records[String(key)]))
            #expect(body["data"]?["record"]?.text("value") == String(value), "seed \(seed)")
        }
    }
}
