import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct AnswersTests {
    private static let paged =
        #"request: { path: /orders, query: { page: "${page.number}" } }, key: .id, pages: { number: 1 }"#

    private static let changes = """
        { request: { path: /orders, query: { since: "${cursor}" } }, key: .id, \
        cursor: { from: .at, format: integer, initial: "0" } }
        """

    @Test func `a limit in the middle of a poll pauses it, and no page is read twice`()
        async throws
    {
        let isRefused = Mutex(true)
        let api = try ChangingAPI { request in
            let page = request.number("page") ?? 0
            if page == 2,
                isRefused.withLock({ isRefused in
                    defer { isRefused = false }
                    return isRefused
                })
            {
                return .reply(status: 429, headers: [("Retry-After", "1200")], text: "slow down")
            }
            return .reply(text: page <= 3 ? orders([page]) : "[]")
        }
        var text = try BridgeText(api)
        text.stream = "{ \(Self.paged) }"
        try await Bridge.with(text) { bridge in
            async let report = bridge.poll()
            #expect(await bridge.time.advanceToNextSleeper() >= .seconds(1200))
            // After a closure requests come one by one, those of a lone poll too.
            for _ in 0..<2 { await bridge.time.advanceToNextSleeper() }
            let first = try await report.outcome
            #expect(first == "baseline")
            #expect(api.requests.compactMap { $0.number("page") } == [1, 2, 2, 3, 4])
        }
    }

    @Test func `an error with status 200 is an error, and says what the API says`() async throws {
        let api = try ChangingAPI(#"{"ok":true,"orders":[{"id":1}]}"#)
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ when: .ok == false, then: fail, message: .error }]"
        text.stream = "{ request: /orders, records: '.orders // []', key: .id }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(#"{"ok":false,"error":"channel_not_found"}"#)
            let report = try await bridge.poll()
            #expect(report.outcome == "answer" && report.deleted == 0)
            #expect(report.reason.contains("channel_not_found"))
            #expect(try await bridge.state().liveCount == 1)
        }
    }

    @Test func `what a page that was skipped may hold is not deleted`() async throws {
        let isBroken = Mutex(false)
        let api = try ChangingAPI { request in
            let page = request.number("page") ?? 0
            if page == 2, isBroken.withLock({ $0 }) { return .reply(status: 500, text: "{}") }
            return .reply(text: page <= 2 ? orders([page]) : "[]")
        }
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ status: 500, then: skip }]"
        text.stream = "{ \(Self.paged) }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            isBroken.withLock { $0 = true }
            let report = try await bridge.poll()
            #expect(report.outcome == "partial" && report.reason.isEmpty)
            #expect(try await bridge.state().liveCount == 2)
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test func `a first poll with a page skipped is no baseline`() async throws {
        let isBroken = Mutex(true)
        let api = try ChangingAPI { _ in
            isBroken.withLock { $0 }
                ? .reply(status: 500, text: "{}") : .reply(text: orders([1, 2]))
        }
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ status: 500, then: skip }]"
        try await Bridge.with(text) { bridge in
            let second = try await bridge.poll().outcome
            #expect(second == "partial")
            isBroken.withLock { $0 = false }
            let third = try await bridge.poll().outcome
            #expect(third == "baseline")
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `a rejected cursor leads to a new start that tells true differences only`()
        async throws
    {
        let api = try ChangingAPI(#"[{"id":1,"at":5},{"id":2,"at":6}]"#)
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ status: 410, then: resync }]"
        text.stream = Self.changes
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                request.query("since") == "0"
                    ? .reply(text: #"[{"id":1,"at":5},{"id":2,"at":9},{"id":3,"at":8}]"#)
                    : .reply(status: 410, text: "gone")
            }
            let report = try await bridge.poll()
            #expect(report.outcome == "changed")
            let events = try await bridge.events()
            #expect(events.map { "\($0.kind) \($0.key)" } == ["updated 2", "created 3"])
            #expect(events.allSatisfy { $0.origin == .resync })
            #expect(api.requests.map { $0.query("since") } == ["0", "6", "0"])
            api.set(#"[{"id":4,"at":10}]"#)
            try await bridge.poll()
            #expect(try await bridge.events().last?.origin == .live)
            #expect(api.requests.last?.query("since") == "9")
        }
    }

    @Test func `a new start that is cut off is made again, with the same label`() async throws {
        let api = try ChangingAPI(#"[{"id":1,"at":5}]"#)
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ status: 410, then: resync }]"
        text.stream = Self.changes
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                request.query("since") == "0"
                    ? .reply(status: 404, text: "lost") : .reply(status: 410, text: "gone")
            }
            let fourth = try await bridge.poll().outcome
            #expect(fourth == "status")
            api.set { request in
                request.query("since") == "0"
                    ? .reply(text: #"[{"id":1,"at":7}]"#) : .reply(status: 410, text: "gone")
            }
            let fifth = try await bridge.poll().outcome
            #expect(fifth == "changed")
            #expect(try await bridge.events().map(\.origin) == [.resync])
            #expect(api.requests.map { $0.query("since") } == ["0", "5", "0", "0"])
        }
    }

    @Test func `an API that rejects the start too is an error, not a loop`() async throws {
        let api = try ChangingAPI { _ in .reply(status: 410, text: "gone") }
        var text = try BridgeText(api)
        text.adapter += "\nanswers: [{ status: 410, then: resync }]"
        text.stream = Self.changes
        try await Bridge.with(text) { bridge in
            let sixth = try await bridge.poll().outcome
            #expect(sixth == "resync")
            #expect(api.requests.count == 1)
        }
    }

    @Test func `a feed ends at the first page of known records`() async throws {
        let pages = Mutex(2)
        let api = try ChangingAPI { request in
            let page = request.number("page") ?? 0
            return .reply(text: page <= pages.withLock { $0 } ? orders([page, page + 10]) : "[]")
        }
        var text = try BridgeText(api)
        text.stream = "{ \(Self.paged.replacing("number: 1", with: "number: 1, stop: known")) }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.poll()
            #expect(api.requests.compactMap { $0.number("page") } == [1, 2, 3, 1])
            #expect(try await bridge.state().liveCount == 4)
        }
    }

    @Test func `sources with one credential share a budget, others do not wait for them`()
        async throws
    {
        let times = Mutex<[String: [Duration]]>([:])
        let time = ManualTime()
        let api = try ChangingAPI { request in
            let token = request.header("authorization") ?? ""
            times.withLock { $0[token, default: []].append(time.monotonic()) }
            return .reply(text: "[]")
        }
        var text = try BridgeText(api, time: time)
        text.adapter += "\nauth: { bearer: \"${params.token}\" }\nlimits: { budget: 1/m }"
        text.sources =
            (0..<3).map { _ in
                #"every: 1h, with: { token: "${env.A}" }"#
            } + [#"every: 1h, with: { token: "${env.B}" }"#]
        text.environment = ["A": "alpha-token", "B": "beta-token"]
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                await bridge.log.wait(for: "poll", count: 2)
                await bridge.time.advanceToNextSleeper()
                await bridge.log.wait(for: "poll", count: 3)
                await bridge.time.advanceToNextSleeper()
                await bridge.log.wait(for: "poll", count: 4)
            }
        }
        let alpha = times.withLock { $0["Bearer alpha-token"] ?? [] }
        #expect(times.withLock { $0["Bearer beta-token"]?.first } == .zero)
        #expect(alpha.count >= 2)
        for (earlier, later) in zip(alpha, alpha.dropFirst()) {
            #expect(later - earlier >= .seconds(60))
        }
    }
}
