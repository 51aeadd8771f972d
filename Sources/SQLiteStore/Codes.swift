import PullcordCommit
import PullcordModel

/// The numbers that stand for the words of closed sets; they are in every file, so they stay.
enum Codes {
    static let states: [DeliveryState] = [.ready, .blocked, .delivered, .dead]
    static let kinds: [EventKind] = [
        .created, .updated, .deleted, .quarantined, .recovered, .disabled,
    ]
    static let decisions: [QuarantineDecision] = [.none, .accepted, .rejected]
    static let origins: [Origin] = [.live, .backfill, .resync, .replay]

    static func number(_ state: DeliveryState) -> Int64 {
        switch state {
        case .ready: 0
        case .blocked: 1
        case .delivered: 2
        case .dead: 3
        }
    }

    static func number(_ kind: EventKind) -> Int64 {
        switch kind {
        case .created: 0
        case .updated: 1
        case .deleted: 2
        case .quarantined: 3
        case .recovered: 4
        case .disabled: 5
        }
    }

    static func number(_ origin: Origin) -> Int64 {
        switch origin {
        case .live: 0
        case .backfill: 1
        case .resync: 2
        case .replay: 3
        }
    }

    static func number(_ decision: QuarantineDecision) -> Int64 {
        switch decision {
        case .none: 0
        case .accepted: 1
        case .rejected: 2
        }
    }

    /// Throws ``Failure`` with `corrupt` for a number that nobody wrote.
    static func word<Word>(_ number: Int64, of words: [Word]) throws(Failure) -> Word {
        guard let index = Int(exactly: number), words.indices.contains(index) else {
            throw Failure(.corrupt, "\(number) stands for no \(Word.self)")
        }
        return words[index]
    }

    /// A 64-bit FNV-1a hash of stream and key, mixed at the end: which lane a delivery is in.
    ///
    /// Two records that share a lane by accident only wait for each other.
    static func lane(_ stream: StreamID, _ key: RecordKey) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for shift in stride(from: 0, through: 56, by: 8) {
            mix(UInt8(truncatingIfNeeded: stream.number >> Int64(shift)))
        }
        for byte in key.text.utf8 { mix(byte) }
        hash ^= hash >> 32
        return Int64(bitPattern: hash &* 0x9E37_79B9_7F4A_7C15)
    }
}
