import PullcordCommit
import PullcordModel
import Synchronization

/// The parents that a dry run has found, as a store would have written them down.
struct RehearsedParents {
    /// How many parents a dry run visits: it must not spend what the next poll needs.
    static let visitsMax = 20

    private var parents: [StreamID: [RecordKey: ParentState]] = [:]

    mutating func take(_ marks: [ParentMark]) {
        for mark in marks where mark.news != .same && mark.news != .unwanted {
            parents[mark.child, default: [:]][mark.key] = ParentState(
                key: mark.key, fields: mark.fields, isGone: mark.news == .gone,
                isFirst: mark.isFirst, due: Timestamp(milliseconds: 0))
        }
    }

    /// Those of the store, as they would be by now, in their order.
    func due(
        _ stored: [ParentState], of stream: StreamID, after last: ParentState?, limit: Int
    ) -> [ParentState] {
        let own = parents[stream] ?? [:]
        let place = { (parent: ParentState) in (parent.due?.milliseconds ?? .max, parent.key.text) }
        let new = own.values.filter { parent in last.map { place(parent) > place($0) } ?? true }
        let all = stored.filter { own[$0.key] == nil } + new
        return Array(all.sorted { place($0) < place($1) }.prefix(limit))
    }
}

extension Rehearsal {
    func adoption(of stream: StreamID) async throws -> Fingerprint? {
        try await records.adoption(of: stream)
    }

    func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        let stored = try await records.dueParents(
            of: stream, before: time, after: last, limit: limit)
        return parents.withLock { $0.due(stored, of: stream, after: last, limit: limit) }
    }

    func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await records.readParents(of: stream, after: last, limit: limit)
    }

    func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await records.unseen(of: stream, within: span, seen: seen, after: after, limit: limit)
    }

    func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int {
        try await records.countLive(of: stream, within: span)
    }
}

extension NothingKnown {
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
