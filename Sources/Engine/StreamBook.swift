package import PullcordCommit
package import PullcordModel
import Synchronization

/// Stands between the polls and the store, so that a poll that found nothing costs no write.
///
/// The note that such a poll has ended is gathered with others and written with them; after
/// `kill -9` only these notes are missing, and the streams are polled a little early. A stream's
/// state is read once and remembered until something is written to it: the polls are the only
/// writers of the streams, and each stream is polled by one task at a time.
package final class StreamBook: RecordReader {
    /// How long notes are gathered before they are written.
    package static let gathering: Duration = .seconds(5)

    fileprivate struct Notes {
        var states: [StreamID: StreamState] = [:]
        var numbers: [StreamAddress: StreamID] = [:]
        var waiting: [StreamID: PollNote] = [:]
        var lastWrite: Duration?
    }

    let store: any Store
    private let time: any TimeSource
    private let notes = Mutex(Notes())

    package init(store: any Store, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    // MARK: What detection asks

    package func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        let remembered = notes.withLock { notes in
            notes.numbers[stream].flatMap { notes.states[$0] }
        }
        if let remembered { return remembered }
        let state = try await store.state(of: stream)
        notes.withLock { notes in
            notes.numbers[stream] = state.id
            notes.states[state.id] = state
        }
        return state
    }

    package func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        try await store.known(keys, of: stream)
    }

    package func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await store.unseen(of: stream, seen: seen, after: after, limit: limit)
    }

    package func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await store.kept(records, of: stream, bytesMax: bytesMax)
    }

    package func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await store.quarantine(of: stream)
    }

    package func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await store.scansMissed(keys, of: stream)
    }

    // MARK: What polls commit

    /// Writes a batch, or remembers its note; returns whether it was written.
    package func commit(_ batch: CommitBatch) async throws(StoreError) -> Bool {
        let now = time.monotonic()
        let (isQuiet, isDue) = notes.withLock { notes in
            guard notes.take(batch) else { return (false, false) }
            return (true, notes.isDue(now))
        }
        guard isQuiet else {
            try await store.commit(batch)
            return true
        }
        if isDue { try await writeNotes() }
        return false
    }

    /// When the notes that wait are to be written; nil if none wait.
    package var writeDue: Duration? {
        notes.withLock { notes in
            notes.waiting.isEmpty ? nil : (notes.lastWrite ?? .zero) + Self.gathering
        }
    }

    /// Writes the notes that wait; they wait on if the store cannot write now.
    package func writeNotes() async throws(StoreError) {
        let now = time.monotonic()
        let waiting = notes.withLock { notes in
            defer { notes.waiting.removeAll(keepingCapacity: true) }
            notes.lastWrite = now
            return notes.waiting
        }
        guard !waiting.isEmpty else { return }
        do throws(StoreError) {
            try await store.note(Array(waiting.values))
        } catch {
            notes.withLock { $0.waiting.merge(waiting) { newer, _ in newer } }
            throw error
        }
    }
}

extension StreamBook.Notes {
    /// Takes a batch that changes nothing; forgets the state that any other one changes.
    fileprivate mutating func take(_ batch: CommitBatch) -> Bool {
        guard var state = states[batch.stream], batch.changesNothing(in: state) else {
            states[batch.stream] = nil
            if batch.ending != nil { waiting[batch.stream] = nil }
            return false
        }
        if let ending = batch.ending {
            state.lastPoll = ending.report
            state.nextPoll = ending.nextPoll
            states[batch.stream] = state
            waiting[batch.stream] = PollNote(
                stream: batch.stream, report: ending.report, nextPoll: ending.nextPoll)
        }
        return true
    }

    /// Notes that come seldom are written at once.
    fileprivate func isDue(_ now: Duration) -> Bool {
        guard !waiting.isEmpty else { return false }
        return lastWrite.map { now - $0 >= StreamBook.gathering } ?? true
    }
}
