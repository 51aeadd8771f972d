import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `page`: where events came from.
enum PageTable {
    /// The id that the next page gets.
    static func nextID(_ database: Database) throws(Failure) -> Int64 {
        try PreparedStatement("SELECT coalesce(max(id), 0) + 1 FROM page", database)
            .first { $0.integer(0) } ?? 1
    }

    static func insert(
        _ page: PageOrigin, as id: Int64, of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO page
                (id, stream, poll_started, number, look, url, status, records, read_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """, database)
        try insertion.bind(1, id)
        try insertion.bind(2, stream.number)
        try insertion.bind(3, page.pollStarted)
        try insertion.bind(4, page.number)
        try insertion.bind(5, page.look)
        try insertion.bind(6, text: page.url)
        try insertion.bind(7, page.status.map { Int64($0) })
        try insertion.bind(8, page.records)
        try insertion.bind(9, page.readAt)
        try insertion.run()
    }

    /// nil if there is no such event.
    static func provenance(
        of event: EventID, _ database: Database
    ) throws(Failure) -> EventProvenance? {
        let selection = try PreparedStatement(
            """
            SELECT event.before, page.poll_started, page.number, page.look, page.url,
                page.status, page.records, page.read_at
            FROM event LEFT JOIN page ON page.id = event.page WHERE event.id = ?1
            """, database)
        try selection.bind(1, text: event.text)
        return try selection.first { row throws(Failure) in
            let page = row.timestamp(1).map { started in
                PageOrigin(
                    pollStarted: started, number: Int(row.integer(2)), look: Int(row.integer(3)),
                    url: row.optionalText(4), status: row.optionalInteger(5).map { Int($0) },
                    records: Int(row.integer(6)),
                    readAt: Timestamp(milliseconds: row.integer(7)))
            }
            return EventProvenance(page: page, before: try row.fingerprint(0))
        }
    }
}
