package import PullcordAdapter
import PullcordCommit
import PullcordDeliver
package import PullcordJQ
package import PullcordModel

/// Which subscriptions an event is for.
package struct EventMatcher: Sendable {
    package struct Entry: Sendable {
        package let id: SubscriptionID
        package let name: SubscriptionName
        package let events: [EventPattern]
        /// nil means all.
        package let sources: Set<SourceName>?
        /// A predicate over the webhook's body; nil means all.
        package let filter: Expression?

        package init(
            id: SubscriptionID, name: SubscriptionName, events: [EventPattern],
            sources: Set<SourceName>?, filter: Expression?
        ) {
            self.id = id
            self.name = name
            self.events = events
            self.sources = sources
            self.filter = filter
        }
    }

    let entries: [Entry]
    private let filterFailed: @Sendable (SubscriptionName, JQError) -> Void

    /// `filterFailed` hears of each event that a filter failed on.
    package init(
        _ entries: [Entry],
        filterFailed: @escaping @Sendable (SubscriptionName, JQError) -> Void = { _, _ in }
    ) {
        self.entries = entries
        self.filterFailed = filterFailed
    }

    /// Whether a subscription listens to events of this type and source.
    func listens(_ subscription: SubscriptionID, to event: Event) -> Bool {
        entries.contains { $0.id == subscription && $0.matches(event) }
    }

    /// Whether a subscription would be sent an event.
    func wants(_ event: Event, _ subscription: SubscriptionID) -> Bool {
        guard listens(subscription, to: event) else { return false }
        return outgoing(event).subscriptions.contains(subscription)
    }

    /// The event with those who want it.
    ///
    /// A filter that fails on an event lets it through: a webhook too many can be ignored, one
    /// too few is never noticed.
    func outgoing(_ event: Event, before: Fingerprint? = nil) -> OutgoingEvent {
        var body: [UInt8]?
        var wanted: [SubscriptionID] = []
        for entry in entries where entry.matches(event) {
            if let filter = entry.filter {
                let bytes = body ?? Envelope.body(for: event, limit: .max)
                body = bytes
                do throws(JQError) {
                    guard try filter.isTrue(in: bytes) else { continue }
                } catch {
                    filterFailed(entry.name, error)
                }
            }
            wanted.append(entry.id)
        }
        return OutgoingEvent(event: event, subscriptions: wanted, before: before)
    }
}

extension EventMatcher.Entry {
    fileprivate func matches(_ event: Event) -> Bool {
        namesSource(of: event) && namesType(of: event)
    }

    func namesSource(of event: Event) -> Bool {
        guard let sources, let source = event.subjectSource else { return true }
        return sources.contains(source)
    }

    func namesType(of event: Event) -> Bool {
        events.contains { $0.matches(event.address, kind: event.kind) }
    }
}

extension Event {
    /// The source that the event speaks of; nil for one that speaks of an endpoint.
    fileprivate var subjectSource: SourceName? {
        guard address.isInternal else { return address.source }
        guard address == .sourceHealth else { return nil }
        return SourceName(String(key.text.prefix { $0 != "/" }))
    }
}
