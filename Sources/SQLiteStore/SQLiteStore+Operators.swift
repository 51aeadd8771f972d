import GRDB
package import PullcordCommit
package import PullcordModel

/// What operators ask for, replays, and what is forgotten in time.
extension SQLiteStore {
    // MARK: Requests

    package func openRequests() async throws(StoreError) -> [OperatorRequest] {
        try await read("openRequests", workReader, OperatorTable.open)
    }

    package func answer(
        _ request: Int64?, _ answer: OperatorAnswer, audit: AuditEntry?
    ) async throws(StoreError) {
        try await committer.write("answer") { database throws(Failure) in
            if let request, request > 0 {
                try OperatorTable.answer(request, answer, database)
            }
            if let audit { try OperatorTable.add(audit, database) }
        }
    }

    package func audit(
        before: Int64?, limit: Int
    ) async throws(StoreError) -> [AuditEntry] {
        try await read("audit", questionReader) { database throws(Failure) in
            try OperatorTable.audit(before: before, limit: limit, database)
        }
    }

    package func purge(subscription: SubscriptionName) async throws(StoreError) -> PurgeStep {
        try await reserving("purge", rows: Limits.pruneRowsMax) {
            reservation, database throws(Failure) in
            try PurgeTable.purge(subscription, reservation, database)
        }
    }

    package func purge(source: SourceName) async throws(StoreError) -> PurgeStep {
        try await reserving("purge", rows: Limits.pruneRowsMax) {
            reservation, database throws(Failure) in
            try PurgeTable.purge(source, reservation, database)
        }
    }

    /// Writes what takes deliveries out of the queue.
    private func reserving<Value: Sendable>(
        _ operation: String, rows: Int,
        _ body: @escaping @Sendable (Reservation, Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        let reservation = Reservation(claims)
        let value = try await committer.write(
            operation, rows: rows, undo: { reservation.undo() }
        ) { database throws(Failure) in
            try body(reservation, database)
        }
        reservation.commit()
        return value
    }

    // MARK: Replays

    package func makeReplay(
        _ query: ReplayQuery, to target: SubscriptionName, rate: Int, request: Int64?,
        at time: Timestamp
    ) async throws(StoreError) -> ReplayJob? {
        try await committer.write("makeReplay") { database throws(Failure) in
            try ReplayTable.make(
                query, to: target, rate: rate, request: request, at: time, database)
        }
    }

    package func runningReplays() async throws(StoreError) -> [ReplayJob] {
        try await read("runningReplays", workReader) { database throws(Failure) in
            try ReplayTable.jobs(
                "is_cancelled = 0 AND position < upper", limit: Limits.requestsAtOnceMax, database
            ).reversed()
        }
    }

    package func advance(_ step: ReplayStep, at time: Timestamp) async throws(StoreError) -> Bool {
        try await reserving("advance", rows: step.events.count + 1) {
            reservation, database throws(Failure) in
            try ReplayTable.advance(step, at: time, reservation, database)
        }
    }

    package func cancelReplay(
        _ job: ReplayID, at time: Timestamp
    ) async throws(StoreError) -> Bool {
        try await reserving("cancelReplay", rows: Limits.replayBacklogMax) {
            reservation, database throws(Failure) in
            try ReplayTable.cancel(job, at: time, reservation, database)
        }
    }

    package func logEnd() async throws(StoreError) -> Int64 {
        try await read("logEnd", workReader, ReplaySearch.logEnd)
    }

    package func candidates(
        for query: ReplayQuery, after: Int64, upTo: Int64, limit: Int
    ) async throws(StoreError) -> ReplayPage {
        try await read("candidates", questionReader) { database throws(Failure) in
            try ReplaySearch.page(query, after: after, upTo: upTo, limit: limit, database)
        }
    }

    package func replays(
        before: ReplayID?, limit: Int
    ) async throws(StoreError) -> [ReplayJob] {
        try await read("replays", questionReader) { database throws(Failure) in
            try ReplayTable.jobs(before: before, limit: limit, database)
        }
    }

    // MARK: Retention

    package func prunePayloads(
        _ cutoffs: RetentionCutoffs
    ) async throws(StoreError) -> PruneStep {
        try await committer.write("prune", rows: Limits.pruneRowsMax) { database throws(Failure) in
            try RetentionTable.prunePayloads(cutoffs, database)
        }
    }

    package func pruneEvents(
        _ cutoffs: RetentionCutoffs, after: Int64
    ) async throws(StoreError) -> PruneStep {
        try await committer.write("prune", rows: Limits.pruneRowsMax) { database throws(Failure) in
            try RetentionTable.pruneEvents(cutoffs, after: after, database)
        }
    }

    package func kept() async throws(StoreError) -> KeptSummary {
        try await read("kept", questionReader, RetentionTable.kept)
    }
}
