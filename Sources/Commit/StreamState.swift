package import PullcordModel

/// What the store knows of one stream.
package struct StreamState: Sendable, Equatable {
    package let id: StreamID
    package let address: StreamAddress
    /// Where the next incremental poll starts, as the adapter's cursor wrote it; nil before the
    /// first poll that ended well.
    package var cursor: String?
    /// ETag and Last-Modified of the last first page, and the request that they belong to.
    package var validators: Validators?
    /// A hash of the adapter's rules of comparison at the last poll that ended well.
    ///
    /// Fingerprints made under other rules cannot be compared.
    package var rules: Fingerprint?
    /// The rules of a poll that began to compare by new ones and has not come to its end.
    package var pendingRules: Fingerprint?
    /// Whether a poll has ever ended well: before that, what is found is the baseline.
    package var hasBaseline: Bool
    /// How many records are known and not deleted.
    package var liveCount: Int
    /// The number that the next new record of the stream gets; see ``KnownRecord/ordinal``.
    package var nextOrdinal: Int64
    /// How many polls in a row have failed.
    package var failures: Int
    package var lastPoll: PollReport?
    /// When the scheduler means to poll again.
    package var nextPoll: Timestamp?
    /// When a poll last found a change.
    package var lastChange: Timestamp?
    /// Whether the last finding is not believed; see ``Quarantine``.
    package var isQuarantined: Bool
    /// Which of its records are kept whole.
    package var kept = KeptRecords.none
    /// What else a stream has to remember from poll to poll, by name: when it was last reconciled,
    /// where its list of deletes was read to.
    package var marks: [String: String] = [:]
    /// Whether the bridge file names the stream's source and the stream.
    package var isInFile: Bool

    package init(
        id: StreamID, address: StreamAddress, cursor: String? = nil,
        validators: Validators? = nil, rules: Fingerprint? = nil,
        pendingRules: Fingerprint? = nil, hasBaseline: Bool = false,
        liveCount: Int = 0,
        nextOrdinal: Int64 = 0, failures: Int = 0, lastPoll: PollReport? = nil,
        nextPoll: Timestamp? = nil, lastChange: Timestamp? = nil, isQuarantined: Bool = false,
        isInFile: Bool = true
    ) {
        self.id = id
        self.address = address
        self.cursor = cursor
        self.validators = validators
        self.rules = rules
        self.pendingRules = pendingRules
        self.hasBaseline = hasBaseline
        self.liveCount = liveCount
        self.nextOrdinal = nextOrdinal
        self.failures = failures
        self.lastPoll = lastPoll
        self.nextPoll = nextPoll
        self.lastChange = lastChange
        self.isQuarantined = isQuarantined
        self.isInFile = isInFile
    }

    /// The state of a stream that was never polled; its number is nobody's.
    package static func unknown(_ address: StreamAddress) -> StreamState {
        StreamState(id: StreamID(0), address: address)
    }
}

/// How a poll ended, as `pullcord status` shows it.
package struct PollReport: Sendable, Equatable {
    package let started: Timestamp
    package let duration: Duration
    /// One word: `changed`, `unchanged`, `not_modified`, `baseline`, or a problem's code.
    package let outcome: String
    /// The problem in words; empty if the poll ended well.
    package let reason: String
    package let pages: Int
    package let records: Int
    package let created: Int
    package let updated: Int
    package let deleted: Int

    package init(
        started: Timestamp, duration: Duration, outcome: String, reason: String, pages: Int,
        records: Int, created: Int, updated: Int, deleted: Int
    ) {
        self.started = started
        self.duration = duration
        self.outcome = outcome
        self.reason = reason
        self.pages = pages
        self.records = records
        self.created = created
        self.updated = updated
        self.deleted = deleted
    }
}

/// What the store keeps of one record: at most 64 bytes on disk with its key.
package struct KnownRecord: Sendable, Equatable {
    /// A small number that the record keeps for ever within its stream, given in order of
    /// appearance.
    ///
    /// A scan marks what it has seen in one bit a record (``SeenSet``).
    package let ordinal: Int64
    package let version: Int64
    /// nil once the record was deleted: the row stays, so that its versions go on.
    package let fingerprint: Fingerprint?

    package init(ordinal: Int64, version: Int64, fingerprint: Fingerprint?) {
        self.ordinal = ordinal
        self.version = version
        self.fingerprint = fingerprint
    }
}

/// The records that a scan has seen, one bit each: ten million records take 1.25 MB.
package struct SeenSet: Sendable, Equatable {
    private var words: [UInt64] = []
    /// How many ordinals were inserted.
    package private(set) var count = 0

    package init() {}

    /// Returns false if the ordinal was there already.
    @discardableResult
    package mutating func insert(_ ordinal: Int64) -> Bool {
        precondition(ordinal >= 0, "ordinals are numbered from 0")
        let (word, bit) = (Int(ordinal >> 6), UInt64(1) << UInt64(ordinal & 63))
        if word >= words.count {
            words.append(
                contentsOf: repeatElement(0, count: max(word + 1, words.count * 2) - words.count))
        }
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        count += 1
        return true
    }

    package func contains(_ ordinal: Int64) -> Bool {
        let word = Int(ordinal >> 6)
        guard ordinal >= 0, word < words.count else { return false }
        return words[word] & (1 << UInt64(ordinal & 63)) != 0
    }
}

/// Many keys without a `String` each: the bytes end to end, and where each key ends.
package struct KeyList: Sendable, Equatable {
    package private(set) var bytes: [UInt8] = []
    package private(set) var ends: [Int] = []

    package init() {}

    package init(_ keys: some Sequence<RecordKey>) {
        for key in keys { append(key.text.utf8) }
    }

    package var count: Int { ends.count }

    package mutating func append(_ key: some Collection<UInt8>) {
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
    }

    package mutating func reserveCapacity(_ count: Int, bytes byteCount: Int) {
        ends.reserveCapacity(count)
        bytes.reserveCapacity(byteCount)
    }

    /// Where key `index` stands in ``bytes``.
    package func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    package func key(_ index: Int) -> RecordKey {
        RecordKey(String(decoding: bytes[range(index)], as: UTF8.self))
    }
}
