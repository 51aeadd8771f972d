import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct FeedTests {
    private static func text(_ api: ChangingAPI, _ more: String = "") throws -> BridgeText {
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: ., key: .id, detect: feed\(more) }"
        return text
    }

    @Test func `each new item is news once, and none is ever gone`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(Self.text(api)) { bridge in
            #expect(try await bridge.poll().outcome == "baseline")
            api.set(orders(3...5))
            #expect(try await bridge.poll().created == 2)
            // What left the feed comes back, and a list may even be empty for a while.
            api.set("[]")
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(orders(1...6))
            try await bridge.poll()
            #expect(try await bridge.changes() == ["created 4 v1", "created 5 v1", "created 6 v1"])
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test(arguments: [("", [String]()), (", updates: true", ["updated 2 v2"])])
    func `an item that is edited later is news only where that was asked for`(
        more: String, changes: [String]
    ) async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(Self.text(api, more)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "new"), (2, "edited"), (3, "new")]))
            try await bridge.poll()
            #expect(try await bridge.changes() == changes)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a feed goes on to the page on which everything is known`() async throws {
        let api = try ChangingAPI { request in
            let page = request.number("page") ?? 1
            return .reply(text: page > 50 ? "[]" : orders([100 - page]))
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1, stop: known }, detect: feed }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let asked = api.requests.count
            api.set { request in
                let page = request.number("page") ?? 1
                // The newest is new, and the one behind it was edited.
                return .reply(text: orders([102 - page], value: page == 3 ? "edited" : "new"))
            }
            #expect(try await bridge.poll().outcome == "changed")
            #expect(try await bridge.changes() == ["created 101 v1", "created 100 v1"])
            #expect(api.requests.count - asked == 3)
        }
    }

    @Test func `old items are forgotten once many have come, and those that are shown never`()
        async throws
    {
        let api = try ChangingAPI(orders(1...600))
        try await Bridge.with(Self.text(api, ", remember: 1000")) { bridge in
            try await bridge.poll()
            // The first stays on top of the feed for ever.
            for start in stride(from: 601, through: 2401, by: 600) {
                api.set(orders([1] + (start..<start + 600)))
                #expect(try await bridge.poll().created == 600)
                let known = try await bridge.state().liveCount
                #expect(known <= 1801, "\(known)")
            }
            let events = try await bridge.events().count
            api.set(orders([1] + (2401...3000)))
            #expect(try await bridge.poll().outcome == "unchanged")
            // Of the newest thousand none is news again, wherever it was in between.
            api.set(orders(2001...2400))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.events().count == events)
            let ids = try await bridge.events().map(\.id)
            #expect(Set(ids).count == events)
        }
    }

    @Test func `a feed that is deeper than what is remembered fires nothing old`() async throws {
        let newest = Mutex(1500)
        let api = try ChangingAPI { request in
            let top = newest.withLock { $0 } - ((request.number("page") ?? 1) - 1) * 100
            return .reply(
                text: top < 1 ? "[]" : orders(stride(from: top, to: max(0, top - 100), by: -1)))
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1, stop: known }, detect: feed, remember: 1000 }
            """
        try await Bridge.with(text) { (bridge: Bridge) async throws in
            #expect(try await bridge.poll().outcome == "baseline")
            for _ in 1...25 {
                newest.withLock { $0 += 99 }
                #expect(try await bridge.poll().created == 99)
            }
            #expect(try await bridge.state().liveCount < 2500)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `RSS is a feed unless the adapter says otherwise`() async throws {
        @Sendable func feed(_ ids: [Int]) -> ScriptedReply {
            let items = ids.map { "<item><guid>g\($0)</guid><title>T</title></item>" }.joined()
            let text = "<rss version='2.0'><channel><title>N</title>\(items)</channel></rss>"
            return .reply(
                headers: [("Content-Type", "application/rss+xml")], body: Array(text.utf8))
        }
        let api = try ChangingAPI { _ in feed([1, 2]) }
        var text = try BridgeText(api)
        text.stream = "{ request: /feed, format: rss }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { _ in feed([3, 2]) }
            try await bridge.poll()
            #expect(try await bridge.changes() == ["created g3 v1"])
        }
    }
}
