import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll

/// What a poll does about what stands above and below its records.
extension PollRun {
    /// A page as it is compared: below its parent, if it has one.
    func placed(_ page: Page) throws(DetectError) -> Page {
        guard let visit else { return page }
        return try visit.place(page, hasPlainKeys: stream.poll.stream.key.count == 1)
    }

    /// A batch as it is written: what it says of the stream's state is the parent's alone.
    func placed(_ batch: CommitBatch) -> CommitBatch { visit?.progress(batch) ?? batch }

    /// Whether what is found becomes no events, because it was there from the beginning.
    var isBaseline: Bool { comparison.origin(of: .created, stream.first) == nil }

    /// Whether the API says that there is nothing of what was asked for: 404 or 410.
    func isGone(_ end: RunEnd) -> Bool {
        guard case .failed(let problem, _) = end, let status = sight.status else { return false }
        return problem.code == "status" && (status == 404 || status == 410)
    }
}
