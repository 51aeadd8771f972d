import GRDB
import PullcordCommit
import PullcordModel

/// Reads of the queue; ``SettlementTable`` writes what came of it.
enum DeliveryTable {
    /// Takes the first due deliveries that `claims` does not hold yet, those of replays last;
    /// none while the subscription is stopped.
    static func claim(
        for subscription: SubscriptionID, limit: Int, replays: Int, now: Timestamp,
        _ claims: ClaimRound, _ database: Database
    ) throws(Failure) -> [Delivery] {
        guard limit > 0, try !isDisabled(subscription, database) else { return [] }
        let due = try PreparedStatement(DeliverySQL.due, database)
        try due.bind(1, subscription.number)
        try due.bind(2, now)
        // What is claimed stands at the head, and it is few: a bounded number is in flight.
        try due.bind(3, 0)
        var ids = try due.taking(limit) { claims.take(DeliveryID($0.integer(0))) }
        if min(limit - ids.count, replays) > 0 {
            try due.bind(3, 1)
            ids += try due.taking(min(limit - ids.count, replays)) {
                claims.take(DeliveryID($0.integer(0)))
            }
        }
        let selection = try PreparedStatement(DeliverySQL.one, database)
        var deliveries: [Delivery] = []
        for id in ids {
            try selection.bind(1, id)
            let delivery = try selection.first { row throws(Failure) in
                var event = try EventTable.event(6, from: row)
                let job = row.integer(2)
                if job > 0 { event.origin = .replay }
                return Delivery(
                    id: DeliveryID(id), subscription: subscription, event: event,
                    attempts: Int(row.integer(0)),
                    committed: Timestamp(milliseconds: row.integer(1)),
                    gap: row.optionalText(3).map { EventID($0) },
                    sequence: row.optionalInteger(4),
                    previous: row.optionalText(5).map { EventID($0) },
                    replay: job > 0 ? ReplayID(job) : nil)
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
        for subscription: SubscriptionID, replays: Bool, _ claims: ClaimRound, _ database: Database
    ) throws(Failure) -> Timestamp? {
        guard try !isDisabled(subscription, database) else { return nil }
        let scan = try PreparedStatement(DeliverySQL.nextDue, database)
        defer { scan.reset() }
        try scan.bind(1, subscription.number)
        var first: Timestamp?
        for isReplay in replays ? [0, 1] : [0] {
            scan.reset()
            try scan.bind(2, isReplay)
            while try scan.step() {
                guard claims.isFree(DeliveryID(scan.integer(0))) else { continue }
                let due = Timestamp(milliseconds: scan.integer(1))
                first = min(first ?? due, due)
                break
            }
        }
        return first
    }

    /// How many deliveries `claims` could take, counted up to `limit`.
    static func countDue(
        for subscription: SubscriptionID, limit: Int, now: Timestamp, _ claims: ClaimRound,
        _ database: Database
    ) throws(Failure) -> Int {
        guard limit > 0, try !isDisabled(subscription, database) else { return 0 }
        let due = try PreparedStatement(DeliverySQL.due, database)
        try due.bind(1, subscription.number)
        try due.bind(2, now)
        var count = 0
        for isReplay in [0, 1] {
            try due.bind(3, isReplay)
            count += try due.taking(limit - count) { claims.isFree(DeliveryID($0.integer(0))) }
                .count
        }
        return count
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
}

/// The statements that stay fast however long the queue is; a test asks SQLite for their plans.
package enum DeliverySQL {
    /// `?1` subscription, `?2` now, `?3` whether of replays: what is due, the first due first.
    package static let due = """
        SELECT id FROM delivery
        WHERE subscription = ?1 AND state = 0 AND is_replay = ?3 AND due <= ?2
        ORDER BY due, id
        """
    /// `?1` subscription, `?2` whether of replays.
    package static let nextDue = """
        SELECT id, due FROM delivery WHERE subscription = ?1 AND state = 0 AND is_replay = ?2
        ORDER BY due, id
        """
    /// `?1` delivery.
    package static let one = """
        SELECT delivery.attempts, delivery.committed, delivery.job, delivery.gap,
            delivery.number, delivery.previous, \(EventTable.columns)
        FROM delivery JOIN event ON event.sequence = delivery.event
        JOIN stream ON stream.id = event.stream WHERE delivery.id = ?1
        """
    /// `?1` delivery: what has to be known to settle it.
    package static let settled = """
        SELECT delivery.subscription, delivery.lane, delivery.state, delivery.job,
            subscription.ordering, event.id, delivery.gap,
            coalesce((SELECT is_cancelled FROM replay WHERE id = delivery.job), 0)
        FROM delivery JOIN subscription ON subscription.id = delivery.subscription
        JOIN event ON event.sequence = delivery.event WHERE delivery.id = ?1
        """
    /// `?1` subscription, `?2` lane, `?3` delivery.
    package static let laterOfLane = """
        SELECT 1 FROM delivery JOIN event ON event.sequence = delivery.event
        WHERE subscription = ?1 AND lane = ?2 AND state <= 1 AND delivery.id > ?3
            AND (event.stream, event.key) = (
                SELECT its.stream, its.key FROM delivery AS own
                JOIN event AS its ON its.sequence = own.event WHERE own.id = ?3)
        LIMIT 1
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
