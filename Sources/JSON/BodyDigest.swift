package import PullcordModel

/// A 128-bit hash of bytes as they came, to tell whether they came before.
///
/// It is kept in memory only, so it may change from version to version. Four lanes run beside
/// each other, each folding two words of eight bytes with one product, as wyhash does.
package enum BodyDigest {
    /// `contentType` may say by which character set the bytes are read.
    package static func digest(of bytes: [UInt8], contentType: String? = nil) -> Fingerprint {
        let lanes = PageBytes.with(bytes) { page in Self.lanes(of: page) }
        var meaning = Meaning.string
        for lane in lanes ?? [] { meaning.absorb(lane) }
        meaning.absorb(UInt64(truncatingIfNeeded: bytes.count))
        for byte in contentType?.utf8 ?? "".utf8 { meaning.absorb(UInt64(byte)) }
        return meaning.closed(.record, count: bytes.count).fingerprint
    }

    private static func lanes(of page: PageBytes) -> [UInt64] {
        var (one, two) = (Meaning.string.first, Meaning.string.second)
        var (three, four) = (Meaning.key.first, Meaning.key.second)
        var position = 0
        while position < page.count {
            // Zeros stand behind the end.
            one = fold(one ^ page.word(at: position), first ^ page.word(at: position &+ 8))
            two = fold(two ^ page.word(at: position &+ 16), second ^ page.word(at: position &+ 24))
            three = fold(
                three ^ page.word(at: position &+ 32), third ^ page.word(at: position &+ 40))
            four = fold(
                four ^ page.word(at: position &+ 48), fourth ^ page.word(at: position &+ 56))
            position &+= 64
        }
        return [one, two, three, four]
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    // Odd constants without a pattern: the fractional digits of the square root of 2.
    private static let first: UInt64 = 0x6A09_E667_F3BC_C909
    private static let second: UInt64 = 0xB2FB_1366_EA95_7D3F
    private static let third: UInt64 = 0x3AB1_F9C6_B4D0_2F6B
    private static let fourth: UInt64 = 0x1D4F_33AD_6C8E_52A7
}
