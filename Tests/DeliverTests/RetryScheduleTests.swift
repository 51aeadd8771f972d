import PullcordDeliver
import PullcordModel
import Testing

@Suite struct `The retry schedule` {
    let schedule = RetrySchedule.standard

    @Test(
        arguments: zip(0...10, [0, 5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]))
    func `waits as the documentation says`(attempts: Int, seconds: Int64) {
        #expect(schedule.delay(afterAttempts: attempts, random: 0) == .seconds(seconds))
    }

    @Test(arguments: [11, 12, 1000, Int.max])
    func `ends after eleven attempts`(attempts: Int) {
        #expect(schedule.delay(afterAttempts: attempts, random: 0) == nil)
        #expect(
            schedule.delay(afterAttempts: attempts, retryAfter: .seconds(60), random: 0) == nil)
    }

    @Test func `lasts more than three days`() {
        let sum: Duration = schedule.delays.reduce(.zero, +)
        #expect(sum.components.seconds == 272_135)
    }

    @Test(arguments: [0, 1, UInt64.max / 3, UInt64.max / 2, UInt64.max])
    func `is never early and at most a fifth late`(random: UInt64) throws {
        for attempts in 0...10 {
            let base = schedule.delays[attempts]
            let delay = try #require(schedule.delay(afterAttempts: attempts, random: random))
            #expect(delay >= base)
            #expect(delay <= base + base / 5)
        }
    }

    @Test func `spreads deliveries that failed together over the whole fifth`() throws {
        let delays = try (0..<100).map { step in
            try #require(schedule.delay(afterAttempts: 3, random: .max / 100 * step))
        }
        #expect(Set(delays).count == 100)
        #expect(delays.first == .seconds(300))
        #expect(delays.last.map { $0 > .seconds(358) } == true)
    }

    @Test(arguments: [
        (1, Duration.seconds(60), Duration.seconds(60)), (4, .seconds(60), .seconds(1800)),
        (1, .seconds(1_000_000_000), .seconds(86_400)), (1, .zero, .seconds(5)),
        (1, .seconds(-99), .seconds(5)),
    ])
    func `waits the longer of its own time and the server's, a day at most`(
        attempts: Int, retryAfter: Duration, expected: Duration
    ) {
        #expect(
            schedule.delay(afterAttempts: attempts, retryAfter: retryAfter, random: 0) == expected)
        let jittered = schedule.delay(
            afterAttempts: attempts, retryAfter: retryAfter, random: .max)
        #expect(jittered.map { $0 >= expected && $0 <= expected + expected / 5 } == true)
    }

    @Test func `of somebody's own may be short, and nonsense in it does no harm`() {
        let own = RetrySchedule(delays: [.zero, .seconds(-5), .seconds(Int64.max)])
        #expect(own.delay(afterAttempts: 1, random: .max) == .zero)
        #expect(own.delay(afterAttempts: 2, random: .max).map { $0 >= .seconds(Int64.max) } == true)
        #expect(own.delay(afterAttempts: -3, random: 0) == .zero)
        #expect(RetrySchedule(delays: []).delay(afterAttempts: 1, random: 0) == nil)
        #expect(RetrySchedule(delays: []).delay(afterAttempts: 0, random: 0) == .zero)
    }
}
