extension PageBytes {
    /// A string that has been read.
    struct Text {
        /// Behind the closing quote.
        let end: Int
        let meaning: Meaning
    }

    /// Reads a string from its opening quote and hashes it on the way.
    ///
    /// Eight bytes at a time as long as they are plain ASCII; anything else starts over in
    /// ``longString(at:seed:)``.
    @inline(__always)
    func string(at open: Int, seed: Meaning) throws(ScanStop) -> Text {
        var meaning = seed
        var position = open &+ 1
        while true {
            let word = self.word(at: position)
            let quotes = StringText.quotes(word)
            // Everything up to the first quote, or everything.
            let inside = quotes ^ (quotes &- 1)
            guard StringText.marks(word) & inside == 0 else { break }
            guard quotes != 0 else {
                meaning.absorb(word)
                position &+= 8
                continue
            }
            position &+= quotes.trailingZeroBitCount &>> 3
            let length = UInt64(truncatingIfNeeded: position &- open &- 1)
            meaning.absorb((word & inside &>> 8) | length &<< 56)
            return Text(end: position &+ 1, meaning: meaning)
        }
        return try longString(at: open, seed: seed)
    }

    /// The same for any string: checks escapes and UTF-8.
    @inline(never)
    func longString(at open: Int, seed: Meaning) throws(ScanStop) -> Text {
        var position = open &+ 1
        var isEscaped = false
        while true {
            let word = self.word(at: position)
            let marks = StringText.marks(word) | StringText.quotes(word)
            if marks == 0 {
                position &+= 8
                continue
            }
            position &+= marks.trailingZeroBitCount &>> 3
            let byte = self[position]
            if byte == 0x22 { break }
            if byte >= 0x80 {
                position = try sequence(at: position)
            } else if byte == 0x5C {
                isEscaped = true
                position = try escape(at: position)
            } else {
                throw ScanStop(
                    code: position >= count ? .truncated : .control,
                    offset: min(position, count))
            }
        }
        let range = open &+ 1..<position
        let meaning =
            isEscaped
            ? decodedMeaning(range, seed: seed)
            : hash(range, seed: seed)
        return Text(end: position &+ 1, meaning: meaning)
    }

    private func hash(_ range: Range<Int>, seed: Meaning) -> Meaning {
        var meaning = seed
        var position = range.lowerBound
        while range.upperBound &- position >= 8 {
            meaning.absorb(word(at: position))
            position &+= 8
        }
        let bits = UInt64(truncatingIfNeeded: (range.upperBound &- position) &* 8)
        let tail = word(at: position) & ((1 &<< bits) &- 1)
        meaning.absorb(tail | UInt64(truncatingIfNeeded: range.count) &<< 56)
        return meaning
    }

    /// The bytes of one or more characters beyond ASCII, by table 3-7 of Unicode 15, section 3.9.
    @inline(__always)
    private func sequence(at start: Int) throws(ScanStop) -> Int {
        var position = start
        while true {
            let lead = self[position]
            guard lead >= 0x80 else { return position }
            // Most of what is written beyond ASCII: two bytes, or three without the odd leads.
            let word = self.word(at: position)
            if word & 0xC0E0 == 0x80C0, lead >= 0xC2 {
                position &+= 2
                continue
            }
            if word & 0xC0_C0F0 == 0x80_80E0, lead != 0xE0, lead != 0xED {
                position &+= 3
                continue
            }
            let second = self[position &+ 1]
            let length: Int
            switch lead {
            case 0xC2...0xDF where second & 0xC0 == 0x80: length = 2
            case 0xE0 where (0xA0...0xBF).contains(second): length = 3
            case 0xED where (0x80...0x9F).contains(second): length = 3
            case 0xE1...0xEC where second & 0xC0 == 0x80, 0xEE...0xEF where second & 0xC0 == 0x80:
                length = 3
            case 0xF0 where (0x90...0xBF).contains(second): length = 4
            case 0xF1...0xF3 where second & 0xC0 == 0x80: length = 4
            case 0xF4 where (0x80...0x8F).contains(second): length = 4
            default: throw invalidSequence(at: position)
            }
            if length > 2, self[position &+ 2] & 0xC0 != 0x80 {
                throw invalidSequence(at: position)
            }
            if length > 3, self[position &+ 3] & 0xC0 != 0x80 {
                throw invalidSequence(at: position)
            }
            position &+= length
        }
    }

