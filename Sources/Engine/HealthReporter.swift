package import PullcordCommit
import PullcordDeliver
import PullcordJSON
package import PullcordModel

/// Something to tell of how a source or an endpoint fares.
package enum HealthNews: Sendable, Equatable {
    case quarantined(Quarantine)
    /// With what was not believed until now.
    case recovered(Quarantine)
    case disabled(SubscriptionName, reason: String, since: Timestamp)
}

/// Makes news of health into events: ordinary ones, of streams that nobody polls.
package struct HealthReporter: Sendable {
    private let sources: StreamID
    private let endpoints: StreamID
    private let records: any RecordReader
    private let matcher: LiveMatcher
    private let bells: LaneBells

    package init(
        sources: StreamID, endpoints: StreamID, records: any RecordReader,
        matcher: LiveMatcher, bells: LaneBells
    ) {
        self.sources = sources
        self.endpoints = endpoints
        self.records = records
        self.matcher = matcher
        self.bells = bells
    }

    /// The batch that tells the news, to be committed alone or alongside of another.
    ///
    /// The versions of a key count its news, so that each has an id of its own.
    func batch(_ news: HealthNews, at time: Timestamp) async throws -> CommitBatch {
        let (stream, address) =
            news.isOfEndpoint
            ? (endpoints, StreamAddress.endpointHealth) : (sources, StreamAddress.sourceHealth)
        let record = news.record
        var hasher = IdentityHasher()
        hasher.add(record)
        let fingerprint = hasher.finish()
        let before = try await records.known(KeyList([news.key]), of: stream).first ?? nil
        let ordinal: Int64
        if let before {
            ordinal = before.ordinal
        } else {
            ordinal = try await records.state(of: address).nextOrdinal
        }
        let state = KnownRecord(
            ordinal: ordinal, version: (before?.version ?? 0) + 1, fingerprint: fingerprint)
        let event = Event(
            id: EventIdentity.id(
                address: address, key: news.key, version: state.version,
                fingerprint: fingerprint, kind: news.kind),
            address: address, key: news.key, kind: news.kind, version: state.version,
            fingerprint: fingerprint, time: time, origin: .live, record: record)
        return CommitBatch(
            stream: stream, time: time, records: [(key: news.key, state: state)],
            events: [matcher.current.outgoing(event)])
    }

    /// Tells the lanes that a batch was committed.
    func ring(for batch: CommitBatch) { bells.ring(for: batch) }
}

extension HealthNews {
    fileprivate var isOfEndpoint: Bool {
        if case .disabled = self { true } else { false }
    }

    fileprivate var kind: EventKind {
        switch self {
        case .quarantined: .quarantined
        case .recovered: .recovered
        case .disabled: .disabled
        }
    }

    fileprivate var key: RecordKey {
        switch self {
        case .quarantined(let quarantine), .recovered(let quarantine):
            RecordKey(quarantine.address.description)
        case .disabled(let subscription, _, _): RecordKey(subscription.text)
        }
    }

    /// What stands in the webhook as the record.
    fileprivate var record: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        switch self {
        case .quarantined(let quarantine), .recovered(let quarantine):
            writer.text("source", quarantine.address.source.text)
            writer.text("stream", quarantine.address.stream.text)
            writer.text("reason", quarantine.finding.reason.text)
            writer.text("message", quarantine.finding.message)
            writer.text("since", quarantine.since.description)
            writer.text("decision", quarantine.decision.rawValue)
            writer.key("counts")
            writer.beginObject()
            writer.number("affected", quarantine.finding.affected)
            writer.number("known", quarantine.finding.known)
            writer.number("polls", quarantine.polls)
            writer.endObject()
        case .disabled(let subscription, let reason, let since):
            writer.text("subscription", subscription.text)
            writer.text("reason", reason)
            writer.text("since", since.description)
        }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func text(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    fileprivate mutating func number(_ key: String, _ number: Int) {
        self.key(key)
        self.number(number)
    }
}
