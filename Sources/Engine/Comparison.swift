import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll

/// How what is stored compares with what is polled, by ``ComparisonRules``.
enum Comparison {
    /// Nothing is known yet.
    case first
    case same
    /// What counts in a record has changed: a new fingerprint says nothing about the record.
    case remasked
    /// As `remasked`, after a poll that was cut short: some records are compared by the new
    /// rules already, and which is not known.
    case remaskedAgain
    /// The API rejected the cursor: what differs has changed at some time since.
    case resync
    /// What a record is has changed: all that is known is of other records.
    case reidentified

    /// `isWhole` tells whether the poll reads the whole list.
    init(_ state: StreamState, _ stream: LiveStream, isWhole: Bool) {
        guard state.hasBaseline else {
            self = .first
            return
        }
        let rules = stream.poll.rules
        let others = state.knownRules.filter { $0 != rules }
        if others.isEmpty {
            self = .same
        } else if others.contains(where: { $0.high != rules.high }) {
            self = .reidentified
        } else {
            // A stream with a cursor is not read as a whole: what comes may have changed indeed.
            // A feed knows no change: what it shows is all that is compared.
            let isSilent = isWhole || stream.isFeed
            self = state.pendingRules == nil && isSilent ? .remasked : .remaskedAgain
        }
    }

    /// The origin of an event for a change of this kind; nil if there is to be none.
    func origin(of kind: ChangeKind, _ first: FirstPoll) -> Origin? {
        switch self {
        case .first: first == .emit ? .backfill : nil
        case .same, .remasked: .live
        case .resync: .resync
        // Rather an event too many, and labelled, than a change that nobody hears of.
        case .remaskedAgain: kind == .updated ? .resync : .live
        case .reidentified: nil
        }
    }
}

extension StreamState {
    /// The rules that what is stored may have been compared by.
    var knownRules: [Fingerprint] { [rules, pendingRules].compactMap { $0 } }
}
