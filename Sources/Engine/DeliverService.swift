package import Logging
package import PullcordCommit
package import PullcordDeliver
package import PullcordModel
import PullcordTransfer
import ServiceLifecycle
import Synchronization

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
    private let inFlight: Mutex<InFlight>
    private let meters: Meters
    private let retirement = Mutex(false)
    /// Which deliveries go out in one POST; nil for one each.
    private let batching: BatchRule?

    package init(
        endpoint: Endpoint, retries: RetrySchedule, batch: BatchSize? = nil,
        order: DeliveryOrder = .none,
        keeper: HealthKeeper, store: any Store, sender: Sender, slots: Slots,
        time: any TimeSource, readiness: Readiness, log: Logger, meters: Meters = Meters()
    ) {
        inFlight = Mutex(InFlight(order: order, since: time.wall()))
        self.meters = meters
        batching = batch.map { BatchRule($0, schedule: retries) }
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

    /// Has the lane end when what is under way is settled.
    func retire() {
        retirement.withLock { $0 = true }
        bell.ring()
    }

    /// Whether nothing is being sent, and nothing is due or its endpoint wants to be left alone.
    func isStill() async throws -> Bool {
        guard inFlight.withLock({ $0.count == 0 }) else { return false }
        let now = time.wall()
        guard let due = try await store.nextDue(for: subscription), due <= now else { return true }
        guard keeper.slotsFree(now: now) == 0 else { return false }
        // An endpoint that has not consented may be asked yet; a rate lets more through soon.
        return keeper.opens(now: now).map { $0 > now + .seconds(5) } ?? !keeper.isToBeAsked(
            now: now)
    }

    private var isRetired: Bool { retirement.withLock { $0 } }

    func run() async throws {
        try await keeper.keep()
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isShuttingDownGracefully, !Task.isCancelled, !isRetired,
                !group.isCancelled
            {
                let next: Duration?
                do {
                    try await keeper.introduce()
                    for (deliveries, place) in try await claim() {
                        if let broken = inFlight.withLock({ $0.start(deliveries) }) {
                            meters.violated(broken)
                        }
                        group.addTask { try await self.deliver(deliveries, in: place) }
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
    private func claim() async throws -> [([Delivery], Place)] {
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
        let posts = try await posts(places.count, now: now)
        return posts.compactMap { deliveries in
            guard let place = places.popLast() else { return nil }
            keeper.started(now: now)
            if deliveries.first?.replay != nil { replaysInFlight.withLock { $0 += 1 } }
            return (deliveries, place)
        }
    }

    /// Claims what goes out now, by its POSTs.
    private func posts(_ limit: Int, now: Timestamp) async throws -> [[Delivery]] {
        guard let batching else {
            return try await store.claim(
                for: subscription, limit: limit, replays: replaysFree(), now: now
            ).map { [$0] }
        }
        var posts: [[Delivery]] = []
        while posts.count < limit, try await isBatchDue(batching, now: now) {
            let claimed = try await claimBatch(batching, now: now)
            var replays = replaysFree() - posts.count { $0.first?.replay != nil }
            var left: [DeliveryID] = []
            for batch in batching.batches(of: claimed) {
                let isReplay = batch[0].replay != nil
                if posts.count < limit, left.isEmpty, !isReplay || replays > 0 {
                    posts.append(batch)
                    replays -= isReplay ? 1 : 0
                } else {
                    left += batch.map(\.id)
                }
            }
            if !left.isEmpty { try await store.release(left) }
            if claimed.isEmpty || !left.isEmpty { break }
        }
        return posts
    }

    /// Whether so many wait as fill a batch, or one has waited long enough.
    private func isBatchDue(_ batching: BatchRule, now: Timestamp) async throws -> Bool {
        let due = try await store.nextDue(for: subscription, replays: replaysFree() > 0)
        guard let due, due <= now else { return false }
        if due + batching.size.wait <= now { return true }
        let count = batching.size.count
        return try await store.countDue(for: subscription, limit: count, now: now) >= count
    }

    /// Claims a batch in steps, so that large records do not come into memory by the thousand.
    private func claimBatch(_ batching: BatchRule, now: Timestamp) async throws -> [Delivery] {
        var claimed: [Delivery] = []
        var bytes = 0
        while claimed.count < batching.size.count, bytes < Limits.batchBytesMax {
            let step = min(Limits.batchStep, batching.size.count - claimed.count)
            let more = try await store.claim(
                for: subscription, limit: step, replays: replaysFree() > 0 ? step : 0, now: now)
            guard !more.isEmpty else { break }
            claimed += more
            bytes += more.reduce(0) { $0 + BatchRule.bytes(of: $1) }
        }
        return claimed
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
        let wait = batching?.size.wait ?? .zero
        return time.monotonic() + max(.zero, due + wait - now)
    }

    private func deliver(_ deliveries: [Delivery], in place: Place) async throws {
        defer {
            inFlight.withLock { $0.settled() }
            bell.ring()
        }
        let results: [AttemptResult]
        if batching != nil {
            results = await sender.attempt(batch: deliveries, to: endpoint, time: time)
        } else {
            var single: [AttemptResult] = []
            for delivery in deliveries {
                single.append(await sender.attempt(delivery, to: endpoint, time: time))
            }
            results = single
        }
        inFlight.withLock { $0.answered(deliveries) }
        leave(place)
        let now = time.wall()
        // The gate hears of it first, so that nothing more is claimed for an endpoint that has
        // just asked to be left alone. A batch is one attempt to it.
        let action = results.first.map { keeper.heard($0, now: now) } ?? .none
        defer {
            keeper.ended()
            if deliveries.first?.replay != nil { replaysInFlight.withLock { $0 -= 1 } }
        }
        try await settle(deliveries, results, now: now)
        // What the place of an old plan answers says nothing about the new one.
        if !isRetired { try await keeper.follow(action) }
    }

    /// Writes down what came of a POST, for all that was in it at once.
    private func settle(
        _ deliveries: [Delivery], _ results: [AttemptResult], now: Timestamp
    ) async throws {
        // The same for all of a batch, so that they come back together.
        let random = UInt64.random(in: 0...UInt64.max)
        var settlements: [Settlement] = []
        var released: [DeliveryID] = []
        for result in results {
            switch Settler.decide(result, schedule: retries, random: random, now: now) {
            case .settle(let settlement): settlements.append(settlement)
            case .release(let delivery): released.append(delivery)
            }
        }
        if !released.isEmpty { try await store.release(released) }
        guard let first = settlements.first else { return }
        watch(results[0].bodyBytes)
        let all = settlements
        try await writer.write { store throws(StoreError) in try await store.settle(all) }
        meters.settled(deliveries, all)
        let next: Timestamp? = if case .retry(let at) = first.verdict { at } else { nil }
        log.attempt(
            deliveries[0], count: all.count, subscription: endpoint.name, first.attempt, next: next)
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
