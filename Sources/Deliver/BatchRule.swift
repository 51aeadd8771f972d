package import PullcordModel

/// Decides which deliveries go out together.
package struct BatchRule: Sendable, Equatable {
    package let size: BatchSize
    /// Attempts of one delivery at most.
    private let attemptsMax: Int

    package init(_ size: BatchSize, schedule: RetrySchedule) {
        self.size = size
        attemptsMax = schedule.delays.count
    }

    /// How many may be in a batch with a delivery that has failed so often.
    ///
    /// After two failures half of the size, then a quarter, and so on. Before it is given up it
    /// goes alone, so that one event that is never taken does not take others with it.
    package func limit(afterAttempts attempts: Int) -> Int {
        guard attempts > 0 else { return size.count }
        guard attempts + 1 < attemptsMax else { return 1 }
        return max(1, size.count >> min(attempts - 1, 62))
    }

    /// Splits deliveries, in their order, into the batches that they go out in.
    ///
    /// Those of a replay do not go out with others, and records of more than
    /// ``Limits/batchBytesMax`` bytes together are too many for one.
    package func batches(of deliveries: [Delivery]) -> [[Delivery]] {
        var batches: [[Delivery]] = []
        var batch: [Delivery] = []
        var limit = size.count
        var bytes = 0
        for delivery in deliveries {
            let own = self.limit(afterAttempts: delivery.attempts)
            let ownBytes = Self.bytes(of: delivery)
            let fits =
                batch.count < min(limit, own) && bytes + ownBytes <= Limits.batchBytesMax
                && batch.last?.replay == delivery.replay
            if !batch.isEmpty, !fits {
                batches.append(batch)
                batch = []
                limit = size.count
                bytes = 0
            }
            batch.append(delivery)
            limit = min(limit, own)
            bytes += ownBytes
        }
        return batch.isEmpty ? batches : batches + [batch]
    }

    /// What a delivery counts against ``Limits/batchBytesMax``.
    package static func bytes(of delivery: Delivery) -> Int {
        let event = delivery.event
        let parts = [
            event.record, event.difference?.previous, event.difference?.changed,
            event.difference?.patch,
        ]
        return parts.reduce(0) { $0 + ($1?.count ?? 0) }
    }
}
