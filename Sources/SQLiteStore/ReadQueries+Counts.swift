import GRDB
import PullcordCommit
import PullcordModel

extension ReadQueries {
    private static let hour: Int64 = 3_600_000

    static func changeCounts(
        after: Int64, upTo: Int64, _ database: Database
    ) throws(Failure) -> [ChangeCount] {
        let kinds = [EventKind.created, .updated, .deleted].map { Codes.number($0) }
        let list = kinds.map { "\($0)" }.joined(separator: ", ")
        // Grouped by the number first: the name is looked up once for each source and hour.
        let selection = try PreparedStatement(
            """
            SELECT stream.source, counts.hour, sum(counts.number) FROM (
                SELECT stream, time / \(hour) AS hour, count(*) AS number FROM event
                WHERE sequence > ?1 AND sequence <= ?2 AND kind IN (\(list))
                GROUP BY stream, time / \(hour)
            ) AS counts JOIN stream ON stream.id = counts.stream
            GROUP BY stream.source, counts.hour ORDER BY stream.source, counts.hour
            """, database)
        try selection.bind(1, after)
        try selection.bind(2, upTo)
        return try selection.all { row in
            ChangeCount(
                source: SourceName(row.text(0)), hour: row.integer(1), count: Int(row.integer(2)))
        }
    }
}
