import PullcordAdapter
package import PullcordCommit
import PullcordDetect
package import PullcordModel
package import PullcordPoll
package import PullcordTransfer

/// How one poll differs from an ordinary one.
package struct PollOptions: Sendable {
    /// Deletes are believed however many they are.
    package var acceptsDeletes: Bool
    /// Updates are believed however many they are.
    package var acceptsChanges: Bool
    /// How many parents are visited at most; nil for as many as are due.
    package var visitsMax: Int?
    /// The whole list is read, whenever that is due.
    package var reconciles = false
    /// From which size on a page is read in pieces.
    package var pieces = PieceSizes()
    /// Told when a poll begins and ends to wait for its API.
    package var pausing: (@Sendable (Bool) -> Void)?
    /// Told of how a poll ended, before it is decided when the next one is due; returns what is
    /// to be remembered of it, by the names of ``StreamMark``.
    package var learn: (@Sendable (PollReport, RunEnd) -> [String: String])?
    /// Told of each record that the list has lost and the API still has.
    package var stillThere: (@Sendable (RecordKey) -> Void)?
    /// After how many pages a poll counts as ended, for a look that commits nothing; nil for as
    /// many as there are.
    package var pagesMax: Int?
    /// How many records of each page an observer is shown.
    package var recordsShown = 0
    /// Told of each request and answer, for `pullcord poll`.
    package var observe: (@Sendable (PollSight) -> Void)?

    package init(
        acceptsDeletes: Bool = false, acceptsChanges: Bool = false,
        pausing: (@Sendable (Bool) -> Void)? = nil,
        observe: (@Sendable (PollSight) -> Void)? = nil
    ) {
        self.acceptsDeletes = acceptsDeletes
        self.acceptsChanges = acceptsChanges
        self.pausing = pausing
        self.observe = observe
    }
}

/// What an observer of a poll gets to see.
package enum PollSight: Sendable {
    case request(HTTPRequest)
    case answer(HTTPResponse)
    /// Which of the adapter's rules decided on the answer, and as what.
    case ruling(String)
    /// Why the same is asked for again.
    case again(String)
    /// What an answer says of the API's limits.
    case limits(LimitSight)
    /// How many records a page held, and the first of those that count.
    case page(total: Int, first: [RecordSight])
    /// There are more pages, which are not asked for.
    case cut
}

/// One record as a poll has found it.
package struct RecordSight: Sendable {
    package let key: RecordKey
    package let fingerprint: Fingerprint
    /// Its cursor value as the API would be sent it; nil if it has none.
    package let cursor: String?
    /// As the API sent it, or as a transform made it.
    package let record: [UInt8]
    /// Whether the API says that it is deleted.
    package let isDeleted: Bool
}

extension PollOptions {
    /// Tells an observer what became of the last answer.
    func tell(of machine: PollMachine) {
        if let ruling = machine.ruling { observe?(.ruling(ruling)) }
        if let sight = machine.sight { observe?(.limits(sight)) }
    }

    /// Shows an observer the first records of a page that count.
    func show(_ page: Page, of stream: LiveStream) {
        guard let observe, recordsShown > 0 else { return }
        let format = stream.poll.stream.cursor?.format
        let first = (0..<min(recordsShown, page.count)).map { index in
            let cursor = format.flatMap { format in
                page.position(ofRecord: index)
                    .map { CursorValue(format: format, position: $0).asSent.description }
            }
            return RecordSight(
                key: page.keys.key(index), fingerprint: page.fingerprint(index), cursor: cursor,
                record: page.record(index), isDeleted: page.isTombstone(index))
        }
        observe(.page(total: page.total, first: first))
    }
}

extension PollOptions {
    /// What is to be remembered of how a poll ended, by the names of ``StreamMark``.
    func lessons(
        _ report: PollReport, _ end: RunEnd, _ state: StreamState, at now: Timestamp
    ) -> [String: String] {
        (learn?(report, end) ?? [:]).merging(end.restMark(state, at: now)) { $1 }
    }
}
