package import PullcordCommit
import PullcordDeliver
package import PullcordJQ
package import PullcordModel

/// Which candidates a replay sends: the same for the count before and for the sending.
package struct ReplayChoice: Sendable {
    package enum Verdict: Sendable {
        case send
        /// Fits, as far as can be told, and cannot be sent any more.
        case withoutPayload
        case leave
    }

    private let filter: Expression?
    private let matcher: EventMatcher?
    private let target: SubscriptionID

    /// `matcher` decides where nobody said whose events are meant: the target gets what it would
    /// have been sent.
    package init(
        _ query: ReplayQuery, target: SubscriptionID, matcher: EventMatcher?
    ) throws(JQError) {
        filter = try query.filter.map { text throws(JQError) in try Expression(parsing: text) }
        self.matcher = query.subscription == nil && query.events.isEmpty ? matcher : nil
        self.target = target
    }

    /// A filter that fails on an event leaves it: nobody asked for just that one.
    package func verdict(_ candidate: ReplayCandidate) -> Verdict {
        guard candidate.hasPayload else {
            let fits = matcher?.listens(target, to: candidate.event) ?? true
            return fits ? .withoutPayload : .leave
        }
        guard matcher?.wants(candidate.event, target) ?? true else { return .leave }
        guard let filter else { return .send }
        let body = Envelope.body(for: candidate.event, limit: .max)
        return (try? filter.isTrue(in: body)) == true ? .send : .leave
    }

    /// What the whole replay would send, if it were made now.
    package func count(
        _ query: ReplayQuery, in reader: any ReplayReader
    ) async throws -> (send: Int, withoutPayload: Int) {
        let end = try await reader.logEnd()
        var position: Int64 = 0
        var (send, missing) = (0, 0)
        while position < end {
            let page = try await reader.candidates(
                for: query, after: position, upTo: end, limit: 100)
            for candidate in page.candidates {
                switch verdict(candidate) {
                case .send: send += 1
                case .withoutPayload: missing += 1
                case .leave: continue
                }
            }
            position = page.position
        }
        return (send, missing)
    }
}
