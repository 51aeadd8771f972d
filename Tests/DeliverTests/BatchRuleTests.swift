import PullcordDeliver
import PullcordModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct BatchRuleTests {
    private static let rule = BatchRule(BatchSize(count: 8), schedule: .standard)

    private static func deliveries(
        _ attempts: [Int], bytes: Int = 2, replays: Set<Int> = []
    ) -> [Delivery] {
        attempts.enumerated().map { index, count in
            let event = Fixture.event(
                key: String(index), record: String(repeating: "1", count: bytes))
            return Delivery(
                id: DeliveryID(Int64(index)), subscription: SubscriptionID(1), event: event,
                attempts: count, committed: Fixture.time,
                replay: replays.contains(index) ? ReplayID(1) : nil)
        }
    }

    @Test(
        arguments: [
            (0, 8), (1, 8), (2, 4), (3, 2), (4, 1), (5, 1), (9, 1), (10, 1), (99, 1), (-1, 8),
            (Int.max - 1, 1),
        ])
    func `halves with each failure after the first`(attempts: Int, limit: Int) {
        #expect(Self.rule.limit(afterAttempts: attempts) == limit)
    }

    @Test func `sends each alone before it is given up`() {
        let large = BatchSize(count: 1000)
        let two = BatchRule(large, schedule: RetrySchedule(delays: [.zero, .seconds(1)]))
        #expect((0...2).map { two.limit(afterAttempts: $0) } == [1000, 1, 1])
        let once = BatchRule(large, schedule: RetrySchedule(delays: []))
        #expect(once.limit(afterAttempts: 0) == 1000)
        #expect(BatchRule(large, schedule: .standard).limit(afterAttempts: 10) == 1)
    }

    @Test(
        arguments: [
            (Array(repeating: 0, count: 9), [8, 1]), ([2, 2, 2, 2, 2, 0, 0], [4, 3]),
            ([0, 0, 0, 0, 0, 2, 0], [5, 2]), ([5, 5, 0], [1, 1, 1]), ([0], [1]), ([], []),
        ])
    func `keeps the order, and no batch is larger than any of its members allows`(
        attempts: [Int], counts: [Int]
    ) {
        let deliveries = Self.deliveries(attempts)
        let batches = Self.rule.batches(of: deliveries)
        #expect(batches.map(\.count) == counts)
        #expect(batches.flatMap { $0 } == deliveries)
    }

    @Test func `does not mix replays with others, nor grows beyond its bytes`() {
        let mixed = Self.deliveries([0, 0, 0, 0], replays: [2, 3])
        #expect(Self.rule.batches(of: mixed).map(\.count) == [2, 2])
        let half = Limits.batchBytesMax / 2
        #expect(
            Self.rule.batches(of: Self.deliveries([0, 0, 0], bytes: half)).map(\.count) == [2, 1])
        let over = Self.deliveries([0, 0], bytes: Limits.batchBytesMax + 1)
        #expect(Self.rule.batches(of: over).map(\.count) == [1, 1])
    }
}
