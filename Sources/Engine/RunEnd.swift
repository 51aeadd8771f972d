import PullcordCommit
package import PullcordModel
package import PullcordSchedule

/// How a poll ended, with what the schedule and the store need to know of it.
package enum RunEnd: Sendable {
    case complete(Validators?, rest: Duration?)
    case notModified(rest: Duration?)
    /// The API rejects where the poll went on from; the problem says so if it was the start.
    case resync(Problem)
    /// Every page was read, and the deletes that follow were not believed.
    case held(Problem)
    case failed(Problem, retryAfter: Duration?)
    /// It ended so before it had read all that there is.
    indirect case behind(RunEnd)

    var problem: Problem? {
        switch self {
        case .complete, .notModified: nil
        case .held(let problem), .resync(let problem), .failed(let problem, _): problem
        case .behind(let end): end.problem
        }
    }

    /// Whether the API is well, though not all that it sent may be believed.
    var isAlive: Bool {
        switch self {
        case .complete, .notModified, .held: true
        case .resync, .failed: false
        case .behind(let end): end.isAlive
        }
    }

    /// Shorter pauses are over before a daemon has been stopped, edited and started.
    private static let restMin: Duration = .seconds(30)

    /// What is to be remembered of a pause that the API asked for: a daemon that starts with
    /// another timetable keeps to it.
    func restMark(_ state: StreamState, at now: Timestamp) -> [String: String] {
        if let pause = outcome.notBefore, pause > Self.restMin {
            return [StreamMark.notBefore: StreamMark.text(of: now + pause)]
        }
        return state.marks[StreamMark.notBefore] == nil ? [:] : [StreamMark.notBefore: ""]
    }

    package var outcome: RunOutcome {
        switch self {
        case .complete(_, let rest), .notModified(let rest): .succeeded(notBefore: rest)
        // The API is well: what waits for a decision must not slow what does not.
        case .held: .succeeded()
        case .resync: .failed()
        case .failed(_, let retryAfter): .failed(notBefore: retryAfter)
        case .behind(.complete(_, let rest)): .behind(notBefore: rest)
        case .behind: .behind()
        }
    }
}
