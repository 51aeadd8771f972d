package import PullcordModel

/// Why what a poll found is not believed; `text` is also the poll's outcome.
///
/// A content that cannot be read goes by the name of its problem, as in `records_missing`.
package struct QuarantineReason: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Too many of the known records are gone at once.
    package static let massDelete = QuarantineReason("mass_delete")
    /// The list is empty where records were known.
    package static let emptyList = QuarantineReason("empty_list")
    /// Nearly all of the known records seem to have changed at once.
    package static let massChange = QuarantineReason("mass_change")

    /// Whether a person can say that what was found is true; what cannot be read is neither.
    package var isDecidable: Bool {
        [Self.massDelete, .emptyList, .massChange].contains(self)
    }

    package var description: String { text }
}

/// What a poll found and did not believe.
package struct Finding: Sendable, Equatable {
    package let reason: QuarantineReason
    /// In words, without secrets.
    package let message: String
    /// How many records would be gone or changed; 0 for a content that cannot be read.
    package let affected: Int
    /// How many of the known records that is measured by.
    package let known: Int
    /// At most ``Limits/sampledRecordsMax``.
    package let sample: [SampledRecord]
    /// The beginning of a content that cannot be read.
    package let excerpt: String?
    /// Whether subscriptions hear of it; a finding that the next poll settles is not worth it.
    package let isAnnounced: Bool

    package init(
        reason: QuarantineReason, message: String, affected: Int = 0, known: Int = 0,
        sample: [SampledRecord] = [], excerpt: String? = nil, isAnnounced: Bool = true
    ) {
        self.reason = reason
        self.message = message
        self.affected = affected
        self.known = known
        self.sample = sample
        self.excerpt = excerpt
        self.isAnnounced = isAnnounced
    }
}

/// One record of a finding, before and after.
package struct SampledRecord: Sendable, Equatable {
    package let key: RecordKey
    /// The version that is stored; 0 for a record that is not known.
    package let version: Int64
    /// nil for a record that is not known.
    package let before: Fingerprint?
    /// nil for a record that would be gone.
    package let after: Fingerprint?
    /// The beginning of what is stored of it, where records are stored.
    package let previous: String?
    /// The beginning of what was found; nil for a record that would be gone.
    package let record: String?

    package init(
        key: RecordKey, version: Int64, before: Fingerprint?, after: Fingerprint?,
        previous: String? = nil, record: String?
    ) {
        self.key = key
        self.version = version
        self.before = before
        self.after = after
        self.previous = previous
        self.record = record
    }
}

/// A stream whose last finding waits: at most one for each stream.
package struct Quarantine: Sendable, Equatable {
    package let address: StreamAddress
    package let finding: Finding
    /// When a poll first found it.
    package let since: Timestamp
    package let lastSeen: Timestamp
    /// How many polls found the same reason, one after the other.
    package let polls: Int
    package let decision: QuarantineDecision
    /// nil as long as nobody has decided.
    package let decidedAt: Timestamp?

    package init(
        address: StreamAddress, finding: Finding, since: Timestamp, lastSeen: Timestamp,
        polls: Int, decision: QuarantineDecision = .none, decidedAt: Timestamp? = nil
    ) {
        self.address = address
        self.finding = finding
        self.since = since
        self.lastSeen = lastSeen
        self.polls = polls
        self.decision = decision
        self.decidedAt = decidedAt
    }

    /// Whether a person has said that this finding is true: the same reason, and not larger
    /// than what was shown by more than a tenth.
    package func accepts(_ reason: QuarantineReason, affected: Int) -> Bool {
        guard decision == .accepted, reason == finding.reason else { return false }
        return affected - finding.affected <= finding.affected / 10
    }
}

/// What a person has said of a finding.
package enum QuarantineDecision: String, Sendable, CaseIterable {
    case none
    /// The next poll that finds the same believes it.
    case accepted
    /// What is stored stays right.
    case rejected
}

/// What a batch does to the quarantine of its stream.
package enum QuarantineUpdate: Sendable, Equatable {
    case keep
    case clear
    /// Found again, a finding keeps when it began and its rejection; an acceptance is used up.
    case set(Finding)
}

/// Records that a complete scan has missed and that are not yet believed to be gone.
package struct MissingUpdate: Sendable, Equatable {
    /// When the poll began: the same update twice counts once.
    package let poll: Timestamp
    package let keys: [RecordKey]
    /// Whether all records that this poll did not miss are forgotten.
    package let isEnd: Bool

    package init(poll: Timestamp, keys: [RecordKey] = [], isEnd: Bool = false) {
        self.poll = poll
        self.keys = keys
        self.isEnd = isEnd
    }
}
