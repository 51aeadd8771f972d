package import PullcordAdapter
package import PullcordAuth
package import PullcordDetect
package import PullcordFormats
package import PullcordModel
package import PullcordPoll
package import PullcordSchedule

/// One stream of one source, ready to be polled; it does not change while the engine runs.
package final class LiveStream: Sendable {
    package let id: StreamID
    package let poll: PollPlan
    package let reader: PageReader
    package let format: PageFormat
    package let timetable: Timetable
    package let first: FirstPoll
    package let deletes: DeleteSpec
    /// Where its requests wait for their turn, with all who share the API's limits.
    package let lane: BudgetLane
    /// What stands above and below it.
    package let fan: FanOut
    /// What each request gets at the moment it is sent.
    let sender: RequestSender
    /// The login that it shares with all who have its credential; nil if it needs none.
    package let access: SourceAccess?
    /// By what it is found out how often it is polled; nil where the file says it.
    package let pace: PaceUse?
    /// How its whole list is read now and then; nil where it is not.
    package let reconciliation: Reconciliation?
    /// Where its deletes are told of; nil where they are not.
    package let deletions: DeletionList?
    /// How long no poll may end well until that is told.
    let stalledAfter: Duration

    init(
        id: StreamID, poll: PollPlan, reader: PageReader, timetable: Timetable, first: FirstPoll,
        deletes: DeleteSpec, lane: BudgetLane, sender: RequestSender, access: SourceAccess? = nil,
        reconciliation: Reconciliation? = nil, deletions: DeletionList? = nil,
        pace: PaceUse? = nil, fan: FanOut = FanOut(), stalledAfter: Duration? = nil
    ) {
        self.pace = pace
        self.stalledAfter =
            stalledAfter
            ?? max(timetable.interval * SourceWatch.intervals, SourceWatch.boundDefault)
        self.reconciliation = reconciliation
        self.deletions = deletions
        self.fan = fan
        self.id = id
        self.poll = poll
        self.reader = reader
        format = PageFormat(poll.stream.format)
        self.timetable = timetable
        self.first = first
        self.deletes = deletes
        self.lane = lane
        self.sender = sender
        self.access = access
    }

    /// When a stream that is polled at `time` is due next, should that poll end so.
    package func nextPoll(
        after time: Timestamp, _ outcome: RunOutcome = .succeeded()
    ) -> Timestamp {
        let turn = timetable.turn(after: .zero, now: .zero, wall: time)
        return time + max(turn, outcome.notBefore ?? .zero)
    }

    package var address: StreamAddress { poll.address }
    /// Takes the source's secrets out of whatever is logged, stored or shown about its polls.
    package var redactor: Redactor { poll.redactor }
    package var belief: BeliefSpec { poll.stream.belief }
    package var isSnapshot: Bool { poll.stream.detect == .snapshot }
    package var isFeed: Bool { poll.stream.detect == .feed }
    /// Whether the headers of answers are its pages.
    var readsHeaders: Bool { poll.stream.format.kind == .headers }
}
