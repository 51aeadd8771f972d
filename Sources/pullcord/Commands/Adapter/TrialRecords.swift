import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordPoll
import Synchronization

/// What polls have found since the program started: enough for the next one to go on, in memory.
final class TrialRecords: RecordReader {
    private struct State {
        var streams: [StreamAddress: StreamState] = [:]
        var records: [StreamID: [RecordKey: KnownRecord]] = [:]
        var parents = RehearsedParents()
        /// By which rules parents were written down.
        var adoptions: [StreamID: Fingerprint] = [:]
    }

    private let state: Mutex<State>

    /// `cursors` is where streams begin, as the store would hold it; the others begin at the start.
    init(_ streams: [LiveStream], cursors: [StreamAddress: String], now: Timestamp) {
        var initial = State()
        for stream in streams {
            var state = StreamState(id: stream.id, address: stream.address)
            if let cursor = cursors[stream.address] {
                state.cursor = cursor
                // What was read before is not known, and not asked for.
                state.hasBaseline = true
                state.rules = stream.poll.rules
                state.marks[StreamMark.reconciled] = StreamMark.text(of: now)
            }
            initial.streams[stream.address] = state
        }
        state = Mutex(initial)
    }

    func keep(_ batch: CommitBatch) {
        state.withLock { state in
            state.parents.take(batch.fanOut.marks)
            if let adoption = batch.fanOut.adoption {
                state.adoptions[batch.stream] = adoption.rules
            }
            for (key, record) in batch.records {
                state.records[batch.stream, default: [:]][key] = record
            }
            guard let address = state.streams.first(where: { $0.value.id == batch.stream })?.key
            else { return }
            state.streams[address]?.take(batch)
        }
    }

    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        state.withLock { $0.streams[stream] } ?? .unknown(stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        state.withLock { state in
            (0..<keys.count).map { state.records[stream]?[keys.key($0)] }
        }
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] { records.map { _ in nil } }

    /// Nothing is ever missed: a trial reads some pages only.
    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] { [] }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? { nil }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] { keys.map { _ in 0 } }

    func adoption(of stream: StreamID) async throws -> Fingerprint? {
        state.withLock { $0.adoptions[stream] }
    }

    func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        state.withLock { $0.parents.due([], of: stream, after: last, limit: limit) }
    }

    /// None was read to its end before this program started.
    func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] { [] }

    func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] { [] }

    func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int { 0 }
}

extension StreamState {
    /// What a batch changes, as far as the next poll's requests depend on it.
    fileprivate mutating func take(_ batch: CommitBatch) {
        if let cursor = batch.cursor { self.cursor = cursor }
        switch batch.validators {
        case .keep: break
        case .clear: validators = nil
        case .set(let new): validators = new
        }
        if let rules = batch.pendingRules { pendingRules = rules }
        for (name, text) in batch.marks { marks[name] = text.isEmpty ? nil : text }
        for (_, record) in batch.records { nextOrdinal = max(nextOrdinal, record.ordinal + 1) }
        guard let ending = batch.ending else { return }
        lastPoll = ending.report
        if ending.isSuccess { hasBaseline = true }
        guard let rules = ending.rules else { return }
        self.rules = rules
        pendingRules = nil
    }
}
