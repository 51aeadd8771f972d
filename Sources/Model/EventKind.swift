/// What an event tells: a change of a record, or how a source or an endpoint fares.
package enum EventKind: String, Sendable, CaseIterable {
    case created, updated, deleted
    /// What a poll found is not believed.
    case quarantined
    /// A stream that was quarantined is believed again.
    case recovered
    /// A subscription was stopped.
    case disabled
    /// No poll of a stream has ended well for too long.
    case stalled
    /// The records of a stream look unlike those before.
    case schemaChanged = "schema_changed"

    package init(_ change: ChangeKind) {
        self =
            switch change {
            case .created: .created
            case .updated: .updated
            case .deleted: .deleted
            }
    }

    /// The change of a record that the event tells of; nil if it tells of health.
    package var change: ChangeKind? { ChangeKind(rawValue: rawValue) }

    package var isHealth: Bool { change == nil }
}

extension StreamAddress {
    /// How sources fare: the key is `SOURCE/STREAM`.
    package static let sourceHealth = StreamAddress(
        source: .pullcord, stream: StreamName("source"))
    /// How endpoints fare: the key is the subscription's name.
    package static let endpointHealth = StreamAddress(
        source: .pullcord, stream: StreamName("endpoint"))

    /// What is sent to try an endpoint out; nothing of it is stored.
    package static let test = StreamAddress(source: .pullcord, stream: StreamName("test"))

    /// Whether the stream is one of Pullcord's own, which nobody polls.
    package var isInternal: Bool { source == .pullcord }

    /// The type of an event: `orders.updated`, or `pullcord.source.quarantined`.
    package func type(of kind: EventKind) -> String {
        if self == .test { return "\(source).\(stream)" }
        return isInternal ? "\(source).\(stream).\(kind.rawValue)" : "\(stream).\(kind.rawValue)"
    }
}

extension SourceName {
    /// The source of Pullcord's own streams; no source of a bridge file may be called so.
    package static let pullcord = SourceName("pullcord")
}
