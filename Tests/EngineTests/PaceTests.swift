import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Streams that are polled by how often they change.
@Suite(.timeLimit(.minutes(10))) struct PaceTests {
    /// An API with a busy list, a quiet one, and a count of how often each was asked.
    private final class Lists: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func answer(_ request: ReceivedRequest) -> ScriptedReply {
            let count = counts.withLock { counts in
                counts[request.target, default: 0] += 1
                return counts[request.target] ?? 0
            }
            let isBusy = request.target == "/orders"
            return .reply(text: orders([(id: 1, value: isBusy ? "\(count)" : "same")]))
        }

        func take() -> [String: Int] {
            counts.withLock { counts in
                defer { counts = [:] }
                return counts
            }
        }
    }

    private static func text(
        _ lists: Lists, folder: TemporaryFolder, time: ManualTime, every: String
    ) throws -> BridgeText {
        var text = try BridgeText(
            try ChangingAPI { lists.answer($0) }, time: time, folder: folder)
        text.streams = ["lines: { request: /lines, key: .id }"]
        text.sources = ["every: \(every)"]
        return text
    }

    /// Lets so many polls come, each when it is due.
    private static func run(_ bridge: Bridge, polls: Int) async throws {
        try await bridge.polling { _ in
            await bridge.log.wait(for: "poll", count: 2)
            for count in 3...max(3, polls) {
                await bridge.time.advanceToNextSleeper()
                await bridge.log.wait(for: "poll", count: count)
            }
        }
    }

    @Test func `a busy list is polled more often than a quiet one, also after a restart`()
        async throws
    {
        let lists = Lists()
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        let every = "{ between: [30s, 2h], budget: 24/h }"
        let text = try Self.text(lists, folder: folder, time: time, every: every)
        var learnt: Duration = .zero
        try await Bridge.with(text) { bridge in
            try await Self.run(bridge, polls: 200)
            let asked = lists.take()
            #expect(asked["/orders", default: 0] > 2 * asked["/lines", default: 0])
            let busy = try #require(try await bridge.state(of: 0).pace)
            let quiet = try #require(try await bridge.state(of: 1).pace)
            #expect(busy.interval < .seconds(300) && busy.changesPerDay > 100)
            #expect(quiet.interval > .seconds(300))
            learnt = busy.interval
        }
        let again = try Self.text(lists, folder: folder, time: time, every: every)
        try await Bridge.with(again) { bridge in
            let start = time.wall()
            try await Self.run(bridge, polls: 3)
            let last = try await bridge.state(of: 0).lastPoll
            #expect((last?.started ?? start) - start < .seconds(300))
            let pace = try #require(try await bridge.state(of: 0).pace)
            #expect(pace.interval < learnt * 2)
        }
        let fixed = try Self.text(lists, folder: folder, time: time, every: "60s")
        try await Bridge.with(fixed) { bridge in
            for index in 0...1 {
                try await bridge.poll(index)
                #expect(try await bridge.state(of: index).pace == nil)
            }
        }
    }
}
