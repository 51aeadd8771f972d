import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// Deletes that the API tells of in a list of their own.
extension Pipeline {
    /// Commits the deletes of one page of the list, and says what the page held.
    func takeDeletions(
        _ content: PageContent, of list: DeletionList, _ run: inout PollRun
    ) async throws -> PageFacts {
        let page = try read(content, run.stream, list.reader)
        let known = try await records.known(page.keys, of: run.stream.id)
        let gone = run.gone(by: page, known: known)
        if !gone.isEmpty {
            try await recall(gone.map(\.state), &run)
            try await write(
                run.delete(gone, records: page.total, time: time.wall(), matcher: matcher))
        }
        var fields = page.pageTexts
        let covered = list.hasCovered ? fields.popLast() ?? nil : nil
        run.deletions?.move(along: page, covered: covered)
        return PageFacts(
            records: page.total, fields: fields, lastFields: page.lastTexts,
            orderedCursor: page.cursors.flatMap { $0.isAscending ? $0.greatest : nil })
    }
}

extension PollRun {
    /// The records that a page of the list says are deleted, and that are there as far as is known.
    func gone(
        by page: Page, known: [KnownRecord?]
    ) -> [(key: RecordKey, state: KnownRecord)] {
        (0..<page.count).compactMap { index in
            guard let state = known[index], state.fingerprint != nil else { return nil }
            let key = page.keys.key(index)
            let moment =
                page.moments.isEmpty
                ? timedPosition(index, page)
                : page.moments.indices.contains(index) ? page.moments[index] : nil
            guard deletions?.isStale(key, deletedAt: moment) != true else { return nil }
            return (key, state)
        }
    }

    private func timedPosition(_ index: Int, _ page: Page) -> Int64? {
        guard stream.deletions?.cursor?.format.isTime == true else { return nil }
        return page.position(ofRecord: index)
    }

    /// Takes note of records that a page of the stream's own list shows, and that are new or have
    /// changed.
    mutating func noteRecent(_ page: Page, known: [KnownRecord?]) -> String? {
        guard deletions != nil else { return nil }
        for index in 0..<page.count where !page.isTombstone(index) {
            guard known[index]?.fingerprint != page.fingerprint(index) else { continue }
            deletions?.note(page.keys.key(index), at: page.position(ofRecord: index))
        }
        return deletions?.takeNotes()
    }

    /// How the poll ends if the list of deletes was read like this; nil if that went well.
    mutating func endDeletions(_ end: PollEnd) -> RunEnd? {
        switch end {
        case .complete, .notModified: return nil
        case .partial:
            deletions?.isPartial = true
            return nil
        case .resync(let error), .failed(let error):
            hasReadAll = false
            return .failed(error.problem, retryAfter: error.retryAfter)
        }
    }
}
