import PullcordJSON

/// Gives numbers that libjq rounds their digits back.
///
/// It notes how libjq prints every number of the input that a double cannot hold, and puts the
/// digits of the input wherever that print appears in an output, in strings too
/// (`.id | tostring`). Where two numbers share a print, or the print itself stands in the
/// input, it says so instead of guessing.
struct NumberKeeper {
    enum Restored {
        case text([UInt8])
        case ambiguous(String)
    }

    /// From libjq's print to the input's text; nil where it could be several.
    private var originals: [ArraySlice<UInt8>: ArraySlice<UInt8>?] = [:]

    /// Reads a valid JSON text.
    init(_ bytes: [UInt8]) {
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                position = Self.endOfString(bytes, position)
            } else if byte == 0x2D || byte &- 0x30 < 10 {
                let end = Self.endOfToken(bytes, position)
                note(bytes[position..<end])
                position = end
            } else {
                position += 1
            }
        }
        if !originals.isEmpty { findPrints(in: bytes) }
    }

    var isEmpty: Bool { originals.isEmpty }

    private mutating func note(_ number: ArraySlice<UInt8>) {
        // Fifteen digits survive a double (IEEE 754-2019, section 5.12.2).
        if number.count <= 15, !number.contains(where: { $0 | 0x20 == 0x65 }) { return }
        let text = Array(number)
        let print = JQMachine.numberText(text)
        guard JSONText.canonicalNumber(print) != JSONText.canonicalNumber(text) else { return }
        if let known = originals[print[...]] {
            if known != number { originals.updateValue(nil, forKey: print[...]) }
        } else {
            originals.updateValue(number, forKey: print[...])
        }
    }

    /// A print that stands in the input already cannot be told from a rounded number.
    private mutating func findPrints(in bytes: [UInt8]) {
        var position = 0
        while let token = Self.token(bytes, from: position) {
            for start in Self.starts(of: token, in: bytes) {
                let print = bytes[start..<token.upperBound]
                if originals[print] != nil { originals.updateValue(nil, forKey: print) }
            }
            position = token.upperBound
        }
    }

    func restore(_ output: [UInt8]) -> Restored {
        var result: [UInt8] = []
        var copied = 0
        var position = 0
        while let token = Self.token(output, from: position) {
            position = token.upperBound
            for start in Self.starts(of: token, in: output) {
                guard let original = originals[output[start..<token.upperBound]] else { continue }
                guard let original else {
                    return .ambiguous(
                        String(decoding: output[start..<token.upperBound], as: UTF8.self))
                }
                result += output[copied..<start] + original
                copied = token.upperBound
                break
            }
        }
        return .text(copied == 0 ? output : result + output[copied...])
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == 0x2D || byte == 0x2B || byte == 0x2E || byte | 0x20 == 0x65
    }

    private static func endOfToken(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        while end < bytes.count, isTokenByte(bytes[end]) { end += 1 }
        return end
    }

    private static func endOfString(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start + 1
        while end < bytes.count, bytes[end] != 0x22 { end += bytes[end] == 0x5C ? 2 : 1 }
        return end + 1
    }

    /// The next run of bytes that may be a number, without what can only follow one.
    private static func token(_ bytes: [UInt8], from start: Int) -> Range<Int>? {
        var position = start
        while position < bytes.count, bytes[position] &- 0x30 >= 10, bytes[position] != 0x2D {
            position += 1
        }
        guard position < bytes.count else { return nil }
        var end = endOfToken(bytes, position)
        while end > position + 1, bytes[end - 1] &- 0x30 >= 10 { end -= 1 }
        return position..<end
    }

    /// A dash before a number is its sign or, in a string, a dash: both are tried.
    private static func starts(of token: Range<Int>, in bytes: [UInt8]) -> [Int] {
        bytes[token.lowerBound] == 0x2D && token.count > 1
            ? [token.lowerBound, token.lowerBound + 1] : [token.lowerBound]
    }
}
