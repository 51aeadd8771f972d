import PullcordModel
import PullcordSchedule
import Testing

/// A wall clock that started at a known time and is never set.
enum Wall {
    /// Monday, 2026-11-23T00:00:00Z.
    static let start = Timestamp(milliseconds: 1_795_392_000_000)

    static func time(at now: Duration) -> Timestamp { start + now }
}

extension Schedule {
    fileprivate mutating func start(now: Duration, limit: Int) -> [StreamID] {
        start(now: now, wall: Wall.time(at: now), limit: limit)
    }

    fileprivate mutating func add(
        _ stream: StreamID, every interval: Duration, delay: Duration, spread: Double? = nil
    ) {
        add(
            stream, Timetable(every: interval), failures: 0, now: .zero, wall: Wall.start,
            delay: delay, spread: spread)
    }

    /// Ends a run at once, as it would be decided; returns the wait until the next.
    fileprivate mutating func finish(
        _ stream: StreamID, _ outcome: RunOutcome, now: Duration, jitter: Double
    ) -> Duration {
        let decision = decide(
            stream, outcome, now: now, wall: Wall.time(at: now), jitter: jitter)
        finish(stream, decision, now: now)
        return decision.due - now
    }
}

@Suite
struct ScheduleTests {
    let stream = StreamID(1)

    private func schedule(every interval: Duration, delay: Duration = .zero) -> Schedule {
        var schedule = Schedule()
        schedule.add(stream, every: interval, delay: delay)
        return schedule
    }

    @Test func `a new stream is due at once`() {
        var schedule = schedule(every: .seconds(60))
        #expect(schedule.nextDue() == .zero)
        #expect(schedule.start(now: .zero, limit: 10) == [stream])
    }

