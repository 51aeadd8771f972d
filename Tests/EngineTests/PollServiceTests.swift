import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import ServiceLifecycle
import Synchronization
import Testing

/// When requests came, on the test's own clock, by what was asked for.
private final class Times: Sendable {
    private let times = Mutex<[(target: String, time: Duration)]>([])

    func note(_ request: ReceivedRequest, _ time: ManualTime) {
        times.withLock { $0.append((request.target, time.monotonic())) }
    }

    var all: [Duration] { times.withLock { $0.map(\.time) } }

    var targets: [String] { times.withLock { $0.map(\.target) } }

    func of(_ target: String) -> [Duration] {
        times.withLock { $0.filter { $0.target == target }.map(\.time) }
    }
}

@Suite(.timeLimit(.minutes(10))) struct PollServiceTests {
    private static let shelves = "{ request: \"/shelf/${params.shelf}\", records: ., key: .id }"

    /// A bridge over an API that notes when it is asked.
    private static func bridge(
        _ times: Times, answer: @escaping ScriptedServer.Handler = { _ in .reply(text: "[]") }
    ) throws -> BridgeText {
        let time = ManualTime()
        let api = try ChangingAPI { request in
            times.note(request, time)
            return answer(request)
        }
        return try BridgeText(api, time: time)
    }

    @Test func `a stream is polled at once and then at its interval`() async throws {
        let times = Times()
        try await Bridge.with(Self.bridge(times)) { bridge in
            try await bridge.polling { _ in
                for count in 1...3 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 4)
            }
            #expect(times.all == [.zero, .seconds(60), .seconds(120), .seconds(180)])
            #expect(bridge.log.lines("poll").map { $0.facts["outcome"] }.first == "baseline")
        }
    }

    @Test func `a slow poll is not overlapped, and the turns missed meanwhile are skipped`()
        async throws
    {
        let times = Times()
        let gate = try Gate()
        let isFirst = Mutex(true)
        let text = try Self.bridge(times) { _ in
            let waits = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            let reply = ScriptedReply.reply(text: "[]")
            return waits ? ScriptedReply(steps: [.wait(gate)] + reply.steps) : reply
        }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                while times.all.isEmpty { await Task.yield() }
                bridge.time.advance(by: .seconds(310))
                gate.open()
                await bridge.log.wait(for: "poll", count: 1)
                #expect(await bridge.time.advanceToNextSleeper() == .seconds(50))
                await bridge.log.wait(for: "poll", count: 2)
            }
            #expect(times.all == [.zero, .seconds(360)])
        }
    }

    @Test func `a stream that fails rests longer each time, and not once it is well again`()
        async throws
    {
        let times = Times()
        let left = Mutex(8)
        let text = try Self.bridge(times) { _ in
            let fails = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return fails ? .reply(status: 500) : .reply(text: "[]")
        }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                for count in 1...9 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 10)
            }
            let pauses = zip(times.all.dropFirst(), times.all).map { $0 - $1 }
            let least = [60, 120, 240, 300, 300, 300, 300, 300, 60]
            #expect(pauses.count == least.count)
            for (pause, least) in zip(pauses, least) {
                #expect(pause >= .seconds(least))
                #expect(pause <= .seconds(least) * 1.2)
            }
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test func `a stream that is behind is polled faster, until it is at the end`() async throws {
        let times = Times()
        let wall = ManualTime().wall().milliseconds
        let found = Mutex(0)
        var text = try Self.bridge(times) { _ in
            // One more hour of a day that is long past with each poll, and then nothing more.
            let hour = found.withLock { found in
                found = min(found + 1, 4)
                return Int64(found)
            }
            let at = wall - 86_400_000 + hour * 3_600_000
            return .reply(text: #"[{"id":\#(hour),"at":\#(at)}]"#)
        }
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at, format: epoch_milliseconds } }
            """
        text.sources = ["every: 600s, catch_up: 5s"]
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                for count in 1...6 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 7)
            }
            let pauses = zip(times.all.dropFirst(), times.all).map { $0 - $1 }
            #expect(pauses == [5, 5, 5, 5, 600, 600].map { .seconds($0) })
        }
    }

    @Test func `failures are remembered over a restart`() async throws {
        let times = Times()
        let text = try Self.bridge(times) { _ in .reply(status: 500) }
        for polls in [2, 2] {
            try await Bridge.with(text) { bridge in
                try await bridge.polling { _ in
                    for count in 1...polls {
                        if times.all.count > 0 { await bridge.time.advanceToNextSleeper() }
                        await bridge.log.wait(for: "poll", count: count)
                    }
                }
            }
        }
        let pauses = zip(times.all.dropFirst(), times.all).map { $0 - $1 }
        #expect(pauses.count == 3)
        #expect(try #require(pauses.last) >= .seconds(240))
    }

    @Test func `a wait that the API asks for is kept, within the poll if it is short`()
        async throws
    {
        let times = Times()
        var text = try Self.bridge(times) { _ in
            .reply(status: 429, headers: [("Retry-After", times.all.count == 1 ? "30" : "7200")])
        }
        text.adapter = "retry: { attempts: 4 }"
        try await Bridge.with(text) { [text] bridge in
            try await bridge.polling { _ in
                // Asked to wait 30 s, the poll itself waits; asked to wait two hours, it ends.
                #expect(await text.time.advanceToNextSleeper() == .seconds(30))
                await bridge.log.wait(for: "poll", count: 1)
                await text.time.advanceToNextSleeper()
                await bridge.log.wait(for: "poll", count: 2)
            }
            #expect(times.all == [.zero, .seconds(30), .seconds(7230)])
            #expect(bridge.log.lines("poll").allSatisfy { $0.facts["outcome"] == "rate_limited" })
        }
    }

    @Test func `a hundred sources are all polled, though fewer are polled at once`()
        async throws
    {
        let times = Times()
        let gate = try Gate()
        var text = try Self.bridge(times) { _ in
            ScriptedReply(steps: [.wait(gate)] + ScriptedReply.reply(text: "[]").steps)
        }
        // A request that timed out while the machine is busy would give its turn to another poll.
        text.adapter = "limits: { timeout: 1h }"
        text.stream = Self.shelves
        text.sources = (0..<100).map { "every: 60s, with: { shelf: \"\($0)\" }" }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                while times.all.count < PollService.pollsAtOnceMax { await Task.yield() }
                // Room for what must not happen.
                for _ in 1...5000 { await Task.yield() }
                #expect(times.all.count == PollService.pollsAtOnceMax)
                gate.open()
                await bridge.log.wait(for: "poll", count: 100)
            }
            #expect(Set(times.targets).count == 100)
        }
    }

    @Test func `hundreds of sources that begin together do not fall upon their APIs at once`()
        async throws
    {
        let times = Times()
        var text = try Self.bridge(times) { _ in .reply(text: "[]") }
        text.stream = Self.shelves
        text.sources = (0..<300).map { "every: 60s, with: { shelf: \"\($0)\" }" }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                while Set(times.targets).count < 300 { await bridge.time.advanceToNextSleeper() }
            }
            #expect(times.all.filter { $0 == .zero }.count < 10)
        }
    }

    @Test func `polls that wait for their APIs do not keep others from polling`() async throws {
        let times = Times()
        var text = try Self.bridge(times) { request in
            times.of(request.target).count == 1
                ? .reply(status: 429, headers: [("Retry-After", "30")]) : .reply(text: "[]")
        }
        // Each on its own: with one credential, one refusal would be news to all of them.
        text.adapter = "retry: { attempts: 2 }\nlimits: { share: source }"
        text.stream = Self.shelves
        text.sources = (0..<100).map { "every: 1d, with: { shelf: \"\($0)\" }" }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                while Set(times.targets).count < 100 { await Task.yield() }
                #expect(times.all.allSatisfy { $0 == .zero })
                // Some may only now begin to wait: time goes on until each has asked again.
                while times.all.count < 200 {
                    bridge.time.advance(by: .seconds(30))
                    await Task.yield()
                }
                await bridge.log.wait(for: "poll", count: 100)
            }
        }
    }

    @Test func `a source that hangs does not stop the others`() async throws {
        let times = Times()
        let gate = try Gate()
        var text = try Self.bridge(times) { request in
            let reply = ScriptedReply.reply(text: "[]")
            guard request.target == "/shelf/slow" else { return reply }
            return ScriptedReply(steps: [.wait(gate)] + reply.steps)
        }
        text.stream = Self.shelves
        text.sources = ["slow", "quick"].map { "every: 60s, with: { shelf: \($0) }" }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                for count in 1...3 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 4)
                gate.open()
                await bridge.log.wait(for: "poll", count: 5)
            }
            #expect(times.of("/shelf/slow") == [.zero])
            #expect(
                times.of("/shelf/quick")
                    == [.zero, .seconds(60), .seconds(120), .seconds(180)])
        }
    }

    @Test func `a restart neither polls early nor forgets a stream`() async throws {
        let times = Times()
        let text = try Self.bridge(times)
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
        }
        text.time.advance(by: .seconds(20))
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                #expect(await bridge.time.advanceToNextSleeper() == .seconds(40))
                await bridge.log.wait(for: "poll", count: 1)
            }
        }
        text.time.advance(by: .seconds(3600))
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
        }
        #expect(times.all == [.zero, .seconds(60), .seconds(3660)])
    }

    @Test func `a wall clock set back or forth does not move the polls`() async throws {
        let times = Times()
        let text = try Self.bridge(times)
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                for (count, jump) in [(1, Duration.seconds(-86_400)), (2, .seconds(200_000))] {
                    await bridge.log.wait(for: "poll", count: count)
                    bridge.time.setWall(by: jump)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 3)
            }
        }
        #expect(times.all == [.zero, .seconds(60), .seconds(120)])
    }
}
