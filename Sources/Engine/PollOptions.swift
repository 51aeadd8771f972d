package import PullcordCommit
package import PullcordModel
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
}
