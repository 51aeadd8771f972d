import PullcordCommit
package import PullcordMetrics
package import PullcordModel
import Synchronization

/// What has been measured since the process began, for whoever asks.
///
/// Polls, attempts and commits are counted when they have ended, so nothing is counted per record
/// while a page is read.
package final class Meters: Sendable {
    /// Series of one counter whose labels come from outside; what is more is counted as `other`.
    static let seriesMax = 200

    /// How a poll went, in few words.
    package enum PollResult: String, Sendable, CaseIterable {
        case changed, unchanged, baseline, rebaselined, partial, quarantined, failed, stopped
        case notModified = "not_modified"
    }

    /// What came of an attempt for its delivery.
    package enum DeliveryOutcome: String, Sendable, CaseIterable {
        case delivered, retry, dead
    }

    /// What an attempt came to, and by which answer.
    package struct DeliveryClass: Hashable, Sendable {
        package let outcome: DeliveryOutcome
        /// `2xx` to `5xx`, or a word for why there was no answer.
        package let word: String

        package init(outcome: DeliveryOutcome, word: String) {
            self.outcome = outcome
            self.word = word
        }
    }

    /// A kind of change and how its event came about.
    package struct ChangeClass: Hashable, Sendable {
        package let kind: EventKind
        package let origin: Origin

        package init(kind: EventKind, origin: Origin) {
            self.kind = kind
            self.origin = origin
        }
    }

    /// A route of the HTTP API and a class of statuses.
    package struct RequestClass: Hashable, Sendable {
        package let operation: String
        package let status: String
    }

    /// All counts and histograms.
    package struct Figures: Sendable {
        /// From the time that the record states.
        package var statedLag = Histogram(Meters.lagBounds)
        /// From the start of the poll before, where the record states no time.
        package var assumedLag = Histogram(Meters.lagBounds)
        package var deliveryLag = Histogram(Meters.deliveryBounds)
        package var pollDuration = Histogram(Meters.pollBounds)
        package var attemptDuration = Histogram(Meters.attemptBounds)
        package var sync = Histogram(Meters.syncBounds)
        package var polls: [PollResult: Int] = [:]
        /// Failed polls by the code of their problem.
        package var failures: [String: Int] = [:]
        package var records = 0
        package var pages = 0
        package var changes: [ChangeClass: Int] = [:]
        package var deliveries: [DeliveryClass: Int] = [:]
        package var posts = 0
        package var blocked: [String: Int] = [:]
        package var violations: [String: Int] = [:]
        package var requests: [RequestClass: Int] = [:]
        package var reloads: [Bool: Int] = [:]
        package var lastReload: (isGood: Bool, time: Timestamp)?
        package var lastGoodReload: Timestamp?
    }

    private let figures = Mutex(Figures())

    package init() {}

    package var snapshot: Figures { figures.withLock { $0 } }

    static let lagBounds: [Double] = [
        0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400,
    ]
    static let deliveryBounds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400,
    ]
    static let pollBounds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
    ]
    static let attemptBounds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60,
    ]
    static let syncBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
    ]
}

extension Meters {
    /// A poll has ended; `isGood` says that it read what it set out to read.
    func polled(_ report: PollReport, isGood: Bool) {
        let result =
            PollResult(rawValue: report.outcome)
            ?? (report.isHeld ? .quarantined : isGood ? .unchanged : .failed)
        figures.withLock { figures in
            figures.polls[result, default: 0] += 1
            figures.pollDuration.add(report.duration)
            figures.records += report.records
            figures.pages += report.pages
            guard !isGood, !report.isHeld else { return }
            Self.count(report.outcome, in: &figures.failures)
        }
    }

    /// A poll has ended with the process.
    func pollStopped() { figures.withLock { $0.polls[.stopped, default: 0] += 1 } }

    /// A batch is on disk since `now`.
    func committed(_ batch: CommitBatch, now: Timestamp) {
        let events = batch.allEvents
        guard !events.isEmpty else { return }
        figures.withLock { figures in
            for outgoing in events {
                let event = outgoing.event
                let kind = ChangeClass(kind: event.kind, origin: event.origin)
                figures.changes[kind, default: 0] += 1
                switch outgoing.moment {
                case .stated(let time): figures.statedLag.add(now - time)
                case .after(let time): figures.assumedLag.add(now - time)
                case nil: continue
                }
            }
        }
    }

    /// A POST has ended, and what it means for the deliveries in it is written down.
    func settled(_ deliveries: [Delivery], _ settlements: [Settlement]) {
        guard let first = settlements.first else { return }
        let events = Dictionary(deliveries.map { ($0.id, $0) }) { first, _ in first }
        figures.withLock { figures in
            figures.posts += 1
            figures.attemptDuration.add(first.attempt.duration)
            for settlement in settlements {
                let attempt = settlement.attempt
                let kind = DeliveryClass(
                    outcome: DeliveryOutcome(settlement.verdict), word: attempt.classWord)
                figures.deliveries[kind, default: 0] += 1
                guard case .delivered = settlement.verdict,
                    let delivery = events[settlement.delivery], delivery.isTimely
                else { continue }
                let end = attempt.started + attempt.duration
                figures.deliveryLag.add(end - delivery.committed)
            }
        }
    }

    /// A request was not sent because of where it would have gone.
    func blocked(_ reason: String) {
        figures.withLock { $0.blocked[reason, default: 0] += 1 }
    }

    /// Something was found that must not be, whatever others do.
    package func violated(_ invariant: String) {
        figures.withLock { Self.count(invariant, in: &$0.violations) }
    }

    /// The store has failed in a way that is a mistake of ours.
    func failed(_ error: StoreError) {
        guard error.code == .fault || error.code == .corrupt else { return }
        violated("store_\(error.code.rawValue)")
    }

    /// A transaction of the store was made durable.
    package func synced(_ duration: Duration) { figures.withLock { $0.sync.add(duration) } }

    /// A request of the HTTP API was answered; `operation` is the id of its route.
    package func answered(_ operation: String, status: Int) {
        let kind = RequestClass(operation: operation, status: "\(status / 100)xx")
        figures.withLock { $0.requests[kind, default: 0] += 1 }
    }

    func reloaded(isGood: Bool, at time: Timestamp) {
        figures.withLock { figures in
            figures.reloads[isGood, default: 0] += 1
            figures.lastReload = (isGood, time)
            if isGood { figures.lastGoodReload = time }
        }
    }

    private static func count(_ word: String, in counts: inout [String: Int]) {
        let isKnown = counts[word] != nil || counts.count < seriesMax
        counts[isKnown ? word : "other", default: 0] += 1
    }
}

extension PollReport {
    /// Whether all was read, and something of it not believed.
    var isHeld: Bool { QuarantineReason(outcome).isDecidable }
}

extension Meters.DeliveryOutcome {
    init(_ verdict: Settlement.Verdict) {
        self =
            switch verdict {
            case .delivered: .delivered
            case .retry: .retry
            case .dead: .dead
            }
    }
}

extension Attempt {
    fileprivate var classWord: String { status.map { "\($0 / 100)xx" } ?? outcome }
}

extension Delivery {
    /// Whether it was to be sent as soon as it was committed: neither a replay nor what existed
    /// before, which are sent at a pace of their own.
    fileprivate var isTimely: Bool { replay == nil && event.origin != .backfill }
}
