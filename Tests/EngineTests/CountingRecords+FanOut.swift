import PullcordCommit
import PullcordModel

extension CountingRecords {
    func adoption(of stream: StreamID) async throws -> Fingerprint? {
        try await store.adoption(of: stream)
    }

    func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await store.dueParents(of: stream, before: time, after: last, limit: limit)
    }

    func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await store.readParents(of: stream, after: last, limit: limit)
    }

    func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await store.unseen(of: stream, within: span, seen: seen, after: after, limit: limit)
    }

    func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int {
        try await store.countLive(of: stream, within: span)
    }
}

/// Of a stream that stands alone.
extension MemoryRecords {
    func adoption(of stream: StreamID) async throws -> Fingerprint? { nil }

    func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] { [] }

    func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] { [] }

    func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] { [] }

    func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int { 0 }
}
