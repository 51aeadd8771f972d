import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// Deletes that the details tell of and the list does not.
///
/// An API that answers 404 to everything for a while has lost no record. So they are judged
/// together at the end of the poll, by `max_delete` as those of a list are; and where nothing that
/// was asked for was found, some records that nothing was wrong with are asked for as witnesses.
extension Pipeline {
    /// Reads one record in full; tells of one that is known and that the API has no more.
    func readDetail(
        _ visit: Visit, _ run: inout PollRun, _ poll: FanOutPoll
    ) async throws -> (end: RunEnd, missing: KnownRecord?) {
        guard let end = try await readPages(&run) else { return (.complete(nil, rest: nil), nil) }
        let isUnwanted = run.records > 0 && run.counted == 0
        guard run.isGone(end) || isUnwanted else { return (end, nil) }
        guard run.judgesMissing, poll.missingMax < .max else {
            try await deleteBelow(visit, &run)
            return (end, nil)
        }
        return (end, try await known(below: visit, run.stream, after: nil).first?.state)
    }

    /// Deletes the records whose details are gone, or holds all of them back.
    func deleteMissing(_ poll: FanOutPoll, _ walk: inout FanOutWalk) async throws {
        guard walk.missingCount > 0 else { return }
        if walk.missingCount <= poll.missingMax, walk.found == 0, walk.unfoundCount > 0 {
            try await askWitnesses(poll, &walk)
        }
        if let refusal = poll.refusal(of: walk) {
            let problem = poll.problem(of: refusal)
            let missing = walk.missing
            walk.hold(problem, poll.finding(refusal, problem, missing))
            return
        }
        for outcome in walk.takeMissing() {
            guard let visit = outcome.missing?.visit else { continue }
            var run = poll.run(of: visit, live: 0)
            try await deleteBelow(visit, &run)
            let report = run.report(.complete(nil, rest: nil), duration: .zero)
            walk.takeDeleted(outcome, report, events: run.events)
            try await writeSettled(poll, &walk)
        }
    }

    /// How many records are asked for to tell a lost record from an API that is not itself.
    private static let witnessesMax = 3

    private func askWitnesses(_ poll: FanOutPoll, _ walk: inout FanOutWalk) async throws {
        let missing = Set(walk.missing.map(\.settlement.key))
        var asked = 0
        var last: RecordKey?
        while asked < Self.witnessesMax, walk.found == 0, !walk.mustStop {
            let others = try await records.readParents(
                of: poll.stream.id, after: last, limit: Limits.visitsPerRound)
            guard let end = others.last?.key else { return }
            last = end
            for parent in others where !missing.contains(parent.key) {
                guard asked < Self.witnessesMax, walk.found == 0, !walk.mustStop else { return }
                let visit = poll.visit(parent, backfilled: walk.events)
                walk.take(
                    try await poll.pause.during { try await self.carryOut(visit, poll) })
                asked += 1
            }
        }
    }
}

extension PollRun {
    /// Whether there was anything before that a missing record could be missing from.
    var judgesMissing: Bool { comparison != .first && comparison != .reidentified }
}

extension FanOutPoll {
    /// How many details may be missing in one poll; ``Swift/Int/max`` where any number is believed.
    var missingMax: Int {
        let share = stream.deletes.maxShare
        guard share < 1, !options.acceptsDeletes else { return .max }
        let minimum = share > 0 ? stream.deletes.minimum : 0
        let allowed = max(minimum, Int(share * Double(knownBefore)))
        guard let quarantine = belief.quarantineOfWhole, quarantine.decision == .accepted else {
            return allowed
        }
        return max(allowed, quarantine.finding.affected * 11 / 10)
    }

    /// How many records were known when more than may be were first missing, or before this poll.
    private var knownBefore: Int {
        guard let quarantine = belief.quarantineOfWhole, quarantine.finding.known > 0 else {
            return state.liveCount
        }
        return min(quarantine.finding.known, state.liveCount)
    }

    /// Why what is missing is not believed to be; nil if it is.
    func refusal(of walk: FanOutWalk) -> ScanGuard.Refusal? {
        let refusal: ScanGuard.Refusal
        if walk.missingCount > missingMax {
            refusal = .massDelete(walk.missingCount, of: knownBefore)
        } else if walk.found > 0 || walk.unfoundCount == 0 {
            return nil
        } else if walk.missingCount >= state.liveCount {
            // There is nobody left to ask: the next poll has to find the same.
            refusal = .emptyList(state.liveCount)
        } else {
            refusal = .massDelete(walk.missingCount, of: knownBefore)
        }
        return belief.quarantineOfWhole?.believes(refusal) == true ? nil : refusal
    }

    func problem(of refusal: ScanGuard.Refusal) -> Problem {
        let address = stream.address
        let (count, known) = refusal.counts
        guard case .emptyList = refusal else {
            return Problem(
                code: QuarantineReason.massDelete.text,
                message: "the details of \(count) of \(known) records are gone though their list "
                    + "has them; no delete was believed",
                place: address.description,
                hint: "if the API answers so by mistake, it heals by itself; pullcord quarantine "
                    + "show \(address) tells more; to believe it: pullcord quarantine accept "
                    + "\(address)")
        }
        return Problem(
            code: QuarantineReason.emptyList.text,
            message: "the details of all \(known) known records are gone though their list has "
                + "them; it is believed if the next poll finds the same",
            place: address.description)
    }

    func finding(
        _ refusal: ScanGuard.Refusal, _ problem: Problem, _ missing: [VisitOutcome]
    ) -> Finding {
        let (affected, known) = refusal.counts
        let sample = missing.prefix(Limits.sampledRecordsMax).compactMap { outcome in
            outcome.missing.map { missing in
                SampledRecord(
                    key: outcome.settlement.key, version: missing.known.version,
                    before: missing.known.fingerprint, after: nil, record: nil)
            }
        }
        return Finding(
            reason: refusal.reason, message: problem.message, affected: affected, known: known,
            sample: sample, isAnnounced: refusal.reason != .emptyList)
    }
}
