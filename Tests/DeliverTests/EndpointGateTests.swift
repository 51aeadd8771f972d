import PullcordDeliver
import PullcordModel
import PullcordTransfer
import Testing

/// A gate with attempts that start and end at given seconds.
struct GateScene {
    var gate: EndpointGate
    static let start = Fixture.time

    init(_ gate: EndpointGate = EndpointGate()) { self.gate = gate }

    func at(_ seconds: Int64) -> Timestamp { Self.start + .seconds(seconds) }

    func free(_ seconds: Int64) -> Int { gate.slotsFree(now: at(seconds)) }

    /// One attempt; it begins when it ends unless told otherwise.
    @discardableResult
    mutating func run(
        _ outcome: AttemptResult.Outcome, _ seconds: Int64, from began: Int64? = nil,
        reason: String = "answered so"
    ) -> EndpointGate.Action {
        gate.started(now: at(began ?? seconds))
        gate.ended()
        return gate.heard(
            outcome, started: at(began ?? seconds), reason: reason, now: at(seconds))
    }

    static let outcomes: [AttemptResult.Outcome] = [
        .failed(status: 500), .redirect(location: ""), .unreachable(.dns), .unauthorized,
        .unreachable(.tlsExpired),
    ]
}

@Suite struct `The gate of an endpoint` {
    @Test func `has eight slots, each taken by a start and freed by an end`() {
        var scene = GateScene()
        #expect(scene.free(0) == 8)
        for _ in 0..<8 { scene.gate.started(now: scene.at(0)) }
        #expect(scene.free(0) == 0)
        #expect(scene.gate.heard(.delivered, started: scene.at(0), now: scene.at(1)) == .none)
        #expect(scene.free(1) == 0)
        scene.gate.ended()
        #expect(scene.free(1) == 1)
    }

    @Test(arguments: [(-1, 1), (0, 1), (1, 1), (5, 5), (64, 64), (65, 64), (Int.max, 64)])
    func `may be made narrower or wider within its bound`(asked: Int, given: Int) {
        #expect(GateScene(EndpointGate(limitMax: asked)).free(0) == given)
    }

    @Test(arguments: [
        AttemptResult.Outcome.throttled(retryAfter: .zero), .unreachable(.timeoutConnect),
        .unreachable(.timeoutFirstByte), .unreachable(.timeoutTotal),
    ])
    func `is halved by an overload and waits a moment`(outcome: AttemptResult.Outcome) {
        var scene = GateScene()
        #expect(scene.run(outcome, 0) == .pause(until: scene.at(1)))
        #expect(scene.gate.health.condition == .throttled)
        #expect(scene.gate.health.reason == "answered so")
        #expect(scene.free(0) == 0)
        #expect(scene.gate.opens(now: scene.at(0)) == scene.at(1))
        #expect(scene.free(1) == 4)
        #expect(scene.run(outcome, 1) == .pause(until: scene.at(3)))
        #expect(scene.free(3) == 2)
        #expect(scene.run(outcome, 3) == .pause(until: scene.at(7)))
        #expect(scene.free(7) == 1)
        #expect(scene.run(.delivered, 7) == .recover)
        #expect(scene.gate.health.condition == .healthy)
        #expect(scene.free(7) == 2)
    }

    @Test func `takes many refusals at once, and late ones, for one overload`() {
        var scene = GateScene()
        #expect(
            scene.run(.throttled(retryAfter: .zero), 10, from: 9) == .pause(until: scene.at(11)))
        for _ in 0..<6 { #expect(scene.run(.throttled(retryAfter: .zero), 10, from: 9) == .none) }
        // Its answer came after the pause, but it was sent before it.
        #expect(scene.run(.unreachable(.timeoutTotal), 15, from: 9) == .none)
        #expect(scene.free(15) == 4)
        #expect(scene.run(.throttled(retryAfter: .zero), 15) == .pause(until: scene.at(17)))
        let longer = scene.run(.throttled(retryAfter: .seconds(9)), 15, from: 9)
        #expect(longer == .pause(until: scene.at(24)))
        #expect(scene.free(23) == 0)
        #expect(scene.free(24) == 2)
    }

