import PullcordModel
import Testing

@Suite struct HTTPDateTests {
    /// 2026-01-01T00:00:00Z.
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"),
        ("Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37.000Z"),
        ("Mon, 29 Feb 2016 23:59:60 GMT", "2016-02-29T23:59:59.000Z"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.000Z"),
        ("Monday, 01-Jan-76 00:00:00 GMT", "2076-01-01T00:00:00.000Z"),
        ("Monday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00.000Z"),
        ("Monday, 01-Jan-26 00:00:00 GMT", "2026-01-01T00:00:00.000Z"),
    ])
    func `reads the three forms of RFC 9110`(text: String, expected: String) {
        #expect(HTTPDate.parse(text, now: Self.now)?.description == expected)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 30 Feb 1994 08:49:37 GMT", "Mon, 29 Feb 2100 00:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:37:00 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, -6-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 94", "Sun Nov  6 08:49:37 1994 GMT",
        "Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT, and a lot more text behind the date",
    ])
    func `refuses anything else`(text: String) {
        #expect(HTTPDate.parse(text, now: Self.now) == nil)
    }
}
