package import PullcordModel

/// Until when what is finished must have been finished to go; nil keeps it.
package struct RetentionCutoffs: Sendable, Equatable {
    /// Payloads of events that were delivered to everybody.
    package let payloads: Timestamp?
    /// Events of which a delivery is dead.
    package let dead: Timestamp?
    /// All other events, with their deliveries and attempts.
    package let attempts: Timestamp?

    package init(payloads: Timestamp?, dead: Timestamp?, attempts: Timestamp?) {
        self.payloads = payloads
        self.dead = dead
        self.attempts = attempts
    }
}

/// What one step of pruning did.
package struct PruneStep: Sendable, Equatable {
    package let payloads: Int
    package let events: Int
    /// Where the next step starts; nil at the end of a pass.
    package let next: Int64?

    package init(payloads: Int, events: Int, next: Int64?) {
        self.payloads = payloads
        self.events = events
        self.next = next
    }
}

/// What is still there.
package struct KeptSummary: Sendable, Equatable {
    /// The time of the oldest event; nil if there is none.
    package let events: Timestamp?
    /// The time of the oldest event whose payload pruning has not come to.
    package let payloads: Timestamp?

    package init(events: Timestamp?, payloads: Timestamp?) {
        self.events = events
        self.payloads = payloads
    }
}

/// What the store forgets in time; fingerprints and cursors are never forgotten.
package protocol RetentionStore: Sendable {
    /// Takes payloads away from where the last step left off, up to ``Limits/pruneRowsMax``
    /// events; the place is kept through restarts.
    func prunePayloads(_ cutoffs: RetentionCutoffs) async throws(StoreError) -> PruneStep

    /// Looks at up to ``Limits/pruneRowsMax`` events after one place of the log and deletes those
    /// whose time has come, with their deliveries and attempts.
    func pruneEvents(
        _ cutoffs: RetentionCutoffs, after: Int64
    ) async throws(StoreError) -> PruneStep
}