    @Test func `waits as long as the endpoint asks, but never more than a day`() {
        var scene = GateScene()
        #expect(scene.run(.throttled(retryAfter: .seconds(60)), 0) == .pause(until: scene.at(60)))
        #expect(scene.free(59) == 0)
        #expect(
            scene.run(.throttled(retryAfter: .seconds(Int64.max)), 60)
                == .pause(until: scene.at(60 + 86_400)))
    }

    @Test func `is not shut by failures among enough successes`() {
        var scene = GateScene()
        for second in Int64(0)..<3000 {
            let isSuccess = second % 10 < 4
            let action = scene.run(isSuccess ? .delivered : .failed(status: 500), second)
            #expect(action == .none)
            #expect(scene.free(second) == 8)
        }
    }

    @Test func `is not shut by failures that are few or far between`() {
        var scene = GateScene()
        for second in Int64(0)..<19 { #expect(scene.run(.failed(status: 500), second) == .none) }
        var rare = GateScene()
        for step in Int64(0)..<150 {
            #expect(rare.run(.failed(status: 500), step * 20) == .none || step * 20 >= 3600)
            #expect(rare.gate.health.condition == .healthy)
        }
    }

    @Test(arguments: GateScene.outcomes)
    func `probes an endpoint that is down, one attempt after each pause`(
        outcome: AttemptResult.Outcome
    ) {
        var scene = GateScene()
        for _ in 1..<20 { #expect(scene.run(outcome, 0) == .none) }
        #expect(scene.run(outcome, 0) == .pause(until: scene.at(30)))
        #expect(scene.gate.health.condition == .open)
        var second: Int64 = 30
        for pause in [60, 120, 240, 480, 900, 900] as [Int64] {
            #expect(scene.free(second - 1) == 0)
            #expect(scene.free(second) == 1)
            // What had been under way when it was shut says nothing new.
            #expect(scene.run(outcome, second - 1, from: -5) == .none)
            #expect(scene.run(outcome, second) == .pause(until: scene.at(second + pause)))
            second += pause
        }
        #expect(scene.run(.delivered, second) == .recover)
        #expect(scene.gate.health.condition == .healthy)
    }

    @Test func `opens again by doubling from one, a round of successes at a time`() {
        var scene = GateScene()
        for _ in 0..<20 { scene.run(.failed(status: 500), 0) }
        var limits: [Int] = []
        for step in Int64(0)..<16 {
            limits.append(scene.free(30 + step))
            scene.run(.delivered, 30 + step)
        }
        #expect(limits == [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8])
        // The failures of the outage are not held against it.
        #expect(scene.run(.failed(status: 500), 60) == .none)
    }

    @Test func `is shut for good by 410 until somebody opens it`() {
        var scene = GateScene()
        let reason = "the endpoint answered 410 Gone"
        #expect(scene.run(.gone, 0) == .disable(reason: reason, since: scene.at(0)))
        #expect(scene.run(.gone, 0) == .none)
        #expect(scene.run(.delivered, 1) == .none)
        #expect(scene.free(1_000_000) == 0)
        #expect(scene.gate.opens(now: scene.at(0)) == nil)
        scene.gate.enable()
        #expect(scene.free(0) == 1)
        #expect(GateScene(EndpointGate(isDisabled: true)).free(0) == 0)
    }

    @Test func `is shut for good by five days of failures alone`() {
        var scene = GateScene()
        scene.run(.delivered, 0)
        var actions: [EndpointGate.Action] = []
        for hour in Int64(1)...121 { actions.append(scene.run(.failed(status: 500), hour * 3600)) }
        guard case .disable(let reason, let since)? = actions.last else {
            Issue.record("\(String(describing: actions.last))")
            return
        }
        #expect(reason == "every attempt has failed for 5 days, the last: answered so")
        #expect(since == scene.at(3600))
        #expect(actions.dropLast().allSatisfy { $0 == .none || $0 == .note })
        #expect(actions.count { $0 == .note } == 1)
    }

    @Test func `is not shut for good where a success came between, or failures are few`() {
        var scene = GateScene()
        for hour in Int64(1)...1000 {
            let action = scene.run(hour % 100 == 0 ? .delivered : .failed(status: 500), hour * 3600)
            #expect(action == .none || action == .note)
        }
        var quiet = GateScene()
        for week in Int64(0)..<9 { quiet.run(.failed(status: 500), week * 7 * 86_400) }
        #expect(quiet.gate.health.condition != .disabled)
    }

    @Test func `is not shut for good by a clock that was set ahead`() {
        var scene = GateScene()
        for second in Int64(0)..<20 { scene.run(.failed(status: 500), second * 60) }
        let jump: Int64 = 4 * 365 * 86_400
        for second in Int64(0)..<50 { scene.run(.failed(status: 500), jump + second * 60) }
        #expect(scene.gate.health.condition != .disabled)
        // Further days of failures count.
        for hour in Int64(0)...96 { scene.run(.failed(status: 500), jump + hour * 3600) }
        #expect(scene.gate.health.condition == .disabled)
    }

    @Test func `waits where no credentials are to be had, and is never shut for good by that`() {
        var scene = GateScene()
        for hour in Int64(0)..<200 {
            #expect(scene.run(.unauthorized, hour * 3600) == .none)
        }
        for _ in 0..<20 { scene.run(.unauthorized, 1_000_000) }
        #expect(scene.gate.health.condition == .open)
        #expect(scene.gate.health.failingSince == nil)
        #expect(scene.free(1_000_000) == 0)
        // Somebody who has mended it need not wait.
        scene.gate.enable()
        #expect(scene.free(1_000_000) == 1)
    }

    @Test func `does not hold what we gave up ourselves against the endpoint`() {
        var scene = GateScene()
        let before = scene.gate
        for _ in 0..<100 { #expect(scene.run(.abandoned(.cancelled), 0) == .none) }
        #expect(scene.gate == before)
        #expect(scene.run(.abandoned(.overloaded), 0) == .pause(until: scene.at(1)))
    }

    @Test func `is not shut for a year by a clock that was set back by one`() {
        var scene = GateScene(EndpointGate(rate: Rate(10, per: .second)))
        scene.run(.throttled(retryAfter: .seconds(60)), 0)
        #expect(scene.free(-31_536_000) == 1)
    }

    @Test func `keeps its bounds whatever happens`() {
        var random = SplitMix(state: 20_260_131)
        for round in 0..<200 {
            var scene = GateScene(
                EndpointGate(rate: round % 2 == 0 ? nil : Rate(5, per: .second)))
            var second: Int64 = 0
            for _ in 0..<200 {
                second += Int64(random.next() % 40)
                let outcomes: [AttemptResult.Outcome] = [
                    .delivered, .failed(status: 500), .throttled(retryAfter: .seconds(7)),
                    .unreachable(.reset), .abandoned(.stopped), .unreachable(.timeoutTotal),
                ]
                if random.next() % 2 == 0, scene.free(second) > 0 {
                    scene.gate.started(now: scene.at(second))
                } else if scene.gate.inFlight > 0 {
                    scene.gate.ended()
                    _ = scene.gate.heard(
                        outcomes[Int(random.next() % UInt64(outcomes.count))],
                        started: scene.at(second - Int64(random.next() % 40)),
                        now: scene.at(second))
                }
                #expect((0...8).contains(scene.gate.inFlight))
                #expect((1...8).contains(scene.gate.limit))
                #expect((0...8).contains(scene.free(second)))
                // Whatever the state, the gate opens again within the longest pause.
                #expect(scene.gate.inFlight > 0 || scene.free(second + 901) > 0)
                // What is kept of it is what comes back.
                let health = scene.gate.health
                #expect(EndpointHealth(stored: health.stored) == health)
            }
        }
    }
}

@Suite struct `The gate of an endpoint after a restart` {
    private func restarted(_ scene: GateScene, isDisabled: Bool = false) -> GateScene {
        let health = EndpointHealth(stored: scene.gate.health.stored) ?? EndpointHealth()
        return GateScene(EndpointGate(health: health, isDisabled: isDisabled))
    }

    @Test func `goes on with its pause, and lets one through first`() {
        var scene = GateScene()
        for _ in 0..<20 { scene.run(.failed(status: 500), 0) }
        scene.run(.failed(status: 500), 30)
        var again = restarted(scene)
        #expect(again.gate.health.condition == .open)
        #expect(again.free(89) == 0)
        #expect(again.gate.opens(now: again.at(31)) == again.at(90))
        #expect(again.free(90) == 1)
        // The pauses go on to grow where they were.
        #expect(again.run(.failed(status: 500), 90) == .pause(until: again.at(210)))
    }

    @Test func `counts the days of failures from their beginning`() {
        var scene = GateScene()
        for hour in Int64(0)..<60 { scene.run(.failed(status: 500), hour * 3600) }
        var again = restarted(scene)
        var last = EndpointGate.Action.none
        for hour in Int64(60)...120 { last = again.run(.failed(status: 500), hour * 3600) }
        guard case .disable(_, let since) = last else {
            Issue.record("\(last)")
            return
        }
        #expect(since == again.at(0))
    }

    @Test func `is not shut for good by the first failures after a long time without a process`() {
        var scene = GateScene()
        for minute in Int64(0)..<120 { scene.run(.failed(status: 500), minute * 60) }
        var again = restarted(scene)
        let start: Int64 = 30 * 86_400
        for second in Int64(0)..<3600 { again.run(.failed(status: 500), start + second) }
        #expect(again.gate.health.condition != .disabled)
        again.run(.failed(status: 500), start + 3600)
        #expect(again.gate.health.condition == .disabled)
    }

    @Test func `stays shut if it was, and opens if somebody has started it`() {
        var scene = GateScene()
        scene.run(.gone, 0)
        #expect(restarted(scene, isDisabled: true).free(0) == 0)
        #expect(restarted(scene).free(0) == 1)
        #expect(restarted(scene).gate.health.reason.isEmpty)
    }

    @Test(arguments: ["", "well", "open until=x from=", "healthy agreed=", " ", "reason=x"])
    func `is not troubled by a text that makes no sense`(text: String) {
        let health = EndpointHealth(stored: text) ?? EndpointHealth()
        #expect(EndpointGate(health: health).slotsFree(now: Fixture.time) >= 1)
    }
}

/// A small generator whose numbers are the same in every run.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
