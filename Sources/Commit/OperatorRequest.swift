package import PullcordModel

/// What somebody at the command line asks the owner of the store to do.
///
/// The kinds and their arguments belong to whoever carries them out; the store only keeps them.
/// A request may be carried out twice, if its owner dies before it is answered: what it asks for
/// must be the same when done again, or ``AuditEntry/request`` must have said that it was done.
package struct OperatorRequest: Sendable, Equatable {
    package let id: Int64
    package let kind: String
    /// A JSON object of texts.
    package let arguments: String
    package let made: Timestamp
    /// What was done, where only the answer is missing.
    package let done: String?

    package init(
        id: Int64, kind: String, arguments: String, made: Timestamp, done: String? = nil
    ) {
        self.done = done
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.made = made
    }
}

/// What became of a request, in words for the one who made it.
package struct OperatorAnswer: Sendable, Equatable {
    package let isDone: Bool
    package let text: String

    package init(isDone: Bool, text: String) {
        self.isDone = isDone
        self.text = text
    }
}

/// One line of the record of what operators did.
package struct AuditEntry: Sendable, Equatable {
    /// The line's number, from 1; 0 for one that is still to be written.
    package let id: Int64
    package let time: Timestamp
    /// The kind of request, as in `enable`.
    package let action: String
    /// What it was done to, as in the name of a subscription.
    package let subject: String
    package let detail: String
    /// Who asked, as in `token deploy`; empty for somebody at the command line.
    package let actor: String
    /// The waiting request that is carried out by what the line stands beside.
    ///
    /// It is marked so in the same transaction, and is no part of the line.
    package var request: Int64?

    package init(
        id: Int64 = 0, time: Timestamp, action: String, subject: String, detail: String,
        actor: String = "", request: Int64? = nil
    ) {
        self.request = request
        self.id = id
        self.actor = actor
        self.time = time
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}

/// The owner's side of requests.
package protocol OperatorStore: Sendable {
    /// The oldest first, at most ``Limits/requestsAtOnceMax``.
    func openRequests() async throws(StoreError) -> [OperatorRequest]

    /// Writes the answer, if there is a request to answer, and the audit's line, in one
    /// transaction; without a line, where the work has written its own.
    func answer(
        _ request: Int64?, _ answer: OperatorAnswer, audit: AuditEntry?
    ) async throws(StoreError)

    /// Writes down that a source is not to be polled by itself, or that it is again.
    func setPaused(
        _ isPaused: Bool, _ source: SourceName, at time: Timestamp
    ) async throws(StoreError)

    /// Has the next poll of a stream begin elsewhere: at `cursor`, nil for the start, and without
    /// validators.
    ///
    /// Its records stay known. With `forgetsBaseline` what that poll finds counts as the first
    /// that was ever found.
    func setCursor(
        _ cursor: String?, forgetsBaseline: Bool, of stream: StreamID
    ) async throws(StoreError)

    /// Deletes up to ``Limits/pruneRowsMax`` deliveries of a subscription that is not in the
    /// file, and the subscription with the last of them.
    ///
    /// What it throws is a ``StoreError``; Swift 6.3 cannot compile a call of it with that type
    /// through an existential in release mode.
    func purge(subscription: SubscriptionName) async throws -> PurgeStep

    /// Deletes up to ``Limits/pruneRowsMax`` events or records of a source that is not in the
    /// file, and its streams with the last of them.
    func purge(source: SourceName) async throws -> PurgeStep
}

/// What one step of a purge found.
package enum PurgeStep: Sendable, Equatable {
    /// So many rows went, and there may be more.
    case more(Int)
    /// There is nothing left.
    case done
    /// The rest is being sent: it can go when that has ended.
    case held
    /// The bridge file names it.
    case inFile
    case unknown
}

/// The side of those who only look.
package protocol OperatorReader: Sendable {
    /// The newest first, of those before a line; nil for all.
    func audit(before: Int64?, limit: Int) async throws -> [AuditEntry]

    /// The sources that are not polled by themselves, by name.
    func pausedSources() async throws -> [PausedSource]
}

extension OperatorReader {
    package func audit(limit: Int) async throws -> [AuditEntry] {
        try await audit(before: nil, limit: limit)
    }
}

/// A source that an operator has paused.
package struct PausedSource: Sendable, Equatable {
    package let source: SourceName
    package let since: Timestamp

    package init(source: SourceName, since: Timestamp) {
        self.source = source
        self.since = since
    }
}

/// The asking side: used beside the owner, by another process.
package protocol OperatorMailbox: Sendable {
    /// Leaves a request and returns its number.
    func send(kind: String, arguments: String, at time: Timestamp) async throws(StoreError) -> Int64

    /// nil while the request waits.
    func answer(to request: Int64) async throws(StoreError) -> OperatorAnswer?
}
