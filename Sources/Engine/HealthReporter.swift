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
    case stalled(Stall)
    /// With what was silent until now.
    case revived(Stall)
    case schemaChanged(StreamAddress, [ShapeChange], sampled: Int)

    /// For how long a stream has been silent.
    package struct Stall: Sendable, Equatable {
        package let address: StreamAddress
        /// When the last poll that ended well began; else when the first one was due.
        package let since: Timestamp
        package let failures: Int
        /// In words, without secrets.
        package let message: String
    }
}

/// Makes news of health into events: ordinary ones, of streams that nobody polls.
package struct HealthReporter: Sendable {
    private let sources: StreamID
    private let endpoints: StreamID
    private let records: any RecordReader
    private let matcher: LiveMatcher
    private let bells: LaneBells
    private let meters: Meters

    package init(
        sources: StreamID, endpoints: StreamID, records: any RecordReader,
        matcher: LiveMatcher, bells: LaneBells, meters: Meters = Meters()
    ) {
        self.meters = meters
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
        try await batch([news], at: time)
    }

    /// The same for several, all of sources or all of endpoints.
    func batch(_ news: [HealthNews], at time: Timestamp) async throws -> CommitBatch {
        let (stream, address) =
            news.contains(where: \.isOfEndpoint)
            ? (endpoints, StreamAddress.endpointHealth) : (sources, StreamAddress.sourceHealth)
        var batch = CommitBatch(stream: stream, time: time)
        let known = try await records.known(KeyList(news.map(\.key)), of: stream)
        var nextOrdinal: Int64?
        var states: [RecordKey: KnownRecord] = [:]
        for (item, stored) in zip(news, known) {
            let before = states[item.key] ?? stored
            if before == nil, nextOrdinal == nil {
                nextOrdinal = try await records.state(of: address).nextOrdinal
            }
            let record = item.record
            var hasher = IdentityHasher()
            hasher.add(record)
            let state = KnownRecord(
                ordinal: before?.ordinal ?? nextOrdinal ?? 0, version: (before?.version ?? 0) + 1,
                fingerprint: hasher.finish())
            if before == nil { nextOrdinal = (nextOrdinal ?? 0) + 1 }
            let event = Event(
                id: EventIdentity.id(
                    address: address, key: item.key, version: state.version,
                    fingerprint: state.fingerprint, kind: item.kind),
                address: address, key: item.key, kind: item.kind, version: state.version,
                fingerprint: state.fingerprint, time: time, origin: .live, record: record)
            states[item.key] = state
            batch.events.append(matcher.current.outgoing(event))
        }
        batch.records = states.map { (key: $0.key, state: $0.value) }
        return batch
    }

    /// Tells the lanes that a batch was committed by itself.
    func ring(for batch: CommitBatch) {
        bells.ring(for: batch)
        meters.committed(batch, now: batch.time)
    }
}

extension HealthNews {
    fileprivate var isOfEndpoint: Bool {
        if case .disabled = self { true } else { false }
    }

    fileprivate var kind: EventKind {
        switch self {
        case .quarantined: .quarantined
        case .recovered, .revived: .recovered
        case .disabled: .disabled
        case .stalled: .stalled
        case .schemaChanged: .schemaChanged
        }
    }

    fileprivate var key: RecordKey {
        switch self {
        case .stalled(let stall), .revived(let stall): RecordKey(stall.address.description)
        case .schemaChanged(let address, _, _): RecordKey(address.description)
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
            writer.address(quarantine.address)
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
        case .stalled(let stall), .revived(let stall):
            writer.address(stall.address)
            writer.text("reason", "stalled")
            writer.text("message", stall.message)
            writer.text("since", stall.since.description)
            writer.key("counts")
            writer.beginObject()
            writer.number("failures", stall.failures)
            writer.endObject()
        case .schemaChanged(let address, let changes, let sampled):
            writer.address(address)
            writer.text("reason", "schema_changed")
            writer.text("message", ShapeChange.words(changes))
            writer.key("is_breaking")
            writer.bool(changes.contains(where: \.isBreaking))
            writer.key("changes")
            writer.beginArray()
            for change in changes { writer.change(change) }
            writer.endArray()
            writer.key("counts")
            writer.beginObject()
            writer.number("sampled", sampled)
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func address(_ address: StreamAddress) {
        text("source", address.source.text)
        text("stream", address.stream.text)
    }

    fileprivate mutating func change(_ change: ShapeChange) {
        beginObject()
        text("path", change.path)
        text("change", change.kind.rawValue)
        for (key, types) in [("before", change.before), ("after", change.after)] {
            self.key(key)
            beginArray()
            for word in types.words { string(word) }
            endArray()
        }
        endObject()
    }

    fileprivate mutating func text(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    fileprivate mutating func number(_ key: String, _ number: Int) {
        self.key(key)
        self.number(number)
    }
}
