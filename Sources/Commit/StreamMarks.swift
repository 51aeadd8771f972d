package import PullcordModel

/// The names of what a stream remembers besides its cursor; see ``StreamState/marks``.
package enum StreamMark {
    /// When the whole list was last read.
    package static let reconciled = "reconciled"
    /// When it is to be read next.
    package static let nextReconcile = "reconcile_next"
    /// Before when it is not to be tried again.
    package static let retryReconcile = "reconcile_retry"
    /// Where the list of deletes was read to.
    package static let deletions = "deletes"
    /// Since when deletes are heard of: what was deleted before is known to no list.
    package static let deletionsFloor = "deletes_floor"
    /// Records that have changed lately, which older deletes do not concern.
    package static let recentRecords = "deletes_recent"

    /// The ordinal from which on the items of a feed are the younger half of what is remembered.
    package static let feedBoundary = "feed_boundary"

    /// What the last poll of the whole list saw first of records that stood on two pages and
    /// differed.
    package static let repeatedKeys = "repeated_keys"

    /// By which rules its records are being written down as parents, from the start of the list
    /// to the cursor; it is taken away when all are.
    package static let filling = "filling"

    /// How often the stream is polled by itself, and why; see ``PaceNote``.
    package static let pace = "pace"
    /// What polls have told of how often it changes.
    package static let paceEvidence = "pace_evidence"
    /// When the last poll that ended well began, while those after it fail.
    package static let lastSuccess = "succeeded"

    /// Until when the API asked to be left alone, where that is not over in a moment.
    package static let notBefore = "not_before"

    /// What the records look like; see `RecordShape`.
    package static let shape = "shape"
    /// When that last changed, and how.
    package static let schemaChanged = "schema_changed"

    /// Below which parent the stream's quarantine was found.
    package static let quarantinedParent = "quarantine_parent"
    /// The parents whose list was empty when it was last read, and not believed to be.
    package static let emptyParents = "empty_parents"

    package static let ofParents = [quarantinedParent, emptyParents]
    package static let ofPace = [pace, paceEvidence]
    package static let ofReconcile = [reconciled, nextReconcile, retryReconcile]
    package static let ofDeletions = [deletions, deletionsFloor, recentRecords]

    /// A time as a mark keeps it.
    package static func text(of time: Timestamp) -> String { String(time.milliseconds) }
}

extension StreamState {
    /// A mark that is a time; nil if it is not there.
    package func time(of mark: String) -> Timestamp? {
        marks[mark].flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
    }

    /// When the whole list is to be read next; nil for a stream that is not reconciled.
    package var nextReconcile: Timestamp? { time(of: StreamMark.nextReconcile) }

    /// When the last poll that ended well began; nil if none has.
    package var lastSuccess: Timestamp? {
        if failures > 0 { return time(of: StreamMark.lastSuccess) }
        return hasBaseline ? lastPoll?.started : nil
    }
}

/// When the records of a stream last began to look otherwise, and how.
package struct SchemaMark: Sendable, Equatable {
    package let time: Timestamp
    package let text: String

    package init(time: Timestamp, text: String) {
        self.time = time
        self.text = text
    }

    package var stored: String { "\(StreamMark.text(of: time)) \(text)" }

    /// nil if they never did, as far as is known.
    package init?(_ state: StreamState) {
        guard let stored = state.marks[StreamMark.schemaChanged] else { return nil }
        let parts = stored.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]) else { return nil }
        self.init(time: Timestamp(milliseconds: milliseconds), text: String(parts[1]))
    }
}
