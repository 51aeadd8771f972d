import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// Pauses that an API asks for, and timetables that are others after a restart.
@Suite(.timeLimit(.minutes(10))) struct AskedPauseTests {
    /// Says with each answer for how long nothing is left; nil for not at all.
    private static func text(left seconds: Int?, every interval: String) throws -> BridgeText {
        let api = try ChangingAPI { _ in
            let headers = seconds.map { [("X-Left", "0"), ("X-Reset", "\($0)")] } ?? []
            return .reply(headers: headers, text: "[]")
        }
        var text = try BridgeText(api, time: ManualTime())
        text.adapter = "limits: { remaining: X-Left, reset: { header: X-Reset, as: seconds } }"
        text.sources = ["every: \(interval)"]
        return text
    }

    @Test(
        arguments: [
            ("3600s", "60s", nil, 40), ("60s", "3600s", nil, 40), ("3600s", "10s", nil, 0),
            ("60s", "30s", 7200, 7180), ("3600s", "60s", 600, 580),
        ] as [(String, String, Int?, Int)])
    func `an interval that was edited while nothing ran counts from the last poll on`(
        before: String, after: String, left: Int?, expected: Int
    ) async throws {
        var text = try Self.text(left: left, every: before)
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
        }
        text.time.advance(by: .seconds(20))
        text.sources = ["every: \(after)"]
        let (again, start) = (text, text.time.monotonic())
        try await Bridge.with(again) { bridge in
            try await bridge.polling { _ in
                if expected > 0 {
                    #expect(
                        await bridge.time.advanceToNextSleeper() == .seconds(expected))
                }
                if left == nil { await bridge.log.wait(for: "poll", count: 1) }
            }
            #expect(bridge.time.monotonic() - start == .seconds(expected))
        }
    }

    @Test func `a pause is remembered whoever polled, until it is over`() async throws {
        try await Bridge.with(Self.text(left: 7200, every: "60s")) { bridge in
            let start = bridge.time.wall()
            try await bridge.poll()
            let asked = try await bridge.state().time(of: StreamMark.notBefore)
            #expect(asked == start + .seconds(7200))
        }
        try await Bridge.with(Self.text(left: nil, every: "60s")) { bridge in
            try await bridge.poll()
            #expect(try await bridge.state().marks[StreamMark.notBefore] == nil)
        }
    }

    @Test func `an operator is told until when the API wants to be left alone`() async throws {
        try await RunningBridge.with(Self.text(left: 7200, every: "60s")) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            let answer = try await bridge.perform("poll", ["source": "shop0"])
            #expect(!answer.isDone)
            #expect(answer.text.contains("asked to be left alone until"), "\(answer.text)")
            // A webhook of the API itself is no reason to refuse: its poll waits.
            let poke = try await bridge.perform("poll", ["source": "shop0", "by": "poke"])
            #expect(poke.isDone)
        }
    }

    @Test func `a pause that is over is nobody's concern`() async throws {
        try await RunningBridge.with(Self.text(left: 40, every: "60s")) { bridge in
            await bridge.log.wait(for: "poll", count: 1)
            bridge.time.advance(by: .seconds(41))
            let answer = try await bridge.perform("poll", ["source": "shop0"])
            #expect(answer.isDone)
            await bridge.log.wait(for: "poll", count: 2)
        }
    }
}
