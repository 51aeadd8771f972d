import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `event`, and the deliveries that are made with them.
enum EventTable {
    /// What ``event(_:from:)`` reads, from the tables `event` and `stream`.
    static let columns = """
        event.id, stream.source, stream.stream, event.key, event.kind, event.version,
        event.fingerprint, event.time, event.origin, event.record, event.previous,
        event.changed, event.patch
        """

    /// The same without what may be large.
    static let briefColumns = """
        event.id, stream.source, stream.stream, event.key, event.kind, event.version,
        event.fingerprint, event.time, event.origin, NULL, NULL, NULL, NULL
        """

    /// Writes events and their deliveries; an event whose id is stored already is left alone,
    /// with its deliveries, because ids are made from what happened.
    ///
    /// Returns whether any of them was new.
    static func write(
        _ events: [OutgoingEvent], _ differences: [PackedDifference?], of stream: StreamState,
        page: Int64?, at time: Timestamp, _ reservation: Reservation, _ database: Database
    ) throws(Failure) -> Bool {
        guard !events.isEmpty else { return false }
        var isAnyNew = false
        let insertion = try PreparedStatement(
            """
            INSERT INTO event
                (id, stream, key, kind, version, fingerprint, time, origin, record, page,
                before, previous, changed, patch)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            ON CONFLICT (id) DO NOTHING
            """, database)
        var queue = try DeliveryQueue(at: time, reservation, database)
        for (outgoing, difference) in zip(events, differences) {
            let event = outgoing.event
            guard event.address == stream.address else {
                throw Failure(.fault, "event \(event.id) is not of stream \(stream.address)")
            }
            try bind(event, stream.id, to: insertion)
            try insertion.bind(10, page)
            try insertion.bind(11, outgoing.before)
            try insertion.bind(12, bytes: difference?.previous)
            try insertion.bind(13, bytes: difference?.changed)
            try insertion.bind(14, bytes: difference?.patch)
            try insertion.run()
            guard insertion.changes == 1 else { continue }
            isAnyNew = true
            let entry = DeliveryQueue.Entry(
                sequence: insertion.lastInsertedRow, id: event.id.text, stream: stream.id,
                key: event.key)
            for subscription in outgoing.subscriptions {
                try queue.add(entry, to: subscription.number, due: outgoing.due)
            }
        }
        try queue.finish()
        return isAnyNew
    }

    private static func bind(
        _ event: Event, _ stream: StreamID, to insertion: PreparedStatement
    ) throws(Failure) {
        try insertion.bind(1, text: event.id.text)
        try insertion.bind(2, stream.number)
        try insertion.bind(3, text: event.key.text)
        try insertion.bind(4, Codes.number(event.kind))
        try insertion.bind(5, event.version)
        try insertion.bind(6, event.fingerprint)
        try insertion.bind(7, event.time)
        try insertion.bind(8, Codes.number(event.origin))
        try insertion.bind(9, bytes: event.record)
    }

    /// Reads ``columns``, which begin at column `first`.
    static func event(_ first: Int32, from row: PreparedStatement) throws(Failure) -> Event {
        Event(
            id: EventID(row.text(first)),
            address: StreamAddress(
                source: SourceName(row.text(first + 1)),
                stream: StreamName(row.text(first + 2))),
            key: RecordKey(row.text(first + 3)),
            kind: try Codes.word(row.integer(first + 4), of: Codes.kinds),
            version: row.integer(first + 5),
            fingerprint: try row.fingerprint(first + 6),
            time: Timestamp(milliseconds: row.integer(first + 7)),
            origin: try Codes.word(row.integer(first + 8), of: Codes.origins),
            record: row.bytes(first + 9),
            difference: try PackedDifference(
                previous: row.bytes(first + 10), changed: row.bytes(first + 11),
                patch: row.bytes(first + 12)
            )?.unpacked())
    }
}
