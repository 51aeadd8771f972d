import PullcordModel
import Testing

@Suite struct CursorValueTests {
    @Test(arguments: [
        ("2026-01-31T09:30:00.125Z", CursorFormat.rfc3339, 1_769_851_800_125 as Int64),
        ("2026-01-31T10:30:00+01:00", .rfc3339, 1_769_851_800_000),
        ("1769851800", .epochSeconds, 1_769_851_800_000),
        ("1769851800.987", .epochSeconds, 1_769_851_800_000),
        ("0", .epochSeconds, 0), ("-5", .epochSeconds, -5000),
        ("1769851800125", .epochMilliseconds, 1_769_851_800_125), ("42", .integer, 42),
        ("1769851800125999", .epochMicroseconds, 1_769_851_800_125), ("-1", .epochMicroseconds, -1),
        ("/Date(1769851800125)/", .microsoftDate, 1_769_851_800_125),
        ("/Date(1769851800125+0100)/", .microsoftDate, 1_769_851_800_125),
        ("/Date(-5-0100)/", .microsoftDate, -5),
        ("9223372036854775807", .integer, .max), ("-9223372036854775808", .integer, .min),
    ])
    func `reads what an API writes`(text: String, format: CursorFormat, position: Int64) {
        #expect(CursorValue(text, format: format)?.position == position)
    }

    @Test(arguments: [
        ("", CursorFormat.rfc3339), ("1769851800", .rfc3339), ("2026-01-31", .rfc3339),
        ("2026-01-31T09:30:00", .rfc3339), ("", .epochSeconds), (".5", .epochSeconds),
        ("1.2.3", .epochSeconds), ("1e9", .epochSeconds), ("1.5e3", .epochSeconds),
        ("9223372036854775", .epochSeconds), ("99999999999999999999", .epochSeconds),
        ("2026-01-31T09:30:00Z", .epochSeconds), ("1.5", .epochMilliseconds), ("", .integer),
        ("1.0", .integer), ("0x10", .integer), (" 1", .integer), ("9223372036854775808", .integer),
        ("abc", .integer), ("٤٢", .integer), ("Date(1)", .microsoftDate),
        ("/Date()/", .microsoftDate), ("/Date(1+01)/", .microsoftDate),
        ("/Date(1.5)/", .microsoftDate), ("1.5", .epochMicroseconds),
    ])
    func `refuses what is of another format`(text: String, format: CursorFormat) {
        if text == "9223372036854775" {
            // The last whole second that fits in milliseconds; one more does not.
            #expect(CursorValue(text, format: format) != nil)
            #expect(CursorValue("9223372036854776", format: format) == nil)
        } else {
            #expect(CursorValue(text, format: format) == nil)
        }
    }

    @Test(arguments: [
        (CursorFormat.rfc3339, 1_769_851_800_999 as Int64, "2026-01-31T09:30:00Z"),
        (.epochSeconds, 1_769_851_800_999, "1769851800"),
        (.epochMilliseconds, 1_769_851_800_999, "1769851800999"), (.integer, -7, "-7"),
        (.epochMicroseconds, 1_769_851_800_999, "1769851800999000"),
        (.microsoftDate, 1_769_851_800_999, "/Date(1769851800999)/"),
    ])
    func `is sent rounded down, so that no record of the same second is missed`(
        format: CursorFormat, position: Int64, text: String
    ) throws {
        let value = CursorValue(format: format, position: position)
        #expect(value.description == text)
        let read = try #require(CursorValue(text, format: format))
        #expect(read <= value)
    }

    @Test(arguments: CursorFormat.named, [0, 1, 1_769_851_800_999, .max, .min] as [Int64])
    func `is read as it was stored, with all its precision`(
        format: CursorFormat, position: Int64
    ) {
        let value = CursorValue(format: format, position: position)
        #expect(CursorValue(stored: value.stored, format: format) == value)
    }

    @Test(arguments: [
        "", "integer", "integer x", "integer 1 2", "week 1", "integer 1.5", "Integer 1",
        "1 integer", "integer 9223372036854775808",
    ])
    func `is not read from what nobody stored`(text: String) {
        #expect(CursorValue(stored: text, format: .integer) == nil)
    }

    @Test(arguments: [
        (100 as Int64, 30 as Int64, 70 as Int64), (100, 100, 0), (100, 101, 0), (0, .max, 0),
        (.max, .max, 0), (.min, 1, 0), (.max, 0, .max),
    ])
    func `goes back by the overlap, not below zero`(from: Int64, overlap: Int64, to: Int64) {
        let value = CursorValue(format: .integer, position: from).movedBack(by: overlap)
        #expect(value == CursorValue(format: .integer, position: to))
    }
}
