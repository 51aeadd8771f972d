import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Parents and children that come, change and go while polls are cut off.
@Suite(.timeLimit(.minutes(10))) struct FanOutRandomTests {
    private struct Cut: Error {}

    /// What a receiver believes that applies every event of the children to its own copy.
    private func copy(_ events: [Event], seed: UInt64) -> [String: String] {
        var records: [String: String] = [:]
        for event in events where event.address.stream.text == "lines" {
            let key = event.key.text
            let isThere = records[key] != nil
            #expect((event.kind == .created) != isThere, "\(event.kind) of \(key), seed \(seed)")
            let text = String(decoding: event.record ?? [], as: UTF8.self)
            let value = text.split(separator: #""value":""#).last.map {
                String($0.prefix { $0 != "\"" })
            }
            records[key] = event.kind == .deleted ? nil : value
        }
        return records
    }

    private func change(_ world: FanOutWorld, _ random: inout SeededRandom) {
        var numbers = random
        world.change { state in
            let parent = "p\(Int.random(in: 0..<12, using: &numbers))"
            let child = Int.random(in: 0..<8, using: &numbers)
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0: state.parents[parent] = nil
            case 1...3: state.parents[parent, default: [:]][child] = nil
            case 4: state.faults[parent] = [403, 404, 500].randomElement(using: &numbers)
            case 5: state.faults = [:]
            default:
                state.parents[parent, default: [:]][child] =
                    "\(Int.random(in: 0..<3, using: &numbers))"
            }
            // What is below a parent has changed, and the parent says so.
            state.notes[parent, default: 0] += 1
        }
        random = numbers
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64], ["poll: all", "poll: changed", "every: 5m"])
    func `nothing is lost, nothing falsely deleted, and nothing stays behind`(
        seed: UInt64, visits: String
    ) async throws {
        var random = SeededRandom(seed: seed)
        let world = FanOutWorld()
        let api = try ChangingAPI { world.answer($0) }
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let text = try world.text(
            api, time: time, parent: "\(visits), concurrency: 3",
            below: "first: emit", folder: folder)
        for _ in 1...12 {
            try await Bridge.with(text) { bridge in
                for _ in 1...5 {
                    for _ in 0...Int.random(in: 0...4, using: &random) { change(world, &random) }
                    let last = Int.random(in: 0...12, using: &random)
                    let counter = CommitCounter(last: last)
                    for index in 0...1 {
                        // As kill -9 between two commits: the store has all before, and none after.
                        _ = try? await bridge.poll(index) { _ in
                            if counter.isSpent() { throw Cut() }
                        }
                    }
                    time.advance(by: .seconds(60))
                }
            }
        }
        world.change { $0.faults = [:] }
        time.advance(by: Limits.skippedVisitPause)
        try await Bridge.with(text) { bridge in
            for _ in 1...8 { try await bridge.pollInTurn() }
            let children = world.children
            let before = try await bridge.events()
            #expect(copy(before, seed: seed) == children, "seed \(seed)")
            #expect(try await bridge.live(1) == children.count)
            world.change { $0.parents = [:] }
            for _ in 1...4 { try await bridge.pollInTurn(acceptsDeletes: true) }
            #expect(try await bridge.live(0) == 0)
            #expect(try await bridge.live(1) == 0)
            #expect(try await bridge.parents(of: 1) == 0)
            let after = try await bridge.events()
            #expect(copy(after, seed: seed) == [:], "seed \(seed)")
        }
    }
}

/// Lets so many commits through.
private final class CommitCounter: Sendable {
    private let left: Atomic<Int>

    init(last: Int) { left = Atomic(last) }

    func isSpent() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).newValue < 0 }
}
