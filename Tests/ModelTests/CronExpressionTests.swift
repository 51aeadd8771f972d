import PullcordModel
import Testing

/// Berlin's clocks in 2026: an hour ahead on 29 March at 01:00 UTC, back on 25 October.
private struct Berlin: ZoneRules {
    func offset(at time: Timestamp) -> Int64 {
        let isSummer = (1_774_746_000..<1_792_890_000).contains(time.seconds)
        return isSummer ? 7200 : 3600
    }
}

@Suite
struct CronExpressionTests {
    private func next(
        _ text: String, after time: String, in zone: any ZoneRules = UniversalTime()
    ) throws -> String {
        let time = try #require(Timestamp(rfc3339: time))
        let next = try #require(try CronExpression(parsing: text).next(after: time, in: zone))
        return String(next.description.prefix(16))
    }

    @Test(
        arguments: [
            ("* * * * *", "2026-01-31T23:59:30Z", "2026-02-01T00:00"),
            ("*/15 * * * *", "2026-01-31T10:15:00Z", "2026-01-31T10:30"),
            ("7-59/20 * * * *", "2026-01-31T10:28:00Z", "2026-01-31T10:47"),
            ("30/10 * * * *", "2026-01-31T10:50:00Z", "2026-01-31T11:30"),
            ("0 9-17/4 * * *", "2026-01-31T13:00:00Z", "2026-01-31T17:00"),
            ("5,35 6,18 * * *", "2026-01-31T06:05:01Z", "2026-01-31T06:35"),
            ("0 8 * * mon-fri", "2026-11-20T08:00:00Z", "2026-11-23T08:00"),
            ("0 8 * * 7", "2026-11-23T00:00:00Z", "2026-11-29T08:00"),
            ("0 8 * * fri-sun", "2026-11-23T00:00:00Z", "2026-11-27T08:00"),
            ("0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00"),
            ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00"),
            ("0 0 31 * *", "2026-04-01T00:00:00Z", "2026-05-31T00:00"),
            // Both restricted: either is enough.
            ("0 0 13 * fri", "2026-11-13T00:00:00Z", "2026-11-20T00:00"),
            ("0 0 */2 * mon", "2026-11-23T00:00:00Z", "2026-12-07T00:00"),
            ("@daily", "2026-12-31T00:00:00Z", "2027-01-01T00:00"),
            ("@weekly", "2026-11-23T00:00:00Z", "2026-11-29T00:00"),
        ])
    func `the next time is what crontab says`(text: String, after: String, next: String) throws {
        #expect(try self.next(text, after: after) == next)
    }

    @Test(
        arguments: [
            // 02:30 does not exist on 29 March: it comes at 03:00 of those clocks, once.
            ("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00"),
            ("30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:30"),
            // 02:30 comes twice on 25 October: the first counts.
            ("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30"),
            ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30"),
            // Every hour is every hour.
            ("30 * * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30"),
            ("30 * * * *", "2026-10-25T01:30:00Z", "2026-10-25T02:30"),
            ("30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:30"),
            ("0 6 * * *", "2026-03-28T12:00:00Z", "2026-03-29T04:00"),
            ("0 6 * * *", "2026-10-24T12:00:00Z", "2026-10-25T05:00"),
            ("*/20 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00"),
            ("*/20 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:00"),
            ("0 0 * * *", "2026-10-25T12:00:00Z", "2026-10-25T23:00"),
        ])
    func `clocks that are set lose no time and give none twice`(
        text: String, after: String, next: String
    ) throws {
        #expect(try self.next(text, after: after, in: Berlin()) == next)
    }

    @Test(
        arguments: [
            ("", 0, "five are needed"), ("* * * *", 0, "five are needed"),
            ("* * * * * *", 10, "five are needed"), ("60 * * * *", 0, "no minute"),
            ("* 24 * * *", 2, "no hour"), ("* * 0 * *", 4, "no day"),
            ("* * * 13 *", 6, "no month"), ("* * * foo *", 6, "no month"),
            ("* * * * 8", 8, "no weekday"), ("5-1 * * * *", 0, "ends before"),
            ("*/0 * * * *", 0, "no step"), ("*/x * * * *", 0, "no step"),
            ("1/2/3 * * * *", 0, "two steps"), ("1,,2 * * * *", 2, "no minute"),
            ("1-2-3 * * * *", 0, "no range"), ("-1 * * * *", 0, "no minute"),
            ("0 0 30 2 *", 4, "no such day"), ("@often", 0, "no name"), ("L * * * *", 0, "minute"),
            ("٣ * * * *", 0, "no minute"),
        ])
    func `what is no schedule is refused where it is wrong`(
        text: String, offset: Int, message: String
    ) {
        do throws(CronExpression.Refusal) {
            _ = try CronExpression(parsing: text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.offset == offset)
            #expect(error.message.contains(message), "\(error.message)")
        }
    }
}

@Suite
struct TimeWindowTests {
    @Test(
        arguments: [
            ("mon-fri 08:00-18:00", "2026-11-23T07:59:00Z", "2026-11-23T08:00"),
            ("mon-fri 08:00-18:00", "2026-11-23T08:00:00Z", "2026-11-23T08:00"),
            ("mon-fri 08:00-18:00", "2026-11-20T18:00:00Z", "2026-11-23T08:00"),
            ("22:00-06:00", "2026-11-23T03:00:00Z", "2026-11-23T03:00"),
            ("22:00-06:00", "2026-11-23T12:00:00Z", "2026-11-23T22:00"),
            ("fri 22:00-06:00", "2026-11-21T05:59:00Z", "2026-11-21T05:59"),
            ("fri 22:00-06:00", "2026-11-21T06:00:00Z", "2026-11-27T22:00"),
            ("sat,sun", "2026-11-23T00:00:00Z", "2026-11-28T00:00"),
            ("fri-mon 00:00-24:00", "2026-11-23T23:59:00Z", "2026-11-23T23:59"),
        ])
    func `a poll waits for the opening, and not within the hours`(
        text: String, time: String, opening: String
    ) throws {
        let window = try #require(TimeWindow(text))
        let time = try #require(Timestamp(rfc3339: time))
        let opens = TimeWindow.opening(of: [window], at: time, in: UniversalTime())
        #expect(opens.description.prefix(16) == opening)
    }

    @Test func `of several windows the first to open counts`() throws {
        let windows = try ["sat 10:00-12:00", "mon 20:00-21:00"].map {
            try #require(TimeWindow($0))
        }
        let time = try #require(Timestamp(rfc3339: "2026-11-23T12:00:00Z"))
        let opens = TimeWindow.opening(of: windows, at: time, in: UniversalTime())
        #expect(opens.description.hasPrefix("2026-11-23T20:00"))
    }

    @Test(
        arguments: [
            "", "8-18", "08:00", "08:00-8:30", "08:00-08:00", "24:00-25:00", "24:00-06:00",
            "mon fri", "mon-fri 8-18", "moday 08:00-18:00", "mon 08:00-18:00 x", "mon-",
            "08:00-18:00 mon", "08:60-09:00",
        ])
    func `what names no hours is refused`(text: String) {
        #expect(TimeWindow(text) == nil)
    }
}
