/// What happened to a record between two polls.
package enum ChangeKind: String, Sendable, CaseIterable {
    case created, updated, deleted
}

/// How an event came about.
package enum Origin: String, Sendable, CaseIterable {
    /// Found by a poll that compared an API with what was stored.
    case live
    /// One of the records that existed when a stream was polled for the first time.
    case backfill
    /// Found by the full scan that follows a rejected cursor.
    case resync
    /// An event of the past, sent again because somebody asked for it.
    case replay
}

/// A difference between a poll and the store: the seed of an event.
package struct Change: Sendable, Equatable {
    package let key: RecordKey
    package let kind: ChangeKind
    /// 1 for a record never seen before, one more with each change; goes on after a delete.
    package let version: Int64
    /// The fingerprint after the change; nil for `deleted`.
    package let fingerprint: Fingerprint?
    /// The record's bytes as the API sent them; nil for `deleted`, whose record is gone.
    package let record: [UInt8]?
    /// The fingerprint before the change; nil where no record was.
    package let before: Fingerprint?
    /// Where the record stands by the stream's cursor; nil without one.
    package let position: Int64?

    package init(
        key: RecordKey, kind: ChangeKind, version: Int64, fingerprint: Fingerprint?,
        record: [UInt8]?, before: Fingerprint? = nil, position: Int64? = nil
    ) {
        self.position = position
        self.before = before
        self.key = key
        self.kind = kind
        self.version = version
        self.fingerprint = fingerprint
        self.record = record
    }
}

/// A change made into an outgoing message; it never changes once it is committed.
package struct Event: Sendable, Equatable {
    package let id: EventID
    package let address: StreamAddress
    package let key: RecordKey
    package let kind: EventKind
    package let version: Int64
    package let fingerprint: Fingerprint?
    /// When the poll that found the change began to read the page.
    package let time: Timestamp
    package var origin: Origin
    /// The record's bytes as the API sent them; nil for `deleted`.
    package let record: [UInt8]?
    /// What was before; nil where no record was, or where none was kept.
    package let difference: RecordDifference?

    package init(
        id: EventID, address: StreamAddress, key: RecordKey, kind: EventKind, version: Int64,
        fingerprint: Fingerprint?, time: Timestamp, origin: Origin, record: [UInt8]?,
        difference: RecordDifference? = nil
    ) {
        self.difference = difference
        self.id = id
        self.address = address
        self.key = key
        self.kind = kind
        self.version = version
        self.fingerprint = fingerprint
        self.time = time
        self.origin = origin
        self.record = record
    }

    /// As in `orders.updated`; see ``StreamAddress/type(of:)``.
    package var type: String { address.type(of: kind) }
}
