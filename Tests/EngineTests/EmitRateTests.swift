import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct EmitRateTests {
    @Test(arguments: [
        (rate: "", waits: [0: 100, 1000: 100, 2000: 50]),
        (", emit_rate: 250/s", [0: 250]),
        (", emit_rate: 150/m", [:]),
    ])
    func `what exists at the start becomes due at its rate`(
        rate: String, waits: [Int64: Int]
    ) async throws {
        let api = try ChangingAPI(orders(1...250))
        let time = ManualTime()
        let subscriber = try Subscriber(time: time)
        var text = try BridgeText(api, time: time)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit\(rate) }"
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let found = try await bridge.deliveries().map {
                (($0.due ?? $0.committed) - $0.committed).wholeMilliseconds
            }
            #expect(found == found.sorted())
            if waits.isEmpty {
                #expect(found.last == 99_000)
            } else {
                #expect(Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +) == waits)
            }
            api.set(orders((1...250).map { (id: $0, value: $0 == 250 ? "changed" : "new") }))
            try await bridge.poll()
            // A later change waits for nothing but the record's own first event.
            let last = try #require(try await bridge.deliveries().last)
            #expect(last.due == last.committed)
            #expect(last.state == .blocked)
        }
    }
}
