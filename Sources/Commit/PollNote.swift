package import PullcordModel

/// That a poll ended well and found nothing new: all there is to write down of it.
package struct PollNote: Sendable, Equatable {
    package let stream: StreamID
    package let report: PollReport
    package let nextPoll: Timestamp?

    package init(stream: StreamID, report: PollReport, nextPoll: Timestamp?) {
        self.stream = stream
        self.report = report
        self.nextPoll = nextPoll
    }
}

extension CommitBatch {
    /// Whether the batch says of a stream in `state` nothing but that a poll has ended well.
    ///
    /// What it sets is what is stored already, and the poll before ended well too: so nothing
    /// depends on whether its note is read after a crash.
    package func changesNothing(in state: StreamState) -> Bool {
        // By equality, so that whatever else a batch may come to hold counts as a change.
        guard
            self
                == CommitBatch(
                    stream: state.id, time: time, cursor: cursor, validators: validators,
                    ending: ending),
            cursor == nil || cursor == state.cursor, state.pendingRules == nil
        else { return false }
        switch validators {
        case .keep: break
        case .clear: guard state.validators == nil else { return false }
        case .set(let validators): guard validators == state.validators else { return false }
        }
        guard let ending else { return true }
        let report = ending.report
        return ending.isSuccess && state.hasBaseline && state.failures == 0
            && (ending.rules == nil || ending.rules == state.rules)
            && report.reason.isEmpty && report.created + report.updated + report.deleted == 0
    }
}
