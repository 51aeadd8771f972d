import PullcordCommit
import PullcordModel

/// The number by which deliveries know those that they wait for.
enum Lane {
    /// The lane of a delivery among those of its subscription.
    ///
    /// Each replay (`job`, 0 for none) has lanes of its own, so that nothing waits for it.
    static func number(
        _ order: DeliveryOrder, _ stream: StreamID, _ key: RecordKey, event: Int64, job: Int64
    ) -> Int64 {
        var hash = Hash()
        switch order {
        case .fifo: break
        case .none: hash.mix(event)
        case .perRecord, .latest:
            hash.mix(stream.number)
            for byte in key.text.utf8 { hash.mix(byte) }
        }
        if job > 0 { hash.mix(job) }
        return hash.finish()
    }

    /// 64-bit FNV-1a, mixed at the end.
    ///
    /// Two records that share a lane by accident only wait for each other.
    private struct Hash {
        private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

        mutating func mix(_ number: Int64) {
            for shift in stride(from: 0, through: 56, by: 8) {
                mix(UInt8(truncatingIfNeeded: number >> Int64(shift)))
            }
        }

        func finish() -> Int64 {
            Int64(bitPattern: (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15)
        }
    }
}
