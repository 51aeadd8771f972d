/// A 128-bit FNV-1a hash of texts, each with its length, to tell requests and
/// rules apart; it is stored.
package struct IdentityHasher {
    private var high: UInt64 = 0xCBF2_9CE4_8422_2325
    private var low: UInt64 = 0x6C62_272E_07BB_0142

    package init() {}

    package mutating func add(_ text: String) { add(Array(text.utf8)) }

    package mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { mix(byte) }
        withLength(bytes.count)
    }

    private mutating func withLength(_ count: Int) {
        for shift in stride(from: 0, to: 64, by: 8) {
            mix(UInt8(truncatingIfNeeded: count >> shift))
        }
    }

    private mutating func mix(_ byte: UInt8) {
        high = (high ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        low = (low ^ UInt64(byte) ^ (high >> 32)) &* 0x9E37_79B9_7F4A_7C15
    }

    package func finish() -> Fingerprint { Fingerprint(high: high, low: low) }
}
