import Logging
import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
    private static let pages = """
        { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
        key: .id, pages: { number: 1 }, first: emit }
        """

    @Test func `a poll ends with its page, and the rest is read after the restart`()
        async throws
    {
        let gate = try Gate()
        let api = try ChangingAPI { request in
            let pages = [1: orders(1...2), 2: orders(3...4)]
            let reply = ScriptedReply.reply(text: pages[request.number("page") ?? 0] ?? "[]")
            return ScriptedReply(steps: [.wait(gate)] + reply.steps)
        }
        var text = try BridgeText(api)
        text.stream = Self.pages
        try await Bridge.with(text) { bridge in
            try await bridge.polling { serving in
                await api.server.waitForRequests(1)
                serving.stop()
                gate.open()
            }
            #expect(api.requests.count == 1)
            #expect(try await bridge.changes() == ["created 1 v1", "created 2 v1"])
            let state = try await bridge.state()
            #expect(!state.hasBaseline)
            #expect(state.failures == 0)
        }
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
            #expect(
                try await bridge.changes()
                    == ["created 1 v1", "created 2 v1", "created 3 v1", "created 4 v1"])
        }
    }

    @Test func `a poll that waits to try again does not hold up the stop`() async throws {
        let api = try ChangingAPI { _ in
            .reply(status: 503, headers: [("Retry-After", "200")])
        }
        var text = try BridgeText(api)
        text.adapter = "retry: { attempts: 4 }"
        try await Bridge.with(text) { bridge in
            try await bridge.polling { serving in
                await api.server.waitForRequests(1)
                serving.stop()
            }
            #expect(api.requests.count == 1)
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test func `a stop before the first poll ends at once`() async throws {
        let api = try ChangingAPI("[]")
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
            try await bridge.polling { _ in }
            #expect(bridge.log.lines("poll").count == 1)
        }
    }

    @Test func `an API and a receiver that hang are cut off by the end of the deadline`()
        async throws
    {
        let api = try ChangingAPI(orders(1...1))
        let time = ManualTime()
        let subscriber = try Subscriber(time: time) { _ in .script(.never) }
        var text = try BridgeText(api, time: time)
        text.stream = Self.pages.replacing("pages: { number: 1 }, ", with: "")
            .replacing("page: \"${page.number}\"", with: "all: yes")
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { _ in .script(.never) }
            let services = bridge.services()
            var configuration = ServiceGroupConfiguration(
                services: [services.deliver, services.poll], gracefulShutdownSignals: [],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
            configuration.maximumGracefulShutdownDuration = .milliseconds(1)
            let group = ServiceGroup(configuration: configuration)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask {
                    do { try await group.run() } catch is CancellationError {}
                }
                bridge.time.advance(by: .seconds(60))
                await api.server.waitForRequests(2)
                await subscriber.server.waitForRequests(1)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            await api.server.waitForEndedConnections(1)
            // What was cut off was no attempt, and no failure of the API.
            let delivery = try #require(try await bridge.deliveries().first)
            #expect(delivery.state == .ready)
            #expect(delivery.attempts == [])
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test func `a POST under way is settled, and no other is begun`() async throws {
        let gate = try Gate()
        let api = try ChangingAPI(orders([(1, "a")]))
        let time = ManualTime()
        let subscriber = try Subscriber(time: time) { _ in
            ScriptedReply(steps: [.wait(gate)] + ScriptedReply.reply(status: 204).steps)
        }
        var text = try BridgeText(api, time: time)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit }"
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "b")]))
            try await bridge.poll()
            try await bridge.delivering { serving in
                await subscriber.server.waitForRequests(1)
                serving.stop()
                gate.open()
            }
            #expect(subscriber.webhooks.map(\.change) == ["1 v1"])
            #expect(try await bridge.deliveries().map(\.state) == [.delivered, .ready])
        }
    }

    @Test func `a bridge without subscriptions keeps polling`() async throws {
        let api = try ChangingAPI("[]")
        try await Bridge.with(BridgeText(api)) { bridge in
            let services = bridge.services()
            let both: [any Service] = [services.deliver, services.poll]
            let configuration = ServiceGroupConfiguration(
                services: both.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
            let group = ServiceGroup(configuration: configuration)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask {
                    try await group.run()
                    // Tells the wait below that there is nothing to wait for.
                    for _ in 1...3 { bridge.log.logger.info("poll") }
                }
                for count in 1...2 {
                    await bridge.log.wait(for: "poll", count: count)
                    bridge.time.advance(by: .seconds(60))
                }
                await bridge.log.wait(for: "poll", count: 3)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(api.requests.count == 3)
        }
    }
}
