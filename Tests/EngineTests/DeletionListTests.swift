import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// An API whose list shows what has changed, and which tells of deletes in another one.
final class TwoLists: Sendable {
    private struct State {
        var records: [(id: Int, at: Int64)] = []
        var lines: [(id: Int, at: Int64)] = []
        var covered: Int64?
    }

    private let state = Mutex(State())

    func set(_ records: [(id: Int, at: Int64)]) { state.withLock { $0.records = records } }
    func tell(_ lines: [(id: Int, at: Int64)]) { state.withLock { $0.lines = lines } }
    func cover(_ time: Int64) { state.withLock { $0.covered = time } }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        let since = request.query("since").flatMap { Int64($0) } ?? .min
        return state.withLock { state in
            let isDeletes = request.target.hasPrefix("/deleted")
            let rows = (isDeletes ? state.lines : state.records).filter { $0.at >= since }
            let list = rows.map { #"{"id":\#($0.id),"at":\#($0.at)}"# }.joined(separator: ",")
            let covered = state.covered.map { #","covered":\#($0)"# } ?? ""
            return .reply(text: #"{"items":[\#(list)]\#(covered)}"#)
        }
    }

    static func stream(overlap: String = "0", more: String = "") -> String {
        """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: .items, key: .id, \
        cursor: { from: .at, format: epoch_milliseconds }, \
        deletes: { request: { path: /deleted, query: { since: "${cursor}" } }, records: .items, \
        key: .id, cursor: { from: .at, format: epoch_milliseconds, overlap: \(overlap) }\(more) } }
        """
    }
}

@Suite(.timeLimit(.minutes(10))) struct DeletionListTests {
    private static func open(
        _ stream: String, _ body: (Bridge, TwoLists, ChangingAPI, Int64) async throws -> Void
    ) async throws {
        let lists = TwoLists()
        let api = try ChangingAPI { lists.answer($0) }
        var text = try BridgeText(api)
        text.stream = stream
        let start = text.time.wall().milliseconds
        try await Bridge.with(text) { try await body($0, lists, api, start) }
    }

    @Test func `what the list of deletes names is deleted, by a cursor of its own`() async throws {
        try await Self.open(TwoLists.stream()) { bridge, lists, api, start in
            lists.set([(1, start - 9), (2, start - 8), (3, start - 7)])
            // Deletes of before the first poll are nobody's business.
            lists.tell([(3, start - 5000)])
            try await bridge.poll()
            #expect(api.requests.filter { $0.target.hasPrefix("/deleted") }.isEmpty)
            bridge.time.advance(by: .seconds(60))
            lists.tell([(3, start - 5000), (2, start + 30_000), (77, start + 30_000)])
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.changes() == ["deleted 2 v2"])
            let asked = api.requests.filter { $0.target.hasPrefix("/deleted") }
            #expect(
                asked.map { $0.query("since") } == [String(start), String(start + 30_000)])
        }
    }

