import PullcordDeliver
import PullcordModel
import PullcordTransfer
import Testing

extension EndpointGate {
    /// An attempt that is written down at once.
    fileprivate mutating func finished(
        _ outcome: AttemptResult.Outcome, now: Timestamp
    ) -> Action {
        ended()
        return heard(outcome, now: now)
    }
}

@Suite struct `The gate of an endpoint` {
    static let start = Fixture.time

    func at(_ seconds: Int64) -> Timestamp { Self.start + .seconds(seconds) }

    /// One attempt that starts and ends.
    @discardableResult
    func run(
        _ gate: inout EndpointGate, _ outcome: AttemptResult.Outcome, _ seconds: Int64
    ) -> EndpointGate.Action {
        gate.started()
        return gate.finished(outcome, now: at(seconds))
    }

    @Test func `has eight slots, each taken by a start and freed by an end`() {
        var gate = EndpointGate()
        #expect(gate.slotsFree(now: at(0)) == 8)
        for _ in 0..<8 { gate.started() }
        #expect(gate.slotsFree(now: at(0)) == 0)
        #expect(gate.finished(.delivered, now: at(1)) == .none)
        #expect(gate.slotsFree(now: at(1)) == 1)
    }

    @Test(arguments: [(-1, 1), (0, 1), (1, 1), (5, 5), (8, 8), (9, 8), (Int.max, 8)])
    func `may be made narrower, never wider`(asked: Int, given: Int) {
        #expect(EndpointGate(limitMax: asked).slotsFree(now: at(0)) == given)
    }

    @Test func `waits as long as the endpoint asks, then lets one through first`() {
        var gate = EndpointGate()
        #expect(
            run(&gate, .throttled(retryAfter: .seconds(60)), 0) == .pause(until: at(60)))
        #expect(gate.slotsFree(now: at(59)) == 0)
        #expect(gate.opens(now: at(59)) == at(60))
        #expect(gate.slotsFree(now: at(60)) == 1)
        #expect(gate.opens(now: at(60)) == nil)
        var slots: [Int] = []
        for second in Int64(60)..<65 {
            run(&gate, .delivered, second)
            slots.append(gate.slotsFree(now: at(second)))
        }
        #expect(slots == [2, 4, 8, 8, 8])
        #expect(gate.state == .open)
    }

    @Test func `pauses twice as long each time that an overload goes on, up to 15 minutes`() {
        var gate = EndpointGate()
        var second: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<14 {
            guard case .pause(let until) = run(&gate, .throttled(retryAfter: .zero), second)
            else { break }
            pauses.append((until - at(second)).components.seconds)
            second += pauses.last ?? 0
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900])
        run(&gate, .delivered, second)
        #expect(
            run(&gate, .throttled(retryAfter: .zero), second + 1) == .pause(until: at(second + 2)))
    }

    @Test func `takes many refusals at once for one overload`() {
        var gate = EndpointGate()
        for _ in 0..<8 { gate.started() }
        #expect(gate.finished(.throttled(retryAfter: .zero), now: at(0)) == .pause(until: at(1)))
        for _ in 0..<6 {
            #expect(gate.finished(.throttled(retryAfter: .zero), now: at(0)) == .none)
        }
        #expect(
            gate.finished(.throttled(retryAfter: .seconds(9)), now: at(0)) == .pause(until: at(9)))
        #expect(gate.opens(now: at(0)) == at(9))
        #expect(gate.inFlight == 0)
    }

    @Test func `never waits more than a day`() {
        var gate = EndpointGate()
        #expect(
            run(&gate, .throttled(retryAfter: .seconds(Int64.max)), 0)
                == .pause(until: at(86_400)))
    }

    @Test func `is not paused by failures between successes`() {
        var gate = EndpointGate()
        for second in Int64(0)..<1000 {
            let outcome: AttemptResult.Outcome =
                second % 19 == 18 ? .delivered : .failed(status: 500)
            #expect(run(&gate, outcome, second) == .none)
            #expect(gate.slotsFree(now: at(second)) == 8)
        }
    }

    @Test(arguments: [
        AttemptResult.Outcome.failed(status: 500), .redirect(location: ""), .unreachable(.dns),
        .unreachable(.timeoutTotal),
    ])
    func `probes an endpoint that is down, one attempt after each pause`(
        outcome: AttemptResult.Outcome
    ) {
        var gate = EndpointGate()
        for _ in 1..<EndpointGate.failuresMax { #expect(run(&gate, outcome, 0) == .none) }
        #expect(run(&gate, outcome, 0) == .pause(until: at(30)))
        #expect(gate.slotsFree(now: at(29)) == 0)
        #expect(gate.slotsFree(now: at(30)) == 1)
        #expect(run(&gate, outcome, 30) == .pause(until: at(90)))
        #expect(run(&gate, outcome, 90) == .pause(until: at(210)))
        #expect(run(&gate, .delivered, 210) == .none)
        #expect(gate.slotsFree(now: at(210)) == 2)
        #expect(run(&gate, outcome, 211) == .none)
    }

    @Test func `of an endpoint that is gone stays shut until somebody opens it`() {
        var gate = EndpointGate()
        gate.started()
        gate.started()
        #expect(
            gate.finished(.gone, now: at(0)) == .disable(reason: "the endpoint answered 410 Gone"))
        #expect(gate.finished(.gone, now: at(0)) == .none)
        #expect(gate.slotsFree(now: at(1_000_000)) == 0)
        gate.enable()
        #expect(gate.slotsFree(now: at(0)) == 1)
        #expect(EndpointGate(isDisabled: true).slotsFree(now: at(0)) == 0)
    }

    @Test func `opened while it is not shut stays as it is`() {
        var gate = EndpointGate()
        run(&gate, .throttled(retryAfter: .seconds(60)), 0)
        let before = gate
        gate.enable()
        #expect(gate == before)
    }

    @Test func `does not hold what we gave up ourselves against the endpoint`() {
        var gate = EndpointGate()
        for _ in 0..<100 { #expect(run(&gate, .abandoned(.cancelled), 0) == .none) }
        #expect(gate == EndpointGate())
    }

    @Test func `is not shut for a year by a clock that was set back by one`() {
        var gate = EndpointGate()
        run(&gate, .throttled(retryAfter: .seconds(60)), 0)
        #expect(gate.slotsFree(now: at(-31_536_000)) == 1)
    }

    @Test func `keeps its bounds whatever happens`() {
        var random = SplitMix(state: 20_260_131)
        for _ in 0..<200 {
            var gate = EndpointGate()
            var second: Int64 = 0
            for _ in 0..<200 {
                second += Int64(random.next() % 40)
                let outcomes: [AttemptResult.Outcome] = [
                    .delivered, .failed(status: 500), .throttled(retryAfter: .seconds(7)),
                    .unreachable(.reset), .abandoned(.stopped),
                ]
                if random.next() % 2 == 0, gate.slotsFree(now: at(second)) > 0 {
                    gate.started()
                } else if gate.inFlight > 0 {
                    _ = gate.finished(
                        outcomes[Int(random.next() % UInt64(outcomes.count))], now: at(second))
                }
                #expect((0...8).contains(gate.inFlight))
                #expect((1...8).contains(gate.limit))
                #expect((0...8).contains(gate.slotsFree(now: at(second))))
                // Whatever the state, the gate opens again within the longest pause.
                #expect(
                    gate.inFlight > 0
                        || gate.slotsFree(now: at(second) + EndpointGate.pauseMax) > 0)
            }
        }
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
