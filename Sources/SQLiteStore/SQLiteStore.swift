import Dispatch
import GRDB
package import PullcordCommit
package import PullcordModel
import Synchronization

/// The store in one file, for one machine: SQLite with a write-ahead log.
///
/// One connection writes, in transactions that callers share (``GroupCommitter``). Others read,
/// each on a queue of its own, and never wait for it.
package final class SQLiteStore: Store, StoreReader {
    private let path: String
    private let writer: Connection
    /// Reads what deliver asks: on one queue, so that rounds of claims follow one another.
    private let deliverReader: Connection
    /// Read what detect asks, each for a part of the streams.
    private let detectReaders: [Connection]
    /// Reads for the console and the command line, whose questions may take long.
    let questionReader: Connection
    /// Reads what polls, keepers and the gate of the API need at once.
    let workReader: Connection
    let committer: GroupCommitter
    private let probeBytes: Int
    private let guardian: Guardian
    let claims = Claims()
    private let lock: Mutex<OwnerLock?>

    private init(
        path: String, file: DatabaseFile, lock: OwnerLock, writer: Connection, generation: Int64,
        syncWatch: SyncWatch?, probeBytes: Int
    ) throws(Failure) {
        self.path = path
        self.probeBytes = probeBytes
        self.writer = writer
        self.lock = Mutex(lock)
        deliverReader = try Connection.reader(file.path, "deliver")
        detectReaders = [
            try Connection.reader(file.path, "detect.0", cacheKilobytes: 16384),
            try Connection.reader(file.path, "detect.1", cacheKilobytes: 16384),
        ]
        questionReader = try Connection.reader(file.path, "questions")
        workReader = try Connection.reader(file.path, "work")
        guardian = Guardian(file, generation: generation)
        committer = GroupCommitter(writer, guardian, path: path, syncWatch: syncWatch)
    }

    /// Opens the store at `path` and becomes its owner; a missing file is made with mode 0600,
    /// a missing folder is not.
    ///
    /// `now` is what another process is told that finds the store owned. The lock is
    /// `<path>.lock`. A file that would grow beyond `fileBytesMax` is as good as a full disk; nil
    /// leaves that to the disk. Throws `owned`, `newer_schema`, `corrupt`, `io` or `full`.
    package static func open(
        path: String, now: Timestamp, fileBytesMax: Int? = nil, syncWatch: SyncWatch? = nil
    ) throws(StoreError) -> SQLiteStore {
        do throws(Failure) {
            let file = try DatabaseFile(path)
            let lock = try OwnerLock(path: file.path + ".lock", now: now)
            try file.prepare()
            let writer = try Connection.writer(file.path, fileBytesMax: fileBytesMax)
            do throws(Failure) {
                let generation = try writer.wait { database throws(Failure) in
                    try Migrator.migrate(database)
                    return try Migrator.takeOver(database)
                }
                return try SQLiteStore(
                    path: path, file: file, lock: lock, writer: writer, generation: generation,
                    syncWatch: syncWatch,
                    probeBytes: min(Limits.probeBytes, (fileBytesMax ?? .max) / 3))
            } catch {
                writer.close()
                throw error
            }
        } catch {
            throw error.during("open", of: path)
        }
    }

    // MARK: What the bridge file names

    package func register(streams: [StreamAddress]) async throws(StoreError) -> [StreamState] {
        try await committer.write("register", rows: streams.count) { database throws(Failure) in
            try StreamTable.register(streams, database)
        }
    }

    package func register(
        subscriptions: [SubscriptionRegistration]
    ) async throws(StoreError) -> [SubscriptionID] {
        try await committer.write("register", rows: subscriptions.count) {
            database throws(Failure) in
            try SubscriptionTable.register(subscriptions, database)
        }
    }

    // MARK: Poll and detect

    package func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        let state = try await read("state", workReader) { database throws(Failure) in
            try StreamTable.state(of: stream, database)
        }
        return state ?? .unknown(stream)
    }

    package func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        try await read("known", detectReader(for: stream)) { database throws(Failure) in
            try RecordTable.known(keys, of: stream, database)
        }
    }

    package func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await RecordTable.unseen(after: after, limit: limit) {
            start, rest async throws(StoreError) in
            try await read("unseen", detectReader(for: stream)) { database throws(Failure) in
                try RecordTable.unseen(
                    of: stream, seen: seen, after: start, limit: rest, database)
            }
        }
    }

    package func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await read("kept", detectReader(for: stream)) { database throws(Failure) in
            try KeptTable.bytes(of: records, in: stream, bytesMax: bytesMax, database)
        }
    }

    package func commit(_ batch: CommitBatch) async throws(StoreError) {
        // Packed here, so that nobody else's write waits for it.
        let packed = PackedBatch(batch)
        let reservation = Reservation(claims)
        try await committer.write(
            "commit", rows: BatchWriter.rows(of: batch), undo: { reservation.undo() }
        ) { database throws(Failure) in
            try BatchWriter.write(batch, packed, reservation, database)
        }
        reservation.commit()
    }

    package func note(_ polls: [PollNote]) async throws(StoreError) {
        guard !polls.isEmpty else { return }
        try await committer.write("note", rows: polls.count) { database throws(Failure) in
            try StreamTable.note(polls, database)
        }
    }

    // MARK: Deliver

    package func claim(
        for subscription: SubscriptionID, limit: Int, replays: Int, now: Timestamp
    ) async throws(StoreError) -> [Delivery] {
        let claims = claims
        return try await read("claim", deliverReader) { database throws(Failure) in
            // The snapshot is taken by the first statement that reads, which comes after this.
            let round = claims.round()
            do throws(Failure) {
                return try DeliveryTable.claim(
                    for: subscription, limit: limit, replays: replays, now: now, round,
                    database)
            } catch {
                round.undo()
                throw error
            }
        }
    }

    package func settle(_ settlements: [Settlement]) async throws(StoreError) {
        guard !settlements.isEmpty else { return }
        try await committer.write("settle", rows: settlements.count) { database throws(Failure) in
            try SettlementTable.settle(settlements, database)
        }
        claims.settle(settlements.lazy.map(\.delivery))
    }

    package func release(_ deliveries: [DeliveryID]) async throws(StoreError) {
        if let refusal = committer.refusal { throw refusal.during("release", of: path) }
        claims.release(deliveries)
    }

    package func nextDue(
        for subscription: SubscriptionID, replays: Bool
    ) async throws(StoreError) -> Timestamp? {
        let claims = claims
        return try await read("nextDue", deliverReader) { database throws(Failure) in
            try DeliveryTable.nextDue(for: subscription, replays: replays, claims.round(), database)
        }
    }

    package func countDue(
        for subscription: SubscriptionID, limit: Int, now: Timestamp
    ) async throws(StoreError) -> Int {
        let claims = claims
        return try await read("countDue", deliverReader) { database throws(Failure) in
            try DeliveryTable.countDue(
                for: subscription, limit: limit, now: now, claims.round(), database)
        }
    }

    package func setDisabled(
        _ reason: String?, for subscription: SubscriptionID, at time: Timestamp
    ) async throws(StoreError) {
        try await committer.write("setDisabled") { database throws(Failure) in
            try SubscriptionTable.setDisabled(reason, for: subscription, at: time, database)
        }
    }

    package func probe() async throws(StoreError) {
        // Transactions of their own: what one writes and takes away again may never reach the
        // disk. The first takes away what a probe has left that was cut off.
        let insertion = "INSERT INTO probe VALUES (zeroblob(\(probeBytes)))"
        for sql in ["DELETE FROM probe", insertion, "DELETE FROM probe"] {
            try await committer.write("probe") { database throws(Failure) in
                try PreparedStatement(sql, database).run()
            }
        }
    }

    package func setHealth(
        _ text: String?, for subscription: SubscriptionID
    ) async throws(StoreError) {
        try await committer.write("setHealth") { database throws(Failure) in
            try SubscriptionTable.setHealth(text, for: subscription, database)
        }
    }

    // MARK: Questions

    package func streams() async throws(StoreError) -> [StreamState] {
        try await read("streams", questionReader) { database throws(Failure) in
            try StreamTable.all(database)
        }
    }

    package func events(_ query: EventQuery) async throws(StoreError) -> [EventSummary] {
        try await read("events", questionReader) { database throws(Failure) in
            try ReadQueries.events(query, database)
        }
    }

    package func changeCounts(
        after: Int64, upTo: Int64
    ) async throws(StoreError) -> [ChangeCount] {
        try await read("changeCounts", questionReader) { database throws(Failure) in
            try ReadQueries.changeCounts(after: after, upTo: upTo, database)
        }
    }

    package func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [DeliverySummary] {
        try await read("deliveries", questionReader) { database throws(Failure) in
            try ReadQueries.deliveries(query, database)
        }
    }

    package func provenance(of event: EventID) async throws(StoreError) -> EventProvenance? {
        try await read("provenance", questionReader) { database throws(Failure) in
            try PageTable.provenance(of: event, database)
        }
    }

    // MARK: End

    /// Writes what waits, empties the log and gives up the lock; a second call does nothing.
    package func close() async {
        committer.refuse(.closed)
        guard let lock = lock.withLock({ $0.take() }) else { return }
        let (writer, guardian) = (writer, guardian)
        let readers = detectReaders + [deliverReader, questionReader, workReader]
        await withCheckedContinuation { continuation in
            // Comes after every write that waits. The log is only emptied to save the next
            // start the work; what is in it is safe.
            writer.start { try? guardian.truncateLog($0) }
            DispatchQueue.global().async {
                for reader in readers { reader.close() }
                writer.close()
                continuation.resume()
            }
        }
        withExtendedLifetime(lock) {}
    }

    func detectReader(for stream: StreamID) -> Connection {
        detectReaders[Int(stream.number.magnitude % UInt64(detectReaders.count))]
    }

    func read<Value: Sendable>(
        _ operation: String, _ connection: Connection,
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        if let refusal = committer.refusal { throw refusal.during(operation, of: path) }
        return try await connection.read(body).get(operation, path)
    }
}
