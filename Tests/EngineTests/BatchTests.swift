import Foundation
import PullcordCommit
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct BatchTests {
    /// The body of one event of a batch.
    private struct Item: Decodable {
        struct Content: Decodable {
            let id: String
            let key: String
            let sequence: Int?
        }
        let type: String
        let data: Content
    }

    private static func items(_ request: ReceivedRequest) -> [Item] {
        (try? JSONDecoder().decode([Item].self, from: Data(request.body))) ?? []
    }

    @Test func `a POST carries what fills a batch, or what has waited long enough`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...5))
        let subscriber = try Subscriber(time: time)
        subscriber.acceptsEverything()
        let text = try DeliveryTests.bridge(
            api, subscriber, time, more: "batch: { size: 3, wait: 10s }, sequence: true")
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
                #expect(subscriber.server.requests.count == 1)
                #expect(await time.advanceToNextSleeper() == .seconds(10))
                await bridge.log.wait(for: "attempt", count: 2)
            }
            let requests = subscriber.server.requests
            #expect(
                requests.map { Self.items($0).map(\.data.key) } == [["1", "2", "3"], ["4", "5"]])
            #expect(
                requests.flatMap { Self.items($0).compactMap(\.data.sequence) } == [1, 2, 3, 4, 5])
            let events = try await bridge.events()
            #expect(requests.flatMap { Self.items($0).map(\.data.id) } == events.map(\.id.text))
            let verifier = Verifier(secrets: [subscriber.secret])
            for request in requests {
                #expect(request.header("webhook-id")?.hasPrefix("bat_") == true)
                let verdict = verifier.verify(
                    headers: request.headers, body: request.body, now: time.wall())
                #expect(verdict == .valid)
            }
            let deliveries = try await bridge.deliveries()
            #expect(deliveries.allSatisfy { $0.state == .delivered && $0.attempts.count == 1 })
        }
    }

    @Test func `one event that is never taken does not take others with it`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...4))
        let subscriber = try Subscriber(time: time)
        subscriber.setOther { request in
            .reply(status: Self.items(request).contains { $0.data.key == "3" } ? 500 : 204)
        }
        let text = try DeliveryTests.bridge(
            api, subscriber, time, more: "batch: { size: 4 }, retry: [1s, 1s, 1s, 1s]")
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                for count in [1, 2, 4, 6] {
                    await bridge.log.wait(for: "attempt", count: count)
                    await time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "attempt", count: 7)
            }
            let posts = subscriber.server.requests.map { Self.items($0).map(\.data.key) }
            let all = ["1", "2", "3", "4"]
            #expect(posts.prefix(2) == [all, all])
            #expect(Set(posts[2..<4]) == [["1", "2"], ["3", "4"]])
            #expect(Set(posts[4..<6]) == [["3"], ["4"]])
            #expect(posts[6...] == [["3"]])
            let states = try await bridge.deliveries().map { ($0.state, $0.attempts.count) }
            #expect(states.map(\.0) == [.delivered, .delivered, .dead, .delivered])
            #expect(states.map(\.1) == [3, 3, 5, 4])
        }
    }

    @Test func `changes of one record go in order, each in a batch of its own`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        subscriber.acceptsEverything()
        let text = try DeliveryTests.bridge(api, subscriber, time, more: "batch: { size: 100 }")
        try await Bridge.with(text) { bridge in
            try await DeliveryTests.makeHistory(api, bridge)
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 3)
            }
            let posts = subscriber.server.requests.map { Self.items($0).map(\.data.key) }
            #expect(posts == [["1", "2"], ["1"], ["1"]])
        }
    }
}
