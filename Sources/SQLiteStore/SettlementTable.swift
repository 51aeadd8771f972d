import GRDB
import PullcordCommit
import PullcordModel

/// Writes to `delivery` and `attempt` what came of attempts, with the counts of `subscription`
/// and of `replay`.
struct SettlementTable {
    /// What is known of a delivery that is being settled.
    private struct Row {
        let id: Int64
        let subscription: Int64
        let lane: Int64
        let job: Int64
        let order: DeliveryOrder
        let isJobCancelled: Bool
        let event: String
        let gap: String?
    }

    private let database: Database
    private var tallies: [Int64: Tally] = [:]
    private var jobTallies: [Int64: Tally] = [:]

    private init(_ database: Database) { self.database = database }

    /// Writes attempts and verdicts; a delivery that is not ready is a mistake of the caller.
    static func settle(_ settlements: [Settlement], _ database: Database) throws(Failure) {
        var table = SettlementTable(database)
        for settlement in settlements { try table.settle(settlement) }
        for (subscription, tally) in table.tallies {
            try tally.write(toSubscription: subscription, database)
        }
        for (job, tally) in table.jobTallies { try tally.write(toReplay: job, database) }
    }

    private mutating func settle(_ settlement: Settlement) throws(Failure) {
        let row = try row(settlement.delivery.number)
        try insert(settlement.attempt, of: row.id)
        let end = settlement.attempt.end
        switch settlement.verdict {
        case .delivered:
            try finish(row, .delivered, at: end)
        case .dead:
            if try isSuperseded(row) { return try finish(row, .superseded, at: end) }
            try finish(row, .dead, at: end)
        case .retry(let time):
            if row.isJobCancelled { return try finish(row, .cancelled, at: end) }
            if try isSuperseded(row) { return try finish(row, .superseded, at: end) }
            try postpone(row.id, until: time)
        }
    }

    private func row(_ id: Int64) throws(Failure) -> Row {
        let selection = try PreparedStatement(DeliverySQL.settled, database)
        try selection.bind(1, id)
        let row = try selection.first { row throws(Failure) -> Row? in
            guard row.integer(2) == Codes.number(.ready) else { return nil }
            return Row(
                id: id, subscription: row.integer(0), lane: row.integer(1), job: row.integer(3),
                order: try Codes.word(row.integer(4), of: Codes.orders),
                isJobCancelled: row.integer(7) != 0, event: row.text(5),
                gap: row.optionalText(6))
        }
        guard case .some(.some(let found)) = row else {
            throw Failure(.fault, "delivery \(id) is not there to be settled")
        }
        return found
    }

    /// Whether a newer state of the record waits, and is wanted instead.
    private func isSuperseded(_ row: Row) throws(Failure) -> Bool {
        guard row.order == .latest, row.job == 0 else { return false }
        let selection = try PreparedStatement(DeliverySQL.laterOfLane, database)
        try selection.bind(1, row.subscription)
        try selection.bind(2, row.lane)
        try selection.bind(3, row.id)
        return try selection.first { _ in true } ?? false
    }

    private func insert(_ attempt: Attempt, of delivery: Int64) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO attempt
                (delivery, number, started, milliseconds, status, outcome, reason, reply, trace)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """, database)
        try insertion.bind(1, delivery)
        try insertion.bind(2, attempt.number)
        try insertion.bind(3, attempt.started)
        try insertion.bind(4, attempt.duration.wholeMilliseconds)
        try insertion.bind(5, attempt.status.map { Int64($0) })
        try insertion.bind(6, text: attempt.outcome)
        try insertion.bind(7, text: attempt.reason)
        try insertion.bind(8, text: attempt.reply)
        try insertion.bind(9, text: attempt.trace)
        try insertion.run()
    }

    private func postpone(_ delivery: Int64, until time: Timestamp) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE delivery SET due = ?2, attempts = attempts + 1 WHERE id = ?1", database)
        try update.bind(1, delivery)
        try update.bind(2, time)
        try update.run()
    }

    /// Ends a delivery and makes the next one of its lane ready.
    ///
    /// That one keeps the time it was due at: it has waited long enough. It carries the id of a
    /// dead one, or what a superseded one would have carried.
    private mutating func finish(
        _ row: Row, _ state: DeliveryState, at time: Timestamp
    ) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE delivery SET state = ?2, attempts = attempts + 1, finished = ?3 WHERE id = ?1
            """, database)
        try update.bind(1, row.id)
        try update.bind(2, Codes.number(state))
        try update.bind(3, time)
        try update.run()
        tallies[row.subscription, default: Tally()].add(state, at: time)
        if row.job > 0 { jobTallies[row.job, default: Tally()].add(state, at: time) }

        var gap: String?
        if row.order != .none, row.job == 0 {
            gap = state == .dead ? row.event : state == .superseded ? row.gap : nil
        }
        if try !Self.promote(row.subscription, row.lane, gap: gap, database), let gap {
            try DeliveryQueue.leaveGap(gap, row.subscription, row.lane, database)
        }
    }

    /// Makes the first delivery of a lane ready; false if the lane is empty.
    @discardableResult
    static func promote(
        _ subscription: Int64, _ lane: Int64, gap: String?, _ database: Database
    ) throws(Failure) -> Bool {
        let next = try PreparedStatement(DeliverySQL.nextOfLane, database)
        try next.bind(1, subscription)
        try next.bind(2, lane)
        guard let promoted = try next.first({ $0.integer(0) }) else { return false }
        let promotion = try PreparedStatement(
            "UPDATE delivery SET state = 0, gap = coalesce(?2, gap) WHERE id = ?1", database)
        try promotion.bind(1, promoted)
        try promotion.bind(2, text: gap)
        try promotion.run()
        return true
    }
}

/// What settlements add to the counts of one subscription or one replay.
private struct Tally {
    private var counts: [DeliveryState: Int] = [:]
    private var lastDelivered: Timestamp?

    mutating func add(_ state: DeliveryState, at time: Timestamp) {
        counts[state, default: 0] += 1
        if state == .delivered { lastDelivered = max(time, lastDelivered ?? time) }
    }

    func write(toSubscription subscription: Int64, _ database: Database) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE subscription SET backlog = backlog - ?2 - ?3 - ?4 - ?5,
                delivered = delivered + ?2, dead = dead + ?3, superseded = superseded + ?4,
                last_delivered = max(coalesce(last_delivered, ?6), coalesce(?6, last_delivered))
            WHERE id = ?1
            """, database)
        try update.bind(1, subscription)
        try update.bind(2, counts[.delivered] ?? 0)
        try update.bind(3, counts[.dead] ?? 0)
        try update.bind(4, counts[.superseded] ?? 0)
        try update.bind(5, counts[.cancelled] ?? 0)
        try update.bind(6, lastDelivered)
        try update.run()
    }

    func write(toReplay job: Int64, _ database: Database) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE replay SET delivered = delivered + ?2, dead = dead + ?3,
                cancelled = cancelled + ?4
            WHERE id = ?1
            """, database)
        try update.bind(1, job)
        try update.bind(2, counts[.delivered] ?? 0)
        try update.bind(3, counts[.dead] ?? 0)
        try update.bind(4, counts[.cancelled] ?? 0)
        try update.run()
    }
}

extension Attempt {
    fileprivate var end: Timestamp { started + duration }
}
