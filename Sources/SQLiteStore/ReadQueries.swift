import GRDB
import PullcordCommit
import PullcordModel

/// The questions of `StoreReader`, asked on any connection.
enum ReadQueries {
    static func subscriptions(
        _ query: SubscriptionQuery, _ database: Database
    ) throws(Failure) -> [SubscriptionSummary] {
        try subscriptions(
            "AND name > ?1 AND (?2 IS NULL OR instr(lower(name), ?2) > 0)", limit: query.limit,
            isBrief: query.isBrief, database
        ) { selection throws(Failure) in
            try selection.bind(1, text: query.after?.text ?? "")
            try selection.bind(2, text: query.search?.lowercased())
        }
    }

    static func subscription(
        _ name: SubscriptionName, _ database: Database
    ) throws(Failure) -> SubscriptionSummary? {
        try subscriptions("AND name = ?1", database) { selection throws(Failure) in
            try selection.bind(1, text: name.text)
        }.first
    }

    static func subscription(
        _ id: SubscriptionID, _ database: Database
    ) throws(Failure) -> SubscriptionSummary? {
        try subscriptions("AND id = ?1", database) { selection throws(Failure) in
            try selection.bind(1, id.number)
        }.first
    }

    private static func subscriptions(
        _ condition: String, limit: Int = 1, isBrief: Bool = false, _ database: Database,
        bind: (PreparedStatement) throws(Failure) -> Void
    ) throws(Failure) -> [SubscriptionSummary] {
        let oldest = try PreparedStatement(DeliverySQL.oldestOfBacklog, database)
        let failing = try PreparedStatement(DeliverySQL.lastFailure, database)
        let sql = """
            SELECT id, name, backlog, delivered, dead, last_delivered, disabled_reason,
                superseded, in_file, health
            FROM subscription WHERE in_file < 2 \(condition) ORDER BY name
            LIMIT \(max(0, limit))
            """
        let selection = try PreparedStatement(sql, database)
        try bind(selection)
        return try selection.all { row throws(Failure) in
            if !isBrief {
                for statement in [oldest, failing] { try statement.bind(1, row.integer(0)) }
            }
            return SubscriptionSummary(
                id: SubscriptionID(row.integer(0)), name: SubscriptionName(row.text(1)),
                backlog: Int(row.integer(2)), delivered: Int(row.integer(3)),
                dead: Int(row.integer(4)),
                oldestBacklog: isBrief
                    ? nil : try oldest.first { Timestamp(milliseconds: $0.integer(0)) },
                lastDelivered: row.timestamp(5), disabledReason: row.optionalText(6),
                health: row.optionalText(9),
                failure: isBrief
                    ? nil
                    : try failing.first {
                        SubscriptionSummary.Failure(
                            outcome: $0.text(0), reason: $0.text(1),
                            at: Timestamp(milliseconds: $0.integer(2)))
                    }, superseded: Int(row.integer(7)), isInFile: row.integer(8) == 1)
        }
    }

    static func events(
        _ query: EventQuery, _ database: Database
    ) throws(Failure) -> [EventSummary] {
        guard query.limit > 0 else { return [] }
        guard query.id == nil, query.key == nil, let source = query.source else {
            return try events(query, of: nil, database)
        }
        // The newest of each of its streams, so that those of other sources are not walked over.
        var found: [EventSummary] = []
        for stream in try StreamTable.ids(of: source, query.stream, database) {
            found += try events(query, of: stream, database)
        }
        let isForward = query.after != nil
        found.sort { isForward ? $0.sequence < $1.sequence : $0.sequence > $1.sequence }
        return Array(found.prefix(query.limit))
    }

    private static func events(
        _ query: EventQuery, of stream: StreamID?, _ database: Database
    ) throws(Failure) -> [EventSummary] {
        var conditions = Conditions()
        conditions.add("event.id =", query.id?.text)
        conditions.add("event.stream =", stream?.number)
        if stream == nil {
            conditions.add("stream.source =", query.source?.text)
            conditions.add("stream.stream =", query.stream?.text)
        }
        conditions.add("event.key =", query.key?.text)
        conditions.add("event.kind =", query.kind.map { Codes.number($0) })
        conditions.add("event.time >=", query.since?.milliseconds)
        conditions.add("event.sequence <", query.before)
        conditions.add("event.sequence >", query.after)
        let order = query.after == nil ? "DESC" : "ASC"
        if query.key != nil {
            // Names the streams, so that the index of streams and keys can be used.
            conditions.texts.append("event.stream IN (SELECT id FROM stream)")
        }
        let sql = """
            SELECT event.sequence, \(query.isBrief ? EventTable.briefColumns : EventTable.columns)
            FROM event CROSS JOIN stream ON stream.id = event.stream
            \(conditions.clause) ORDER BY event.sequence \(order) LIMIT \(query.limit)
            """
        let counts = try PreparedStatement(
            """
            SELECT count(*) FILTER (WHERE state <= 1), count(*) FILTER (WHERE state = 2),
                count(*) FILTER (WHERE state = 3)
            FROM delivery WHERE event = ?1
            """, database)
        let selection = try PreparedStatement(sql, database)
        try conditions.bind(to: selection)
        return try selection.all { row throws(Failure) in
            try counts.bind(1, row.integer(0))
            let numbers = try counts.first { ($0.integer(0), $0.integer(1), $0.integer(2)) }
            let (pending, delivered, dead) = numbers ?? (0, 0, 0)
            return EventSummary(
                event: try EventTable.event(1, from: row), sequence: row.integer(0),
                pending: Int(pending), delivered: Int(delivered), dead: Int(dead))
        }
    }

