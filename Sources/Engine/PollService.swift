import Logging
import PullcordCommit
import PullcordModel
import PullcordSchedule
import ServiceLifecycle
import Synchronization

/// Schedule to commit: polls every stream when it is due, many at once, each one at a time.
package final class PollService: Service {
    private let streams: [StreamID: LiveStream]
    private let pipeline: Pipeline
    private let book: StreamBook
    private let time: any TimeSource
    private let log: Logger
    private let schedule: Mutex<Schedule>
    private let running = Mutex(0)
    private let bell = Wakeup()
    private let readiness: Readiness

    /// How many streams are polled at once; the others wait their turn.
    package static let pollsAtOnceMax = 64
    /// How many streams may be due at the same moment; more are spread.
    private static let atOnceMax = 256
    /// The span over which they are spread.
    private static let firstSpanMax: Duration = .seconds(60)
    /// Between two of them, on an average, where that is less.
    private static let firstDistance: Duration = .milliseconds(6)

    init(
        streams: [LiveStream], states: [StreamState], pipeline: Pipeline, book: StreamBook,
        time: any TimeSource, readiness: Readiness, log: Logger
    ) {
        self.streams = Dictionary(streams.map { ($0.id, $0) }) { first, _ in first }
        self.pipeline = pipeline
        self.book = book
        self.time = time
        self.readiness = readiness
        self.log = log
        var schedule = Schedule()
        let isCrowd = streams.count > Self.pollsAtOnceMax
        let states = Dictionary(states.map { ($0.id, $0) }) { first, _ in first }
        for stream in streams {
            let state = states[stream.id]
            var delay = Resumption.delay(
                stream.timetable, nextPoll: state?.nextPoll, now: time.wall())
            // Thousands that are due at once would fall upon their APIs within a second.
            let interval = stream.timetable.interval
            let span = min(interval, Self.firstSpanMax, Self.firstDistance * streams.count)
            let isSpread = streams.count > Self.atOnceMax && delay <= .zero
            if isSpread { delay = span * stream.address.share }
            schedule.add(
                stream.id, stream.timetable, failures: state?.failures ?? 0,
                now: time.monotonic(), wall: time.wall(), delay: delay,
                spread: isCrowd && state?.nextPoll == nil && (!isSpread || span < interval)
                    ? 0.5 + stream.address.share / 2 : nil)
        }
        self.schedule = Mutex(schedule)
    }

    /// Runs until a graceful shutdown, and then until the polls under way have come to the end
    /// of their page.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                while !Task.isShuttingDownGracefully, !Task.isCancelled {
                    // What a store without room could not keep is not asked for.
                    guard try await readiness.mayPoll() else {
                        await bell.wait(until: time.monotonic() + Readiness.pause, time: time)
                        continue
                    }
                    for stream in startDue() {
                        group.addTask { try await self.poll(stream) }
                    }
                    if let due = book.writeDue, due <= time.monotonic() { try await writeNotes() }
                    let next = [nextDue(), book.writeDue].compactMap { $0 }.min()
                    await bell.wait(until: next, time: time)
                }
            }
            try await writeNotes()
        } onGracefulShutdown: {
            self.bell.ring()
        }
    }

    /// What cannot be written now is written with the next, or not at all: only notes are lost.
    private func writeNotes() async throws {
        do throws(StoreError) {
            try await book.writeNotes()
        } catch {
            guard error.mayPass else { throw error }
            log.store(error)
        }
    }

    private func startDue() -> [LiveStream] {
        let free = running.withLock { max(0, Self.pollsAtOnceMax - $0) }
        let due = schedule.withLock {
            $0.start(now: time.monotonic(), wall: time.wall(), limit: free)
        }
        running.withLock { $0 += due.count }
        return due.compactMap { streams[$0] }
    }

    /// nil while every slot is taken: the end of a poll rings the bell.
    private func nextDue() -> Duration? {
        guard running.withLock({ $0 < Self.pollsAtOnceMax }) else { return nil }
        return schedule.withLock { $0.nextDue() }
    }

    /// A poll that waits gives its slot to others, and takes one more than there are afterwards.
    private func pause(_ isPausing: Bool) {
        running.withLock { $0 += isPausing ? -1 : 1 }
        if isPausing { bell.ring() }
    }

    /// What a poll has found new is asked for at once.
    private func hasten(_ children: [FanOut.Child]) {
        for child in children {
            schedule.withLock {
                $0.hasten(child.id, now: time.monotonic(), wall: time.wall())
            }
        }
    }

    private func poll(_ stream: LiveStream) async throws {
        defer {
            running.withLock { $0 -= 1 }
            bell.ring()
        }
        let decided = Mutex<Decision?>(nil)
        do {
            var options = PollOptions(pausing: { isPausing in self.pause(isPausing) })
            options.stillThere = { key in self.log.stillThere(key, stream.address) }
            let report = try await pipeline.run(stream, options: options) { end in
                let now = time.monotonic()
                let decision = schedule.withLock {
                    $0.decide(
                        stream.id, end.outcome, now: now, wall: time.wall(),
                        jitter: .random(in: 0...1))
                }
                decided.withLock { $0 = decision }
                return decision.wall
            }
            log.poll(stream.address, report)
            if report.created + report.updated + report.deleted > 0 { hasten(stream.fan.children) }
        } catch is CancellationError {
            // The process is stopping; what was read is committed.
            log.pollStopped(stream.address)
        } catch let error as StoreError where error.mayPass {
            // Nothing of the page was committed, so the next poll finds the same again.
            log.store(error)
            readiness.failed(error, now: time.wall())
        }
        let decision =
            decided.withLock { $0 }
            ?? schedule.withLock {
                $0.decide(
                    stream.id, .failed(), now: time.monotonic(), wall: time.wall(), jitter: 0)
            }
        schedule.withLock { $0.finish(stream.id, decision, now: time.monotonic()) }
    }
}
