import PullcordCommit
import PullcordModel

/// The numbers that stand for the words of closed sets; they are in every file, so they stay.
enum Codes {
    static let states: [DeliveryState] = [
        .ready, .blocked, .delivered, .dead, .superseded, .cancelled,
    ]
    static let orders: [DeliveryOrder] = [.perRecord, .fifo, .none, .latest]
    static let kinds: [EventKind] = [
        .created, .updated, .deleted, .quarantined, .recovered, .disabled, .stalled,
        .schemaChanged,
    ]
    static let decisions: [QuarantineDecision] = [.none, .accepted, .rejected]
    static let origins: [Origin] = [.live, .backfill, .resync, .replay]

    static func number(_ state: DeliveryState) -> Int64 {
        switch state {
        case .ready: 0
        case .blocked: 1
        case .delivered: 2
        case .dead: 3
        case .superseded: 4
        case .cancelled: 5
        }
    }

    static func number(_ order: DeliveryOrder) -> Int64 {
        switch order {
        case .perRecord: 0
        case .fifo: 1
        case .none: 2
        case .latest: 3
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
        case .stalled: 6
        case .schemaChanged: 7
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
}
