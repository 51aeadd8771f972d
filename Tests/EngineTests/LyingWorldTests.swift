import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// A changing list that is shown truly, or falsely for some polls, with status 200.
private final class LyingWorld: Sendable {
    enum Mood: String, CaseIterable {
        case honest, empty, half, foreign, garbled, loggedOut, truncated, replaced
    }

    private struct State {
        var random: SeededRandom
        var records: [(id: Int, value: Int)] = []
        var next = 1
        var mood = Mood.honest
        var moodLeft = 0
        /// Every value that a record ever had.
        var values: [Int: Set<Int>] = [:]
        var seenMoods: Set<String> = []
    }

    private static let size = 20
    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
        state.withLock { state in for _ in 1...100 { Self.create(&state) } }
    }

    func calmDown() { state.withLock { $0.mood = .honest } }

    var moods: Set<String> { state.withLock { $0.seenMoods } }

    var records: [String: Int] {
        state.withLock {
            Dictionary(uniqueKeysWithValues: $0.records.map { (String($0.id), $0.value) })
        }
    }

    /// Why an event cannot be true; nil if it is.
    func fault(in webhook: Subscriber.Webhook, value: Int?) -> String? {
        state.withLock { state in
            guard let id = Int(webhook.key), let values = state.values[id] else {
                return "\(webhook.change) never existed"
            }
            if webhook.type == "orders.deleted" {
                return state.records.contains { $0.id == id } ? "\(id) is not gone" : nil
            }
            guard let value, values.contains(value) else {
                return "\(webhook.change) never had its value"
            }
            return nil
        }
    }

    /// Makes a few true changes, and now and then another mood.
    func step() {
        state.withLock { state in
            for _ in 0..<Int.random(in: 0...3, using: &state.random) { Self.change(&state) }
            state.moodLeft -= 1
            guard state.moodLeft <= 0 else { return }
            let lies = Int.random(in: 0..<3, using: &state.random) == 0
            state.mood =
                lies ? Mood.allCases.randomElement(using: &state.random) ?? .honest : .honest
            state.moodLeft = Int.random(in: 1...3, using: &state.random)
            state.seenMoods.insert(state.mood.rawValue)
        }
    }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            let start = ((request.number("page") ?? 1) - 1) * Self.size
            let shown: [(id: Int, value: Int)]
            switch state.mood {
            case .honest, .truncated: shown = state.records
            case .empty: shown = []
            case .half: shown = Array(state.records.prefix(state.records.count / 2))
            case .foreign: shown = state.records.map { (id: $0.id + 100_000, value: $0.value) }
            case .garbled: shown = state.records.map { (id: $0.id, value: 777) }
            case .replaced: shown = (1...15).map { (id: 200_000 + $0, value: 1) }
            case .loggedOut: return .reply(text: #"{"error":"log in"}"#)
            }
            let list = shown.dropFirst(start).prefix(Self.size)
                .map { #"{"id":\#($0.id),"value":\#($0.value)}"# }
            let body = #"{"data":[\#(list.joined(separator: ","))]}"#
            guard state.mood == .truncated else { return .reply(text: body) }
            return .reply(text: String(body.prefix(body.count / 2)))
        }
    }

    private static func create(_ state: inout State) {
        state.records.insert(
            (state.next, 0), at: Int.random(in: 0...state.records.count, using: &state.random))
        state.values[state.next] = [0]
        state.next += 1
    }

    private static func change(_ state: inout State) {
        guard let index = state.records.indices.randomElement(using: &state.random) else { return }
        switch Int.random(in: 0..<5, using: &state.random) {
        case 0 where state.records.count > 90: state.records.remove(at: index)
        case 1: create(&state)
        default:
            let value = Int.random(in: 0...3, using: &state.random)
            state.records[index].value = value
            state.values[state.records[index].id]?.insert(value)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct LyingWorldTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no lie becomes an event, and every true change comes out`(
        seed: UInt64
    ) async throws {
        let world = LyingWorld(seed: seed)
        let api = try ChangingAPI { world.answer($0) }
        let time = ManualTime()
        let subscriber = try Subscriber(time: time)
        var text = try BridgeText(api, time: time)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: .data, \
            key: .id, pages: { number: 1 }, first: emit }
            """
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            var outcomes: Set<String> = []
            for _ in 1...400 {
                world.step()
                outcomes.insert(try await bridge.poll().outcome)
                time.advance(by: .seconds(60))
            }
            world.calmDown()
            for _ in 1...2 { try await bridge.poll() }
            #expect(try await bridge.poll().outcome == "unchanged")
            // The world lied in every way.
            #expect(world.moods.count == LyingWorld.Mood.allCases.count)
            #expect(
                outcomes.isSuperset(of: [
                    "changed", "mass_change", "mass_delete", "records_missing", "json_truncated",
                ]))
            #expect(try await bridge.store.quarantines().isEmpty)

            let count = try await bridge.events().count
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: count)
            }
            var copy: [String: Int] = [:]
            for webhook in subscriber.webhooks {
                let value = Self.value(in: webhook.text)
                let fault = world.fault(in: webhook, value: value)
                #expect(fault == nil, "seed \(seed)")
                copy[webhook.key] = webhook.type == "orders.deleted" ? nil : value
            }
            #expect(copy == world.records, "seed \(seed)")
            #expect(subscriber.webhooks.count == count)
        }
    }

    private static func value(in text: String) -> Int? {
        text.split(separator: #""value":"#).dropFirst().first
            .flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
