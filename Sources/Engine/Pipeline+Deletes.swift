import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordPoll
import PullcordTransfer

/// What becomes of records that every look at a complete list has missed.
extension Pipeline {
    /// Commits the deletes in batches, so that many need no more memory than few.
    func commitDeletes(_ run: inout PollRun) async throws {
        var last: RecordKey?
        var probes = Limits.probesPerPollMax
        while true {
            let missed = try await missed(
                run, after: last, limit: run.keeping == nil ? 1000 : 50)
            guard !missed.isEmpty else { return }
            last = missed.last?.key
            let (gone, waiting) = try await confirmed(missed, run, &probes)
            try await recall(gone.map(\.state), &run)
            var batch = run.delete(gone, time: time.wall(), matcher: matcher)
            if !waiting.isEmpty {
                batch.missing = MissingUpdate(poll: run.started, keys: waiting)
            }
            run.unconfirmed += missed.count - gone.count
            try await write(batch)
        }
    }

    typealias Missed = [(key: RecordKey, state: KnownRecord)]

    /// The records that the poll should have seen and has not.
    func missed(
        _ run: PollRun, after last: RecordKey?, limit: Int
    ) async throws -> Missed {
        guard let visit = run.visit else {
            return try await records.unseen(
                of: run.stream.id, seen: run.seen, after: last, limit: limit)
        }
        return try await records.unseen(
            of: run.stream.id, within: visit.span, seen: run.seen, after: last, limit: limit)
    }

    /// Tells apart what is gone for certain and what is remembered for later polls.
    private func confirmed(
        _ missed: Missed, _ run: PollRun, _ probes: inout Int
    ) async throws -> (gone: Missed, waiting: [RecordKey]) {
        switch run.stream.belief.confirmation {
        case nil: return (missed, [])
        case .scans(let needed):
            let scans = try await records.scansMissed(missed.map(\.key), of: run.stream.id)
            let pairs = zip(missed, scans).map { (record: $0, isGone: $1 + 1 >= needed) }
            return (
                pairs.filter(\.isGone).map(\.record),
                pairs.filter { !$0.isGone }.map(\.record.key)
            )
        case .get(let path):
            let scans = try await records.scansMissed(missed.map(\.key), of: run.stream.id)
            // Those that the last poll asked for in vain come after those that wait for their
            // first turn, and wait themselves the next time.
            let fresh = zip(missed, scans).filter { $1 == 0 }.map(\.0)
            let stale = zip(missed, scans).filter { $1 > 0 }.map(\.0)
            let asked = Array((fresh + stale).prefix(probes))
            probes -= asked.count
            let gone = try await probe(asked, path, run)
            return (
                asked.filter { gone.contains($0.key) },
                asked.map(\.key).filter { !gone.contains($0) }
            )
        }
    }

    /// How many records are asked for at once.
    private static let probesAtOnce = 4

    /// Asks for each record, and returns the keys of those that are gone.
    private func probe(
        _ missed: Missed, _ path: Template, _ run: PollRun
    ) async throws -> Set<RecordKey> {
        let probe = try RecordProbe(plan: run.stream.poll, path: path, time: run.started)
        let stream = run.stream
        let (options, pause) = run.options.shared()
        let cost = run.stream.poll.answers.fixedCost ?? 1
        let stillThere = run.options.stillThere
        var gone: Set<RecordKey> = []
        for start in stride(from: 0, to: missed.count, by: Self.probesAtOnce) {
            try stopBetweenPages()
            let keys = missed[start..<min(start + Self.probesAtOnce, missed.count)].map(\.key)
            let found = try await withThrowingTaskGroup(of: RecordKey?.self) { group in
                for key in keys {
                    let request = try probe.request(for: key)
                    group.addTask {
                        let answer = try await pause.during {
                            let (ticket, answer) = try await self.send(
                                request, cost: cost, stream, options)
                            stream.lane.finish(ticket, nil, now: self.time.monotonic())
                            return answer
                        }
                        switch RecordProbe.judge(answer) {
                        case .gone: return key
                        case .there: stillThere?(key)
                        case .undecided: break
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
            }
            gone.formUnion(found)
        }
        return gone
    }
}
