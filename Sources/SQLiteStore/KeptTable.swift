import GRDB
import PullcordCommit
import PullcordModel
import PullcordZstd

/// The rows of `kept`: whole records.
enum KeptTable {
    /// Ordinals of a stream beyond this are kept for no record: the ids would run into each other.
    private static let ordinalBits: Int64 = 40
    private static let streamsMax: Int64 = 1 << 22

    /// The ids of all records of a stream.
    private static func ids(of stream: StreamID) throws(Failure) -> ClosedRange<Int64> {
        guard (0..<streamsMax).contains(stream.number) else {
            throw Failure(.fault, "no records are kept of stream \(stream.number)")
        }
        let first = stream.number << ordinalBits
        return first...(first + ((1 << ordinalBits) - 1))
    }

    private static func id(
        _ ordinal: Int64, _ ids: ClosedRange<Int64>
    ) throws(Failure) -> Int64 {
        guard ordinal >= 0, ordinal < 1 << ordinalBits else {
            throw Failure(.fault, "no record is kept with the ordinal \(ordinal)")
        }
        return ids.lowerBound | ordinal
    }

    /// The bytes of those records that are kept in the version known.
    static func bytes(
        of records: [KnownRecord], in stream: StreamID, bytesMax: Int, _ database: Database
    ) throws(Failure) -> [[UInt8]?] {
        guard !records.isEmpty else { return [] }
        let ids = try ids(of: stream)
        let selection = try PreparedStatement(KeptSQL.one, database)
        let unpacker = Unpacker()
        var result: [[UInt8]?] = []
        result.reserveCapacity(records.count)
        var left = bytesMax
        for record in records {
            try selection.bind(1, try id(record.ordinal, ids))
            try selection.bind(2, record.version)
            let packed = try selection.first { $0.bytes(0) }
            guard left >= 0, let packed = packed ?? nil else {
                result.append(nil)
                continue
            }
            let bytes = try unpacker.bytes(packed, limit: Limits.recordBytesKept)
            left -= bytes.count
            result.append(left >= 0 ? bytes : nil)
        }
        return result
    }

    /// Writes what a batch says of records, and which of the stream's are kept from now on.
    static func write(
        _ packed: [[UInt8]?], _ update: KeptUpdate, _ stream: inout StreamState,
        _ database: Database
    ) throws(Failure) {
        guard update != .nothing else { return }
        let before = stream.kept
        try write(packed, update.records, stream.id, database)
        if !update.records.isEmpty, stream.kept == .none { stream.kept = .some }
        if update.isComplete { stream.kept = .all }
        if let limit = update.dropLimit {
            stream.kept = try drop(limit, of: stream.id, database) ? .some : .none
        }
        guard stream.kept != before else { return }
        let marking = try PreparedStatement("UPDATE stream SET kept = ?2 WHERE id = ?1", database)
        try marking.bind(1, stream.id.number)
        try marking.bind(2, stream.kept.rawValue)
        try marking.run()
    }

    private static func write(
        _ packed: [[UInt8]?], _ records: [KeptUpdate.Record], _ stream: StreamID,
        _ database: Database
    ) throws(Failure) {
        let ids = try ids(of: stream)
        let insertion = try PreparedStatement(
            """
            INSERT INTO kept (id, version, bytes) VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET version = ?2, bytes = ?3
            """, database)
        let deletion = try PreparedStatement("DELETE FROM kept WHERE id = ?1", database)
        for (record, bytes) in zip(records, packed) {
            let id = try id(record.ordinal, ids)
            guard let bytes else {
                try deletion.bind(1, id)
                try deletion.run()
                continue
            }
            try insertion.bind(1, id)
            try insertion.bind(2, record.version)
            try insertion.bind(3, bytes: bytes)
            try insertion.run()
        }
    }

    /// Takes away what is kept of these records.
    static func forget(
        _ ordinals: [Int64], of stream: StreamID, _ database: Database
    ) throws(Failure) {
        let ids = try ids(of: stream)
        let deletion = try PreparedStatement("DELETE FROM kept WHERE id = ?1", database)
        for ordinal in ordinals {
            try deletion.bind(1, try id(ordinal, ids))
            try deletion.run()
        }
    }

    /// Drops at most `limit` records; returns whether there are more.
    private static func drop(
        _ limit: Int, of stream: StreamID, _ database: Database
    ) throws(Failure) -> Bool {
        let ids = try ids(of: stream)
        let deletion = try PreparedStatement(KeptSQL.drop, database)
        try deletion.bind(1, ids.lowerBound)
        try deletion.bind(2, ids.upperBound)
        try deletion.bind(3, max(0, limit))
        try deletion.run()
        let rest = try PreparedStatement(KeptSQL.any, database)
        try rest.bind(1, ids.lowerBound)
        try rest.bind(2, ids.upperBound)
        return try rest.first { _ in true } ?? false
    }
}

/// The statements that must stay fast however many records are kept.
package enum KeptSQL {
    /// `?1` id, `?2` version.
    package static let one = "SELECT bytes FROM kept WHERE id = ?1 AND version = ?2"
    /// `?1` the first id, `?2` the last, `?3` how many.
    package static let drop = """
        DELETE FROM kept WHERE id IN (
            SELECT id FROM kept WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)
        """
    /// `?1` the first id, `?2` the last.
    package static let any = "SELECT 1 FROM kept WHERE id BETWEEN ?1 AND ?2 LIMIT 1"
}
