import PullcordCommit
import PullcordModel

/// The numbers that stand for the words of closed sets; they are in every file, so they stay.
enum Codes {
    static let states: [DeliveryState] = [
        .ready, .blocked, .delivered, .dead, .superseded, .cancelled,
    ]
    static let orders: [DeliveryOrder] = [.perRecord, .fifo, .none, .latest]
    static let kinds: [ChangeKind] = [.created, .updated, .deleted]
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

    static func number(_ kind: ChangeKind) -> Int64 {
        switch kind {
        case .created: 0
        case .updated: 1
        case .deleted: 2
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

    /// Throws ``Failure`` with `corrupt` for a number that nobody wrote.
    static func word<Word>(_ number: Int64, of words: [Word]) throws(Failure) -> Word {
        guard let index = Int(exactly: number), words.indices.contains(index) else {
            throw Failure(.corrupt, "\(number) stands for no \(Word.self)")
        }
        return words[index]
    }
}
