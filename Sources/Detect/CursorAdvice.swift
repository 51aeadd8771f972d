import PullcordJSON
import PullcordModel

/// What is wrong with a cursor's value that is not of its format, and what would help.
struct CursorAdvice {
    private let text: String
    private let format: CursorFormat

    init(_ bytes: [UInt8], _ format: CursorFormat) {
        text = String(decoding: bytes, as: UTF8.self)
        self.format = format
    }

    /// `subject` is what the value is of, as in `the time`.
    func error(_ subject: String, at place: String) -> DetectError {
        let short = text.count > 40 ? text.prefix(40) + "…" : text[...]
        return DetectError(
            code: .cursorFormat, place: place,
            message: "\(subject) \(JSONText.quoted(String(short))) is not \(format.name)",
            hint: hint)
    }

    private var hint: String {
        if let other, other != format { return "it looks like format: \(other.name)" }
        return switch format.read {
        case .rfc3339: "it should look like 2026-01-31T09:30:00Z; a zone is needed"
        case .epochSeconds: "it should look like 1769851800"
        case .epochMilliseconds: "it should look like 1769851800000"
        case .epochMicroseconds: "it should look like 1769851800000000"
        case .microsoftDate: "it should look like /Date(1769851800000)/"
        case .pattern(let pattern): "it should be written as \(pattern.text)"
        case .integer: "it should be a whole number"
        }
    }

    /// The format that the value has by its looks: a number since 1970 by its size, from 1973 on.
    private var other: CursorFormat? {
        if CursorValue(text, format: .rfc3339) != nil { return .rfc3339 }
        if CursorValue(text, format: .microsoftDate) != nil { return .microsoftDate }
        guard let number = Double(text), number.isFinite else { return nil }
        switch abs(number) {
        // Between them lie dates without marks, such as 20260131 and 202601310930.
        case 1e8..<1e10: return .epochSeconds
        case 5e11..<1e13: return .epochMilliseconds
        case 1e14..<1e16: return .epochMicroseconds
        default: return nil
        }
    }
}

extension PageScan {
    /// Whether a record is a text or a number.
    func isBare(_ record: Int) -> Bool {
        let first = bytes[range(record).lowerBound]
        return first == 0x22 || first == 0x2D || (0x30...0x39).contains(first)
    }
}
