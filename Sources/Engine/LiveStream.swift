package import PullcordAdapter
package import PullcordDetect
package import PullcordModel
package import PullcordPoll

/// One stream of one source, ready to be polled; it does not change while the engine runs.
package struct LiveStream: Sendable {
    package let id: StreamID
    package let poll: PollPlan
    package let reader: PageReader
    package let interval: Duration
    package let first: FirstPoll
    package let deletes: DeleteSpec
    /// Where its requests wait for their turn, with all who share the API's limits.
    package let lane: BudgetLane

    package init(
        id: StreamID, poll: PollPlan, reader: PageReader, interval: Duration, first: FirstPoll,
        deletes: DeleteSpec, lane: BudgetLane
    ) {
        self.id = id
        self.poll = poll
        self.reader = reader
        self.interval = interval
        self.first = first
        self.deletes = deletes
        self.lane = lane
    }

    package var address: StreamAddress { poll.address }
    /// Takes the source's secrets out of whatever is logged, stored or shown about its polls.
    package var redactor: Redactor { poll.redactor }
    package var isSnapshot: Bool { poll.stream.detect == .snapshot }
}
