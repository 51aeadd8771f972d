import GRDB
import PullcordCommit
import PullcordModel

/// Puts deliveries into the queue within one transaction: lanes, numbers, gaps, and what a newer
/// state makes needless.
struct DeliveryQueue {
    /// An event of the log, as far as the queue has to know it.
    struct Entry {
        let sequence: Int64
        let id: String
        let stream: StreamID
        let key: RecordKey
    }

    /// What is known of a subscription during the transaction.
    private struct Line {
        let order: DeliveryOrder
        let isNumbered: Bool
        let hasGaps: Bool
        var lastNumber: Int64
        var lastEvent: String?
        var added = 0
        var superseded = 0
    }

    private let time: Timestamp
    /// The replay that the deliveries belong to; 0 for none.
    private let job: Int64
    private let reservation: Reservation
    private let database: Database
    private let insertion: PreparedStatement
    private var lines: [Int64: Line] = [:]

    init(
        at time: Timestamp, job: Int64 = 0, _ reservation: Reservation, _ database: Database
    ) throws(Failure) {
        self.time = time
        self.job = job
        self.reservation = reservation
        self.database = database
        insertion = try PreparedStatement(QueueSQL.insert, database)
        try insertion.bind(4, time)
        try insertion.bind(6, job)
    }

    /// `due` is when the first attempt may be made; nil for at once.
    mutating func add(
        _ entry: Entry, to subscription: Int64, due: Timestamp? = nil
    ) throws(Failure) {
        var line: Line
        if let known = lines[subscription] {
            line = known
        } else {
            line = try Self.line(of: subscription, database)
        }
        let lane = Lane.number(
            line.order, entry.stream, entry.key, event: entry.sequence, job: job)
        var gap: String?
        if line.order == .latest, job == 0 {
            let superseded = try supersede(subscription, lane, entry)
            line.superseded += superseded.count
            gap = superseded.gap
        }
        if line.hasGaps, line.order != .none, job == 0 {
            gap = try takeGap(subscription, lane) ?? gap
        }
        let isNumbered = line.isNumbered && job == 0
        try insertion.bind(1, subscription)
        try insertion.bind(2, entry.sequence)
        try insertion.bind(3, lane)
        try insertion.bind(5, line.order == .none ? 1 : 0)
        try insertion.bind(7, text: gap)
        try insertion.bind(8, isNumbered ? line.lastNumber + 1 : nil)
        try insertion.bind(9, text: isNumbered ? line.lastEvent : nil)
        try insertion.bind(10, due ?? time)
        try insertion.run()
        line.added += 1
        if isNumbered {
            line.lastNumber += 1
            line.lastEvent = entry.id
        }
        lines[subscription] = line
    }

    /// Writes the counts of the subscriptions; how many deliveries were added.
    @discardableResult
    func finish() throws(Failure) -> Int {
        let update = try PreparedStatement(
            """
            UPDATE subscription SET backlog = backlog + ?2 - ?3, superseded = superseded + ?3,
                last_number = ?4, last_event = ?5
            WHERE id = ?1
            """, database)
        for (subscription, line) in lines {
            try update.bind(1, subscription)
            try update.bind(2, line.added)
            try update.bind(3, line.superseded)
            try update.bind(4, line.lastNumber)
            try update.bind(5, text: line.lastEvent)
            try update.run()
        }
        return lines.values.reduce(0) { $0 + $1.added }
    }

    private static func line(
        of subscription: Int64, _ database: Database
    ) throws(Failure) -> Line {
        let selection = try PreparedStatement(QueueSQL.line, database)
        try selection.bind(1, subscription)
        let line = try selection.first { row throws(Failure) in
            Line(
                order: try Codes.word(row.integer(0), of: Codes.orders),
                isNumbered: row.integer(1) != 0, hasGaps: row.integer(4) != 0,
                lastNumber: row.integer(2), lastEvent: row.optionalText(3))
        }
        guard let line else {
            throw Failure(.fault, "subscription \(subscription) is not registered")
        }
        return line
    }

    /// Leaves out what waits in a lane and is in nobody's hands.
    private func supersede(
        _ subscription: Int64, _ lane: Int64, _ entry: Entry
    ) throws(Failure) -> (count: Int, gap: String?) {
        let selection = try PreparedStatement(QueueSQL.waiting, database)
        try selection.bind(1, subscription)
        try selection.bind(2, lane)
        try selection.bind(3, entry.stream.number)
        try selection.bind(4, text: entry.key.text)
        let waiting = try selection.all { ($0.integer(0), $0.optionalText(1)) }
        var count = 0
        var gap: String?
        for (delivery, its) in waiting where reservation.take(DeliveryID(delivery)) {
            try Self.end(delivery, .superseded, at: time, database)
            count += 1
            gap = its ?? gap
        }
        return (count, gap)
    }

    /// Ends a delivery without an attempt.
    static func end(
        _ delivery: Int64, _ state: DeliveryState, at time: Timestamp, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE delivery SET state = ?2, finished = ?3 WHERE id = ?1", database)
        try update.bind(1, delivery)
        try update.bind(2, Codes.number(state))
        try update.bind(3, time)
        try update.run()
    }

    private func takeGap(_ subscription: Int64, _ lane: Int64) throws(Failure) -> String? {
        let deletion = try PreparedStatement(QueueSQL.takeGap, database)
        try deletion.bind(1, subscription)
        try deletion.bind(2, lane)
        return try deletion.first { $0.text(0) }
    }

    /// Keeps the id of a dead delivery for the next one of its lane.
    static func leaveGap(
        _ event: String, _ subscription: Int64, _ lane: Int64, _ database: Database
    ) throws(Failure) {
        let insertion = try PreparedStatement(
            "INSERT OR REPLACE INTO gap (subscription, lane, event) VALUES (?1, ?2, ?3)", database)
        try insertion.bind(1, subscription)
        try insertion.bind(2, lane)
        try insertion.bind(3, text: event)
        try insertion.run()
    }
}

package enum QueueSQL {
    /// `?1` subscription, `?2` event, `?3` lane, `?4` time, `?5` whether it waits for nothing,
    /// `?6` job, `?7` gap, `?8` number, `?9` previous, `?10` due: blocked if its lane is taken.
    package static let insert = """
        INSERT INTO delivery (subscription, event, lane, state, due, committed, job, is_replay,
            gap, number, previous)
        VALUES (?1, ?2, ?3, CASE WHEN ?5 THEN 0 ELSE EXISTS (
            SELECT 1 FROM delivery WHERE subscription = ?1 AND lane = ?3 AND state <= 1
        ) END, ?10, ?4, ?6, ?6 > 0, ?7, ?8, ?9)
        """
    /// `?1` subscription.
    package static let line = """
        SELECT ordering, is_numbered, last_number, last_event,
            EXISTS (SELECT 1 FROM gap WHERE subscription = ?1)
        FROM subscription WHERE id = ?1
        """
    /// `?1` subscription, `?2` lane, `?3` stream, `?4` key: what has not ended, the oldest first;
    /// another record may be in the lane by accident.
    package static let waiting = """
        SELECT delivery.id, gap FROM delivery JOIN event ON event.sequence = delivery.event
        WHERE subscription = ?1 AND lane = ?2 AND state <= 1 AND event.stream = ?3
            AND event.key = ?4
        ORDER BY delivery.id
        """
    /// `?1` subscription, `?2` lane.
    package static let takeGap = """
        DELETE FROM gap WHERE subscription = ?1 AND lane = ?2 RETURNING event
        """
}
