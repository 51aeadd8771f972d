import PullcordCommit
import PullcordEngine
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

    /// Polls both streams when they are due for a while, as the service does.
    private static func run(_ bridge: Bridge, hours: Int) async throws {
        let (book, streams, time) = (PaceBook(), bridge.assembly.streams, bridge.time)
        let pipeline = Pipeline(
            records: bridge.store, exchange: bridge.engine, time: time,
            matcher: bridge.assembly.matcher,
            commit: { [store = bridge.store] in try await store.commit($0) })
        for (index, stream) in streams.enumerated() {
            _ = book.take(stream, try await bridge.state(of: index))
        }
        let end = time.wall() + .seconds(hours * 3600)
        var due = streams.map { _ in time.wall() }
        while let index = due.indices.min(by: { due[$0] < due[$1] }), due[index] < end {
            time.advance(by: due[index] - time.wall())
            let interval = Mutex<Duration>(.zero)
            var options = PollOptions()
            options.learn = { [stream = streams[index]] report, end in
                let lesson = book.learn(stream, report, end)
                interval.withLock { $0 = lesson?.interval ?? .seconds(300) }
                return lesson?.marks ?? [:]
            }
            _ = try await pipeline.run(streams[index], options: options, nextPoll: { _ in nil })
            due[index] = due[index] + interval.withLock { $0 }
        }
    }

    @Test func `the service polls a list of which nothing is known at even intervals`()
        async throws
    {
        let lists = Lists()
        var text = try Self.text(
            lists, folder: try TemporaryFolder(), time: ManualTime(),
            every: "{ between: [30s, 2h], budget: 12/h }")
        text.stream = "{ request: /lines, key: .id }"
        text.streams = []
        try await Bridge.with(text) { bridge in
            let start = bridge.time.wall()
            try await bridge.polling { _ in
                for count in 1...8 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
            }
            let passed = (bridge.time.wall() - start) / .seconds(1)
            #expect(passed > 7 * 200 && passed < 8 * 450)
            #expect(try await bridge.state().pace != nil)
        }
    }

    @Test func `a busy list is polled more often than a quiet one, also after a restart`()
        async throws
    {
        let lists = Lists()
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        let every = "{ between: [30s, 2h], budget: 24/h }"
        let text = try Self.text(lists, folder: folder, time: time, every: every)
        try await Bridge.with(text) { bridge in
            try await Self.run(bridge, hours: 12)
            let asked = lists.take()
            #expect(asked["/orders", default: 0] > 2 * asked["/lines", default: 0])
            let busy = try #require(try await bridge.state(of: 0).pace)
            let quiet = try #require(try await bridge.state(of: 1).pace)
            #expect(busy.interval < .seconds(300) && busy.changesPerDay > 100)
            #expect(quiet.interval > .seconds(300))
        }
        let again = try Self.text(lists, folder: folder, time: time, every: every)
        try await Bridge.with(again) { bridge in
            try await Self.run(bridge, hours: 1)
            let asked = lists.take()
            #expect(asked["/orders", default: 0] > 2 * asked["/lines", default: 0])
            let pace = try #require(try await bridge.state(of: 0).pace)
            #expect(pace.interval < .seconds(300))
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
