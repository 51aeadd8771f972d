/// Hashes the decoded bytes of a string as they come, as ``Meaning/text(_:seed:)`` would all of
/// them.
struct TextHasher {
    private var meaning: Meaning
    private var word: UInt64 = 0
    private var length = 0

    init(seed: Meaning) { meaning = seed }

    /// Takes 1 to 8 bytes, the first in the lowest bits; the bits above them are 0.
    @inline(__always)
    mutating func add(_ bits: UInt64, count: Int) {
        let used = length & 7
        word |= bits &<< UInt64(truncatingIfNeeded: used &* 8)
        length &+= count
        guard used &+ count >= 8 else { return }
        meaning.absorb(word)
        let taken = 8 &- used
        word = taken == 8 ? 0 : bits &>> UInt64(truncatingIfNeeded: taken &* 8)
    }

    /// Takes a character as UTF-8.
    @inline(__always)
    mutating func add(scalar: UInt32) {
        let bits = UInt64(scalar)
        switch scalar {
        case ..<0x80: add(bits, count: 1)
        case ..<0x800: add(0x80C0 | bits &>> 6 | (bits & 0x3F) &<< 8, count: 2)
        case ..<0x10000:
            add(0x8080E0 | bits &>> 12 | (bits &>> 6 & 0x3F) &<< 8 | (bits & 0x3F) &<< 16, count: 3)
        default:
            add(
                0x8080_80F0 | bits &>> 18 | (bits &>> 12 & 0x3F) &<< 8
                    | (bits &>> 6 & 0x3F) &<< 16 | (bits & 0x3F) &<< 24, count: 4)
        }
    }

    func finished() -> Meaning {
        var last = meaning
        last.absorb(word | UInt64(truncatingIfNeeded: length) &<< 56)
        return last
    }
}

extension PageBytes {
    /// The meaning of a string with escapes that was found valid, from between its quotes.
    func decodedMeaning(_ range: Range<Int>, seed: Meaning) -> Meaning {
        var hasher = TextHasher(seed: seed)
        var position = range.lowerBound
        while position < range.upperBound {
            let word = self.word(at: position)
            let plain = StringText.slashes(word).trailingZeroBitCount &>> 3
            let count = min(plain, range.upperBound &- position)
            guard count > 0 else {
                position = addEscape(at: position, to: &hasher)
                continue
            }
            let unused = UInt64(truncatingIfNeeded: (8 &- count) &* 8)
            hasher.add(word & (UInt64.max &>> unused), count: count)
            position &+= count
        }
        return hasher.finished()
    }

    /// Adds what an escape stands for; returns the position behind it.
    private func addEscape(at start: Int, to hasher: inout TextHasher) -> Int {
        let code = self[start &+ 1]
        switch code {
        case 0x62: hasher.add(0x08, count: 1)
        case 0x66: hasher.add(0x0C, count: 1)
        case 0x6E: hasher.add(0x0A, count: 1)
        case 0x72: hasher.add(0x0D, count: 1)
        case 0x74: hasher.add(0x09, count: 1)
        case 0x75:
            let unit = StringText.unit(self, start) ?? 0xFFFD
            if unit & 0xFC00 == 0xD800, let low = StringText.unit(self, start &+ 6) {
                hasher.add(scalar: 0x10000 &+ ((unit & 0x3FF) &<< 10 | low & 0x3FF))
                return start &+ 12
            }
            hasher.add(scalar: unit)
            return start &+ 6
        default: hasher.add(UInt64(code), count: 1)
        }
        return start &+ 2
    }
}
