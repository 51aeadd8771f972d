package import Logging
package import PullcordCommit
package import PullcordDeliver
package import PullcordModel
import PullcordTransfer
import ServiceLifecycle
import Synchronization

/// Commit to receipt: one lane per subscription, so that no endpoint waits for another.
package final class DeliverService: Service {
    private let lanes: [DeliveryLane]

    package init(lanes: [DeliveryLane]) { self.lanes = lanes }

    /// Tells the lanes that a batch with deliveries for them was committed.
    package func ring(for batch: CommitBatch) {
        guard !batch.events.isEmpty else { return }
        let wanted = Set(batch.events.lazy.flatMap(\.subscriptions))
        for lane in lanes where wanted.contains(lane.subscription) { lane.bell.ring() }
    }

    /// Tells one lane that there is something for it.
    func ring(_ subscription: SubscriptionID) { lane(of: subscription)?.bell.ring() }

    /// Whether there is a lane: the bridge file names the subscription.
    func has(_ subscription: SubscriptionID) -> Bool { lane(of: subscription) != nil }

    /// Stops a lane for a reason, or starts it again; that is stored already.
    ///
    /// Says whether there is such a lane, which has then stored the endpoint's health.
    func setDisabled(_ reason: String?, _ subscription: SubscriptionID) async throws -> Bool {
        guard let lane = lane(of: subscription) else { return false }
        try await lane.setDisabled(reason)
        return true
    }

    private func lane(of subscription: SubscriptionID) -> DeliveryLane? {
        lanes.first { $0.subscription == subscription }
    }

    /// Runs until a graceful shutdown, and then until the POSTs under way are settled.
    package func run() async throws {
        // A service that ends takes the others with it, and polls go on without subscriptions.
        guard !lanes.isEmpty else { return try await gracefulShutdown() }
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                for lane in lanes {
                    group.addTask { try await lane.run() }
                }
            }
        } onGracefulShutdown: {
            for lane in self.lanes { lane.bell.ring() }
        }
    }
}

/// The deliveries of one subscription: claims what is due, sends it, settles it.
package final class DeliveryLane: Sendable {
    let subscription: SubscriptionID
    let bell = Wakeup()

    private let endpoint: Endpoint
    private let retries: RetrySchedule
    private let store: any Store
    private let sender: Sender
    private let slots: Slots
    private let time: any TimeSource
    private let log: Logger
    private let keeper: HealthKeeper
    private let writer: PatientWriter
    private let ownPlace = Mutex(true)
    private let sizes = Mutex(SizeWatch())
    private let replaysInFlight = Mutex(0)

    package init(
        endpoint: Endpoint, retries: RetrySchedule, keeper: HealthKeeper, store: any Store,
        sender: Sender, slots: Slots, time: any TimeSource, readiness: Readiness, log: Logger
    ) {
        subscription = endpoint.subscription
        self.endpoint = endpoint
        self.retries = retries
        self.store = store
        self.sender = sender
        self.slots = slots
        self.time = time
        self.log = log
        self.keeper = keeper
        writer = PatientWriter(store: store, time: time, readiness: readiness, log: log)
    }

    func setDisabled(_ reason: String?) async throws {
        try await keeper.setDisabled(reason)
        bell.ring()
    }

    func run() async throws {
        try await keeper.keep()
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                let next: Duration?
                do {
                    try await keeper.introduce()
                    for (delivery, place) in try await claim() {
                        group.addTask { try await self.deliver(delivery, in: place) }
                    }
                    next = try await nextLook()
                } catch let error as StoreError where error.mayPass {
                    log.store(error)
                    next = time.monotonic() + PatientWriter.pause
                }
                await bell.wait(until: next, time: time)
            }
        }
    }

    /// Where a delivery is sent from.
    private enum Place {
        /// One of those that all lanes share.
        case shared
        /// The lane's own: so many slow endpoints as there may be, each lane has one way out.
        case own
    }

    /// Takes what is due, as much as there are places for.
    private func claim() async throws -> [(Delivery, Place)] {
        let now = time.wall()
        let free = keeper.slotsFree(now: now)
        guard free > 0 else { return [] }
        let hasOwn = ownPlace.withLock { isFree in
            defer { isFree = false }
            return isFree
        }
        let shared = slots.take(free - (hasOwn ? 1 : 0))
        var places = Array(repeating: Place.shared, count: shared) + (hasOwn ? [.own] : [])
        defer { for place in places { leave(place) } }
        guard !places.isEmpty else { return [] }
        let claimed = try await store.claim(
            for: subscription, limit: places.count, replays: replaysFree(), now: now)
        return claimed.compactMap { delivery in
            guard let place = places.popLast() else { return nil }
            keeper.started(now: now)
            if delivery.replay != nil { replaysInFlight.withLock { $0 += 1 } }
            return (delivery, place)
        }
    }

    /// Replays get half of the endpoint's places at most, and one at least.
    private func replaysFree() -> Int {
        let half = max(1, keeper.limit / 2)
        return max(0, half - replaysInFlight.withLock { $0 })
    }

    private func leave(_ place: Place) {
        switch place {
        case .shared: slots.giveBack()
        case .own: ownPlace.withLock { $0 = true }
        }
    }

    /// When there may be something to claim again; nil if only a ring can tell.
    private func nextLook() async throws -> Duration? {
        let now = time.wall()
        if let opens = keeper.opens(now: now) { return time.monotonic() + (opens - now) }
        // With no place left, the end of the lane's own delivery rings.
        let hasPlace = ownPlace.withLock { $0 } || !slots.areTaken
        let isOpen = keeper.slotsFree(now: now) > 0 || keeper.isToBeAsked(now: now)
        guard isOpen, hasPlace,
            let due = try await store.nextDue(
                for: subscription, replays: replaysFree() > 0)
        else {
            return nil
        }
        return time.monotonic() + max(.zero, due - now)
    }

    private func deliver(_ delivery: Delivery, in place: Place) async throws {
        defer { bell.ring() }
        let result = await sender.attempt(delivery, to: endpoint, time: time)
        leave(place)
        let now = time.wall()
        // The gate hears of it first, so that nothing more is claimed for an endpoint that has
        // just asked to be left alone.
        let action = keeper.heard(result, now: now)
        defer {
            keeper.ended()
            if delivery.replay != nil { replaysInFlight.withLock { $0 -= 1 } }
        }
        let decision = Settler.decide(
            result, schedule: retries, random: .random(in: 0...UInt64.max), now: now)
        switch decision {
        case .settle(let settlement):
            watch(result.bodyBytes)
            try await writer.write { store throws(StoreError) in
                try await store.settle([settlement])
            }
            let next: Timestamp? = if case .retry(let at) = settlement.verdict { at } else { nil }
            log.attempt(delivery, subscription: endpoint.name, result.attempt, next: next)
        case .release:
            try await store.release([delivery.id])
        }
        try await keeper.follow(action)
    }

    /// Says once that a subscription's webhooks are larger than receivers like.
    private func watch(_ bytes: Int) {
        guard sizes.withLock({ $0.isFirstLarge(bytes) }) else { return }
        log.warning(
            "large webhook",
            metadata: [
                "subscription": "\(endpoint.name)", "bytes": "\(bytes)",
                "advised": "\(Limits.payloadBytesAdvised)",
                "hint": "some receivers refuse it: use format thin, a transform, or payload_max",
            ])
    }

    /// How many webhooks were larger than ``Limits/payloadBytesAdvised`` since the start.
    package var largeWebhooks: Int { sizes.withLock { $0.count } }
}
