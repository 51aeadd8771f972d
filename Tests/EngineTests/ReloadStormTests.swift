import Foundation
import PullcordCommit
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// A list that grows and changes while it is being polled; values only ever rise.
private final class GrowingList: Sendable {
    private struct State {
        var random: SeededRandom
        var values: [Int] = Array(repeating: 1, count: 20)
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SeededRandom(seed: seed))) }

    func change() {
        state.withLock { state in
            if Int.random(in: 0..<8, using: &state.random) == 0 { state.values.append(1) }
            let index = Int.random(in: 0..<state.values.count, using: &state.random)
            state.values[index] += 1
        }
    }

    var values: [Int] { state.withLock { $0.values } }

    var text: String {
        orders(values.enumerated().map { (id: $0.offset, value: String($0.element)) })
    }
}

/// Tells one task to end.
private final class Flag: Sendable {
    let isUp = Mutex(false)
}

/// Reloads under load: `PULLCORD_RELOADS=1000` asks for more of them than the suite has time for.
@Suite(.timeLimit(.minutes(30))) struct ReloadStormTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["PULLCORD_RELOADS"].flatMap { Int($0) } ?? 40
    private static let seed =
        ProcessInfo.processInfo.environment["PULLCORD_SEED"].flatMap { UInt64($0) } ?? 7

    @Test func `reloads under load lose no event and double none`() async throws {
        let time = ManualTime()
        let list = GrowingList(seed: Self.seed)
        let api = try ChangingAPI { _ in .reply(text: list.text) }
        let luck = Mutex(SeededRandom(seed: Self.seed))
        let steady = try Subscriber("steady", time: time) { _ in
            let isBad = luck.withLock { Int.random(in: 0..<40, using: &$0) == 0 }
            return .reply(status: isBad ? 500 : 204)
        }
        let guest = try Subscriber("guest", time: time)
        var text = try BridgeText(api, time: time)
        // A source that was away for long finds nearly everything changed.
        text.sources = ["every: 1s, max_change: 100%", "every: 2s, max_change: 100%"]
        text.subscriptions = [(steady, "")]
        text.more = "retention: { payloads: keep, dead: keep, attempts: keep }"
        let base = text
        try await RunningBridge.with(text) { bridge in
            // Both have their baseline before anything changes.
            await bridge.log.wait(for: "poll", count: 2)
            let flag = Flag()
            await withTaskGroup { group in
                group.addTask {
                    while !flag.isUp.withLock({ $0 }) {
                        list.change()
                        // Within six seconds something is due, and only then time goes on.
                        let polls = bridge.log.lines("poll").count
                        time.advance(by: .seconds(6))
                        await bridge.log.wait(for: "poll", count: polls + 1)
                    }
                }
                var random = SeededRandom(seed: Self.seed &+ 1)
                for round in 0..<Self.rounds {
                    let edited = Self.edited(base, guest, round, &random)
                    // One that is refused is part of the storm.
                    _ = try? await bridge.reload { $0 = edited }
                }
                flag.isUp.withLock { $0 = true }
            }
            try await Self.comeToRest(bridge, base, guest, steady)
            try await Self.check(bridge, list, [steady, guest])
        }
    }

    /// A file that differs in one thing or some.
    private static func edited(
        _ base: BridgeText, _ guest: Subscriber, _ round: Int, _ random: inout SeededRandom
    ) -> BridgeText {
        var text = base
        func dice(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }
        text.sources[0] = "every: \([1, 1, 2, 5][dice(4)])s, max_change: 100%"
        text.sources[1] = "every: \([1, 2, 3, 60][dice(4)])s, max_change: 100%"
        if dice(3) == 0 { text.sources.removeLast() }
        if dice(12) == 0 { text.sources.removeAll() }
        text.adapter = "retry: { attempts: \(1 + dice(2)) }"
        if dice(2) == 0 { text.adapter += "\n# \(round)\nsummary: Orders of round \(round)" }
        let steady = [
            "", "", "concurrency: 3", "timeout: 7s", "headers: { x-round: \"\(round)\" }",
        ]
        text.subscriptions[0].text = steady[dice(steady.count)]
        if dice(2) == 0 { text.subscriptions.append((guest, dice(2) == 0 ? "" : "timeout: 9s")) }
        if dice(10) == 0 { text.sources.append("evry: 1s") }
        return text
    }

    /// Everything is polled and delivered that there is.
    private static func comeToRest(
        _ bridge: RunningBridge, _ base: BridgeText, _ guest: Subscriber, _ steady: Subscriber
    ) async throws {
        var last = base
        last.subscriptions.append((guest, ""))
        try await bridge.reload { [last] in $0 = last }
        let polls = ["shop0", "shop1"].map { bridge.polls(of: $0) }
        try await bridge.advance {
            bridge.polls(of: "shop0") > polls[0] + 2 && bridge.polls(of: "shop1") > polls[1] + 2
        }
        try await bridge.advance {
            try await bridge.store.subscriptions().allSatisfy { $0.backlog == 0 }
        }
    }

    private static func check(
        _ bridge: RunningBridge, _ list: GrowingList, _ subscribers: [Subscriber]
    ) async throws {
        let repeating = "PULLCORD_SEED=\(seed) PULLCORD_RELOADS=\(rounds)"
        var found = 0
        for source in ["shop0", "shop1"] {
            let events = try await bridge.events(of: source)
            found += events.count
            for (key, ofKey) in Dictionary(grouping: events, by: \.key) {
                let versions = ofKey.map(\.version)
                let first = versions.first ?? 0
                #expect(
                    versions == Array(first..<first + Int64(versions.count)), "\(repeating)")
                #expect(first <= 2, "\(source) \(key) begins at \(first): \(repeating)")
                let values = try ofKey.map { try Self.value(of: $0) }
                #expect(values == Array(Set(values)).sorted(), "\(repeating)")
                let index = try #require(Int(key.text))
                #expect(values.last == list.values[index], "\(source) \(key): \(repeating)")
            }
            // What was never told of is as it was at the beginning.
            let told = Set(events.map(\.key.text))
            for (index, value) in list.values.enumerated() where !told.contains(String(index)) {
                #expect(value == 1, "\(source) \(index) was never told of: \(repeating)")
            }
        }
        #expect(found > rounds / 2)
        let deliveries = try await bridge.store.deliveries(DeliveryQuery(limit: 1_000_000))
        #expect(deliveries.allSatisfy { $0.state == .delivered }, "\(repeating)")
        for subscriber in subscribers {
            let sent = deliveries.filter { $0.subscription.text == subscriber.name }
            let taken = bridge.log.lines("attempt").count {
                $0.facts["subscription"] == subscriber.name && $0.facts["status"] == "204"
            }
            #expect(taken == sent.count, "\(subscriber.name): \(repeating)")
            #expect(Set(subscriber.webhooks.map(\.id)) == Set(sent.map(\.event.text)))
        }
        let all = try await bridge.store.events(EventQuery(limit: 1_000_000)).map(\.event)
        let own = Set(subscribers[0].webhooks.map(\.id))
        #expect(own == Set(all.filter { !$0.kind.isHealth }.map(\.id.text)), "\(repeating)")
    }

    private static func value(of event: Event) throws -> Int {
        let record = try JSONValue(parsing: String(decoding: event.record ?? [], as: UTF8.self))
        guard case .string(let text)? = record["value"], let value = Int(text) else { return -1 }
        return value
    }
}
