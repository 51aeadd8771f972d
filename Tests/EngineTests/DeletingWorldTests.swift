import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// An API whose records end in every way that there is: some in silence, some with a mark, some
/// with a line in a list of deletes that comes late, and any of them may be made anew.
private final class DeletingWorld: Sendable {
    private struct State {
        var random: SeededRandom
        var records: [Int: (value: Int, at: Int64)] = [:]
        var marked: [Int: Int64] = [:]
        var lines: [(id: Int, at: Int64, visible: Int64)] = []
        var ends: [String: Int] = [:]
        var last: Int64 = 0
        var isCalm = false
    }

    private let state: Mutex<State>
    private let time: ManualTime

    init(seed: UInt64, time: ManualTime) {
        self.time = time
        state = Mutex(State(random: SeededRandom(seed: seed)))
        for _ in 1...25 { step(0) }
    }

    func calmDown() { state.withLock { $0.isCalm = true } }

    var records: [String: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: state.records.map { (String($0.key), $0.value.value) })
        }
    }

    /// How often each record has come to its end.
    var ends: [String: Int] { state.withLock { $0.ends } }

    func change() {
        let count = state.withLock { Int.random(in: 0...5, using: &$0.random) }
        for _ in 0..<count {
            let (luck, pause) = state.withLock {
                (
                    Int.random(in: 0..<10, using: &$0.random),
                    Int.random(in: 1...90_000, using: &$0.random)
                )
            }
            time.advance(by: .milliseconds(pause))
            step(luck)
        }
    }

    private func step(_ luck: Int) {
        let now = time.wall().milliseconds
        state.withLock { state in
            state.last = max(state.last + 1, now)
            let at = state.last
            let known = state.records.keys.sorted()
            switch luck {
            case 0...2:
                // Of few ids, so that most are made anew.
                let id = Int.random(in: 1...40, using: &state.random)
                state.records[id] = (Int.random(in: 0...9, using: &state.random), at)
                state.marked[id] = nil
            case 3...5:
                guard let id = known.randomElement(using: &state.random) else { return }
                state.records[id] = (Int.random(in: 0...9, using: &state.random), at)
            default:
                guard known.count > 8, let id = known.randomElement(using: &state.random) else {
                    return
                }
                state.records[id] = nil
                state.ends[String(id), default: 0] += 1
                if luck == 6 { state.marked[id] = at }
                if luck > 7 {
                    let lag = Int64.random(in: 0...900_000, using: &state.random)
                    state.lines.append((id, at, at + lag))
                }
            }
        }
    }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        let since = request.query("since").flatMap { Int64($0) } ?? .min
        let now = time.wall().milliseconds
        return state.withLock { state in
            let rows: [String]
            if request.target.hasPrefix("/deleted") {
                rows = state.lines.filter { $0.at >= since && $0.visible <= now }
                    .map { #"{"id":\#($0.id),"at":\#($0.at)}"# }
            } else {
                let live = state.records.filter { $0.value.at >= since }.sorted { $0.key < $1.key }
                    .map { #"{"id":\#($0.key),"at":\#($0.value.at),"value":\#($0.value.value)}"# }
                let marked = state.marked.filter { $0.value >= since }.sorted { $0.key < $1.key }
                rows = live + marked.map { #"{"id":\#($0.key),"at":\#($0.value),"gone":true}"# }
            }
            let body = "[\(rows.joined(separator: ","))]"
            guard !state.isCalm else { return .reply(text: body) }
            switch Int.random(in: 0..<30, using: &state.random) {
            case 0: return .reply(status: 500)
            case 1: return .reply(text: String(body.dropLast()))
            case 2: return .reply(text: "{}")
            default: return .reply(text: body)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct DeletingWorldTests {
    private struct Copy {
        var records: [String: Int] = [:]
        var versions: [String: Int64] = [:]
        var ends: [String: Int] = [:]
        var faults: [String] = []

        mutating func apply(_ event: Event) {
            let key = event.key.text
            let isThere = records[key] != nil
            let name = "\(event.kind.rawValue) \(key) v\(event.version)"
            if (event.kind == .created) == isThere { faults.append("\(name), there: \(isThere)") }
            if event.version != versions[key, default: 0] + 1 { faults.append("\(name), order") }
            versions[key] = event.version
            if event.kind == .deleted { ends[key, default: 0] += 1 }
            let text = event.record.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let value = text.split(separator: #""value":"#).dropFirst().first
            records[key] = value.flatMap { Int($0.prefix { $0.isNumber }) }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `no record is taken away that is there, and none that is gone outlives a whole list`(
        seed: UInt64
    ) async throws {
        let time = ManualTime()
        let world = DeletingWorld(seed: seed, time: time)
        let api = try ChangingAPI { world.answer($0) }
        var text = try BridgeText(api, time: time)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at, format: epoch_milliseconds }, first: emit, max_delete: 100%, \
            tombstone: .gone, reconcile: 3h, \
            deletes: { request: { path: /deleted, query: { since: "${cursor}" } }, key: .id, \
            cursor: { from: .at, format: epoch_milliseconds, overlap: 1h } } }
            """
        try await Bridge.with(text) { (bridge: Bridge) async throws in
            var outcomes: Set<String> = []
            for _ in 1...150 {
                world.change()
                time.advance(by: .seconds(60))
                outcomes.insert(try await bridge.poll().outcome)
                // Never more ends than there were.
                var copy = Copy()
                for event in try await bridge.events() { copy.apply(event) }
                #expect(copy.faults == [], "seed \(seed)")
                for (key, count) in copy.ends {
                    #expect(count <= world.ends[key, default: 0], "record \(key), seed \(seed)")
                }
            }
            #expect(outcomes.isSuperset(of: ["changed", "status"]))
            world.calmDown()
            time.advance(by: .seconds(3 * 3600))
            try await bridge.poll()
            #expect(try await bridge.poll().outcome == "unchanged", "seed \(seed)")
            var copy = Copy()
            for event in try await bridge.events() { copy.apply(event) }
            #expect(copy.records == world.records, "seed \(seed)")
            #expect(try await bridge.state().liveCount == world.records.count)
        }
    }
}
