import PullcordCommit
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// An API with a changing list in pages, which now and then answers with nonsense.
private final class RandomWorld: Sendable {
    private struct State {
        var random: SeededRandom
        var records: [(id: Int, value: Int)] = []
        var next = 1
        var isCalm = false
    }

    static let size = 5
    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
        state.withLock { state in
            for _ in 1...30 { Self.create(&state) }
        }
    }

    /// Changes nothing more, and answers truly.
    func calmDown() { state.withLock { $0.isCalm = true } }

    /// Key and value of each record.
    var records: [String: Int] {
        state.withLock {
            Dictionary(uniqueKeysWithValues: $0.records.map { (String($0.id), $0.value) })
        }
    }

    /// Creates, updates, deletes and moves a few records.
    func change() {
        state.withLock { state in
            for _ in 0..<Int.random(in: 0...4, using: &state.random) { Self.change(&state) }
        }
    }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            let number = request.number("page") ?? 1
            let page = state.records.dropFirst((number - 1) * Self.size).prefix(Self.size)
            let list = page.map { #"{"id":\#($0.id),"value":\#($0.value)}"# }
            let body = #"{"data":[\#(list.joined(separator: ","))]}"#
            guard !state.isCalm else { return .reply(text: body) }
            let luck = Int.random(in: 0..<60, using: &state.random)
            if luck < 12 { Self.move(&state) }
            switch luck {
            case 50: return .reply(status: 500)
            case 51:
                let count = Int.random(in: 0..<body.count, using: &state.random)
                return .reply(text: String(body.prefix(count)))
            case 52: return .reply(text: "{}")
            case 53: return .reply(text: #"{"data":null}"#)
            case 54: return .script(.close)
            case 55:
                return .reply(headers: [("Content-Type", "text/html")], body: Array(body.utf8))
            default: return .reply(text: body)
            }
        }
    }

    private static func create(_ state: inout State) {
        let place = Int.random(in: 0...state.records.count, using: &state.random)
        state.records.insert((state.next, 0), at: place)
        state.next += 1
    }

    /// Moves one record, as a list does that is sorted by the last change.
    private static func move(_ state: inout State) {
        guard let index = state.records.indices.randomElement(using: &state.random) else { return }
        state.records.insert(state.records.remove(at: index), at: 0)
    }

    private static func change(_ state: inout State) {
        guard let index = state.records.indices.randomElement(using: &state.random) else {
            return create(&state)
        }
        switch Int.random(in: 0..<6, using: &state.random) {
        case 0 where state.records.count > 15: state.records.remove(at: index)
        case 1: create(&state)
        case 2: move(&state)
        // Few values, so that a record often becomes what it was before.
        default: state.records[index].value = Int.random(in: 0...2, using: &state.random)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct RandomWorldTests {
    /// What a receiver believes that applies each event to its own copy.
    private struct Copy {
        var records: [String: Int] = [:]
        var versions: [String: Int64] = [:]
        var faults: [String] = []

        mutating func apply(_ webhook: Subscriber.Webhook) {
            let expected = versions[webhook.key, default: 0] + 1
            if webhook.version != expected {
                faults.append("\(webhook.change) where v\(expected) was due")
            }
            versions[webhook.key] = webhook.version
            let isThere = records[webhook.key] != nil
            if (webhook.type == "orders.created") == isThere {
                faults.append("\(webhook.type) of \(webhook.change), which is there: \(isThere)")
            }
            records[webhook.key] =
                webhook.type == "orders.deleted" ? nil : value(in: webhook.text)
        }

        private func value(in text: String) -> Int? {
            text.split(separator: #""value":"#).dropFirst().first
                .flatMap { Int($0.prefix { $0.isNumber }) }
        }
    }

    /// What an event says was before is what the event before it said is.
    private func check(_ events: [Event], seed: UInt64) throws {
        var records: [RecordKey: [UInt8]] = [:]
        for event in events {
            #expect(event.difference?.previous == records[event.key], "\(event.id), seed \(seed)")
            records[event.key] = event.record
            guard let difference = event.difference, let record = event.record else { continue }
            let patch = try JSONPatch(JSONValue(parsing: try #require(difference.patch)))
            let patched = try patch.applied(to: JSONValue(parsing: difference.previous))
            #expect(try patched.means(JSONValue(parsing: record)), "\(event.id), seed \(seed)")
            #expect(difference.changed == Array(#"["/value"]"#.utf8))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a receiver that applies every event has what the server has`(seed: UInt64)
        async throws
    {
        let world = RandomWorld(seed: seed)
        let api = try ChangingAPI { world.answer($0) }
        let time = ManualTime()
        let subscriber = try Subscriber(time: time)
        var text = try BridgeText(api, time: time)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: .data, \
            key: .id, pages: { number: 1 }, first: emit, keep: record }
            """
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            var outcomes: Set<String> = []
            for _ in 1...200 {
                world.change()
                outcomes.insert(try await bridge.poll().outcome)
                time.advance(by: .seconds(60))
            }
            world.calmDown()
            for _ in 1...2 { try await bridge.poll() }
            #expect(try await bridge.poll().outcome == "unchanged")
            // The world was as bad as it was meant to be.
            #expect(outcomes.isSuperset(of: ["changed", "status", "records_missing", "transfer"]))

            let events = try await bridge.events()
            try check(events, seed: seed)
            let count = events.count
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: count)
            }
            var copy = Copy()
            for webhook in subscriber.webhooks { copy.apply(webhook) }
            #expect(copy.faults == [], "seed \(seed)")
            #expect(copy.records == world.records, "seed \(seed)")
            #expect(Set(subscriber.webhooks.map(\.id)).count == count, "seed \(seed)")
            #expect(subscriber.webhooks.count == count)
            #expect(try await bridge.state().liveCount == world.records.count)
        }
    }
}
