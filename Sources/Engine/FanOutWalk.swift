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
}

/// What the visits of one poll have come to so far, and whether it goes on: a pure tally.
struct FanOutWalk {
    private(set) var visits = 0
    private var failures = 0
    private var failuresInARow = 0
    private var problem: Problem?
    private var retryAfter: Duration?
    private var held: Problem?
    private(set) var finding: Finding?
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

    mutating func take(_ outcome: VisitOutcome) {
        visits += 1
        settled.append(outcome.settlement)
        pages += outcome.report.pages
        records += outcome.report.records
        created += outcome.report.created
        updated += outcome.report.updated
        deleted += outcome.report.deleted
        events += outcome.events
        hasFirst = hasFirst || outcome.isFirst
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
            if held == nil { (held, finding) = (problem, outcome.finding) }
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
            self.problem = Problem(
                code: problem.code,
                message: "\(problem.message) (parent \(outcome.settlement.key))",
                place: problem.place, hint: problem.hint)
        }
        let isLimit = problem.code == "rate_limited"
        if wait != nil || isLimit { retryAfter = max(wait ?? .zero, retryAfter ?? .zero) }
    }

    /// Whether the API wants to be left alone, or nothing works any more.
    var mustStop: Bool {
        retryAfter != nil || failuresInARow >= Limits.failedVisitsMax
    }

    /// Whether every visit came to a good end.
    var isWhole: Bool { failures == 0 && held == nil }

    mutating func takeSettled() -> [ParentSettlement] {
        defer { settled = [] }
        return settled
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
