import PullcordAdapter
package import PullcordConfig
import PullcordDeliver
package import PullcordModel
package import PullcordTransfer

/// Sends an event that tells of nothing, to see whether an endpoint takes webhooks.
package struct EndpointTester: Sendable {
    private let exchange: any Exchange
    private let time: any TimeSource
    private let version: String

    /// `version` is Pullcord's own, for `User-Agent`.
    package init(exchange: any Exchange, time: any TimeSource, version: String) {
        self.exchange = exchange
        self.time = time
        self.version = version
    }

    /// Sends it once; `number` makes its id, and is a random one.
    package func send(
        to subscription: BoundSubscription, number: UInt64
    ) async throws -> TestSending {
        let now = time.wall()
        let event = Event(
            id: EventID("evt_test" + Self.digits(number)), address: .test,
            key: RecordKey(subscription.spec.name.text), kind: .created, version: 1,
            fingerprint: nil, time: now, origin: .live,
            record: Array(#"{"message":"a test of this subscription"}"#.utf8))
        // Numbers no delivery of the store can have: nothing of this gets there.
        let delivery = Delivery(
            id: DeliveryID(0), subscription: SubscriptionID(0), event: event, attempts: 0,
            committed: now)
        let endpoint = try SubscriptionPlan.endpoint(of: subscription)
        let result = await Sender(exchange: exchange, version: version)
            .attempt(delivery, to: endpoint, time: time)
        return TestSending(
            event: event.id, isDelivered: result.outcome == .delivered,
            outcome: result.attempt.outcome, reason: result.attempt.reason,
            status: result.attempt.status, duration: result.attempt.duration,
            reply: result.attempt.reply)
    }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 32)
        return String(repeating: "0", count: max(0, 13 - text.count)) + text
    }
}

extension StoreBook {
    package func sendTest(to subscription: String) async throws -> TestSending {
        guard let tester else {
            throw DefinitionRefusal(
                Problem(code: "not_running", message: "nothing is sent from here"))
        }
        let all = try await configuration().subscriptions
        guard let bound = all.first(where: { $0.spec.name.text == subscription }) else {
            throw Self.unknown(.subscription, subscription)
        }
        return try await tester.send(to: bound, number: .random(in: .min ... .max))
    }
}
