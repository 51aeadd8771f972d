import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What is believed of a poll.
extension PollRun {
    static func guardian(
        _ stream: LiveStream, _ state: StreamState, _ quarantine: Quarantine?,
        _ options: PollOptions,
        comparesChanges: Bool, judgesDeletes: Bool
    ) -> ScanGuard {
        let share = stream.deletes.maxShare
        let minimum = share > 0 ? stream.deletes.minimum : 0
        let isGuarded = comparesChanges && !options.acceptsChanges
        let changes = ChangeGuard(
            live: state.liveCount, maxShare: stream.belief.maxChangeShare,
            deletesMinimum: minimum, heldMax: Limits.heldRecordsMax,
            heldBytesMax: Limits.heldBytesMax)
        return ScanGuard(
            live: state.liveCount, base: quarantine?.deletesBase,
            changes: isGuarded ? changes : nil,
            deletes: DeleteGuard(maxShare: share, minimum: minimum),
            mayBeEmpty: stream.belief.mayBeEmpty,
            judgesDeletes: judgesDeletes && !options.acceptsDeletes)
    }

    /// Judges a pass over the whole list, with what may be committed by now.
    mutating func endPass() -> (step: ScanGuard.Step, batches: [CommitBatch]) {
        let quarantine = quarantine
        let (step, held) = guardian.endPass(seenLive: seenLive, records: records) { refusal in
            quarantine?.believes(refusal) ?? false
        }
        return (step, settle(held))
    }

    /// What may be committed of a poll that failed.
    mutating func endFailed() -> [CommitBatch] { settle(guardian.heldAtFailure) }

    private mutating func settle(_ held: ScanGuard.Held) -> [CommitBatch] {
        switch held {
        case .commit: return releaseHeld()
        case .drop:
            dropHeld()
            return []
        }
    }

    func problem(of refusal: ScanGuard.Refusal) -> Problem {
        let address = stream.address
        let next =
            "pullcord quarantine show \(address) tells more; to believe it: pullcord "
            + "quarantine accept \(address)"
        switch refusal {
        case .massDelete(let count, let known):
            return Problem(
                code: QuarantineReason.massDelete.text,
                message: "\(count) of \(known) records are gone at once; no delete was believed",
                place: address.description,
                hint: "\(next), or stop the daemon and run pullcord poll \(address) "
                    + "--accept-deletes; if that is usual here, raise `max_delete`")
        case .massChange(let count, let known):
            return Problem(
                code: QuarantineReason.massChange.text,
                message: "\(count) of \(known) records seem to have changed at once; no change "
                    + "was believed",
                place: address.description,
                hint: "\(next), or stop the daemon and run pullcord poll \(address) --accept; "
                    + "what changes without meaning belongs under `ignore`; if that is usual "
                    + "here, raise `max_change`")
        case .emptyList(let known):
            return Problem(
                code: QuarantineReason.emptyList.text,
                message: "the list is empty where \(known) records were known; it is believed if "
                    + "the next poll finds the same",
                place: address.description)
        }
    }

    /// Below which parent it is, for a message.
    private var below: String { visit.map { " (parent \($0.parent.key))" } ?? "" }

    /// What of the poll's end is not believed; nil if all is, or if nothing was found at all.
    ///
    /// Before the first complete poll there is nothing that could be kept from harm.
    func finding(_ end: RunEnd) -> Finding? {
        switch end {
        case .complete, .notModified, .resync: return nil
        case .behind(let end): return finding(end)
        case .held(let problem):
            let (affected, known) = refusal?.counts ?? (0, 0)
            let reason = QuarantineReason(problem.code)
            return Finding(
                reason: reason, message: shown(problem.message + below), affected: affected,
                known: known, sample: sample.records,
                isAnnounced: reason != .emptyList)
        case .failed(let problem, _):
            guard state.hasBaseline, isContentFailure else { return nil }
            return Finding(
                reason: QuarantineReason(problem.code), message: shown(problem.message),
                excerpt: excerpt.isEmpty ? nil : sample.excerpt(excerpt))
        }
    }
}

extension Quarantine {
    /// How many records were known when they seemed to be gone; nil for any other finding.
    fileprivate var deletesBase: Int? {
        finding.reason == .massDelete ? finding.known : nil
    }

    /// Whether such a finding is believed because of what was found before.
    func believes(_ refusal: ScanGuard.Refusal) -> Bool {
        if case .emptyList = refusal, finding.reason == .emptyList, decision != .rejected {
            return true
        }
        return accepts(refusal.reason, affected: refusal.counts.affected)
    }
}

extension ScanGuard.Refusal {
    var reason: QuarantineReason {
        switch self {
        case .massDelete: .massDelete
        case .massChange: .massChange
        case .emptyList: .emptyList
        }
    }

    var counts: (affected: Int, known: Int) {
        switch self {
        case .massDelete(let count, let known), .massChange(let count, let known): (count, known)
        case .emptyList(let known): (known, known)
        }
    }
}
