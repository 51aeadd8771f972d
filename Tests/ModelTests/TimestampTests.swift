import PullcordModel
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0 as Int64), ("1970-01-01T00:00:00.001Z", 1),
        ("1969-12-31T23:59:59.999Z", -1), ("2026-01-31T09:30:00Z", 1_769_851_800_000),
        ("2026-01-31t09:30:00z", 1_769_851_800_000), ("2026-01-31 09:30:00Z", 1_769_851_800_000),
        ("2026-01-31T09:30:00.1Z", 1_769_851_800_100),
        ("2026-01-31T09:30:00,25Z", 1_769_851_800_250),
        ("2026-01-31T09:30:00.123999999999999999999999Z", 1_769_851_800_123),
        ("2026-01-31T10:30:00+01:00", 1_769_851_800_000),
        ("2026-01-31T10:30:00+0100", 1_769_851_800_000),
        ("2026-01-30T23:30:00-10:00", 1_769_851_800_000),
        ("2026-01-31T09:30:00-00:00", 1_769_851_800_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000), ("0000-03-01T00:00:00Z", -62_162_035_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func `reads RFC 3339`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", " ", "2026-01-31", "2026-01-31T09:30Z", "2026-01-31T09:30:00", "2026-01-31T09:30:00 Z",
        "2026-1-31T09:30:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z",
        "2026-01-31T09:30:61Z", "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00.5",
        "2026-01-31T09:30:00+24:00", "2026-01-31T09:30:00+01:60", "2026-01-31T09:30:00+1",
        "2026-01-31T09:30:00Zoo", "2026-01-31T09:30:00Z ", " 2026-01-31T09:30:00Z",
        "+2026-01-31T09:30:00Z", "-026-01-31T09:30:00Z", "２０２６-01-31T09:30:00Z", "1769851800",
        "Sat, 31 Jan 2026 09:30:00 GMT",
    ])
    func `refuses what is no RFC 3339 with an offset`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        (0 as Int64, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (1_769_851_800_125, "2026-01-31T09:30:00.125Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
        (.max, "292278994-08-17T07:12:55.807Z"), (.min, "-292275055-05-16T16:47:04.192Z"),
    ])
    func `is written in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `every day of four centuries and more is read as it was written`() {
        for day in stride(from: -150_000 as Int64, to: 150_000, by: 1) {
            let time = Timestamp(milliseconds: day * 86_400_000 + 45_296_789)
            #expect(Timestamp(rfc3339: time.description) == time)
            #expect(CivilDate(daysSince1970: day).daysSince1970 == day)
        }
    }

    @Test(arguments: [(-1 as Int64, -1 as Int64), (0, 0), (999, 0), (1000, 1), (-1000, -1)])
    func `seconds are rounded down`(milliseconds: Int64, seconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).seconds == seconds)
    }

    @Test func `sums and differences saturate where they would overflow`() {
        let (least, greatest) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(greatest + .milliseconds(1) == greatest)
        #expect(least - .milliseconds(1) == least)
        #expect(least + .seconds(Int64.min) == least)
        #expect(greatest - least == .milliseconds(Int64.max))
        #expect(least - greatest == .milliseconds(Int64.min))
        #expect(greatest - greatest == .zero)
    }

    @Test(arguments: [
        (Duration.zero, 0 as Int64), (.microseconds(1999), 1), (.microseconds(-1999), -1),
        (.seconds(Int64.max), .max), (.seconds(Int64.min), .min), (.milliseconds(-5), -5),
    ])
    func `whole milliseconds are cut and saturate`(duration: Duration, milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }
}
