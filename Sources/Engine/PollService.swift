import Logging
import PullcordCommit
import PullcordModel
import PullcordSchedule
import ServiceLifecycle
import Synchronization

/// Schedule to commit: polls every stream when it is due, many at once, each one at a time.
package final class PollService: Service {
    /// What is polled, and how; a poll keeps to what it began with.
    struct Work: Sendable {
        var streams: [StreamID: LiveStream]
        var pipeline: Pipeline
    }

    let work: Mutex<Work>
    /// Sources that are not polled by themselves.
    let paused: Mutex<Set<SourceName>>
    let book: StreamBook
    let time: any TimeSource
    private let log: Logger
    let schedule: Mutex<Schedule>
    private let running = Mutex(0)
    /// Whether each stream is polled once at most.
    let isOnce = Mutex(false)
    let paces = PaceBook()
    let bell = Wakeup()
    private let readiness: Readiness
    private let meters: Meters
    /// How each stream fares.
    package let watch: SourceWatch

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
        time: any TimeSource, readiness: Readiness, log: Logger, paused: Set<SourceName> = [],
        watch: SourceWatch, meters: Meters
    ) {
        self.watch = watch
        self.meters = meters
        self.paused = Mutex(paused)
        work = Mutex(
            Work(
                streams: Dictionary(streams.map { ($0.id, $0) }) { first, _ in first },
                pipeline: pipeline))
        self.book = book
        self.time = time
        self.readiness = readiness
        self.log = log
        self.schedule = Mutex(Schedule())
        let states = Dictionary(states.map { ($0.id, $0) }) { first, _ in first }
        for stream in streams { add(stream, states[stream.id], crowd: streams.count) }
    }

    /// Takes up a stream, due when its stored state says; `crowd` is how many come with it.
    func add(_ stream: LiveStream, _ state: StreamState?, crowd: Int) {
        let wall = time.wall()
        let timetable = timetable(of: stream, state)
        watch.add(stream, state, now: wall)
        var delay = Resumption.delay(
            timetable, nextPoll: state?.nextPoll,
            lastStart: state?.failures == 0 ? state?.lastPoll?.started : nil,
            notBefore: state?.time(of: StreamMark.notBefore), now: wall)
        // Thousands that are due at once would fall upon their APIs within a second.
        let interval = timetable.interval
        let span = min(interval, Self.firstSpanMax, Self.firstDistance * crowd)
        let isSpread = crowd > Self.atOnceMax && delay <= .zero
        if isSpread { delay = span * stream.address.share }
        let isUneven =
            crowd > Self.pollsAtOnceMax && state?.nextPoll == nil && (!isSpread || span < interval)
        let isPaused = paused.withLock { $0.contains(stream.address.source) }
        schedule.withLock {
            $0.add(
                stream.id, timetable, failures: state?.failures ?? 0,
                now: time.monotonic(), wall: wall, delay: delay,
                spread: isUneven
                    ? 0.5 + stream.address.share / 2 : nil)
            if isPaused { $0.pause(stream.id) }
        }
    }

    /// The timetable that a stream begins with, or goes on with by other rules.
    func timetable(of stream: LiveStream, _ state: StreamState?) -> Timetable {
        paces.take(stream, state).map { stream.timetable.paced($0) } ?? stream.timetable
    }

    /// Runs until a graceful shutdown, and then until the polls under way have come to the end
    /// of their page.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                while !Task.isShuttingDownGracefully, !Task.isCancelled, !group.isCancelled {
                    // What a store without room could not keep is not asked for.
                    guard try await readiness.mayPoll() else {
                        await bell.wait(until: time.monotonic() + Readiness.pause, time: time)
                        continue
                    }
                    for (stream, pipeline) in startDue() {
                        group.addTask { try await self.poll(stream, by: pipeline) }
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

    private func startDue() -> [(LiveStream, Pipeline)] {
        let free = running.withLock { max(0, Self.pollsAtOnceMax - $0) }
        let due = schedule.withLock {
            $0.start(now: time.monotonic(), wall: time.wall(), limit: free)
        }
        running.withLock { $0 += due.count }
        let found = work.withLock { work in
            due.map { id in (id, work.streams[id].map { ($0, work.pipeline) }) }
        }
        // One that has just been removed: its run is over before it has begun.
        for (id, start) in found where start == nil {
            running.withLock { $0 -= 1 }
            schedule.withLock { $0.abandon(id, now: time.monotonic()) }
        }
        return found.compactMap(\.1)
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

    private func poll(_ stream: LiveStream, by pipeline: Pipeline) async throws {
        defer {
            running.withLock { $0 -= 1 }
            bell.ring()
        }
        let decided = Mutex<(decision: Decision, isAlive: Bool, isGood: Bool)?>(nil)
        var report: PollReport?
        do {
            var options = PollOptions(pausing: { isPausing in self.pause(isPausing) })
            options.learn = { report, end in
                guard let (interval, marks) = self.paces.learn(stream, report, end) else {
                    return [:]
                }
                self.schedule.withLock { $0.pace(stream.id, interval) }
                return marks
            }
            options.stillThere = { key in self.log.stillThere(key, stream.address) }
            report = try await pipeline.run(stream, options: options) { end in
                let now = time.monotonic()
                let decision = schedule.withLock {
                    $0.decide(
                        stream.id, end.outcome, now: now, wall: time.wall(),
                        jitter: .random(in: 0...1))
                }
                decided.withLock { $0 = (decision, end.isAlive, end.problem == nil) }
                return decision.wall
            }
        } catch is CancellationError {
            // The process is stopping; what was read is committed.
            log.pollStopped(stream.address)
            meters.pollStopped()
        } catch let error as StoreError where error.mayPass {
            // Nothing of the page was committed, so the next poll finds the same again.
            log.store(error)
            readiness.failed(error, now: time.wall())
        }
        let known = decided.withLock { $0 }
        let decision =
            known?.decision
            ?? schedule.withLock {
                $0.decide(
                    stream.id, .failed(), now: time.monotonic(), wall: time.wall(), jitter: 0)
            }
        // What it remembers was read by rules that hold no more.
        if work.withLock({ $0.streams[stream.id] !== stream }) {
            pipeline.forgetPages(of: stream.id)
        }
        let isOnce = isOnce.withLock { $0 }
        schedule.withLock {
            $0.finish(stream.id, decision, now: time.monotonic())
            if isOnce { $0.pause(stream.id) }
        }
        // Last, so that whoever reads of the end may steer the stream at once.
        if let report {
            if report.created + report.updated + report.deleted > 0 { hasten(stream.fan.children) }
            meters.polled(report, isGood: known?.isGood ?? false)
            watch.ended(
                stream.id, report, isAlive: known?.isAlive ?? false, next: decision.wall)
            log.poll(stream.address, report)
        }
    }
}
