import PullcordCommit
import PullcordModel
import Synchronization

/// What a store knows of one stream, in memory: for thousands of polls that need no disk.
final class MemoryRecords: RecordReader {
    private struct State {
        var stream: StreamState
        var records: [String: KnownRecord] = [:]
        var events: [Event] = []
    }

    private let state: Mutex<State>

    init(_ address: StreamAddress, _ id: StreamID) {
        state = Mutex(State(stream: StreamState(id: id, address: address)))
    }

    /// All events so far, the oldest first.
    var events: [Event] { state.withLock { $0.events } }

    func commit(_ batch: CommitBatch) {
        state.withLock { state in
            for (key, record) in batch.records {
                let wasLive = state.records[key.text]?.fingerprint != nil
                let isLive = record.fingerprint != nil
                if wasLive != isLive { state.stream.liveCount += isLive ? 1 : -1 }
                state.records[key.text] = record
                state.stream.nextOrdinal = max(state.stream.nextOrdinal, record.ordinal + 1)
            }
            state.events += batch.events.map(\.event)
            if let cursor = batch.cursor { state.stream.cursor = cursor }
            if let rules = batch.pendingRules { state.stream.pendingRules = rules }
            guard let ending = batch.ending else { return }
            state.stream.lastPoll = ending.report
            if ending.isSuccess { state.stream.hasBaseline = true }
            guard let rules = ending.rules else { return }
            state.stream.rules = rules
            state.stream.pendingRules = nil
        }
    }

    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        state.withLock { $0.stream }
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        state.withLock { state in (0..<keys.count).map { state.records[keys.key($0).text] } }
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        state.withLock { state in
            state.records.sorted { $0.key < $1.key }.lazy
                .filter { entry in
                    entry.value.fingerprint != nil && !seen.contains(entry.value.ordinal)
                        && after.map { entry.key > $0.text } ?? true
                }
                .prefix(limit).map { (key: RecordKey($0.key), state: $0.value) }
        }
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] { records.map { _ in nil } }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? { nil }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] { keys.map { _ in 0 } }
}
