import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `mark`: what a stream remembers by name.
enum MarkTable {
    static func marks(
        of stream: StreamID, _ database: Database
    ) throws(Failure) -> [String: String] {
        let selection = try PreparedStatement(
            "SELECT name, value FROM mark WHERE stream = ?1", database)
        try selection.bind(1, stream.number)
        let rows = try selection.all { ($0.text(0), $0.text(1)) }
        return Dictionary(rows) { first, _ in first }
    }

    static func all(_ database: Database) throws(Failure) -> [StreamID: [String: String]] {
        let rows = try PreparedStatement("SELECT stream, name, value FROM mark", database)
            .all { (StreamID($0.integer(0)), $0.text(1), $0.text(2)) }
        var marks: [StreamID: [String: String]] = [:]
        for (stream, name, value) in rows { marks[stream, default: [:]][name] = value }
        return marks
    }

    static func write(
        _ marks: [String: String], of stream: StreamID, _ database: Database
    ) throws(Failure) {
        guard !marks.isEmpty else { return }
        let insertion = try PreparedStatement(
            """
            INSERT INTO mark (stream, name, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (stream, name) DO UPDATE SET value = ?3
            """, database)
        let deletion = try PreparedStatement(
            "DELETE FROM mark WHERE stream = ?1 AND name = ?2", database)
        for (name, value) in marks {
            let statement = value.isEmpty ? deletion : insertion
            try statement.bind(1, stream.number)
            try statement.bind(2, text: name)
            if !value.isEmpty { try statement.bind(3, text: value) }
            try statement.run()
        }
    }
}
