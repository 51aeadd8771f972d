import PullcordCommit
import PullcordModel

/// An open store with two streams and two subscriptions, and short ways to fill it.
struct Scene: Sendable {
    static let orders = StreamAddress(source: SourceName("shop"), stream: StreamName("orders"))
    static let users = StreamAddress(source: SourceName("crm"), stream: StreamName("users"))

    let store: any Store & StoreReader
    let orders: StreamID
    let users: StreamID
    let triage: SubscriptionID
    let audit: SubscriptionID

    init(_ place: any StorePlace) async throws {
        store = try await place.open()
        let streams = try await store.register(streams: [Self.orders, Self.users])
        (orders, users) = (streams[0].id, streams[1].id)
        let ids = try await store.register(subscriptions: [
            SubscriptionName("triage"), SubscriptionName("audit"),
        ])
        (triage, audit) = (ids[0], ids[1])
    }

    /// A stamp some seconds after the scene's beginning.
    static func time(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_700_000_000_000 + seconds * 1000)
    }

    static func fingerprint(_ number: UInt64) -> Fingerprint {
        Fingerprint(high: number &* 0x9E37_79B9_7F4A_7C15, low: ~number)
    }

    static func known(_ ordinal: Int64, version: Int64 = 1) -> KnownRecord {
        KnownRecord(
            ordinal: ordinal, version: version,
            fingerprint: fingerprint(UInt64(bitPattern: ordinal &* 31 &+ version)))
    }

    static func deleted(_ ordinal: Int64, version: Int64 = 2) -> KnownRecord {
        KnownRecord(ordinal: ordinal, version: version, fingerprint: nil)
    }

    static func event(
        _ id: String, key: String = "1", address: StreamAddress = orders,
        kind: EventKind = .created, at seconds: Int64 = 0, origin: Origin = .live,
        record: [UInt8]? = Array(#"{"id":1}"#.utf8), difference: RecordDifference? = nil
    ) -> Event {
        Event(
            id: EventID("evt_\(id)"), address: address, key: RecordKey(key), kind: kind,
            version: 1, fingerprint: fingerprint(1), time: time(seconds), origin: origin,
            record: record, difference: difference)
    }

    /// Commits events of `orders`, each for the given subscriptions, and nothing else.
    func send(
        _ events: [Event], to subscriptions: [SubscriptionID], at seconds: Int64 = 0
    ) async throws {
        try await store.commit(
            CommitBatch(
                stream: orders, time: Self.time(seconds),
                events: events.map { OutgoingEvent(event: $0, subscriptions: subscriptions) }))
    }

    func commit(_ records: [(String, KnownRecord)], at seconds: Int64 = 0) async throws {
        try await store.commit(
            CommitBatch(
                stream: orders, time: Self.time(seconds),
                records: records.map { (key: RecordKey($0.0), state: $0.1) }))
    }

    func claim(
        _ limit: Int = 100, for subscription: SubscriptionID? = nil, at seconds: Int64 = 1000
    ) async throws -> [Delivery] {
        try await store.claim(
            for: subscription ?? triage, limit: limit, now: Self.time(seconds))
    }

    func settle(
        _ delivery: Delivery, _ verdict: Settlement.Verdict, at seconds: Int64 = 0
    ) async throws {
        try await store.settle([Self.settlement(delivery, verdict, at: seconds)])
    }

    static func settlement(
        _ delivery: Delivery, _ verdict: Settlement.Verdict, at seconds: Int64 = 0
    ) -> Settlement {
        let isDelivered = verdict == .delivered
        return Settlement(
            delivery: delivery.id,
            attempt: Attempt(
                number: delivery.attempts + 1, started: time(seconds),
                duration: .milliseconds(250), status: isDelivered ? 204 : 503,
                outcome: isDelivered ? "delivered" : "status",
                reason: isDelivered ? "" : "503 Service Unavailable", reply: "r\u{E9}ply"),
            verdict: verdict)
    }

    func state(_ address: StreamAddress = orders) async throws -> StreamState? {
        try await store.streams().first { $0.address == address }
    }

    func summary(_ name: String = "triage") async throws -> SubscriptionSummary? {
        try await store.subscriptions().first { $0.name.text == name }
    }

    static func report(_ outcome: String, reason: String = "") -> PollReport {
        PollReport(
            started: time(5), duration: .milliseconds(1234), outcome: outcome, reason: reason,
            pages: 2, records: 150, created: 3, updated: 2, deleted: 1)
    }
}

extension [Delivery] {
    /// The events' ids without their prefix.
    var names: [String] { map { String($0.event.id.text.dropFirst(4)) } }
}

/// The code of the store's error that `body` throws; nil if it throws none.
func storeErrorCode(_ body: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
