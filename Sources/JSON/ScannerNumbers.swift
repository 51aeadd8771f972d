extension PageBytes {
    /// Reads a number (RFC 8259, section 6) and hashes its decimal value.
    ///
    /// Up to 19 digits and a short exponent need nothing but registers.
    @inline(__always)
    func number(at start: Int) throws(ScanStop) -> Scanner.Step {
        let isNegative = self[start] == 0x2D
        let first = isNegative ? start &+ 1 : start
        var position = first
        var digits: UInt64 = 0
        var byte = self[position]
        while byte &- 0x30 < 10 {
            digits = digits &* 10 &+ UInt64(byte &- 0x30)
            position &+= 1
            byte = self[position]
        }
        let length = position &- first
        guard length > 0, length == 1 || self[first] != 0x30 else {
            throw badNumber(length == 0 ? position : first)
        }
        if byte == 0x2E || byte | 0x20 == 0x65 || length > 19 {
            return try longNumber(at: start, position)
        }
        return Scanner.Step(
            end: position, meaning: Self.meaning(digits, exponent: 0, isNegative: isNegative))
    }

    /// A number with a fraction, an exponent or more than 19 digits.
    @inline(never)
    private func longNumber(at start: Int, _ wholeEnd: Int) throws(ScanStop) -> Scanner.Step {
        var position = wholeEnd
        var fraction = 0
        if self[position] == 0x2E {
            position = try self.digits(from: position &+ 1)
            fraction = position &- wholeEnd &- 1
        }
        let mantissaEnd = position
        if self[position] | 0x20 == 0x65 {
            position &+= 1
            if self[position] == 0x2B || self[position] == 0x2D { position &+= 1 }
            position = try digits(from: position)
        }
        let isNegative = self[start] == 0x2D
        let first = isNegative ? start &+ 1 : start
        if mantissaEnd &- first <= 19, position == mantissaEnd {
            var value: UInt64 = 0
            for index in first..<mantissaEnd where self[index] != 0x2E {
                value = value &* 10 &+ UInt64(self[index] &- 0x30)
            }
            return Scanner.Step(
                end: position,
                meaning: Self.meaning(
                    value, exponent: Int64(-fraction), isNegative: isNegative))
        }
        let decimal = DecimalNumber(valid: self, start..<position)
        return Scanner.Step(end: position, meaning: decimal.meaning)
    }

    private func digits(from start: Int) throws(ScanStop) -> Int {
        var position = start
        while self[position] &- 0x30 < 10 { position &+= 1 }
        guard position > start else { throw badNumber(position) }
        return position
    }

    private func badNumber(_ position: Int) -> ScanStop {
        ScanStop(
            code: position >= count ? .truncated : .number,
            offset: min(position, count))
    }

    /// The meaning of `digits` times ten to the power of `exponent`.
    @inline(__always)
    static func meaning(_ digits: UInt64, exponent: Int64, isNegative: Bool) -> Meaning {
        var (digits, exponent) = (digits, exponent)
        if digits == 0 { exponent = 0 }
        while digits % 10 == 0, digits != 0 {
            digits /= 10
            exponent &+= 1
        }
        var meaning = Meaning.number
        meaning.absorb(digits)
        let sign: UInt64 = isNegative && digits != 0 ? 1 : 0
        meaning.absorb(UInt64(bitPattern: exponent) &<< 1 | sign)
        return meaning
    }
}

/// A number as its decimal digits, whatever its size: no `Double` ever sees it.
struct DecimalNumber: Equatable {
    var isNegative = false
    /// The digits, 0 to 9, without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    /// The power of ten of the last digit.
    var exponent: Int64 = 0
    /// The digits of an exponent beyond 10¹⁷, which no sum is made with; else empty.
    var absurdExponent: [UInt8] = []

    /// Takes a number that was found valid apart.
    init(valid page: PageBytes, _ range: Range<Int>) {
        var position = range.lowerBound
        var fraction: Int64 = 0
        var isFraction = false
        scan: while position < range.upperBound {
            let byte = page[position]
            switch byte {
            case 0x2D: isNegative = true
            case 0x2E: isFraction = true
            case 0x30...0x39:
                if isFraction { fraction &+= 1 }
                if !digits.isEmpty || byte != 0x30 { digits.append(byte &- 0x30) }
            default: break scan
            }
            position &+= 1
        }
        exponent = 0 &- fraction
        while digits.last == 0 {
            digits.removeLast()
            exponent &+= 1
        }
        if position < range.upperBound { addExponent(page, position &+ 1..<range.upperBound) }
        if digits.isEmpty { (isNegative, exponent, absurdExponent) = (false, 0, []) }
    }

    private mutating func addExponent(_ page: PageBytes, _ range: Range<Int>) {
        var written: [UInt8] = []
        var isBelow = false
        for index in range {
            let byte = page[index]
            if byte == 0x2D { isBelow = true }
            if byte &- 0x30 < 10, byte != 0x30 || !written.isEmpty { written.append(byte) }
        }
        if written.count <= 17 {
            let value = written.reduce(Int64(0)) { $0 &* 10 &+ Int64($1 &- 0x30) }
            exponent &+= isBelow ? 0 &- value : value
        } else {
            absurdExponent = (isBelow ? [0x2D] : [0x2B]) + written
        }
    }

    /// Equal for equal values.
    var meaning: Meaning {
        var words: [UInt64] = []
        for start in stride(from: 0, to: digits.count, by: 19) {
            let chunk = digits[start..<min(start + 19, digits.count)]
            words.append(chunk.reduce(UInt64(0)) { $0 &* 10 &+ UInt64($1) })
        }
        var meaning = Self.sealed(
            words.isEmpty ? [0] : words, exponent: exponent, isNegative: isNegative)
        if words.count > 1 { meaning.absorb(UInt64(digits.count)) }
        if !absurdExponent.isEmpty {
            meaning.absorb(Meaning.text(absurdExponent, seed: .number))
        }
        return meaning
    }

    static func sealed(_ words: [UInt64], exponent: Int64, isNegative: Bool) -> Meaning {
        var meaning = Meaning.number
        for word in words { meaning.absorb(word) }
        meaning.absorb(UInt64(bitPattern: exponent) &<< 1 | (isNegative ? 1 : 0))
        return meaning
    }

    /// The one text of this value: `1`, `0.05`, `1000`, `-2.5`; beyond 40 places `1.5e+400`.
    var text: String {
        guard !digits.isEmpty else { return "0" }
        var result: [UInt8] = isNegative ? [0x2D] : []
        let figures = digits.map { $0 &+ 0x30 }
        let count = Int64(figures.count)
        let point = count &+ exponent
        if !absurdExponent.isEmpty || point > max(count, 40) || point < -6 {
            result += figures[..<1]
            if count > 1 { result += [0x2E] + figures[1...] }
            result.append(0x65)
            if absurdExponent.isEmpty {
                result += Array((point > 0 ? "+" : "").utf8) + Array(String(point &- 1).utf8)
            } else {
                // Rare beyond reason: the value is then written with both exponents.
                result += absurdExponent + Array("e\(exponent &+ count &- 1)".utf8)
            }
        } else if point >= count {
            result += figures + Array(repeating: 0x30, count: Int(point - count))
        } else if point > 0 {
            result += figures[..<Int(point)] + [0x2E] + figures[Int(point)...]
        } else {
            result += [0x30, 0x2E] + Array(repeating: 0x30, count: Int(-point)) + figures
        }
        return String(decoding: result, as: UTF8.self)
    }
}
