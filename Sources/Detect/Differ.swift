package import PullcordCommit
package import PullcordModel

/// Compares the pages of one poll with what the store knows.
package struct Differ: Sendable {
    /// The ordinal that the next new record gets.
    package private(set) var nextOrdinal: Int64
    /// Where ordinals come from in polls that compare several lists at once.
    private let ordinals: OrdinalSource?
    /// The records seen so far; nil if deletions are not looked for.
    package private(set) var seen: SeenSet?
    /// How many of the records seen were known and not deleted before the poll.
    package private(set) var seenLive = 0
    /// Whether a record that is known is never news again.
    private let isOnce: Bool

    /// Starts a poll.
    ///
    /// - Parameters:
    ///   - nextOrdinal: As the stream's state has it.
    ///   - tracksSeen: Whether the poll is a full scan, after which what was not seen is gone.
    ///   - isOnce: Whether a record that is known is never news again, however it has changed.
    ///   - ordinals: Where ordinals come from instead, where several lists are compared at once.
    package init(
        nextOrdinal: Int64, tracksSeen: Bool, isOnce: Bool = false,
        ordinals: OrdinalSource? = nil
    ) {
        self.isOnce = isOnce
        self.ordinals = ordinals
        self.nextOrdinal = nextOrdinal
        seen = tracksSeen ? SeenSet() : nil
    }

    /// Compares one page with what the store says of its keys, in their order, as of now.
    package mutating func compare(_ page: Page, known: [KnownRecord?]) -> PageChanges {
        precondition(known.count == page.count, "the store answers for every key")
        var result = PageChanges()
        for index in 0..<page.count {
            let fingerprint = page.fingerprint(index)
            let before = known[index]
            if let before { markSeen(before) }
            if page.isTombstone(index) {
                result.bury(page.keys.key(index), before)
                continue
            }
            if isOnce, before?.fingerprint != nil {
                result.unchanged += 1
                continue
            }
            guard before?.fingerprint != fingerprint || before == nil else {
                result.unchanged += 1
                continue
            }
            let state = KnownRecord(
                ordinal: before?.ordinal ?? ordinals?.take() ?? nextOrdinal,
                version: (before?.version ?? 0) + 1,
                fingerprint: fingerprint)
            if before == nil {
                nextOrdinal += 1
                seen?.insert(state.ordinal)
            }
            let key = page.keys.key(index)
            result.append(
                Change(
                    key: key, kind: before?.fingerprint == nil ? .created : .updated,
                    version: state.version, fingerprint: fingerprint,
                    record: page.record(index), before: before?.fingerprint,
                    position: page.position(ofRecord: index)),
                state)
        }
        return result
    }

    /// Marks a record that is known, not deleted, and stored as it came: one of a page that is
    /// not read again.
    package mutating func markUnchanged(ordinal: Int64) {
        guard seen?.insert(ordinal) ?? false else { return }
        seenLive += 1
    }

    private mutating func markSeen(_ record: KnownRecord) {
        guard seen != nil else { return }
        // Counted once, though a record may show up on several pages.
        let isNew = seen?.insert(record.ordinal) ?? false
        if isNew, record.fingerprint != nil { seenLive += 1 }
    }

    /// The deletions of records that a complete scan did not see.
    package static func deletions(
        of unseen: [(key: RecordKey, state: KnownRecord)]
    ) -> PageChanges {
        var result = PageChanges()
        for (key, before) in unseen { result.bury(key, before) }
        return result
    }
}

/// What differs between a page and the store.
package struct PageChanges: Sendable {
    package private(set) var changes: [Change] = []
    /// The new states to store, one for each change.
    package private(set) var records: [(key: RecordKey, state: KnownRecord)] = []
    package fileprivate(set) var unchanged = 0
    package private(set) var created = 0
    package private(set) var updated = 0
    package private(set) var deleted = 0

    package init() {}

    /// The end of a record; nothing if it was not known, or deleted already.
    fileprivate mutating func bury(_ key: RecordKey, _ before: KnownRecord?) {
        guard let before, let fingerprint = before.fingerprint else { return }
        let state = KnownRecord(
            ordinal: before.ordinal, version: before.version + 1, fingerprint: nil)
        append(
            Change(
                key: key, kind: .deleted, version: state.version, fingerprint: nil, record: nil,
                before: fingerprint),
            state)
    }

    fileprivate mutating func append(_ change: Change, _ state: KnownRecord) {
        changes.append(change)
        records.append((change.key, state))
        switch change.kind {
        case .created: created += 1
        case .updated: updated += 1
        case .deleted: deleted += 1
        }
    }
}
