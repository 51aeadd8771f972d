import PullcordCommit
import PullcordModel
import Synchronization

/// What is known before anything was ever polled.
struct NothingKnown: RecordReader {
    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        .unknown(stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        Array(repeating: nil, count: keys.count)
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        Array(repeating: nil, count: records.count)
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] { [] }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? { nil }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] { keys.map { _ in 0 } }
}

/// A store that a dry run believes it has written to.
final class Rehearsal: RecordReader {
    let records: any RecordReader
    /// What the poll would have stored, so that a record on two pages is one change.
    private let written = Mutex<[RecordKey: KnownRecord]>([:])

    /// The parents that the polls before have found.
    let parents = Mutex(RehearsedParents())

    init(records: any RecordReader) { self.records = records }

    func keep(_ batch: CommitBatch) {
        parents.withLock { $0.take(batch.fanOut.marks) }
        written.withLock { written in
            for record in batch.records { written[record.key] = record.state }
        }
    }

    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        written.withLock { $0 = [:] }
        return try await records.state(of: stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        var known = try await records.known(keys, of: stream)
        written.withLock { written in
            guard !written.isEmpty else { return }
            for index in known.indices {
                if let state = written[keys.key(index)] { known[index] = state }
            }
        }
        return known
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await self.records.kept(records, of: stream, bytesMax: bytesMax)
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await records.unseen(of: stream, seen: seen, after: after, limit: limit)
    }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await records.quarantine(of: stream)
    }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await records.scansMissed(keys, of: stream)
    }
}
