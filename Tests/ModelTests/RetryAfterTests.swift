import PullcordModel
import Testing

@Suite struct `Retry-After` {
    /// 1994-11-06T08:49:07Z, half a minute before the example of RFC 9110.
    static let now = Timestamp(milliseconds: 784_111_747_000)
    static let day = Duration.seconds(86_400)

    @Test(arguments: [
        ("0", Duration.zero), ("5", .seconds(5)), ("  7 ", .seconds(7)), ("007", .seconds(7)),
        ("86400", day), ("86401", day), ("1000000000", day),
        ("99999999999999999999999999", day),
        ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(30)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", .seconds(30)),
        ("Sun Nov  6 08:49:37 1994", .seconds(30)),
        ("Sun, 06 Nov 1994 08:49:06 GMT", .zero), ("Thu, 01 Jan 1970 00:00:00 GMT", .zero),
        ("Fri, 31 Dec 9999 23:59:59 GMT", day), ("Sat, 31 Dec 1994 23:59:60 GMT", day),
    ])
    func `gives the wait that the server asked for, a day at most`(
        value: String, expected: Duration
    ) {
        #expect(RetryAfter.wait([value], now: Self.now) == expected)
    }

    @Test(arguments: [
        "", " ", "-5", "+5", "1.5", "1e9", "5s", "5 6", "5, 10", "soon", "0x10", "٥", "NaN",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST", "06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z", "Sunday, 06--Nov-94 08:49:37 GMT", "Sun Nov 0 08:49:37 1994",
    ])
    func `that makes no sense is ignored`(value: String) {
        #expect(RetryAfter.wait([value], now: Self.now) == nil)
    }

    @Test(arguments: [
        (["5", "9"], Duration.seconds(9)), (["garbage", "3"], .seconds(3)),
        (["Sun, 06 Nov 1994 08:49:37 GMT", "4"], .seconds(30)),
    ])
    func `of several values the longest counts`(values: [String], expected: Duration) {
        #expect(RetryAfter.wait(values, now: Self.now) == expected)
    }

    @Test func `that is not there is no wait`() {
        #expect(RetryAfter.wait([], now: Self.now) == nil)
    }

    @Test(arguments: [("94", 1994), ("44", 2044), ("45", 1945), ("00", 2000)])
    func `takes a year of two digits as the nearest, at most 50 years ahead`(
        short: String, year: Int64
    ) throws {
        let date = try #require(
            HTTPDate.parse("Monday, 01-Jan-\(short) 00:00:00 GMT", now: Self.now))
        #expect(CivilDate(daysSince1970: date.seconds / 86_400).year == year)
    }
}
