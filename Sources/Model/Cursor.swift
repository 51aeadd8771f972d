/// How an API writes the values that a cursor is made of.
package enum CursorFormat: String, Sendable, CaseIterable {
    /// RFC 3339 text with an offset, sent as UTC in whole seconds.
    case rfc3339
    /// Seconds since 1970, as a number or as text; a fraction is cut.
    case epochSeconds = "epoch_seconds"
    /// Milliseconds since 1970, as a number or as text.
    case epochMilliseconds = "epoch_milliseconds"
    /// A number that only grows, as a number or as text.
    case integer

    /// Whether an overlap is a duration; for `integer` it is a count.
    package var isTime: Bool { self != .integer }
}

/// A place in a stream that is read in order, as the adapter's cursor sees it.
///
/// A poll asks for what is at or after it, so equal values never lose a record.
package struct CursorValue: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let format: CursorFormat
    /// Milliseconds since 1970 for a time, the number itself for `integer`.
    package let position: Int64

    package init(format: CursorFormat, position: Int64) {
        self.format = format
        self.position = position
    }

    /// Reads a value as the API wrote it; nil if it is not of that format.
    package init?(_ text: String, format: CursorFormat) {
        switch format {
        case .rfc3339:
            guard let time = Timestamp(rfc3339: text) else { return nil }
            self.init(format: format, position: time.milliseconds)
        case .epochSeconds:
            let whole = text.prefix { $0 != "." }
            guard text.dropFirst(whole.count).dropFirst().allSatisfy(\.isASCIIDigit),
                let seconds = Int64(whole)
            else { return nil }
            let (position, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            guard !overflow else { return nil }
            self.init(format: format, position: position)
        case .epochMilliseconds, .integer:
            guard let number = Int64(text) else { return nil }
            self.init(format: format, position: number)
        }
    }

    /// The same value earlier by `overlap`: milliseconds for a time, a count for `integer`.
    ///
    /// It never goes below zero: no API has records from before 1970 or with negative numbers
    /// that are still being changed.
    package func movedBack(by overlap: Int64) -> CursorValue {
        let (moved, overflow) = position.subtractingReportingOverflow(overlap)
        return CursorValue(format: format, position: overflow ? 0 : max(0, moved))
    }

    /// As it is sent to the API; a time is rounded down to the second where seconds are sent.
    package var description: String {
        switch format {
        case .rfc3339:
            let whole = Timestamp(milliseconds: Timestamp(milliseconds: position).seconds * 1000)
            return whole.description.prefix { $0 != "." } + "Z"
        case .epochSeconds:
            return String(Timestamp(milliseconds: position).seconds)
        case .epochMilliseconds, .integer:
            return String(position)
        }
    }

    /// What the API understands when it is sent this value; never later.
    package var asSent: CursorValue { CursorValue(description, format: format) ?? self }

    /// With all its precision, to be stored: `init(stored:)` reads it back.
    package var stored: String { "\(format.rawValue) \(position)" }

    /// Reads what ``stored`` wrote; nil if the text is something else.
    package init?(stored: String) {
        let parts = stored.split(separator: " ")
        guard parts.count == 2, let format = CursorFormat(rawValue: String(parts[0])),
            let position = Int64(parts[1])
        else { return nil }
        self.init(format: format, position: position)
    }

    package static func < (left: Self, right: Self) -> Bool { left.position < right.position }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
