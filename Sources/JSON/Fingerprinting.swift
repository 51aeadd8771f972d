package import PullcordModel

/// How a record becomes a ``Fingerprint``.
///
/// Fingerprints are stored for years, so the algorithm and its constants never change under
/// one ``version``. Two lanes of 64 bits run side by side; *fold* is the exclusive or of both
/// halves of a 64 by 64 bit product, as wyhash and its relatives use it.
///
/// - A string is its decoded bytes in little-endian words of eight, the last word (0 to 7
///   bytes) with the length modulo 256 on top; each word is folded into both lanes.
/// - A number is its decimal value: digits without zeros at either end, exponent, sign.
/// - A member of an object mixes key and value; members are added, so order does not count.
/// - The elements of an array are folded one after the other, or added where it is compared
///   as a set.
/// - Objects and arrays end with a tag and their count.
package enum Fingerprinting {
    /// Goes up when the same record would get another fingerprint.
    package static let version = 1

    /// The fingerprint of a list of texts, as of a JSON array of strings that is a record.
    package static func fingerprint(of texts: [String]) -> Fingerprint {
        var sum = Meaning.array
        for text in texts { sum.absorb(Meaning.text(text.utf8, seed: .string)) }
        return sum.closed(.array, count: texts.count).fingerprint
    }
}

/// The two lanes of a fingerprint in the making.
struct Meaning: Equatable {
    var first: UInt64
    var second: UInt64

    // The fractional digits of pi, 64 bits each, as Blowfish uses them; the last bit of a
    // multiplier is set so that no input bit is lost in the lower half of the product.
    private static let multiplierOne: UInt64 = 0x243F_6A88_85A3_08D3
    private static let multiplierTwo: UInt64 = 0x1319_8A2E_0370_7345
    private static let memberOne: UInt64 = 0xA409_3822_299F_31D0
    private static let memberTwo: UInt64 = 0x082E_FA98_EC4E_6C89
    private static let memberThree: UInt64 = 0x4528_21E6_38D0_1377
    private static let memberFour: UInt64 = 0xBE54_66CF_34E9_0C6C

    static let zero = Meaning(first: 0, second: 0)
    static let key = Meaning(first: 0xC0AC_29B7_C97C_50DD, second: 0x3F84_D5B5_B547_0917)
    static let string = Meaning(first: 0x9216_D5D9_8979_FB1B, second: 0xD131_0BA6_98DF_B5AC)
    static let number = Meaning(first: 0x2FFD_72DB_D01A_DFB7, second: 0xB8E1_AFED_6A26_7E96)
    static let array = Meaning(first: 0xBA7C_9045_F12C_7F99, second: 0x24A1_9947_B391_6CF7)
    static let true_ = Meaning(first: 0x0801_F2E2_858E_FC16, second: 0x6369_20D8_7157_4E69)
    static let false_ = Meaning(first: 0xA458_FEA3_F493_3D7E, second: 0x0D95_748F_728E_B658)
    static let null = Meaning(first: 0x718B_CD58_8215_4AEE, second: 0x7B54_A41D_C25A_59B5)

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
        first = Self.fold(first ^ word, Self.multiplierOne)
        second = Self.fold(second ^ word, Self.multiplierTwo)
    }

    /// The next element of an ordered array.
    @inline(__always)
    mutating func absorb(_ element: Meaning) {
        first = Self.fold(first ^ element.first, Self.multiplierOne)
        second = Self.fold(second ^ element.second, Self.multiplierTwo)
    }

    /// One more member or element of something whose order does not count.
    @inline(__always)
    mutating func add(_ other: Meaning) {
        first = first &+ other.first
        second = second &+ other.second
    }

    @inline(__always)
    static func member(_ key: Meaning, _ value: Meaning) -> Meaning {
        let left = (key.first &<< 32 | key.first &>> 32) ^ value.first
        let right = (key.second &<< 29 | key.second &>> 35) ^ value.second
        return Meaning(
            first: fold(left ^ memberOne, right ^ memberTwo) &+ left,
            second: fold(left &+ memberThree, (right &<< 17 | right &>> 47) &+ memberFour)
                &+ right)
    }

    /// Closes an object, an array or a record; both lanes then depend on all of both.
    @inline(__always)
    func closed(_ tag: Tag, count: Int) -> Meaning {
        let seal = UInt64(truncatingIfNeeded: count) &<< 8 | UInt64(tag.rawValue)
        let left = first ^ Self.fold(second ^ seal, Self.multiplierOne)
        let right = second ^ Self.fold(left &+ seal, Self.multiplierTwo)
        return Meaning(first: left ^ Self.fold(right, Self.memberTwo), second: right)
    }

    enum Tag: UInt8 { case object = 1, array, unordered, record }

    /// The fingerprint of a record with this meaning.
    var fingerprint: Fingerprint {
        let last = closed(.record, count: Fingerprinting.version)
        return Fingerprint(high: last.first, low: last.second)
    }
}

extension Meaning {
    /// The meaning of a string given as its decoded bytes.
    static func text(_ bytes: some Collection<UInt8>, seed: Meaning) -> Meaning {
        var meaning = seed
        var word: UInt64 = 0
        var length = 0
        for byte in bytes {
            word |= UInt64(byte) &<< UInt64((length & 7) &* 8)
            length &+= 1
            if length & 7 == 0 {
                meaning.absorb(word)
                word = 0
            }
        }
        meaning.absorb(word | UInt64(truncatingIfNeeded: length) &<< 56)
        return meaning
    }
}
