import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `record`: what is known of each key.
enum RecordTable {
    // MARK: Known

    /// Finds each key, by one walk along the table if the keys come in its order.
    static func known(
        _ keys: KeyList, of stream: StreamID, _ database: Database
    ) throws(Failure) -> [KnownRecord?] {
        if ByteOrder.isAscending(keys) {
            return try walk(keys, stream, database)
        }
        let selection = try PreparedStatement(RecordSQL.one, database)
        try selection.bind(1, stream.number)
        defer { selection.reset() }
        var result: [KnownRecord?] = []
        result.reserveCapacity(keys.count)
        for index in 0..<keys.count {
            selection.reset()
            try selection.bind(2, text: keys.bytes, keys.range(index))
            result.append(try selection.step() ? try record(selection) : nil)
        }
        return result
    }

    /// Steps from row to row while the next key is near, and seeks where it is not.
    ///
    /// A step costs a fraction of a seek. How many steps are tried before a seek doubles with
    /// each key that was found so, and halves with each that was not.
    private static func walk(
        _ keys: KeyList, _ stream: StreamID, _ database: Database
    ) throws(Failure) -> [KnownRecord?] {
        let scan = try PreparedStatement(RecordSQL.from, database)
        try scan.bind(1, stream.number)
        defer { scan.reset() }
        var result: [KnownRecord?] = []
        result.reserveCapacity(keys.count)
        var hasRow = false
        var isAtEnd = false
        var stepsMax = 1
        for index in 0..<keys.count {
            let range = keys.range(index)
            var order = hasRow ? scan.compare(0, with: keys.bytes, range) : -1
            var steps = 0
            while hasRow, order < 0, steps < stepsMax {
                steps += 1
                hasRow = try scan.step()
                isAtEnd = !hasRow
                if hasRow { order = scan.compare(0, with: keys.bytes, range) }
            }
            if order < 0, !isAtEnd {
                scan.reset()
                try scan.bind(2, text: keys.bytes, range)
                hasRow = try scan.step()
                isAtEnd = !hasRow
                if hasRow { order = scan.compare(0, with: keys.bytes, range) }
                stepsMax = max(1, stepsMax / 2)
            } else if steps > 0 {
                stepsMax = min(16, stepsMax * 2)
            }
            result.append(hasRow && order == 0 ? try record(scan) : nil)
        }
        return result
    }

    private static func record(_ row: PreparedStatement) throws(Failure) -> KnownRecord {
        KnownRecord(
            ordinal: row.integer(1), version: row.integer(2), fingerprint: try row.fingerprint(3))
    }

    // MARK: Unseen

    /// One stretch of the search for live records that a scan has not seen.
    struct Stretch: Sendable {
        var found: [(key: RecordKey, state: KnownRecord)] = []
        /// The last key looked at; nil once the end was reached.
        var last: RecordKey?
    }

    /// How many rows one read looks at: longer ones would keep the log from being emptied.
    static let stretchMax = 65_536

    /// Reads stretch after stretch until there are `limit` records or no more.
    static func unseen(
        after: RecordKey?, limit: Int,
        stretch: (RecordKey?, Int) async throws(StoreError) -> Stretch
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        guard limit > 0 else { return [] }
        var found: [(key: RecordKey, state: KnownRecord)] = []
        var last = after
        repeat {
            let next = try await stretch(last, limit - found.count)
            found += next.found
            last = next.last
        } while last != nil && found.count < limit
        return found
    }

