import PullcordCommit
package import PullcordModel
import PullcordSchedule
import Synchronization

/// Changing what is polled while it is being polled.
extension PollService {
    /// How long an operator's request waits for the poll of its stream to end.
    static let patience: Duration = .seconds(8)
    /// Between two looks whether a poll has ended.
    private static let look: Duration = .milliseconds(50)

    /// A stream as it is from now on.
    struct Update: Sendable {
        let stream: LiveStream
        let state: StreamState?
        /// Whether its timetable is another one.
        let isRescheduled: Bool
    }

    /// Polls these streams from now on, and no others: those that are the same object go on
    /// undisturbed, and polls under way end as they began.
    func replace(by updates: [Update], pipeline: (Pipeline) -> Pipeline) {
        let now = time.monotonic()
        let wall = time.wall()
        let kept = Set(updates.map(\.stream.id))
        let old = work.withLock { work in
            let old = work.streams
            work.pipeline = pipeline(work.pipeline)
            work.streams = Dictionary(updates.map { ($0.stream.id, $0.stream) }) { first, _ in first
            }
            return old
        }
        let memory = work.withLock { $0.pipeline }
        for (id, stream) in old where !kept.contains(id) {
            schedule.withLock { $0.remove(id) }
            watch.remove(id)
            book.forget(stream.address, id)
            paces.release(id)
            memory.forgetPages(of: id)
        }
        let crowd = max(0, updates.count - old.count)
        for update in updates {
            let stream = update.stream
            guard let before = old[stream.id] else {
                book.forget(stream.address, stream.id)
                add(stream, update.state, crowd: crowd)
                continue
            }
            guard before !== stream else { continue }
            memory.forgetPages(of: stream.id)
            let timetable = timetable(of: stream, update.state)
            watch.add(stream, nil, now: wall)
            schedule.withLock { schedule in
                if update.isRescheduled {
                    schedule.replace(stream.id, timetable, now: now, wall: wall)
                } else {
                    schedule.retryIfFailing(stream.id, now: now, wall: wall)
                }
            }
        }
        bell.ring()
    }

    /// The streams of a source, or one of them, in order of their names.
    package func streams(of source: SourceName, _ stream: StreamName?) -> [LiveStream] {
        work.withLock { $0.streams.values.filter { $0.address.source == source } }
            .filter { stream == nil || $0.address.stream == stream }
            .sorted { $0.address < $1.address }
    }

    /// The names of all sources, sorted.
    package var sources: [String] {
        Set(work.withLock { $0.streams.values.map(\.address.source.text) }).sorted()
    }

    /// Polls what is due within `slack` once, and nothing else.
    package func pollOnce(slack: Duration) {
        isOnce.withLock { $0 = true }
        schedule.withLock { $0.pauseAll(after: time.monotonic() + slack) }
    }

    /// Whether nothing is being polled, and everything is paused.
    package var isStill: Bool { schedule.withLock { $0.isStill } }

    /// Starts no poll of a source any more, or starts them again.
    package func setPaused(_ isPaused: Bool, _ source: SourceName) {
        let now = time.monotonic()
        paused.withLock { paused in
            if isPaused { paused.insert(source) } else { paused.remove(source) }
        }
        if !isPaused { watch.resumed(source, now: time.wall()) }
        let ids = streams(of: source, nil).map(\.id)
        schedule.withLock { schedule in
            for id in ids {
                if isPaused { schedule.pause(id) } else { schedule.resume(id, now: now) }
            }
        }
        bell.ring()
    }

    /// Has streams polled now, though they may be paused.
    package func hurry(_ streams: [LiveStream]) {
        let now = time.monotonic()
        schedule.withLock { schedule in
            for stream in streams { schedule.hurry(stream.id, now: now) }
        }
        bell.ring()
    }

    package func closedUntil(_ streams: [LiveStream]) -> Timestamp? {
        let now = time.monotonic()
        return streams.compactMap { $0.lane.closedUntil(now: now) }.max()
            .map { time.wall() + ($0 - now) }
    }

    /// Whether a stream of the source is being polled, though it may have left the file.
    func isPolling(_ streams: [StreamID]) -> Bool {
        schedule.withLock { schedule in streams.contains { schedule.isRunning($0) } }
    }

    /// Works on a stream that is not being polled meanwhile; nil if a poll under way did not end
    /// in time.
    func exclusively<Value>(
        _ stream: LiveStream, _ body: () async throws -> Value
    ) async throws -> Value? {
        schedule.withLock { $0.hold(stream.id) }
        defer {
            schedule.withLock { $0.letGo(stream.id, now: time.monotonic()) }
            bell.ring()
        }
        let end = time.monotonic() + Self.patience
        while schedule.withLock({ $0.isRunning(stream.id) }) {
            guard time.monotonic() < end else { return nil }
            try await time.sleep(until: time.monotonic() + Self.look)
        }
        let value = try await body()
        book.forget(stream.address, stream.id)
        work.withLock { $0.pipeline }.forgetPages(of: stream.id)
        return value
    }
}
