import PullcordDeliver
import PullcordModel
import PullcordTransfer
import Testing

@Suite struct `The settler` {
    static let now = Fixture.time

    func decision(_ outcome: AttemptResult.Outcome, number: Int = 1) -> Settler.Decision {
        Settler.decide(
            Fixture.result(outcome, number: number), schedule: .standard, random: 0, now: Self.now)
    }

    func settled(
        _ outcome: AttemptResult.Outcome, _ verdict: Settlement.Verdict, number: Int = 1
    ) -> Settler.Decision {
        .settle(
            Settlement(
                delivery: DeliveryID(7), attempt: Fixture.result(outcome, number: number).attempt,
                verdict: verdict))
    }

    @Test func `calls a success delivered, at whichever attempt`() {
        for number in [1, 11, 500] {
            #expect(
                decision(.delivered, number: number)
                    == settled(.delivered, .delivered, number: number))
        }
    }

    @Test(arguments: [
        AttemptResult.Outcome.failed(status: 500), .failed(status: 404), .redirect(location: ""),
        .unreachable(.dns), .unreachable(.refusedAddress), .throttled(retryAfter: .zero),
    ])
    func `tries again until the schedule ends, then gives up`(outcome: AttemptResult.Outcome) {
        #expect(decision(outcome) == settled(outcome, .retry(at: Self.now + .seconds(5))))
        #expect(
            decision(outcome, number: 10)
                == settled(outcome, .retry(at: Self.now + .seconds(86_400)), number: 10))
        #expect(decision(outcome, number: 11) == settled(outcome, .dead, number: 11))
    }

    @Test func `lets a throttled delivery wait as long as it was asked to`() {
        let outcome = AttemptResult.Outcome.throttled(retryAfter: .seconds(120))
        #expect(decision(outcome) == settled(outcome, .retry(at: Self.now + .seconds(120))))
    }

    @Test func `keeps the delivery of an endpoint that is gone, even at the last attempt`() {
        #expect(decision(.gone, number: 11) == settled(.gone, .retry(at: Self.now), number: 11))
    }

    @Test(arguments: [TransferError.Code.cancelled, .stopped, .overloaded])
    func `gives back what was not tried to the end, without counting it`(
        code: TransferError.Code
    ) {
        #expect(decision(.abandoned(code), number: 11) == .release(DeliveryID(7)))
    }
}
