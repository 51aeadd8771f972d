/// Every hard bound in one place, with its unit and its reason.
///
/// Configuration may lower a bound, never lift it.
package enum Limits {
    /// Bytes of a record's key.
    ///
    /// SQLite keeps keys of this size inside one b-tree cell.
    package static let keyBytesMax = 1024
    /// Parts of a record's key; more would not tell records apart any better.
    package static let keyPartsMax = 8
    /// Milliseconds that one attempt of a delivery may be given.
    package static let attemptMilliseconds: ClosedRange<Int64> = 1000...60_000
    /// Parents that one poll visits; the next one goes on behind them.
    package static let visitsPerPollMax = 100_000
    /// Parents that are looked up at a time, and visits that are written down together.
    package static let visitsPerRound = 64
    /// Parents whose empty list waits for the next poll to be believed; more wait for their turn.
    package static let emptyParentsMax = 1000
    /// Visits that may fail one after the other until the poll gives up.
    package static let failedVisitsMax = 8
    /// After how long a parent that was not found is asked for again, though nothing says that
    /// it has changed.
    package static let skippedVisitPause: Duration = .seconds(3600)
    /// Visits of one poll that go on at once.
    package static let visitsAtOnceMax = 16
    /// Bytes of one decoded page.
    ///
    /// A page is held whole, so that a broken one becomes nothing.
    package static let pageBytesMax = 256 << 20
    /// Bytes of one decoded page unless an adapter says otherwise.
    package static let pageBytesDefault = 64 << 20
    /// Bytes of one decoded page of a format that is read in pieces, NDJSON or CSV.
    ///
    /// It is kept in a file, and so bounded by the disk.
    package static let dumpBytesMax = 64 << 30
    /// Bytes of a page from which on it goes to a file, where it can be read in pieces.
    package static let spooledOver = 8 << 20
    /// Bytes of such a page that are read at a time, and committed together.
    package static let pieceBytes = 4 << 20
    /// Bytes of one line or row of such a page.
    package static let pieceBytesMax = 64 << 20
    /// Pages of one poll.
    ///
    /// 100 million records at 1,000 a page.
    package static let pagesMax = 100_000
    /// Pages of one poll unless an adapter says otherwise.
    package static let pagesDefault = 10_000
    /// How deep JSON may nest.
    ///
    /// Deeper than any API's, shallow enough for any stack.
    package static let depthMax = 512
    /// Cursors of one stream.
    package static let cursorsMax = 8
    /// Bytes of a token or link that an API hands out to go on from; it is stored with each poll.
    package static let cursorBytesMax = 64 << 10
    /// Records of one page; more would not fit the index width of a scan.
    package static let recordsPerPageMax = 4 << 20
    /// Bytes of one event's body.
    ///
    /// Larger payloads are refused by most receivers.
    package static let payloadBytesMax = 1 << 20
    /// Bytes of one event's body from which on its subscription is warned about.
    ///
    /// What Standard Webhooks 1.0.0 advises; some gateways in front of receivers take no more.
    package static let payloadBytesAdvised = 20_000
    /// Events in one POST of a subscription that batches.
    package static let batchEventsMax = 1000
    /// Bytes of the records in one batch together; one that is larger goes alone.
    package static let batchBytesMax = 4 << 20
    /// Deliveries that are read at a time while a batch is put together.
    package static let batchStep = 50
    /// Bytes read of a receiver's reply.
    package static let replyBytesRead = 64 << 10
    /// Bytes kept of a receiver's reply, for `pullcord deliveries`.
    package static let replyBytesKept = 16 << 10
    /// Bytes of all header lines of one answer.
    package static let headerBytesMax = 256 << 10
    /// Deliveries in flight to one endpoint unless its subscription says otherwise.
    package static let inFlightPerEndpoint = 8
    /// Deliveries in flight to one endpoint; more would be most of ``inFlightMax``.
    package static let inFlightPerEndpointMax = 64
    /// Deliveries in flight in all.
    package static let inFlightMax = 256
    /// Records that are kept of a finding that is not believed, for `pullcord quarantine show`.
    package static let sampledRecordsMax = 20
    /// Bytes kept of each of those records, and of a content that cannot be read.
    package static let sampleBytesKept = 2048
    /// Changed records of one poll that wait in memory until it is clear whether they can be
    /// believed; more are read a second time.
    package static let heldRecordsMax = 1000
    /// Bytes of those records.
    package static let heldBytesMax = 8 << 20
    /// Records that one poll asks for before it believes that they are gone.
    package static let probesPerPollMax = 100
    /// Rows that one step of pruning or purging may look at.
    package static let pruneRowsMax = 1000
    /// Deliveries that one replay may have waiting: what is more stays in the log until its turn.
    package static let replayBacklogMax = 512
    /// Events a second that a replay may put into the queue.
    package static let replayRateMax = 10_000
    /// Room that a store must have to be polled into again after it was full: more than most
    /// pages of records take.
    package static let probeBytes = 4 << 20
    /// How much later a stored poll may have begun than one that is noted after it; what is more
    /// was stored by a clock that was ahead.
    package static let noteAgeMax: Duration = .seconds(3600)
    /// Replays that are remembered once they are done.
    package static let replaysKept = 10_000
    /// Tokens of the HTTP API; each request compares with all of them.
    package static let tokensMax = 1000
    /// How long the answer to a request with an Idempotency-Key is kept.
    package static let keptAnswerAgeMax: Duration = .seconds(24 * 3600)
    /// Answers that are kept for requests that come again.
    package static let keptAnswersMax = 10_000
    /// Bytes of each of those answers.
    package static let keptAnswerBytesMax = 64 << 10
    /// Requests of operators that are carried out in one look.
    package static let requestsAtOnceMax = 100
    /// The longest wait that a server may ask for with Retry-After.
    package static let retryAfterMax: Duration = .seconds(24 * 3600)
    /// Bytes of a record that is kept with `keep: record`.
    ///
    /// A larger one would not fit into a webhook.
    package static let recordBytesKept = 1 << 20
    /// Bytes of kept records that are read for one page.
    ///
    /// Changes beyond it go without what was before.
    package static let keptBytesPerPage = 64 << 20
    /// Paths that one event names as changed; above it, only the record's own members.
    package static let changedPathsMax = 1000
    /// Bytes of those paths.
    package static let changedBytesMax = 64 << 10
    /// Bytes kept of a page's URL, for `pullcord explain`.
    package static let urlBytesKept = 2048
    /// The longest pause within a poll that has read pages already, for the API's own limit.
    ///
    /// Hourly limits are the longest that are common; reading all pages anew costs more.
    package static let limitPauseMax: Duration = .seconds(3900)
    /// Refusals for asking too much, one after the other, before a poll gives up a page.
    package static let limitRefusalsMax = 16
    /// Records that have changed lately and are remembered with their time, so that no older line
    /// of a list of deletes takes them away.
    package static let recentRecordsMax = 1000
    /// Records that stood on two pages and differed that a stream remembers until the next poll:
    /// some fifty bytes each.
    package static let repeatedKeysMax = 1000
    /// Rules of `answers` of an adapter or a stream; each is asked about every answer.
    package static let answerRulesMax = 64
    /// Requests of one login.
    package static let loginStepsMax = 8
    /// Rates that hold together for one budget.
    package static let budgetRatesMax = 8
    /// Bytes of one definition of the store as it was sent, and of what it is kept as.
    package static let definitionBytesMax = 256 << 10
    /// Definitions of one kind that are kept.
    package static let definitionsMax = 100_000
    /// Definitions that are read or written at once.
    package static let definitionPageMax = 1000
    /// Labels of one source or subscription.
    package static let labelsMax = 32
    /// Bytes of a label's key, and of its value.
    package static let labelBytesMax = 63
    /// Bytes of a text that chooses by labels.
    package static let selectorBytesMax = 2048
    /// Requirements of such a text.
    package static let selectorRequirementsMax = 16
    /// Values behind one `in`.
    package static let selectorValuesMax = 64
    /// Bytes of what a program writes, which is kept in a file from ``spooledOver`` on, unless its
    /// adapter says otherwise.
    package static let programBytesDefault = 1 << 30
    /// How long a program may run unless its adapter says otherwise.
    package static let programTimeDefault: Duration = .seconds(600)
    /// How long a program may run.
    package static let programMilliseconds: ClosedRange<Int64> = 1000...86_400_000
    /// How long a program has after SIGTERM until it is killed.
    package static let programGrace: Duration = .seconds(5)
    /// How long what a program has started may keep its output open after its own end.
    package static let programHold: Duration = .seconds(2)
    /// Bytes kept of the end of what a program complains of.
    package static let programErrorBytes = 16 << 10
    /// Words of a command, and variables of an environment; the system's own bound is far off.
    package static let programWordsMax = 256
    /// Bytes of a catalog that a Singer tap discovers.
    package static let catalogBytesMax = 64 << 20
    /// Catalogs that are remembered; what is forgotten is discovered again.
    package static let catalogsMax = 64
    /// Runs of a tap until it is asked anew for what it has.
    package static let catalogRunsMax = 100

    /// Bytes of an archive of adapters as it is packed.
    package static let packBytesMax = 8 << 20
    /// Bytes of what is in an archive of adapters, tar's own included.
    package static let packContentBytesMax = 64 << 20
    /// Files of an archive of adapters.
    package static let packFilesMax = 4096
    /// Bytes of a path within an archive of adapters.
    package static let packPathBytesMax = 255
    /// Bytes of a bridge file, an adapter, or whatever else a configuration names.
    package static let configurationBytesMax = 16 << 20
    /// Entries of a folder of adapters that are looked at.
    package static let adaptersListedMax = 1000
}
