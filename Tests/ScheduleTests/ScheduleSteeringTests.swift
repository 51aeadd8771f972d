import PullcordModel
import PullcordSchedule
import Testing

@Suite
struct ScheduleSteeringTests {
    private let stream = StreamID(1)

    /// A schedule with one stream that has just been polled, and is due in a minute.
    private func schedule(failing: Bool = false) -> Schedule {
        var schedule = Schedule()
        schedule.add(
            stream, Timetable(every: .seconds(60)), failures: 0, now: .zero, wall: Wall.start,
            delay: .zero)
        _ = start(&schedule, at: .zero)
        finish(&schedule, failing ? .failed() : .succeeded(), at: .zero)
        return schedule
    }

    private func start(_ schedule: inout Schedule, at now: Duration) -> [StreamID] {
        schedule.start(now: now, wall: Wall.time(at: now), limit: 10)
    }

    private func finish(_ schedule: inout Schedule, _ outcome: RunOutcome, at now: Duration) {
        let decision = schedule.decide(
            stream, outcome, now: now, wall: Wall.time(at: now), jitter: 0)
        schedule.finish(stream, decision, now: now)
    }

    @Test func `a paused stream is not due, and is at once when its turn has passed`() {
        var schedule = schedule()
        schedule.pause(stream)
        #expect(schedule.nextDue() == nil)
        #expect(start(&schedule, at: .seconds(100)).isEmpty)
        schedule.resume(stream, now: .seconds(100))
        #expect(start(&schedule, at: .seconds(100)) == [stream])
    }

    @Test func `a stream that is resumed in time keeps its turn`() {
        var schedule = schedule()
        schedule.pause(stream)
        schedule.resume(stream, now: .seconds(10))
        #expect(schedule.nextDue() == .seconds(60))
    }

    @Test func `a hurried stream is polled once, also when it is paused`() {
        var schedule = schedule()
        schedule.pause(stream)
        schedule.hurry(stream, now: .seconds(5))
        #expect(start(&schedule, at: .seconds(5)) == [stream])
        finish(&schedule, .succeeded(), at: .seconds(6))
        #expect(start(&schedule, at: .seconds(500)).isEmpty)
    }

    @Test func `a stream that is hurried while it runs is polled again right after`() {
        var schedule = schedule()
        _ = start(&schedule, at: .seconds(60))
        schedule.hurry(stream, now: .seconds(61))
        #expect(start(&schedule, at: .seconds(61)).isEmpty)
        finish(&schedule, .succeeded(), at: .seconds(62))
        #expect(start(&schedule, at: .seconds(62)) == [stream])
        finish(&schedule, .succeeded(), at: .seconds(63))
        #expect(start(&schedule, at: .seconds(63)).isEmpty)
    }

    @Test func `a removed stream comes back without a second run beside the first`() {
        var schedule = schedule()
        _ = start(&schedule, at: .seconds(60))
        schedule.remove(stream)
        schedule.add(
            stream, Timetable(every: .seconds(10)), failures: 0, now: .seconds(61),
            wall: Wall.time(at: .seconds(61)), delay: .zero)
        #expect(start(&schedule, at: .seconds(70)).isEmpty)
        finish(&schedule, .succeeded(), at: .seconds(71))
        #expect(schedule.nextDue() == .seconds(80))
    }

    @Test func `a removed stream is forgotten when its run has ended`() {
        var schedule = schedule()
        _ = start(&schedule, at: .seconds(60))
        schedule.remove(stream)
        finish(&schedule, .succeeded(), at: .seconds(61))
        #expect(schedule.nextDue() == nil)
        #expect(start(&schedule, at: .seconds(500)).isEmpty)
        var other = self.schedule()
        other.remove(stream)
        #expect(other.nextDue() == nil)
    }

    @Test func `a turn of before a removal does not count afterwards`() {
        var schedule = schedule()
        schedule.remove(stream)
        schedule.add(
            stream, Timetable(every: .seconds(600)), failures: 0, now: .zero, wall: Wall.start,
            delay: .seconds(600))
        #expect(start(&schedule, at: .seconds(60)).isEmpty)
        #expect(schedule.nextDue() == .seconds(600))
    }

    @Test(
        arguments: [
            (Duration.seconds(10), Duration.seconds(15)), (.seconds(3600), .seconds(60)),
        ])
    func `a new timetable is due no later than it says`(interval: Duration, due: Duration) {
        var schedule = schedule()
        schedule.replace(
            stream, Timetable(every: interval), now: .seconds(5), wall: Wall.time(at: .seconds(5)))
        #expect(schedule.nextDue() == due)
    }

    @Test func `a change makes a failing stream due at once, and leaves a healthy one alone`() {
        var failing = schedule(failing: true)
        failing.retryIfFailing(stream, now: .seconds(5), wall: Wall.time(at: .seconds(5)))
        #expect(failing.nextDue() == .seconds(5))
        var healthy = schedule()
        healthy.retryIfFailing(stream, now: .seconds(5), wall: Wall.time(at: .seconds(5)))
        #expect(healthy.nextDue() == .seconds(60))
    }

    @Test func `a held stream is not started until everybody has let go`() {
        var schedule = schedule()
        schedule.hold(stream)
        schedule.hold(stream)
        schedule.hurry(stream, now: .seconds(1))
        #expect(start(&schedule, at: .seconds(90)).isEmpty)
        schedule.letGo(stream, now: .seconds(90))
        #expect(start(&schedule, at: .seconds(90)).isEmpty)
        schedule.letGo(stream, now: .seconds(91))
        #expect(start(&schedule, at: .seconds(91)) == [stream])
    }

    @Test func `a start that is taken back comes again`() {
        var schedule = schedule()
        _ = start(&schedule, at: .seconds(60))
        schedule.abandon(stream, now: .seconds(60))
        #expect(start(&schedule, at: .seconds(60)) == [stream])
    }

    @Test func `what is not known cannot be steered`() {
        var schedule = Schedule()
        schedule.pause(stream)
        schedule.resume(stream, now: .zero)
        schedule.hurry(stream, now: .zero)
        schedule.hold(stream)
        schedule.letGo(stream, now: .zero)
        schedule.remove(stream)
        schedule.abandon(stream, now: .zero)
        #expect(schedule.nextDue() == nil && schedule.isStill)
    }
}