    @Test func `a record that was made anew is not taken away by an older line`() async throws {
        try await Self.open(TwoLists.stream(overlap: "1h")) { bridge, lists, _, start in
            lists.set([(1, start - 9)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.tell([(1, start + 10_000)])
            #expect(try await bridge.poll().deleted == 1)
            // The line comes again and again, and the record is back.
            lists.set([(1, start + 70_000)])
            for _ in 1...5 {
                bridge.time.advance(by: .seconds(60))
                try await bridge.poll()
            }
            #expect(try await bridge.changes() == ["deleted 1 v2", "created 1 v3"])
            lists.tell([(1, start + 10_000), (1, start + 200_000)])
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `a line that comes late is older than what the list shows`() async throws {
        try await Self.open(TwoLists.stream(overlap: "1h")) { bridge, lists, _, start in
            lists.set([(1, start - 9)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.set([(1, start + 20_000)])
            #expect(try await bridge.poll().updated == 1)
            bridge.time.advance(by: .seconds(60))
            lists.tell([(1, start + 10_000)])
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a line counts though the clock of the API is behind`() async throws {
        try await Self.open(TwoLists.stream(overlap: "1h")) { bridge, lists, _, start in
            lists.set([(1, start - 90_000), (2, start - 20_000)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            // The second was made anew before the first poll, and after its line.
            lists.tell([(1, start - 30_000), (2, start - 30_000)])
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.changes() == ["deleted 1 v2"])
        }
    }

    @Test func `a line that tells only the day counts as of its end`() async throws {
        let lines = Mutex("")
        let changed = Mutex("")
        let api = try ChangingAPI { request in
            request.target.hasPrefix("/deleted")
                ? .reply(text: "[\(lines.withLock { $0 })]")
                : .reply(text: "[\(changed.withLock { $0 })]")
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, key: .id, \
            cursor: { from: .at }, deletes: { request: { path: /deleted, query: \
            { since: "${cursor}" } }, key: .id, cursor: { from: .day, format: "%Y-%m-%d" } } }
            """
        let day = { (time: Timestamp) in String(time.description.prefix(10)) }
        try await Bridge.with(text) { bridge in
            let at = bridge.time.wall()
            changed.withLock { $0 = #"{"id":1,"at":"\#(at)"},{"id":2,"at":"\#(at)"}"# }
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            let before = at - .seconds(3 * 86_400)
            lines.withLock {
                $0 = #"{"id":1,"day":"\#(day(at))"},{"id":2,"day":"\#(day(before))"}"#
            }
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `the answer's own watermark moves the cursor where no line does`() async throws {
        try await Self.open(TwoLists.stream(more: ", covered: .covered")) {
            bridge, lists, api, start in
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.cover(start + 50_000)
            try await bridge.poll()
            lists.cover(start + 9_000_000)
            try await bridge.poll()
            try await bridge.poll()
            let asked = api.requests.filter { $0.target.hasPrefix("/deleted") }
                .compactMap { $0.number("since") }.map { Int64($0) - start }
            // Never beyond the start of the poll, whatever the API says.
            #expect(asked == [0, 50_000, 60_000])
        }
    }

    @Test func `a list of deletes that fails fails the poll, and is asked again from there`()
        async throws
    {
        try await Self.open(TwoLists.stream()) { bridge, lists, api, start in
            lists.set([(1, start - 9)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.set([(1, start - 9), (2, start + 5)])
            lists.tell([(1, start + 30_000)])
            api.set { request in
                request.target.hasPrefix("/deleted")
                    ? .reply(status: 500) : lists.answer(request)
            }
            let report = try await bridge.poll()
            #expect(report.outcome == "status" && report.created == 1)
            api.set { lists.answer($0) }
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.changes() == ["created 2 v1", "deleted 1 v2"])
        }
    }

    @Test func `deletes are committed with their events, or not at all`() async throws {
        struct Crash: Error {}
        try await Self.open(TwoLists.stream()) { bridge, lists, _, start in
            lists.set([(1, start - 9)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.tell([(1, start + 30_000)])
            await #expect(throws: Crash.self) {
                try await bridge.poll { batch in
                    if batch.events.contains(where: { $0.event.kind == .deleted }) {
                        throw Crash()
                    }
                }
            }
            #expect(try await bridge.state().liveCount == 1)
            await #expect(throws: Crash.self) {
                try await bridge.poll { batch in if batch.ending != nil { throw Crash() } }
            }
            #expect(try await bridge.changes() == ["deleted 1 v2"])
            lists.set([])
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.changes() == ["deleted 1 v2"])
        }
    }

    @Test func `a list of deletes beside it leaves the stream's own token alone`() async throws {
        let count = Mutex(0)
        let api = try ChangingAPI { request in
            guard !request.target.hasPrefix("/deleted") else {
                return .reply(text: #"{"items":[]}"#)
            }
            let number = count.withLock {
                $0 += 1; return $0
            }
            return .reply(text: #"{"items":[{"id":\#(number)}],"next":"t\#(number)"}"#)
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { after: "${cursor}" } }, records: .items, key: .id, \
            cursor: { token: .next }, \
            deletes: { request: { path: /deleted, query: { since: "${cursor}" } }, \
            records: .items, key: .id, cursor: { from: .at, format: epoch_milliseconds } } }
            """
        try await Bridge.with(text) { bridge in
            for _ in 1...4 {
                try await bridge.poll()
                bridge.time.advance(by: .seconds(60))
            }
        }
        let asked = api.requests.filter { $0.target.hasPrefix("/orders") }
        #expect(asked.map { $0.query("after") } == [nil, "t1", "t2", "t3"])
        #expect(api.requests.contains { $0.target.hasPrefix("/deleted") })
    }

    @Test func `a list of deletes that was left half way is read again`() async throws {
        let isWhole = Mutex(false)
        let isFirst = Mutex(true)
        let time = ManualTime().wall().milliseconds
        let api = try ChangingAPI { request in
            guard request.target.hasPrefix("/deleted") else {
                // It shows what has changed since the poll before.
                guard isFirst.withLock({ $0 }) else { return .reply(text: #"{"items":[]}"#) }
                isFirst.withLock { $0 = false }
                return .reply(
                    text: #"{"items":[{"id":1,"at":\#(time)},{"id":2,"at":\#(time)}]}"#)
            }
            let isLast = request.query("page") == "2"
            if isLast, !isWhole.withLock({ $0 }) { return .reply(status: 403, text: "{}") }
            let since = request.query("since").flatMap { Int64($0) } ?? .min
            let lines = (isLast ? [(2, time + 20_000)] : [(1, time + 30_000)]).filter {
                $0.1 >= since
            }
            let list = lines.map { #"{"id":\#($0.0),"at":\#($0.1)}"# }.joined(separator: ",")
            let page = request.query("page") == "3" ? "" : list
            return .reply(text: #"{"items":[\#(page)],"covered":\#(time + 60_000)}"#)
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders }, records: .items, key: .id, \
            cursor: { from: .at, format: epoch_milliseconds }, \
            answers: [{ status: 403, then: skip }], \
            deletes: { request: { path: /deleted, query: { since: "${cursor}", \
            page: "${page.number}" } }, pages: { number: 1 }, records: .items, key: .id, \
            covered: .covered, cursor: { from: .at, format: epoch_milliseconds } } }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            #expect(try await bridge.poll().deleted == 1)
            isWhole.withLock { $0 = true }
            bridge.time.advance(by: .seconds(60))
            #expect(try await bridge.poll().deleted == 1)
        }
    }
}