    private func invalidSequence(at position: Int) -> ScanStop {
        ScanStop(code: .utf8, offset: position)
    }

    private func escape(at start: Int) throws(ScanStop) -> Int {
        switch self[start &+ 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return start &+ 2
        case 0x75:
            let unit = try unit(at: start)
            guard unit & 0xF800 == 0xD800 else { return start &+ 6 }
            guard unit < 0xDC00 else { throw ScanStop(code: .surrogate, offset: start) }
            guard self[start &+ 6] == 0x5C, self[start &+ 7] == 0x75 else {
                throw ScanStop(
                    code: start &+ 6 >= count ? .truncated : .surrogate, offset: start)
            }
            guard try self.unit(at: start &+ 6) & 0xFC00 == 0xDC00 else {
                throw ScanStop(code: .surrogate, offset: start)
            }
            return start &+ 12
        default:
            throw ScanStop(
                code: start &+ 1 >= count ? .truncated : .escape, offset: start)
        }
    }

    /// The four digits of the escape at `start`.
    private func unit(at start: Int) throws(ScanStop) -> UInt32 {
        guard let unit = StringText.unit(self, start) else {
            throw ScanStop(
                code: start &+ 6 > count ? .truncated : .escape, offset: start)
        }
        return unit
    }
}

/// What the inside of a string literal is made of.
enum StringText {
    /// The top bit of each byte that is no plain ASCII: a backslash, a control character, or the
    /// first byte of something longer.
    ///
    /// Only the lowest mark is exact, as a subtraction may borrow from the byte above it.
    @inline(__always)
    static func marks(_ word: UInt64) -> UInt64 {
        let slashes = (word ^ (ones &* 0x5C)) &- ones
        let controls = word &- (ones &* 0x20)
        return (slashes | controls | word) & (ones &* 0x80)
    }

    /// The top bit of each byte that is a backslash; only the lowest is exact.
    @inline(__always)
    static func slashes(_ word: UInt64) -> UInt64 {
        let different = word ^ (ones &* 0x5C)
        return (different &- ones) & (~different & (ones &* 0x80))
    }

    /// The top bit of each byte that is a quote; only the lowest is exact.
    ///
    /// Apart from the others, because the way from here to the next key is what a processor
    /// waits for.
    @inline(__always)
    static func quotes(_ word: UInt64) -> UInt64 {
        let different = word ^ (ones &* 0x22)
        return (different &- ones) & (~different & (ones &* 0x80))
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101

    static func unit(_ page: PageBytes, _ start: Int) -> UInt32? {
        var unit: UInt32 = 0
        for offset in 2..<6 {
            let byte = page[start &+ offset]
            switch byte {
            case 0x30...0x39: unit = unit &<< 4 | UInt32(byte &- 0x30)
            case 0x41...0x46: unit = unit &<< 4 | UInt32(byte &- 0x37)
            case 0x61...0x66: unit = unit &<< 4 | UInt32(byte &- 0x57)
            default: return nil
            }
        }
        return unit
    }

    /// The decoded bytes between the quotes of a string that was found valid.
    static func decoded(_ page: PageBytes, _ range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = page[position]
            guard byte == 0x5C else {
                result.append(byte)
                position &+= 1
                continue
            }
            let code = page[position &+ 1]
            position &+= 2
            switch code {
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x75:
                var scalar = unit(page, position &- 2) ?? 0xFFFD
                position &+= 4
                if scalar & 0xFC00 == 0xD800, let low = unit(page, position) {
                    scalar = 0x10000 &+ ((scalar & 0x3FF) &<< 10 | low & 0x3FF)
                    position &+= 6
                }
                let character = Unicode.Scalar(scalar) ?? "\u{FFFD}"
                result.append(
                    contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
            default: result.append(code)
            }
        }
        return result
    }
}
