package import Logging
package import PullcordCommit
import PullcordJQ
package import PullcordModel

/// Moves events of the log into the queue for the replays under way.
package struct ReplayFeeder: Sendable {
    private let store: any Store & StoreReader
    private let matcher: LiveMatcher
    private let deliver: DeliverService
    private let time: any TimeSource
    private let log: Logger

    /// Parts of the log that one look reads at most.
    private static let looksMax = 200
    /// Events of one transaction.
    private static let stepMax = 64

    package init(
        store: any Store & StoreReader, matcher: LiveMatcher, deliver: DeliverService,
        time: any TimeSource, log: Logger
    ) {
        self.store = store
        self.matcher = matcher
        self.deliver = deliver
        self.time = time
        self.log = log
    }

    /// Does a second's worth of work for each replay.
    package func feed() async throws {
        for job in try await store.runningReplays() where deliver.has(job.target) {
            let choice: ReplayChoice
            do {
                choice = try ReplayChoice(job.query, target: job.target, matcher: matcher.current)
            } catch {
                log.error(
                    "replay cancelled",
                    metadata: ["replay": "\(job.id)", "reason": "\(error.message)"])
                _ = try await store.cancelReplay(job.id, at: time.wall())
                continue
            }
            try await feed(job, choice)
        }
    }

    private func feed(_ job: ReplayJob, _ choice: ReplayChoice) async throws {
        // What waits is bounded, so that a dead endpoint does not fill the queue.
        var left = min(job.rate, Limits.replayBacklogMax - job.waiting)
        var position = job.position
        // How far the store knows of it: looks that find nothing are not written one by one.
        var written = position
        var missing = 0
        var looks = 0
        while left > 0, position < job.upper, looks < Self.looksMax {
            looks += 1
            let page = try await store.candidates(
                for: job.query, after: position, upTo: job.upper, limit: min(left, Self.stepMax))
            var events: [Int64] = []
            for candidate in page.candidates {
                switch choice.verdict(candidate) {
                case .send: events.append(candidate.sequence)
                case .withoutPayload: missing += 1
                case .leave: continue
                }
            }
            position = page.position
            guard !events.isEmpty || position >= job.upper || looks == Self.looksMax else {
                continue
            }
            let step = ReplayStep(
                job: job.id, from: written, to: position, events: events, withoutPayload: missing)
            guard try await store.advance(step, at: time.wall()) else { return }
            if !events.isEmpty { deliver.ring(job.target) }
            left -= events.count
            (written, missing) = (position, 0)
        }
        guard position >= job.upper else { return }
        log.notice("replay queued", metadata: ["replay": "\(job.id)"])
    }
}
