import PullcordModel

/// The common spellings of cursor values, read from bytes without a `String`.
///
/// What it does not know it leaves to ``CursorValue``; both always agree.
enum CursorText {
    static func value(_ bytes: [UInt8], format: CursorFormat) -> CursorValue? {
        let position =
            switch format.read {
            case .rfc3339: time(bytes)
            case .epochSeconds: whole(bytes, digitsMax: 15).map { $0 * 1000 }
            case .epochMilliseconds, .integer: whole(bytes, digitsMax: 18)
            case .epochMicroseconds: whole(bytes, digitsMax: 18).map { $0 / 1000 }
            case .microsoftDate, .pattern: nil as Int64?
            }
        if let position { return CursorValue(format: format, position: position) }
        return CursorValue(String(decoding: bytes, as: UTF8.self), format: format)
    }

    private static func whole(_ bytes: [UInt8], digitsMax: Int) -> Int64? {
        (1...digitsMax).contains(bytes.count) ? digits(bytes, 0..<bytes.count) : nil
    }

    /// `2026-01-31T09:30:00Z`, or with three digits of a second: `2026-01-31T09:30:00.125Z`.
    private static func time(_ bytes: [UInt8]) -> Int64? {
        let hasFraction = bytes.count == 24
        guard bytes.count == 20 || hasFraction, bytes[4] == 0x2D, bytes[7] == 0x2D,
            bytes[10] == 0x54, bytes[13] == 0x3A, bytes[16] == 0x3A, bytes[bytes.count - 1] == 0x5A,
            !hasFraction || bytes[19] == 0x2E,
            let year = digits(bytes, 0..<4), let month = digits(bytes, 5..<7),
            let day = digits(bytes, 8..<10), let hour = digits(bytes, 11..<13),
            let minute = digits(bytes, 14..<16), let second = digits(bytes, 17..<19),
            let fraction = hasFraction ? digits(bytes, 20..<23) : 0,
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        return ((days * 1440 + hour * 60 + minute) * 60 + second) * 1000 + fraction
    }

    private static func digits(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for index in range {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }
}
