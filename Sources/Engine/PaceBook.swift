import PullcordAdapter
package import PullcordCommit
import PullcordConfig
package import PullcordModel
package import PullcordSchedule
import Synchronization

/// By which budget it is found out how often a stream is polled.
package struct PaceUse: Sendable {
    /// Equal for all streams that share the budget.
    package let key: Fingerprint
    package let rules: PaceRules

    /// nil for a stream whose file says how often.
    init?(_ stream: StreamSpec, _ source: BoundSource) {
        guard case .auto(let auto) = source.spec.schedule.rhythm else { return nil }
        key = BudgetKey.of(stream, source, share: auto.share)
        rules = PaceRules(
            least: auto.least, most: auto.most,
            budget: auto.budget.map { Double($0.count) / ($0.window / .seconds(1)) },
            window: auto.budget?.window ?? .seconds(86_400))
    }
}

/// The paces of all streams that are polled by how often they change.
package final class PaceBook: Sendable {
    fileprivate struct Pages {
        var pacers: [Fingerprint: Pacer] = [:]
        var keys: [StreamID: Fingerprint] = [:]
        /// What was last written of each stream, and when.
        var written: [StreamID: (interval: Duration, time: Timestamp)] = [:]
    }

    private let pages = Mutex(Pages())

    package init() {}

    /// After so long, what was learnt is written down though it is much the same.
    fileprivate static let writingPause: Duration = .seconds(3600)

    /// Takes up a stream with what its state remembers, or with other rules than before; returns
    /// how often it is polled, nil for as often as the file says.
    package func take(_ stream: LiveStream, _ state: StreamState?) -> Duration? {
        pages.withLock { pages in
            guard let use = stream.pace else {
                pages.release(stream.id)
                return nil
            }
            if let key = pages.keys[stream.id], key != use.key {
                // What is known of it goes along to the other budget.
                let evidence = pages.pacers[key]?.evidence(of: stream.id)
                pages.release(stream.id)
                pages.pacers[use.key, default: Pacer()].add(stream.id, use.rules, evidence)
            } else {
                let evidence = state?.marks[StreamMark.paceEvidence].flatMap { ChangeEvidence($0) }
                pages.pacers[use.key, default: Pacer()].add(stream.id, use.rules, evidence)
            }
            pages.keys[stream.id] = use.key
            return pages.pacers[use.key]?.pace(of: stream.id)?.interval
        }
    }

    func release(_ stream: StreamID) { pages.withLock { $0.release(stream) } }

    /// Takes the end of a poll; returns how often the stream is polled from now on, and what of
    /// that is to be remembered.
    ///
    /// nil for a stream whose file says how often.
    package func learn(
        _ stream: LiveStream, _ report: PollReport, _ end: RunEnd
    ) -> (interval: Duration, marks: [String: String])? {
        pages.withLock { pages in
            guard let key = pages.keys[stream.id], var pacer = pages.pacers[key] else {
                return nil
            }
            pages.pacers[key] = nil
            defer { pages.pacers[key] = pacer }
            let isBaseline = ["baseline", "rebaselined"].contains(report.outcome)
            let changes = isBaseline ? 0 : report.created + report.updated + report.deleted
            guard end.problem == nil else {
                pacer.spend(requests: report.pages, started: report.started)
                return pacer.pace(of: stream.id).map { ($0.interval, [:]) }
            }
            guard
                let pace = pacer.learn(
                    stream.id, changes: changes, requests: report.pages, started: report.started)
            else { return nil }
            let marks = pages.isWorthWriting(pace, stream.id, changes, report.started)
            guard marks, let evidence = pacer.evidence(of: stream.id) else {
                return (pace.interval, [:])
            }
            pages.written[stream.id] = (pace.interval, report.started)
            let note = PaceNote(
                interval: pace.interval, reason: pace.reason, changesPerDay: pace.changesPerDay,
                requestsPerPoll: pace.requestsPerPoll)
            return (
                pace.interval,
                [StreamMark.pace: note.text, StreamMark.paceEvidence: evidence.text]
            )
        }
    }
}

extension PaceBook.Pages {
    fileprivate mutating func release(_ stream: StreamID) {
        guard let key = keys.removeValue(forKey: stream) else { return }
        written[stream] = nil
        pacers[key]?.remove(stream)
        if pacers[key]?.isEmpty == true { pacers[key] = nil }
    }

    /// A poll that found nothing costs no write, unless what was learnt of it is much.
    fileprivate func isWorthWriting(
        _ pace: Pace, _ stream: StreamID, _ changes: Int, _ now: Timestamp
    ) -> Bool {
        guard changes == 0, let last = written[stream] else { return true }
        let ratio = pace.interval / last.interval
        return ratio > 1.25 || ratio < 0.8 || now - last.time >= PaceBook.writingPause
    }
}
