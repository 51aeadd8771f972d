import Logging
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordDeliver
import PullcordJQ
import PullcordModel
import PullcordSigning
import PullcordTransfer

/// A subscription with everything compiled that its file says.
struct SubscriptionPlan: Sendable {
    let name: SubscriptionName
    /// Equal for subscriptions that are the same in all.
    let identity: Fingerprint
    /// Equal for those that deliver alike, whatever they listen to.
    private let laneIdentity: Fingerprint
    private let bound: BoundSubscription
    private let filter: Expression?
    private let endpoint: Endpoint

    /// Takes over from `previous` what is the same there; the number has to be given yet.
    init(_ subscription: BoundSubscription, replacing previous: SubscriptionPlan?) throws {
        let spec = subscription.spec
        name = spec.name
        bound = subscription
        identity = ConfigurationIdentity.of(subscription)
        laneIdentity = Self.laneIdentity(subscription)
        if let previous, previous.bound.spec.filter?.text == spec.filter?.text {
            filter = previous.filter
        } else {
            filter = try spec.filter.map { try Expression(parsing: $0.text) }
        }
        if let previous, previous.laneIdentity == laneIdentity {
            endpoint = previous.endpoint
        } else {
            endpoint = try Self.endpoint(of: subscription)
        }
    }

    /// Where a subscription delivers to; its number has to be given yet.
    static func endpoint(of subscription: BoundSubscription) throws -> Endpoint {
        let spec = subscription.spec
        return Endpoint(
            subscription: SubscriptionID(0), name: spec.name, url: Secret(subscription.url),
            keys: try SigningKeys(subscription),
            wire: try Wire(spec.wire, publicURL: subscription.publicURL),
            headers: subscription.headers.map(EndpointHeader.init),
            timeout: spec.timeout, access: EndpointAccess(subscription.access),
            isTraced: spec.isTraced)
    }

    private init(_ plan: SubscriptionPlan, id: SubscriptionID) {
        name = plan.name
        identity = plan.identity
        laneIdentity = plan.laneIdentity
        bound = plan.bound
        filter = plan.filter
        let old = plan.endpoint
        endpoint = Endpoint(
            subscription: id, name: old.name, url: old.url, keys: old.keys, wire: old.wire,
            headers: old.headers, timeout: old.timeout, access: old.access,
            isTraced: old.isTraced)
    }

    /// The same under the number that the store knows it by.
    func with(id: SubscriptionID) -> SubscriptionPlan { SubscriptionPlan(self, id: id) }

    private static func laneIdentity(_ subscription: BoundSubscription) -> Fingerprint {
        var spec = subscription.spec
        spec.events = []
        spec.sources = nil
        spec.sourceLabels = nil
        spec.labels = [:]
        spec.filter = nil
        var bound = BoundSubscription(
            spec: spec, url: subscription.url, wire: subscription.wire,
            headers: subscription.headers, access: subscription.access,
            secrets: subscription.secrets)
        bound.publicURL = subscription.publicURL
        return ConfigurationIdentity.of(bound)
    }

    var registration: SubscriptionRegistration {
        let queue = bound.spec.queue
        return SubscriptionRegistration(name, order: queue.order, isNumbered: queue.isNumbered)
    }

    /// What it listens to.
    var listener: EventMatcher.Entry {
        EventMatcher.Entry(
            id: endpoint.subscription, name: name, events: bound.spec.events,
            sources: bound.spec.sources.map { Set($0.map { SourceName($0.text) }) },
            filter: filter)
    }

    func lane(by workshop: LaneWorkshop) -> LanePlan {
        let (bound, endpoint) = (bound, endpoint)
        return LanePlan(subscription: endpoint.subscription, identity: laneIdentity) {
            summary, stored in
            workshop.lane(
                to: endpoint, bound.spec, rate: bound.access.spec.rate,
                gate: EndpointGate(bound.access, endpoint: endpoint, summary: summary),
                health: stored)
        }
    }
}

/// What all delivery lanes have in common.
struct LaneWorkshop: Sendable {
    let store: any Store
    let sender: Sender
    let introducer: Introducer
    let slots: Slots
    let bells: LaneBells
    let reporter: HealthReporter?
    let time: any TimeSource
    let readiness: Readiness
    let log: Logger
    let meters: Meters

    func lane(
        to endpoint: Endpoint, _ spec: SubscriptionSpec, rate: Rate?, gate: EndpointGate,
        health: String?
    ) -> DeliveryLane {
        let lane = DeliveryLane(
            endpoint: endpoint,
            retries: spec.retries.map { RetrySchedule(delays: [.zero] + $0) } ?? .standard,
            batch: spec.queue.batch, order: spec.queue.order,
            keeper: HealthKeeper(
                gate, endpoint: endpoint, rate: rate, stored: health, introducer: introducer,
                store: store, time: time, readiness: readiness, log: log,
                listener: reporter.map {
                    EndpointNews(
                        reporter: $0, time: time,
                        writer: PatientWriter(
                            store: store, time: time, readiness: readiness, log: log))
                }),
            store: store, sender: sender, slots: slots, time: time, readiness: readiness, log: log,
            meters: meters)
        bells.add(lane.bell, for: lane.subscription)
        return lane
    }
}
