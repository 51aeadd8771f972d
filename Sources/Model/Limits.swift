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
    /// Bytes of one decoded page.
    ///
    /// A page is held whole, so that a broken one becomes nothing.
    package static let pageBytesMax = 256 << 20
    /// Bytes of one decoded page unless an adapter says otherwise.
    package static let pageBytesDefault = 64 << 20
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
    /// Rows that one step of pruning or purging may look at.
    package static let pruneRowsMax = 1000
    /// Deliveries that one replay may have waiting: what is more stays in the log until its turn.
    package static let replayBacklogMax = 512
    /// Events a second that a replay may put into the queue.
    package static let replayRateMax = 10_000
    /// Requests of operators that are carried out in one look.
    package static let requestsAtOnceMax = 100
    /// The longest wait that a server may ask for with Retry-After.
    package static let retryAfterMax: Duration = .seconds(24 * 3600)
}
