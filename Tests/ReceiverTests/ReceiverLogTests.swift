import PullcordReceiver
import Testing

@Suite struct `The log of the receiver` {
    @Test func `forgets the oldest ids first and never holds more than its bound`() {
        var log = ReceiverLog(policy: ReplyPolicy(), idsMax: 3)
        let ids = ["a", "b", "c", "a", "d", "a", "b", "b", "c", "d"]
        let isDuplicate = ids.map { log.receive(id: $0).isDuplicate }
        #expect(
            isDuplicate == [false, false, false, true, false, false, false, true, false, false])
    }

    @Test(arguments: [
        (ReplyPolicy(), [204, 204, 204, 204]), (ReplyPolicy(status: 200), [200, 200, 200, 200]),
        (ReplyPolicy(failEvery: 1), [500, 500, 500, 500]),
        (ReplyPolicy(failEvery: 2, failStatus: 429), [204, 429, 204, 429]),
        (ReplyPolicy(failEvery: 0), [204, 204, 204, 204]),
        (ReplyPolicy(failEvery: -1), [204, 204, 204, 204]),
        (ReplyPolicy(status: 99, failEvery: 2, failStatus: 1000), [204, 500, 204, 500]),
    ])
    func `answers as its policy says, and nonsense counts as not said`(
        policy: ReplyPolicy, expected: [Int]
    ) {
        var log = ReceiverLog(policy: policy)
        #expect((0..<4).map { log.receive(id: "evt_\($0)").status } == expected)
    }
}
