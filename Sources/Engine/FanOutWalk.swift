import PullcordAdapter
import PullcordCommit
import PullcordModel

/// What one visit has come to.
struct VisitOutcome: Sendable {
    let settlement: ParentSettlement
    let end: RunEnd
    /// The API knows nothing of the parent: nothing is wrong, and nothing is known.
    let isSkipped: Bool
    let isFirst: Bool
    let report: PollReport
    let events: Int
    let finding: Finding?
    /// The record that the API does not have any more, though its list does; it is deleted at the
    /// end of the poll, if that is believed.
    var missing: MissingDetail?
}

/// A record whose details are gone, or ruled out by `detail.when`.
struct MissingDetail: Sendable {
    let visit: Visit
    let known: KnownRecord
}

/// What the visits of one poll have come to so far, and whether it goes on: a pure tally.
struct FanOutWalk {
    private(set) var visits = 0
    private var failures = 0
    private var failuresInARow = 0
    private var problem: Problem?
    private var retryAfter: Duration?
    private var held: Problem?
    private(set) var belief: FanOutBelief
    /// Whether all that was due has been visited.
    var isExhausted = false
    private var rest: Duration?
    private var pages = 0
    private var records = 0
    private var created = 0
    private var updated = 0
    private var deleted = 0
    private(set) var events = 0
    private var hasFirst = false

    /// Visits that have ended and are not written down yet.
    private(set) var settled: [ParentSettlement] = []

    /// Records whose details are gone, as long as they are no more than may be believed.
    private(set) var missing: [VisitOutcome] = []
    /// How many there are, and how many of them the API says nothing of: 404 or 410.
    private(set) var missingCount = 0
    private(set) var unfoundCount = 0
    /// How many visits have found what they asked for.
    private(set) var found = 0
    private let missingMax: Int

    /// `missingMax` is how many records may be missing; with more, none of them is believed to be.
    init(_ belief: FanOutBelief, missingMax: Int = .max) {
        self.belief = belief
        self.missingMax = missingMax
    }

    mutating func take(_ outcome: VisitOutcome) {
        visits += 1
        if outcome.missing == nil {
            settled.append(outcome.settlement)
            let isRemoved = outcome.settlement.verdict == .removed
            if outcome.end.problem == nil, !isRemoved { found += 1 }
        } else {
            missing.append(outcome)
            missingCount += 1
            if outcome.isSkipped { unfoundCount += 1 }
            if missingCount > missingMax { leaveMissing() }
        }
        add(outcome)
    }

    /// Takes that what was missing has been deleted.
    mutating func takeDeleted(_ outcome: VisitOutcome, _ deletion: PollReport, events: Int) {
        settled.append(outcome.settlement)
        deleted += deletion.deleted
        self.events += events
    }

    mutating func takeMissing() -> [VisitOutcome] {
        defer { missing = [] }
        return missing
    }

    /// Leaves what is missing as it is: it is asked for again at the next poll, behind the others.
    private mutating func leaveMissing() {
        settled += missing.map { outcome in
            ParentSettlement(
                key: outcome.settlement.key, mark: outcome.settlement.mark, verdict: .kept,
                due: outcome.report.started)
        }
        missing = []
    }

    /// Takes that what is missing is not believed to be.
    mutating func hold(_ problem: Problem, _ finding: Finding) {
        leaveMissing()
        held = problem
        belief.takeWhole(finding)
    }

    private mutating func add(_ outcome: VisitOutcome) {
        pages += outcome.report.pages
        records += outcome.report.records
        created += outcome.report.created
        updated += outcome.report.updated
        deleted += outcome.report.deleted
        events += outcome.events
        hasFirst = hasFirst || outcome.isFirst
        belief.take(
            outcome.settlement.key, outcome.end, outcome.finding, isSkipped: outcome.isSkipped)
        guard !outcome.isSkipped else { return }
        judge(outcome.end, outcome)
    }

    private mutating func judge(_ end: RunEnd, _ outcome: VisitOutcome) {
        switch end {
        case .behind(let end): judge(end, outcome)
        case .complete(_, let rest), .notModified(let rest):
            failuresInARow = 0
            self.rest = [self.rest, rest].compactMap { $0 }.max()
        case .held(let problem):
            failuresInARow = 0
            if held == nil { held = placed(problem, outcome) }
        case .resync(let problem): fail(problem, outcome, nil)
        case .failed(let problem, let wait): fail(problem, outcome, wait)
        }
    }

    private mutating func fail(
        _ problem: Problem, _ outcome: VisitOutcome, _ wait: Duration?
    ) {
        failures += 1
        failuresInARow += 1
        if self.problem == nil {
            self.problem = placed(problem, outcome)
        }
        let isLimit = problem.code == "rate_limited"
        if wait != nil || isLimit { retryAfter = max(wait ?? .zero, retryAfter ?? .zero) }
    }

    private func placed(_ problem: Problem, _ outcome: VisitOutcome) -> Problem {
        Problem(
            code: problem.code,
            message: "\(problem.message) (parent \(outcome.settlement.key))",
            place: problem.place, hint: problem.hint)
    }

    /// Whether the API wants to be left alone, or nothing works any more.
    var mustStop: Bool {
        retryAfter != nil || failuresInARow >= Limits.failedVisitsMax
    }

    /// Whether every visit came to a good end.
    var isWhole: Bool { failures == 0 && held == nil }

    mutating func takeSettled(_ count: Int) -> [ParentSettlement] {
        defer { settled.removeFirst(min(count, settled.count)) }
        return Array(settled.prefix(count))
    }

    /// A few parents that cannot be read do not make the poll a failure: the others would wait.
    var end: RunEnd {
        if let problem, mustStop || failures == visits {
            return .failed(problem, retryAfter: retryAfter)
        }
        if let held { return .held(held) }
        return .complete(nil, rest: rest)
    }

    func report(
        _ stream: LiveStream, _ end: RunEnd, started: Timestamp, duration: Duration
    ) -> PollReport {
        var reason = end.problem?.description ?? ""
        if let problem, end.problem == nil {
            reason = "\(failures) of \(visits) parents could not be read, first: \(problem)"
        } else if let problem, failures > 1, visits > 1 {
            reason = "\(failures) of \(visits) parents could not be read, first: \(problem)"
        }
        let changes = created + updated + deleted
        let outcome =
            switch end {
            case .held(let problem), .resync(let problem), .failed(let problem, _): problem.code
            case .complete, .notModified, .behind:
                if hasFirst, events == 0, changes > 0 {
                    "baseline"
                } else if changes > 0 {
                    "changed"
                } else {
                    failures > 0 ? "partial" : "unchanged"
                }
            }
        let text = stream.redactor.redact(StrangerText.printable(reason))
        return PollReport(
            started: started, duration: duration, outcome: outcome,
            reason: String(text.prefix(Self.charactersMax)), pages: pages, records: records,
            created: created, updated: updated, deleted: deleted)
    }

    private static let charactersMax = 1000
}
