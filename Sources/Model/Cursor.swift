/// How an API writes the values that a cursor is made of, and how it wants to be sent one.
package struct CursorFormat: Sendable, Hashable {
    package enum Notation: Sendable, Hashable {
        /// RFC 3339 text with an offset, sent as UTC in whole seconds.
        case rfc3339
        /// Seconds since 1970, as a number or as text; a fraction is cut.
        case epochSeconds
        /// Milliseconds since 1970, as a number or as text.
        case epochMilliseconds
        /// Microseconds since 1970, as a number or as text; kept to the millisecond.
        case epochMicroseconds
        /// `/Date(1769851800000)/` or `/Date(1769851800000+0100)/`, as older Microsoft APIs write.
        case microsoftDate
        /// A number that only grows, as a number or as text.
        case integer
        /// Text by strftime's directives.
        case pattern(TimePattern)
    }

    /// How records hold it.
    package let read: Notation
    /// How requests carry it.
    package let sent: Notation

    /// `sent` is the same as `read` unless given.
    package init(_ read: Notation, sent: Notation? = nil) {
        self.read = read
        self.sent = sent ?? read
    }

    package static let rfc3339 = CursorFormat(.rfc3339)
    package static let epochSeconds = CursorFormat(.epochSeconds)
    package static let epochMilliseconds = CursorFormat(.epochMilliseconds)
    package static let epochMicroseconds = CursorFormat(.epochMicroseconds)
    package static let microsoftDate = CursorFormat(.microsoftDate)
    package static let integer = CursorFormat(.integer)

    /// Those that have a name in the language; a pattern is written out.
    package static let named: [CursorFormat] = [
        .rfc3339, .epochSeconds, .epochMilliseconds, .epochMicroseconds, .microsoftDate, .integer,
    ]

    /// Whether an overlap is a duration; for `integer` it is a count.
    package var isTime: Bool { read != .integer }

    package var name: String { read.name }
}

extension CursorFormat.Notation {
    /// The word of the language, and of what is stored.
    package var name: String {
        switch self {
        case .rfc3339: "rfc3339"
        case .epochSeconds: "epoch_seconds"
        case .epochMilliseconds: "epoch_milliseconds"
        case .epochMicroseconds: "epoch_microseconds"
        case .microsoftDate: "microsoft_date"
        case .integer: "integer"
        case .pattern: "pattern"
        }
    }

    /// Whether it is text whose zone must be said.
    package var isPattern: Bool { if case .pattern = self { true } else { false } }

    /// How many milliseconds a position may stand for; 1 for `integer`.
    package var unit: Int64 {
        switch self {
        case .epochSeconds: 1000
        case .rfc3339, .epochMilliseconds, .epochMicroseconds, .microsoftDate, .integer: 1
        case .pattern(let pattern): pattern.unit
        }
    }

    /// Milliseconds since 1970 for a time, the number itself for `integer`; nil if the text is
    /// not written so.
    func position(of text: String) -> Int64? {
        switch self {
        case .rfc3339: return Timestamp(rfc3339: text)?.milliseconds
        case .epochSeconds:
            let whole = text.prefix { $0 != "." }
            guard text.dropFirst(whole.count).dropFirst().allSatisfy(\.isASCIIDigit),
                let seconds = Int64(whole)
            else { return nil }
            let (position, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : position
        case .epochMilliseconds, .integer: return Int64(text)
        case .epochMicroseconds:
            return Int64(text).map { $0.flooredDivision(by: 1000).quotient }
        case .microsoftDate:
            guard text.hasPrefix("/Date("), text.hasSuffix(")/") else { return nil }
            let inner = text.dropFirst(6).dropLast(2)
            // The offset behind it is for display: the number counts from 1970 in UTC.
            let sign = inner.dropFirst().firstIndex { $0 == "+" || $0 == "-" }
            if let sign, inner[sign...].dropFirst().count != 4 { return nil }
            return Int64(inner[..<(sign ?? inner.endIndex)])
        case .pattern(let pattern): return pattern.read(text)?.milliseconds
        }
    }

    /// Never later than the position: rounded down where less is sent.
    func text(of position: Int64) -> String {
        let time = Timestamp(milliseconds: position)
        switch self {
        case .rfc3339:
            let whole = Timestamp(milliseconds: time.seconds * 1000)
            return whole.description.prefix { $0 != "." } + "Z"
        case .epochSeconds: return String(time.seconds)
        case .epochMilliseconds, .integer: return String(position)
        case .epochMicroseconds:
            let (product, overflow) = position.multipliedReportingOverflow(by: 1000)
            return String(overflow ? (position < 0 ? .min : .max) : product)
        case .microsoftDate: return "/Date(\(position))/"
        case .pattern(let pattern): return pattern.write(time)
        }
    }
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
        guard let position = format.read.position(of: text) else { return nil }
        self.init(format: format, position: position)
    }

    /// The same value earlier by `overlap`: milliseconds for a time, a count for `integer`.
    ///
    /// It never goes below zero: no API has records from before 1970 or with negative numbers
    /// that are still being changed.
    package func movedBack(by overlap: Int64) -> CursorValue {
        let (moved, overflow) = position.subtractingReportingOverflow(overlap)
        return CursorValue(format: format, position: overflow ? 0 : max(0, moved))
    }

    /// As it is sent to the API; a time is rounded down to what the notation can tell.
    package var description: String { format.sent.text(of: position) }

    /// What the API understands when it is sent this value; never later.
    package var asSent: CursorValue {
        guard let position = format.sent.position(of: description) else { return self }
        return CursorValue(format: format, position: min(position, self.position))
    }

    /// With all its precision, to be stored: `init(stored:format:)` reads it back.
    package var stored: String { "\(format.name) \(position)" }

    /// Reads what ``stored`` wrote; nil if it was of another format.
    package init?(stored: String, format: CursorFormat) {
        let parts = stored.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == format.name, let position = Int64(parts[1]) else {
            return nil
        }
        self.init(format: format, position: position)
    }

    /// A stored value as a person would read it, without the adapter at hand; nil if it is none.
    package static func shown(stored: String) -> String? {
        // What is written by a pattern is a time, and of the pattern only the name is stored.
        let formats = CursorFormat.named.map { ($0.name, $0) } + [("pattern", .rfc3339)]
        for (name, format) in formats where stored.hasPrefix("\(name) ") {
            let value = stored.replacing("pattern ", with: "rfc3339 ", maxReplacements: 1)
            return CursorValue(stored: value, format: format)?.description
        }
        return nil
    }

    package static func < (left: Self, right: Self) -> Bool { left.position < right.position }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