    static func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int, _ database: Database
    ) throws(Failure) -> Stretch {
        let sql = after == nil ? RecordSQL.all : RecordSQL.after
        let scan = try PreparedStatement(sql, database)
        defer { scan.reset() }
        try scan.bind(1, stream.number)
        if let after { try scan.bind(2, text: after.text) }
        var stretch = Stretch()
        var steps = 0
        while try scan.step() {
            steps += 1
            if !scan.isNull(3), !seen.contains(scan.integer(1)) {
                let key = RecordKey(scan.text(0))
                stretch.found.append((key: key, state: try record(scan)))
            }
            if stretch.found.count >= limit || steps >= stretchMax {
                stretch.last = RecordKey(scan.text(0))
                break
            }
        }
        return stretch
    }

    // MARK: Write

    /// Writes new states and brings the stream's counts up to date.
    static func write(
        _ records: [(key: RecordKey, state: KnownRecord)], _ stream: inout StreamState,
        _ database: Database
    ) throws(Failure) {
        guard !records.isEmpty else { return }
        let insertion = try PreparedStatement(
            """
            INSERT INTO record (stream, key, ordinal, version, fingerprint)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """, database)
        let selection = try PreparedStatement(
            "SELECT fingerprint FROM record WHERE stream = ?1 AND key = ?2", database)
        let update = try PreparedStatement(
            """
            UPDATE record SET version = ?3, fingerprint = ?4 WHERE stream = ?1 AND key = ?2
            """, database)
        for statement in [insertion, selection, update] {
            try statement.bind(1, stream.id.number)
        }
        for (key, state) in records {
            try check(key, state)
            for statement in [insertion, selection, update] {
                try statement.bind(2, text: key.text)
            }
            let isLive = state.fingerprint != nil
            // The ordinal tells which records are new, and saves those a look-up.
            if state.ordinal < stream.nextOrdinal,
                let wasLive = try selection.first({ !$0.isNull(0) })
            {
                try update.bind(3, state.version)
                try update.bind(4, state.fingerprint)
                try update.run()
                stream.liveCount += (isLive ? 1 : 0) - (wasLive ? 1 : 0)
                continue
            }
            try insertion.bind(3, state.ordinal)
            try insertion.bind(4, state.version)
            try insertion.bind(5, state.fingerprint)
            try insertion.run()
            stream.nextOrdinal = max(stream.nextOrdinal, state.ordinal + 1)
            if isLive { stream.liveCount += 1 }
        }
    }

    /// Takes rows away, with what was kept of their records.
    static func forget(
        _ keys: [RecordKey], _ stream: inout StreamState, _ database: Database
    ) throws(Failure) {
        guard !keys.isEmpty else { return }
        let deletion = try PreparedStatement(
            """
            DELETE FROM record WHERE stream = ?1 AND key = ?2
            RETURNING ordinal, fingerprint
            """, database)
        try deletion.bind(1, stream.id.number)
        var ordinals: [Int64] = []
        for key in keys {
            try deletion.bind(2, text: key.text)
            guard
                let (ordinal, wasLive) = try deletion.first({ ($0.integer(0), !$0.isNull(1)) })
            else { continue }
            ordinals.append(ordinal)
            if wasLive { stream.liveCount -= 1 }
        }
        guard stream.kept != .none else { return }
        try KeptTable.forget(ordinals, of: stream.id, database)
    }

    private static func check(_ key: RecordKey, _ state: KnownRecord) throws(Failure) {
        // Detect refuses a longer key before.
        guard key.text.utf8.count <= Limits.keyBytesMax else {
            throw Failure(.fault, "a key has more than \(Limits.keyBytesMax) bytes")
        }
        guard state.ordinal >= 0, state.ordinal < Int64.max else {
            throw Failure(.fault, "a record has the ordinal \(state.ordinal)")
        }
    }
}

/// The statements that run for every record of every poll.
package enum RecordSQL {
    private static let selection = "SELECT key, ordinal, version, fingerprint FROM record"
    /// `?1` stream, `?2` key.
    package static let one = "\(selection) WHERE stream = ?1 AND key = ?2"
    /// `?1` stream, `?2` the first key.
    package static let from = "\(selection) WHERE stream = ?1 AND key >= ?2 ORDER BY key"
    /// `?1` stream, `?2` the key before the first.
    package static let after = "\(selection) WHERE stream = ?1 AND key > ?2 ORDER BY key"
    /// `?1` stream.
    package static let all = "\(selection) WHERE stream = ?1 ORDER BY key"
}
