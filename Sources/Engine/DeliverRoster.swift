package import PullcordCommit
import PullcordModel
import ServiceLifecycle
import Synchronization

/// Commit to receipt: one lane per subscription, so that no endpoint waits for another.
package final class DeliverService: Service {
    private struct Roster {
        var slots: [SubscriptionID: LaneSlot] = [:]
        /// Those that nobody runs yet.
        var waiting: [LaneSlot] = []
    }

    private let roster: Mutex<Roster>
    private let store: any StoreReader
    private let time: any TimeSource
    private let bell = Wakeup()

    /// `store` tells how a lane's endpoint fares by the time that the lane begins.
    init(_ slots: [LaneSlot], store: any StoreReader, time: any TimeSource) {
        roster = Mutex(
            Roster(
                slots: Dictionary(slots.map { ($0.subscription, $0) }) { first, _ in first },
                waiting: slots))
        self.store = store
        self.time = time
    }

    /// Tells the lanes that a batch with deliveries for them was committed.
    package func ring(for batch: CommitBatch) {
        let events = batch.allEvents
        guard !events.isEmpty else { return }
        for subscription in Set(events.lazy.flatMap(\.subscriptions)) { ring(subscription) }
    }

    /// Tells one lane that there is something for it.
    func ring(_ subscription: SubscriptionID) { lane(of: subscription)?.bell.ring() }

    /// Whether there is a lane: the bridge file names the subscription.
    func has(_ subscription: SubscriptionID) -> Bool {
        roster.withLock { $0.slots[subscription]?.isWanted ?? false }
    }

    /// Whether nothing is being sent, and nothing can be sent soon.
    package func isStill() async throws -> Bool {
        for slot in roster.withLock({ Array($0.slots.values) }) {
            guard try await slot.lane?.isStill() ?? true else { return false }
        }
        return true
    }

    /// Stops a lane for a reason, or starts it again; that is stored already.
    ///
    /// Says whether there is such a lane, which has then stored the endpoint's health.
    func setDisabled(_ reason: String?, _ subscription: SubscriptionID) async throws -> Bool {
        guard let lane = lane(of: subscription) else { return false }
        try await lane.setDisabled(reason)
        return true
    }

    /// Delivers by these plans from now on: what is the same goes on undisturbed, what has changed
    /// begins anew when the POSTs under way are settled, and the rest ends.
    func replace(by plans: [LanePlan]) {
        let wanted = Dictionary(plans.map { ($0.subscription, $0) }) { first, _ in first }
        roster.withLock { roster in
            for (subscription, slot) in roster.slots { slot.set(wanted[subscription]) }
            for plan in plans where roster.slots[plan.subscription] == nil {
                let slot = LaneSlot(plan)
                roster.slots[plan.subscription] = slot
                roster.waiting.append(slot)
            }
        }
        bell.ring()
    }

    private func lane(of subscription: SubscriptionID) -> DeliveryLane? {
        roster.withLock { $0.slots[subscription] }?.lane
    }

    /// Runs until a graceful shutdown, and then until the POSTs under way are settled.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                while !Task.isShuttingDownGracefully, !Task.isCancelled, !group.isCancelled {
                    let waiting = roster.withLock { roster in
                        defer { roster.waiting = [] }
                        return roster.waiting
                    }
                    for slot in waiting {
                        group.addTask {
                            // A failure ends the others, and this loop.
                            defer { self.bell.ring() }
                            try await self.run(slot)
                        }
                    }
                    await bell.wait(until: nil, time: time)
                }
            }
        } onGracefulShutdown: {
            for slot in self.roster.withLock({ Array($0.slots.values) }) { slot.lane?.bell.ring() }
            self.bell.ring()
        }
    }

    /// Runs the lanes of one subscription, one after the other.
    private func run(_ slot: LaneSlot) async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard let lane = try await next(of: slot) else { return }
            try await lane.run()
            slot.ended(lane)
        }
    }

    /// nil if the subscription was removed; the slot is gone then.
    private func next(of slot: LaneSlot) async throws -> DeliveryLane? {
        if let lane = slot.lane { return lane }
        let subscription = slot.subscription
        let isWanted = roster.withLock { roster in
            if !slot.isWanted { roster.slots[subscription] = nil }
            return slot.isWanted
        }
        guard isWanted else { return nil }
        guard let lane = slot.begin(try await summary(of: subscription)) else {
            return try await next(of: slot)
        }
        // An operator may have stopped or started it between the look and the beginning.
        let now = try await summary(of: subscription)?.disabledReason
        if now != lane.reason { try await lane.lane.setDisabled(now) }
        return lane.lane
    }

    private func summary(of subscription: SubscriptionID) async throws -> SubscriptionSummary? {
        try await store.subscription(subscription)
    }
}