    static func deliveries(
        _ query: DeliveryQuery, _ database: Database
    ) throws(Failure) -> [DeliverySummary] {
        guard query.limit > 0 else { return [] }
        var conditions = Conditions()
        // Scalar look-ups, so that the table of deliveries is walked and not joined to.
        conditions.add("delivery.event = (SELECT sequence FROM event WHERE id =", query.event?.text)
        conditions.add(
            "delivery.subscription = (SELECT id FROM subscription WHERE name =",
            query.subscription?.text)
        conditions.add("delivery.id <", query.before?.number)
        conditions.add("delivery.id =", query.id?.number)
        try add(query.trace, to: &conditions, database)
        if let state = query.state {
            // As words of the statement: only so does SQLite see which partial index fits.
            let backlog = state == .ready || state == .blocked ? " AND delivery.state <= 1" : ""
            conditions.texts.append("delivery.state = \(Codes.number(state))\(backlog)")
        }
        let sql = """
            SELECT delivery.id, subscription.name, event.id, stream.source, stream.stream,
                event.key, event.kind, delivery.state, delivery.committed, delivery.due,
                delivery.job, delivery.replayed_by
            FROM delivery CROSS JOIN event ON event.sequence = delivery.event
            CROSS JOIN stream ON stream.id = event.stream
            CROSS JOIN subscription ON subscription.id = delivery.subscription
            \(conditions.clause) ORDER BY delivery.id DESC LIMIT \(query.limit)
            """
        let selection = try PreparedStatement(sql, database)
        try conditions.bind(to: selection)
        return try selection.all { row throws(Failure) in
            try summary(row, database)
        }
    }

    /// A trace is an event's, or that of a batch, which is only known from its attempts.
    private static func add(
        _ trace: String?, to conditions: inout Conditions, _ database: Database
    ) throws(Failure) {
        guard let trace else { return }
        if let event = EventID(hex: trace) {
            let selection = try PreparedStatement("SELECT 1 FROM event WHERE id = ?1", database)
            try selection.bind(1, text: event.text)
            guard try selection.first({ _ in true }) == nil else {
                return conditions.add(
                    "delivery.event = (SELECT sequence FROM event WHERE id =", event.text)
            }
        }
        conditions.add(
            "delivery.id IN (SELECT delivery FROM attempt WHERE substr(trace, 4, 32) =", trace)
    }

    private static func summary(
        _ row: PreparedStatement, _ database: Database
    ) throws(Failure) -> DeliverySummary {
        let attempts = try PreparedStatement(
            """
            SELECT number, started, milliseconds, status, outcome, reason, reply, trace
            FROM attempt
            WHERE delivery = ?1 ORDER BY number
            """, database)
        try attempts.bind(1, row.integer(0))
        let address = StreamAddress(
            source: SourceName(row.text(3)), stream: StreamName(row.text(4)))
        let kind = try Codes.word(row.integer(6), of: Codes.kinds)
        let state = try Codes.word(row.integer(7), of: Codes.states)
        return DeliverySummary(
            id: DeliveryID(row.integer(0)), subscription: SubscriptionName(row.text(1)),
            event: EventID(row.text(2)), type: address.type(of: kind),
            address: address,
            key: RecordKey(row.text(5)), state: state,
            committed: Timestamp(milliseconds: row.integer(8)),
            due: state == .ready || state == .blocked ? row.timestamp(9) : nil,
            attempts: try attempts.all(attempt),
            replay: row.integer(10) > 0 ? ReplayID(row.integer(10)) : nil,
            replayedBy: row.optionalInteger(11).map { ReplayID($0) })
    }

    private static func attempt(_ row: PreparedStatement) -> Attempt {
        Attempt(
            number: Int(row.integer(0)), started: Timestamp(milliseconds: row.integer(1)),
            duration: .milliseconds(row.integer(2)),
            status: row.optionalInteger(3).map { Int($0) }, outcome: row.text(4),
            reason: row.text(5), reply: row.text(6), trace: row.optionalText(7))
    }
}

/// The WHERE clause of a question in which every part may be missing.
struct Conditions {
    private enum Value {
        case text(String)
        case number(Int64)
    }

    var texts: [String] = []
    private var values: [Value] = []

    /// `comparison` ends where the value belongs; parentheses it opens are closed.
    mutating func add(_ comparison: String, _ value: String?) {
        if let value { add(comparison, .text(value)) }
    }

    mutating func add(_ comparison: String, _ value: Int64?) {
        if let value { add(comparison, .number(value)) }
    }

    private mutating func add(_ comparison: String, _ value: Value) {
        values.append(value)
        let opened = comparison.count { $0 == "(" } - comparison.count { $0 == ")" }
        let end = String(repeating: ")", count: max(0, opened))
        texts.append("\(comparison) ?\(values.count)\(end)")
    }

    var clause: String { texts.isEmpty ? "" : "WHERE " + texts.joined(separator: " AND ") }

    func bind(to statement: PreparedStatement) throws(Failure) {
        for (index, value) in values.enumerated() {
            switch value {
            case .text(let text): try statement.bind(Int32(index + 1), text: text)
            case .number(let number): try statement.bind(Int32(index + 1), number)
            }
        }
    }
}
