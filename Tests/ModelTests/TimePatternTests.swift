import PullcordModel
import Testing

/// An hour ahead of UTC, two from 29 March 2026 to 25 October 2026.
private struct Berlin: ZoneRules {
    func offset(at time: Timestamp) -> Int64 {
        (1_774_746_000..<1_792_890_000).contains(time.seconds) ? 7200 : 3600
    }
}

@Suite
struct TimePatternTests {
    @Test(
        arguments: [
            ("%Y-%m-%d %H:%M", "2026-01-31 09:30", "2026-01-31T09:30:00Z"),
            ("%d/%m/%Y %H:%M:%S.%L", "31/01/2026 09:30:05.125", "2026-01-31T09:30:05.125Z"),
            ("%e %b %Y", " 1 Feb 2026", "2026-02-01T00:00:00Z"),
            ("%a, %d %b %Y %T %z", "Sat, 31 Jan 2026 09:30:00 +0130", "2026-01-31T08:00:00Z"),
            ("%A %B %d, %Y %I:%M %p", "Saturday January 31, 2026 9:30 PM", "2026-01-31T21:30:00Z"),
            ("%I %p", "12 AM", "1970-01-01T00:00:00Z"), ("%I %p", "12 PM", "1970-01-01T12:00:00Z"),
            ("%y%m%d", "260131", "2026-01-31T00:00:00Z"), ("%y", "69", "1969-01-01T00:00:00Z"),
            ("%Y-%j", "2026-032", "2026-02-01T00:00:00Z"),
            ("%F", "2024-02-29", "2024-02-29T00:00:00Z"),
            ("t%s", "t1769851800", "2026-01-31T09:30:00Z"),
            ("%Q", "1769851800125", "2026-01-31T09:30:00.125Z"),
            ("%F %T%z", "2026-01-31 09:30:00-05:00", "2026-01-31T14:30:00Z"),
            ("100%% %F", "100% 2026-01-31", "2026-01-31T00:00:00Z"),
        ])
    func `a text is read as its pattern says`(pattern: String, text: String, time: String) throws {
        #expect(TimePattern(pattern).read(text) == Timestamp(rfc3339: time))
    }

    @Test(
        arguments: [
            ("%Y-%m-%d", "2026-02-30"), ("%Y-%m-%d", "2026-13-01"), ("%Y-%m-%d", "2026-1-31x"),
            ("%Y-%m-%d", ""), ("%H:%M", "24:00"), ("%I %p", "13 PM"), ("%p", "XM"),
            ("%b", "Foo"), ("%z", "0100"), ("%z", "+9900"), ("%F", "2026-01-31T00:00"),
            ("%s", "253402300800"), ("%s", "-1"), ("%d", "٣"), ("%%", "x"),
            ("%Q", "99999999999999999"),
        ])
    func `a text that does not fit is refused`(pattern: String, text: String) {
        #expect(TimePattern(pattern).read(text) == nil)
    }

    @Test(
        arguments: [
            ("2026-01-31 10:30", "2026-01-31T09:30:00Z"),
            ("2026-07-31 11:30", "2026-07-31T09:30:00Z"),
            // Shown twice: the first. Skipped: the first moment after.
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ("2026-03-29 02:30", "2026-03-29T01:00:00Z"),
        ])
    func `a time without an offset is one of its zone`(text: String, time: String) throws {
        let pattern = TimePattern("%Y-%m-%d %H:%M", zoneName: "Europe/Berlin", zone: Berlin())
        #expect(pattern.read(text) == Timestamp(rfc3339: time))
    }

    @Test func `what is sent is never later than what was seen`() throws {
        let pattern = TimePattern("%d.%m.%Y %H:%M", zoneName: "Europe/Berlin", zone: Berlin())
        let format = CursorFormat(.rfc3339, sent: .pattern(pattern))
        var time = try #require(Timestamp(rfc3339: "2026-03-28T22:00:00Z"))
        let end = try #require(Timestamp(rfc3339: "2026-10-26T02:00:00Z"))
        while time < end {
            let value = CursorValue(format: format, position: time.milliseconds)
            #expect(value.asSent <= value)
            time = time + .seconds(1987)
        }
        let noon = try #require(CursorValue("2026-07-31T10:00:59Z", format: format))
        #expect(noon.description == "31.07.2026 12:00")
    }
}
