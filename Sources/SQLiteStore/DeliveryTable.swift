import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `delivery` and `attempt`, and the counts of `subscription` that go with them.
enum DeliveryTable {
    // MARK: Claim

    /// Takes the first due deliveries that `claims` does not hold yet; none while the
    /// subscription is stopped.
    static func claim(
        for subscription: SubscriptionID, limit: Int, now: Timestamp, _ claims: ClaimRound,
        _ database: Database
    ) throws(Failure) -> [Delivery] {
        guard limit > 0, try !isDisabled(subscription, database) else { return [] }
        let due = try PreparedStatement(DeliverySQL.due, database)
        try due.bind(1, subscription.number)
        try due.bind(2, now)
        // What is claimed stands at the head, and it is few: a bounded number is in flight.
        let ids = try due.taking(limit) { claims.take(DeliveryID($0.integer(0))) }
        let selection = try PreparedStatement(DeliverySQL.one, database)
        var deliveries: [Delivery] = []
        for id in ids {
            try selection.bind(1, id)
            let delivery = try selection.first { row throws(Failure) in
                Delivery(
                    id: DeliveryID(id), subscription: subscription,
                    event: try EventTable.event(2, from: row), attempts: Int(row.integer(0)),
                    committed: Timestamp(milliseconds: row.integer(1)))
            }
            guard let delivery else {
                throw Failure(.corrupt, "delivery \(id) has no event")
            }
            deliveries.append(delivery)
        }
        return deliveries
    }

    /// When the first delivery that `claims` does not hold is due.
    static func nextDue(
        for subscription: SubscriptionID, _ claims: ClaimRound, _ database: Database
    ) throws(Failure) -> Timestamp? {
        guard try !isDisabled(subscription, database) else { return nil }
        let scan = try PreparedStatement(DeliverySQL.nextDue, database)
        defer { scan.reset() }
        try scan.bind(1, subscription.number)
        while try scan.step() {
            if claims.isFree(DeliveryID(scan.integer(0))) { return scan.timestamp(1) }
        }
        return nil
    }

    private static func isDisabled(
        _ subscription: SubscriptionID, _ database: Database
    ) throws(Failure) -> Bool {
        let selection = try PreparedStatement(
            "SELECT disabled_reason IS NOT NULL FROM subscription WHERE id = ?1", database)
        try selection.bind(1, subscription.number)
        guard let isDisabled = try selection.first({ $0.integer(0) != 0 }) else {
            throw Failure(.fault, "subscription \(subscription.number) is not registered")
        }
        return isDisabled
    }

    // MARK: Settle

    /// Writes attempts and verdicts; a delivery that is not ready is a mistake of the caller.
    static func settle(_ settlements: [Settlement], _ database: Database) throws(Failure) {
        let selection = try PreparedStatement(
            "SELECT subscription, lane, state FROM delivery WHERE id = ?1", database)
        var tallies: [Int64: Tally] = [:]
        for settlement in settlements {
            let id = settlement.delivery.number
            try selection.bind(1, id)
            let found = try selection.first { ($0.integer(0), $0.integer(1), $0.integer(2)) }
            guard let (subscription, lane, state) = found, state == Codes.number(.ready) else {
                throw Failure(.fault, "delivery \(id) is not there to be settled")
            }
            try insert(settlement.attempt, of: id, database)
            switch settlement.verdict {
            case .retry(let time):
                try postpone(id, until: time, database)
            case .delivered:
                try finish(id, .delivered, subscription, lane, database)
                tallies[subscription, default: Tally()].add(deliveredAt: settlement.attempt.end)
            case .dead:
                try finish(id, .dead, subscription, lane, database)
                tallies[subscription, default: Tally()].dead += 1
            }
        }
        for (subscription, tally) in tallies { try tally.write(subscription, database) }
    }

