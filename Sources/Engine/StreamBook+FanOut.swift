package import PullcordCommit
package import PullcordModel

extension StreamBook {
    package func adoption(of stream: StreamID) async throws -> Fingerprint? {
        try await store.adoption(of: stream)
    }

    package func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await store.dueParents(of: stream, before: time, after: last, limit: limit)
    }

    package func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await store.readParents(of: stream, after: last, limit: limit)
    }

    package func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await store.unseen(of: stream, within: span, seen: seen, after: after, limit: limit)
    }

    package func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int {
        try await store.countLive(of: stream, within: span)
    }
}
