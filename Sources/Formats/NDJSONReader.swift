import PullcordJSON

/// Makes one array of the values of a text that has one a line.
enum NDJSONReader {
    /// Where a text stands in the one that it is a piece of; the whole by default.
    struct Start {
        var line = 1
        var byte = 0
        /// Whether the text ends where the whole ends.
        var isLast = true
    }

    /// Each line has to hold one whole value; what is in it is checked by the reader of the array.
    static func array(
        of text: [UInt8], from start: Start = Start()
    ) throws(FormatError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 2)
        result.append(0x5B)
        var lineStart = 0
        var number = start.line
        var isFirst = true
        while lineStart < text.count {
            let end = text[lineStart...].firstIndex(of: 0x0A) ?? text.count
            let line = text[lineStart..<end]
            if !isBlank(line) {
                guard holdsOneValue(line) else {
                    throw refusal(
                        line, place: "line \(number), byte \(start.byte + line.startIndex)",
                        isLast: start.isLast && end >= lastText(text))
                }
                if !isFirst { result.append(0x2C) }
                isFirst = false
                result.append(contentsOf: line)
            }
            lineStart = end + 1
            number += 1
        }
        result.append(0x5D)
        return result
    }

    /// The first line that is no JSON.
    static func brokenLine(in text: [UInt8], from start: Start = Start()) -> FormatError? {
        var number = start.line - 1
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard !isBlank(line) else { continue }
            do throws(JSONError) {
                _ = try JSONValue(parsing: Array(line))
            } catch {
                return FormatError(
                    .ndjsonLine,
                    at: "line \(number), byte \(start.byte + line.startIndex + error.offset)",
                    error.message, hint: error.hint)
            }
        }
        return nil
    }

    private static func refusal(
        _ line: ArraySlice<UInt8>, place: String, isLast: Bool
    ) -> FormatError {
        let error = brokenLine(in: Array(line))
        guard !isLast else {
            return FormatError(
                .ndjsonTruncated, at: place, "the last line is no whole value", hint: "was it cut?")
        }
        return FormatError(
            .ndjsonLine, at: place, error?.message ?? "the line holds more than one value",
            hint: error?.hint ?? "each value stands on a line of its own")
    }

    /// Where the last line that is not blank ends.
    private static func lastText(_ text: [UInt8]) -> Int {
        (text.lastIndex { !isSpace($0) } ?? -1) + 1
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy(isSpace) }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    /// Whether brackets close within the line and nothing stands between values.
    ///
    /// Without this, two broken lines could make one record that nobody sent.
    private static func holdsOneValue(_ line: ArraySlice<UInt8>) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in line {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
                continue
            }
            switch byte {
            case 0x22: isInString = true
            case 0x5B, 0x7B: depth += 1
            case 0x5D, 0x7D: depth -= 1
            case 0x2C where depth == 0: return false
            default: break
            }
            if depth < 0 { return false }
        }
        return depth == 0 && !isInString
    }
}
