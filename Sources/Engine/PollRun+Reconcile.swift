import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What depends on whether a poll reads the whole list.
extension PollRun {
    /// Whether the whole list is read.
    var isWhole: Bool { isReconciling || stream.isSnapshot }

    var poll: PollPlan {
        isReconciling ? stream.reconciliation?.poll ?? stream.poll : stream.poll
    }

    var reader: PageReader {
        if let statedReader { return statedReader }
        return isReconciling
            ? stream.reconciliation?.reader ?? stream.reader : stream.reader
    }

    /// Whether the cursor is further than where the poll began.
    var hasMoved: Bool {
        cursors.isKnown && cursors.storedAtEnd != state.cursor
    }

    /// Whether pages may be remembered, and pages that are remembered skipped: what is stored was
    /// compared by the rules of this poll.
    ///
    /// While changes wait to be believed, what is stored is not all that is known.
    var mayRemember: Bool {
        comparison == .same && !isReconciling && held.isEmpty && keeping?.isFilling != true
            && visit == nil && marking.filling == nil
            && stream.reader.plan.dependsOnBytesAlone
    }

    /// Whether its events tell what was before.
    var tellsPrevious: Bool {
        keeping != nil && ([.same, .resync, .remaskedAgain].contains(comparison))
    }

    /// Whether the poll may lift the quarantine: what a whole list has shown is healed by a whole
    /// list only.
    var mayHeal: Bool {
        guard let reason = quarantine?.finding.reason, stream.reconciliation != nil else {
            return true
        }
        return isWhole || ![.massDelete, .massChange, .emptyList].contains(reason)
    }

    /// Where the poll of the list of deletes starts.
    var deletionsStart: PollStart {
        PollStart(cursor: deletions?.start, validators: nil, time: started)
    }

    /// Whether nothing on the page is news.
    func isOld(_ page: Page, known: [KnownRecord?]) -> Bool {
        guard stream.isOnce else { return page.holds(known) }
        return known.allSatisfy { $0?.fingerprint != nil }
    }
}

extension LiveStream {
    /// Whether a record that is known is never news again.
    var isOnce: Bool { isFeed && !poll.stream.changes.feedUpdates }

    /// Whether a poll that begins now reads the whole list of an incremental stream.
    func isToReconcile(
        _ state: StreamState, _ quarantine: Quarantine?, _ options: PollOptions,
        isFilling: Bool = false, now: Timestamp
    ) -> Bool {
        guard let reconciliation else { return false }
        // Everything is read from the start already, and must come to its end first.
        let format = poll.stream.cursor?.format
        let isResync = state.cursor.flatMap { ResyncMark($0, format: format) } != nil
        guard !isResync else { return false }
        let isDecided = Self.isDecided(state, quarantine, now: now)
        return options.reconciles
            || reconciliation.rule.isDue(
                state, rules: poll.rules, isDecided: isDecided, isFilling: isFilling, now: now)
    }

    /// Whether somebody has said since the last attempt that what it found is true.
    private static func isDecided(
        _ state: StreamState, _ quarantine: Quarantine?, now: Timestamp
    ) -> Bool {
        guard let quarantine, quarantine.decision == .accepted,
            quarantine.finding.reason.isDecidable
        else { return false }
        guard let retry = state.time(of: StreamMark.retryReconcile) else { return true }
        return quarantine.decidedAt ?? now > retry - ReconcileRule.retryPause
    }
}
