import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `credential`.
enum CredentialTable {
    static func bytes(_ name: String, _ database: Database) throws(Failure) -> [UInt8]? {
        let selection = try PreparedStatement(CredentialSQL.one, database)
        try selection.bind(1, text: name)
        return try selection.first { $0.bytes(0) ?? [] }
    }

    /// Who replaces a credential in the file leaves one row behind: so many of the newest stay.
    private static let rowsMax: Int64 = 10_000

    static func set(
        _ bytes: [UInt8], _ name: String, at time: Timestamp, _ database: Database
    ) throws(Failure) {
        let insertion = try PreparedStatement(
            """
            INSERT INTO credential (name, sealed, kept) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET sealed = ?2, kept = ?3
            """, database)
        try insertion.bind(1, text: name)
        try insertion.bind(2, bytes: bytes)
        try insertion.bind(3, time)
        try insertion.run()
        let deletion = try PreparedStatement(
            """
            DELETE FROM credential WHERE (SELECT count(*) FROM credential) > ?1
                AND kept = (SELECT min(kept) FROM credential) AND name != ?2
            """, database)
        try deletion.bind(1, rowsMax)
        try deletion.bind(2, text: name)
        try deletion.run()
    }
}

package enum CredentialSQL {
    /// `?1` name.
    package static let one = "SELECT sealed FROM credential WHERE name = ?1"
}
