import PullcordAdapter
import PullcordDeliver
import PullcordJQ
package import PullcordModel

/// Whether a subscription wants an event, and what says so.
package enum EventVerdict: Sendable, Equatable {
    case wanted
    /// Its `events` name neither the type nor a pattern of it.
    case notItsType
    /// Its `sources` do not name the event's.
    case notItsSource
    /// Its `filter` is false.
    case filtered
    /// Its `filter` failed, which lets the event through.
    case filterFailed(String)
}

extension EventMatcher {
    /// What each subscription would say of an event, as the bridge file stands now.
    package func verdicts(on event: Event) -> [(name: SubscriptionName, verdict: EventVerdict)] {
        entries.map { ($0.name, $0.verdict(on: event)) }
    }
}

extension EventMatcher.Entry {
    fileprivate func verdict(on event: Event) -> EventVerdict {
        guard namesSource(of: event) else { return .notItsSource }
        guard namesType(of: event) else { return .notItsType }
        guard let filter else { return .wanted }
        do throws(JQError) {
            let body = Envelope.body(for: event, limit: .max)
            return try filter.isTrue(in: body) ? .wanted : .filtered
        } catch {
            return .filterFailed(error.message)
        }
    }
}