    @Test(arguments: [
        (Duration.seconds(1), Duration.seconds(5)), (.seconds(30), .seconds(30)),
        (.seconds(700), .seconds(700)),
    ])
    func `a stream that is behind is polled at the faster pace, and never twice at once`(
        took: Duration, due: Duration
    ) {
        var schedule = Schedule()
        let table = Timetable(.every(.seconds(600)), catchUp: .seconds(5))
        schedule.add(
            stream, table, failures: 3, now: .zero, wall: Wall.start, delay: .zero)
        _ = schedule.start(now: .zero, limit: 1)
        #expect(schedule.nextDue() == nil)
        let wait = schedule.finish(stream, .behind(), now: took, jitter: 1)
        #expect(took + wait == due)
        // What the API asks for comes before any hurry.
        _ = schedule.start(now: due, limit: 1)
        #expect(
            schedule.finish(stream, .behind(notBefore: .seconds(90)), now: due, jitter: 0)
                == .seconds(90))
    }

    @Test func `a stream at the end of what there is goes back to its own pace`() {
        var schedule = Schedule()
        schedule.add(
            stream, Timetable(.every(.seconds(600)), catchUp: .seconds(5)), failures: 0,
            now: .zero, wall: Wall.start, delay: .zero)
        _ = schedule.start(now: .zero, limit: 1)
        #expect(schedule.finish(stream, .behind(), now: .zero, jitter: 0) == .seconds(5))
        _ = schedule.start(now: .seconds(5), limit: 1)
        #expect(
            schedule.finish(stream, .succeeded(), now: .seconds(5), jitter: 0) == .seconds(600))
        var plain = self.schedule(every: .seconds(600))
        _ = plain.start(now: .zero, limit: 1)
        #expect(plain.finish(stream, .behind(), now: .zero, jitter: 0) == .seconds(600))
    }

    @Test func `a stream that is being polled is never started again`() {
        var schedule = schedule(every: .seconds(1))
        _ = schedule.start(now: .zero, limit: 1)
        #expect(schedule.start(now: .seconds(100), limit: 1).isEmpty)
        #expect(schedule.nextDue() == nil)
    }

    @Test func `a stream that is hastened is due at once, and then at its distance again`() {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        _ = schedule.finish(stream, .succeeded(), now: .seconds(1), jitter: 0)
        #expect(schedule.nextDue() == .seconds(60))
        schedule.hasten(stream, now: .seconds(5), wall: Wall.time(at: .seconds(5)))
        #expect(schedule.start(now: .seconds(5), limit: 1) == [stream])
        #expect(
            schedule.finish(stream, .succeeded(), now: .seconds(6), jitter: 0) == .seconds(59))
    }

    @Test func `a stream that is hastened while it runs is due again after its run`() {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        schedule.hasten(stream, now: .seconds(1), wall: Wall.time(at: .seconds(1)))
        _ = schedule.finish(stream, .succeeded(), now: .seconds(2), jitter: 0)
        #expect(schedule.start(now: .seconds(2), limit: 1) == [stream])
        // Once, and not for ever.
        _ = schedule.finish(stream, .succeeded(), now: .seconds(3), jitter: 0)
        #expect(schedule.start(now: .seconds(3), limit: 1).isEmpty)
    }

    @Test func `a stream that fails keeps its pause however much it is hastened`() {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        schedule.hasten(stream, now: .seconds(1), wall: Wall.time(at: .seconds(1)))
        _ = schedule.finish(stream, .failed(), now: .seconds(2), jitter: 0)
        schedule.hasten(stream, now: .seconds(3), wall: Wall.time(at: .seconds(3)))
        #expect(schedule.start(now: .seconds(3), limit: 1).isEmpty)
    }

    @Test func `turns keep their distance however long a poll takes`() {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        let wait = schedule.finish(stream, .succeeded(), now: .seconds(7), jitter: 0)
        #expect(wait == .seconds(53))
        #expect(schedule.nextDue() == .seconds(60))
    }

    @Test(arguments: [(59, 60), (60, 120), (61, 120), (125, 180), (3600, 3660)])
    func `missed runs are skipped, not piled up`(finished: Int, next: Int) {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        _ = schedule.finish(stream, .succeeded(), now: .seconds(finished), jitter: 0)
        #expect(schedule.nextDue() == .seconds(next))
    }

    @Test func `what an API asks for wins over a shorter interval`() {
        var schedule = schedule(every: .seconds(10))
        _ = schedule.start(now: .zero, limit: 1)
        let wait = schedule.finish(
            stream, .succeeded(notBefore: .seconds(300)), now: .seconds(1), jitter: 0)
        #expect(wait == .seconds(300))
    }

    @Test func `failures double the pause up to five minutes, success ends that`() {
        var schedule = schedule(every: .seconds(60))
        var now = Duration.zero
        var pauses: [Duration] = []
        for _ in 0..<9 {
            _ = schedule.start(now: now, limit: 1)
            pauses.append(schedule.finish(stream, .failed(), now: now, jitter: 0))
            now = schedule.nextDue() ?? .zero
        }
        #expect(
            pauses == [60, 120, 240, 300, 300, 300, 300, 300, 300].map(Duration.seconds(_:)))
        _ = schedule.start(now: now, limit: 1)
        let wait = schedule.finish(stream, .succeeded(), now: now, jitter: 0)
        #expect(wait == .seconds(60))
    }

    @Test func `a failure's Retry-After is never undercut`() {
        var schedule = schedule(every: .seconds(60))
        _ = schedule.start(now: .zero, limit: 1)
        let wait = schedule.finish(
            stream, .failed(notBefore: .seconds(900)), now: .zero, jitter: 0)
        #expect(wait == .seconds(900))
    }

    @Test func `an interval longer than that is not shortened by failures`() {
        #expect(Backoff.pause(interval: .seconds(7200), failures: 5, jitter: 0) == .seconds(7200))
    }

    @Test(arguments: [-1.0, 0, 0.5, 1, 7])
    func `jitter only lengthens, by a fifth at most`(jitter: Double) {
        let pause = Backoff.pause(interval: .seconds(100), failures: 1, jitter: jitter)
        #expect(pause >= .seconds(100) && pause <= .seconds(120))
    }

    @Test func `the longest due is started first, within the limit`() {
        var schedule = Schedule()
        for number in 1...5 {
            schedule.add(
                StreamID(Int64(number)), every: .seconds(60), delay: .seconds(10 - number))
        }
        let started = schedule.start(now: .seconds(8), limit: 3)
        #expect(started.map(\.number) == [5, 4, 3])
        #expect(schedule.start(now: .seconds(8), limit: 3).map(\.number) == [2])
        #expect(schedule.nextDue() == .seconds(9))
    }

    @Test func `ten thousand streams are each started once a round`() {
        var schedule = Schedule()
        for number in 0..<10_000 {
            schedule.add(
                StreamID(Int64(number)), every: .seconds(60), delay: .zero)
        }
        for round in 0..<3 {
            let now = Duration.seconds(60 * round)
            var seen: Set<StreamID> = []
            while case let batch = schedule.start(now: now, limit: 64), !batch.isEmpty {
                for stream in batch {
                    #expect(seen.insert(stream).inserted)
                    _ = schedule.finish(stream, .succeeded(), now: now, jitter: 0)
                }
            }
            #expect(seen.count == 10_000)
        }
    }

    @Test(
        arguments: [
            (nil, 0), (-5, 0), (0, 0), (40, 40), (3600, 3600),
            // A wall clock that was a year ahead must not silence a stream for a year.
            (365 * 86_400, 0),
        ] as [(Int?, Int)])
    func `a stored due time is clamped to what the schedule could have meant`(
        offset: Int?, expected: Int
    ) {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let next = offset.map { now + .seconds($0) }
        let delay = Resumption.delay(
            Timetable(every: .seconds(60)), nextPoll: next, now: now)
        #expect(delay == .seconds(expected))
    }

    @Test func `a crowd that starts together does not stay together`() {
        var schedule = Schedule()
        for number in 0..<1000 {
            schedule.add(
                StreamID(Int64(number)), every: .seconds(60), delay: .zero,
                spread: 0.5 + Double(number) / 2000)
        }
        for stream in schedule.start(now: .zero, limit: 1000) {
            _ = schedule.finish(stream, .succeeded(), now: .zero, jitter: 0)
        }
        var most = 0
        for second in 0...200 {
            let started = schedule.start(now: .seconds(second), limit: 1000)
            most = max(most, started.count)
            for stream in started {
                let wait = schedule.finish(
                    stream, .succeeded(), now: .seconds(second), jitter: 0)
                #expect(wait > .seconds(58) && wait <= .seconds(60))
            }
        }
        #expect(most <= 40)
    }

    @Test func `a wall clock that is set back while a stream waits is followed`() throws {
        var schedule = Schedule()
        let noon = try CronExpression(parsing: "0 12 * * *")
        schedule.add(
            stream, Timetable(.cron(noon)), failures: 0, now: .zero, wall: Wall.start,
            delay: .seconds(12 * 3600))
        // Looked at every ten minutes; at noon by the first clock it is ten by the one set back.
        let looks = stride(from: 0, through: 12 * 3600, by: 600).map { Duration.seconds($0) }
        for now in looks {
            #expect(
                schedule.start(now: now, wall: Wall.start + now - .seconds(7200), limit: 1).isEmpty)
        }
        let later = Duration.seconds(14 * 3600)
        let wall = Wall.start + later - .seconds(7200)
        #expect(schedule.start(now: later, wall: wall, limit: 1) == [stream])
        let decision = schedule.decide(
            stream, .succeeded(), now: later, wall: wall, jitter: 0)
        #expect(decision.due - later == .seconds(86_400))
        #expect(decision.wall == Wall.start + .seconds(36 * 3600))
    }
}