    private static func insert(
        _ attempt: Attempt, of delivery: Int64, _ database: Database
    ) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO attempt
                (delivery, number, started, milliseconds, status, outcome, reason, reply)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """, database)
        try insertion.bind(1, delivery)
        try insertion.bind(2, attempt.number)
        try insertion.bind(3, attempt.started)
        try insertion.bind(4, attempt.duration.wholeMilliseconds)
        try insertion.bind(5, attempt.status.map { Int64($0) })
        try insertion.bind(6, text: attempt.outcome)
        try insertion.bind(7, text: attempt.reason)
        try insertion.bind(8, text: attempt.reply)
        try insertion.run()
    }

    private static func postpone(
        _ delivery: Int64, until time: Timestamp, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE delivery SET due = ?2, attempts = attempts + 1 WHERE id = ?1", database)
        try update.bind(1, delivery)
        try update.bind(2, time)
        try update.run()
    }

    /// Ends a delivery and makes the next one of its lane ready.
    ///
    /// That one keeps the time it was due at: it has waited long enough.
    private static func finish(
        _ delivery: Int64, _ state: DeliveryState, _ subscription: Int64, _ lane: Int64,
        _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE delivery SET state = ?2, attempts = attempts + 1 WHERE id = ?1", database)
        try update.bind(1, delivery)
        try update.bind(2, Codes.number(state))
        try update.run()
        let next = try PreparedStatement(DeliverySQL.nextOfLane, database)
        try next.bind(1, subscription)
        try next.bind(2, lane)
        guard let promoted = try next.first({ $0.integer(0) }) else { return }
        let promotion = try PreparedStatement(
            "UPDATE delivery SET state = 0 WHERE id = ?1", database)
        try promotion.bind(1, promoted)
        try promotion.run()
    }

    /// What settlements add to the counts of one subscription.
    private struct Tally {
        var delivered = 0
        var dead = 0
        var lastDelivered: Timestamp?

        mutating func add(deliveredAt time: Timestamp) {
            delivered += 1
            lastDelivered = max(time, lastDelivered ?? time)
        }

        func write(_ subscription: Int64, _ database: Database) throws(Failure) {
            let update = try PreparedStatement(
                """
                UPDATE subscription SET backlog = backlog - ?2 - ?3, delivered = delivered + ?2,
                    dead = dead + ?3,
                    last_delivered = max(coalesce(last_delivered, ?4), coalesce(?4, last_delivered))
                WHERE id = ?1
                """, database)
            try update.bind(1, subscription)
            try update.bind(2, delivered)
            try update.bind(3, dead)
            try update.bind(4, lastDelivered)
            try update.run()
        }
    }
}

/// The statements that stay fast however long the queue is; a test asks SQLite for their plans.
package enum DeliverySQL {
    /// `?1` subscription, `?2` now: what is due, the first due first.
    package static let due = """
        SELECT id FROM delivery WHERE subscription = ?1 AND state = 0 AND due <= ?2
        ORDER BY due, id
        """
    /// `?1` subscription.
    package static let nextDue = """
        SELECT id, due FROM delivery WHERE subscription = ?1 AND state = 0 ORDER BY due, id
        """
    /// `?1` delivery.
    package static let one = """
        SELECT delivery.attempts, delivery.committed, \(EventTable.columns)
        FROM delivery JOIN event ON event.sequence = delivery.event
        JOIN stream ON stream.id = event.stream WHERE delivery.id = ?1
        """
    /// `?1` subscription, `?2` lane.
    package static let nextOfLane = """
        SELECT id FROM delivery WHERE subscription = ?1 AND lane = ?2 AND state <= 1
        ORDER BY id LIMIT 1
        """
    /// `?1` subscription.
    package static let oldestOfBacklog = """
        SELECT committed FROM delivery WHERE subscription = ?1 AND state <= 1 ORDER BY id LIMIT 1
        """
    /// `?1` subscription: the last attempt of what has failed and is due last.
    package static let lastFailure = """
        SELECT outcome, reason, started FROM attempt WHERE delivery = (
            SELECT id FROM delivery WHERE subscription = ?1 AND state = 0 AND attempts > 0
            ORDER BY due DESC, id DESC LIMIT 1
        ) AND number = (
            SELECT attempts FROM delivery WHERE subscription = ?1 AND state = 0 AND attempts > 0
            ORDER BY due DESC, id DESC LIMIT 1
        )
        """
}

extension Attempt {
    fileprivate var end: Timestamp { started + duration }
}

extension PreparedStatement {
    /// Reads the first column of those rows that `isWanted` accepts, at most `limit`, and resets.
    fileprivate func taking(
        _ limit: Int, _ isWanted: (PreparedStatement) -> Bool
    ) throws(Failure) -> [Int64] {
        defer { reset() }
        var numbers: [Int64] = []
        while numbers.count < limit, try step() {
            if isWanted(self) { numbers.append(integer(0)) }
        }
        return numbers
    }
}
