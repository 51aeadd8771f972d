import PullcordModel
import PullcordSchedule
import Testing

@Suite
struct TimetableTests {
    private func cron(_ text: String, delay: Duration = .zero) throws -> Timetable {
        Timetable(.cron(try CronExpression(parsing: text)), delay: delay)
    }

    @Test func `a turn by the calendar comes at its time, however late the last one was`() throws {
        let table = try cron("0 * * * *")
        let late = Duration.seconds(3600 + 1234)
        let turn = table.turn(after: .seconds(3600), now: late, wall: Wall.time(at: late))
        #expect(turn == .seconds(7200))
    }

    @Test func `runs missed by the calendar are skipped`() throws {
        let table = try cron("*/5 * * * *")
        let now = Duration.seconds(3601)
        #expect(table.turn(after: .zero, now: now, wall: Wall.time(at: now)) == .seconds(3900))
    }

    @Test func `a stream's own delay does not repeat a turn`() throws {
        let table = try cron("0 0 * * *", delay: .seconds(300))
        let now = Duration.seconds(300)
        let turn = table.turn(after: .zero, now: now, wall: Wall.time(at: now))
        #expect(turn == .seconds(86_400 + 300))
        let early = Duration.seconds(299)
        #expect(
            table.turn(after: .zero, now: early, wall: Wall.time(at: early)) == .seconds(300))
    }

    @Test func `a turn outside of all windows waits for the next opening`() throws {
        let window = try #require(TimeWindow("mon-fri 08:00-18:00"))
        let table = Timetable(.every(.seconds(3600)), windows: [window])
        let evening = Duration.seconds(17 * 3600 + 1800)
        let turn = table.turn(after: evening, now: evening, wall: Wall.time(at: evening))
        #expect(turn == .seconds(32 * 3600))
        let morning = Duration.seconds(9 * 3600)
        #expect(
            table.turn(after: morning, now: morning, wall: Wall.time(at: morning))
                == .seconds(10 * 3600))
    }

    @Test func `a time that passed while nothing ran is made up for once, at once`() throws {
        let table = try cron("0 3 * * *")
        let now = Wall.time(at: .seconds(8 * 3600))
        let missed = Wall.time(at: .seconds(3 * 3600))
        #expect(Resumption.delay(table, nextPoll: missed, now: now) == .zero)
        let ahead = Wall.time(at: .seconds(27 * 3600))
        #expect(Resumption.delay(table, nextPoll: ahead, now: now) == .seconds(19 * 3600))
    }

    @Test func `another calendar holds from the start on, but for a pause that was asked for`()
        throws
    {
        let table = try cron("0 * * * *")
        let stored = Wall.time(at: .seconds(20 * 3600))
        let now = Wall.time(at: .seconds(8 * 3600 + 1800))
        let last = Wall.time(at: .seconds(8 * 3600))
        let delay = { (asked: Timestamp?) in
            Resumption.delay(
                table, nextPoll: stored, lastStart: last, notBefore: asked, now: now)
        }
        #expect(delay(nil) == .seconds(1800))
        #expect(delay(now + .seconds(7200)) == .seconds(7200))
        #expect(delay(now + .seconds(86_400)) == stored - now)
    }

    @Test func `a stored time that the calendar could not have meant is replaced by it`() throws {
        let table = try cron("0 3 * * *")
        let absurd = Wall.start + .seconds(86_400 * 365)
        #expect(
            Resumption.delay(table, nextPoll: absurd, now: Wall.start) == .seconds(3 * 3600))
    }
}
