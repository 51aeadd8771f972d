package import PullcordModel

/// The contract of commit: cursors, fingerprints, events and deliveries, kept together.
///
/// One process owns a store at a time. Every write is durable when its call returns: it
/// survives `kill -9` and the loss of power. Every method may throw ``StoreError``.
package protocol Store: RecordReader, OperatorStore, ReplayStore, RetentionStore,
    CredentialStore, DefinitionStore, AccessStore
{
    // MARK: What the bridge file names

    /// The state of each stream, in the order asked; a stream that is new is made.
    ///
    /// Those that are not named count as removed from the file.
    func register(streams: [StreamAddress]) async throws(StoreError) -> [StreamState]

    /// The number of each subscription, in the order asked; one that is new is made.
    ///
    /// Those that are not named count as removed from the file: their deliveries wait.
    func register(
        subscriptions: [SubscriptionRegistration]
    ) async throws(StoreError) -> [SubscriptionID]

    /// The streams whose records are written down as parents of others.
    func adopters() async throws(StoreError) -> [StreamID]

    // MARK: Commit

    /// Writes one batch in one transaction; batches that wait together share one sync.
    func commit(_ batch: CommitBatch) async throws(StoreError)

    /// Writes for each stream that its last poll found nothing new, and when it is due next; a
    /// note of a poll that began before the one that is stored changes nothing, unless that one
    /// is later by more than ``Limits/noteAgeMax``: then the clock was ahead.
    func note(_ polls: [PollNote]) async throws(StoreError)

    // MARK: Deliver

    /// Takes deliveries of one subscription that are ready and due, the first due first, the
    /// older first among equals; those of replays come last and are at most `replays`. A claimed delivery is not handed out again until it is
    /// settled, released, or its owner has died.
    func claim(
        for subscription: SubscriptionID, limit: Int, replays: Int, now: Timestamp
    ) async throws(StoreError) -> [Delivery]

    /// Writes each attempt and what was decided; the next delivery of the same record becomes
    /// ready when one is delivered or dead, and carries the id of one that is dead. Under
    /// ``DeliveryOrder/latest`` one that failed while a newer waits is superseded. Settlements that wait together share one sync.
    func settle(_ settlements: [Settlement]) async throws(StoreError)

    /// Gives claimed deliveries back unsent.
    func release(_ deliveries: [DeliveryID]) async throws(StoreError)

    /// When the next unclaimed ready delivery of a subscription is due, those of replays left
    /// out unless they are asked for; nil if there is none.
    func nextDue(
        for subscription: SubscriptionID, replays: Bool
    ) async throws(StoreError) -> Timestamp?

    /// How many ready, due and unclaimed deliveries of a subscription there are; counted up to
    /// `limit`.
    func countDue(
        for subscription: SubscriptionID, limit: Int, now: Timestamp
    ) async throws(StoreError) -> Int

    /// Stops a subscription (its receiver answered 410) or, with nil, starts it again. Its
    /// events are kept either way.
    func setDisabled(
        _ reason: String?, for subscription: SubscriptionID, at time: Timestamp
    ) async throws(StoreError)

    /// Writes down what a person has decided about a quarantined stream; false if it is none.
    func decide(
        _ decision: QuarantineDecision, for stream: StreamAddress, at time: Timestamp
    ) async throws(StoreError) -> Bool

    /// Writes ``Limits/probeBytes`` and deletes them: returns only if the disk has room for them.
    func probe() async throws(StoreError)

    /// Keeps how a subscription's endpoint fares, as ``EndpointHealth/stored`` writes it; nil
    /// forgets it.
    func setHealth(_ text: String?, for subscription: SubscriptionID) async throws(StoreError)

    /// Gives up ownership after the writes under way; nothing may be called afterwards.
    func close() async
}

/// Read-only questions, for the command line and the console; they never wait for a writer.
package protocol StoreReader: OperatorReader, ReplayReader, DefinitionReader, AccessReader {
    func streams() async throws(StoreError) -> [StreamState]
    /// Those of one source, in the order of their names.
    func streams(of source: SourceName) async throws(StoreError) -> [StreamState]
    /// How sources fare in short, by name: those that the store has streams of.
    func sources(_ query: SourceQuery) async throws(StoreError) -> [SourceSummary]
    /// By name.
    func subscriptions(
        _ query: SubscriptionQuery
    ) async throws(StoreError) -> [SubscriptionSummary]
    /// One of them; nil if the store does not know it.
    func subscription(
        _ name: SubscriptionName
    ) async throws(StoreError) -> SubscriptionSummary?
    func subscription(
        _ id: SubscriptionID
    ) async throws(StoreError) -> SubscriptionSummary?
    /// The quarantined streams by name, without their samples.
    func quarantines() async throws(StoreError) -> [Quarantine]
    /// One quarantined stream with its sample; nil if the stream is not quarantined.
    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine?
    /// The newest first.
    func events(_ query: EventQuery) async throws(StoreError) -> [EventSummary]
    /// How many changes were committed by source and hour, of those with a place in the log after
    /// `after` and up to `upTo`.
    func changeCounts(
        after: Int64, upTo: Int64
    ) async throws(StoreError) -> [ChangeCount]
    /// The newest first, each with its attempts in order.
    func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [DeliverySummary]
    /// Where an event came from; nil if there is no such event.
    func provenance(of event: EventID) async throws(StoreError) -> EventProvenance?

    /// What retention has left.
    func kept() async throws(StoreError) -> KeptSummary
}

/// What detection asks: the state of a stream and of its records.
package protocol RecordReader: FanOutReader {
    /// The state of one stream; that of a stream never polled if the store does not know it.
    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState

    /// What is known of each key, in the order of `keys`; nil where nothing is.
    func known(_ keys: KeyList, of stream: StreamID) async throws(StoreError) -> [KnownRecord?]

    /// The bytes of each record as it was kept in the version named, in their order; nil for
    /// one that was not kept, and from the first on that would lift the sum over `bytesMax`.
    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?]

    /// The live records of a stream whose ordinal is not in `seen`, in order of key, those
    /// after `after` first; at most `limit`, so that a mass delete needs no memory to match.
    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)]

    /// What is not believed of a stream; nil if it is not quarantined.
    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine?

    /// How many complete scans in a row have missed each record, in the order of `keys`.
    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int]
}

extension Store {
    package func register(
        subscriptions: [SubscriptionName]
    ) async throws(StoreError) -> [SubscriptionID] {
        try await register(subscriptions: subscriptions.map { SubscriptionRegistration($0) })
    }

    package func claim(
        for subscription: SubscriptionID, limit: Int, now: Timestamp
    ) async throws(StoreError) -> [Delivery] {
        try await claim(for: subscription, limit: limit, replays: limit, now: now)
    }

    package func nextDue(for subscription: SubscriptionID) async throws(StoreError) -> Timestamp? {
        try await nextDue(for: subscription, replays: true)
    }
}

extension StoreReader {
    /// All of them.
    package func subscriptions() async throws(StoreError) -> [SubscriptionSummary] {
        try await subscriptions(SubscriptionQuery())
    }
}
