import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// Cursors that begin with the first poll.
@Suite(.timeLimit(.minutes(10))) struct CursorStartTests {
    private static func stream(_ more: String) -> String {
        """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: .items, key: .id, \
        cursor: { from: .at, format: epoch_milliseconds, \(more) } }
        """
    }

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

    private static func since(_ api: ChangingAPI) -> [Int64?] {
        api.requests.map { $0.query("since").flatMap { Int64($0) } }
    }

    @Test(arguments: [
        ("initial: now", 0), ("initial: '${poll.started}'", 0),
        (#"initial: '${poll.started | date "%Q"}'"#, 0), ("initial: now, overlap: 5m", 300_000),
        ("initial: now, ascending: true", 0), ("initial: now, settle: 20s", 20_000),
        ("initial: now, settle: 20s, overlap: 1m", 80_000),
    ])
    func `what falls between a first poll that finds nothing and the next is found`(
        more: String, back: Int64
    ) async throws {
        try await Self.open(Self.stream(more)) { bridge, lists, api, start in
            let found1 = try await bridge.poll().records
            #expect(found1 == 0)
            bridge.time.advance(by: .seconds(60))
            lists.set([(1, start + 30_000)])
            let found2 = try await bridge.poll().created
            #expect(found2 == 1)
            let found3 = try await bridge.changes()
            #expect(found3 == ["created 1 v1"])
            #expect(Self.since(api) == [start - back, start - back])
        }
    }

    @Test(arguments: ["", ", moves: with_time", ", ascending: true"])
    func `what lies before the start is no news, however far a poll looks back`(
        more: String
    ) async throws {
        let stream = Self.stream("initial: now, overlap: 5m" + more)
        try await Self.open(stream) { bridge, lists, _, start in
            lists.set([(1, start - 60_000), (2, start - 301_000)])
            let found4 = try await bridge.poll().outcome
            #expect(found4 == "baseline")
            bridge.time.advance(by: .seconds(10))
            let found5 = try await bridge.poll().outcome
            #expect(found5 == "unchanged")
            lists.set([(1, start - 60_000), (2, start - 301_000), (3, start + 15_000)])
            bridge.time.advance(by: .seconds(10))
            try await bridge.poll()
            let found6 = try await bridge.changes()
            #expect(found6 == ["created 3 v1"])
        }
    }

    @Test func `a first poll that fails is none`() async throws {
        try await Self.open(Self.stream("initial: now")) { bridge, lists, api, start in
            api.set { _ in .reply(status: 400) }
            let found7 = try await bridge.poll().outcome
            #expect(found7 == "status")
            bridge.time.advance(by: .seconds(60))
            api.set { lists.answer($0) }
            try await bridge.poll()
            try await bridge.poll()
            #expect(Self.since(api) == [start, start + 60_000, start + 60_000])
        }
    }

    @Test func `a start that the file names is asked for until there is a record`() async throws {
        try await Self.open(Self.stream("initial: '5000'")) { bridge, _, api, _ in
            try await bridge.poll()
            let found8 = try await bridge.state().cursor
            #expect(found8 == nil)
            try await bridge.poll()
            #expect(Self.since(api) == [5000, 5000])
        }
    }

    @Test func `a list of deletes begins once as well`() async throws {
        let stream = TwoLists.stream()
            .replacing("overlap: 0", with: "overlap: 0, initial: now")
        try await Self.open(stream) { bridge, lists, api, start in
            lists.set([(1, start - 9000)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            try await bridge.poll()
            bridge.time.advance(by: .seconds(60))
            lists.set([])
            lists.tell([(1, start + 30_000)])
            let found9 = try await bridge.poll().deleted
            #expect(found9 == 1)
            let asked = api.requests.filter { $0.target.hasPrefix("/deleted") }
            #expect(asked.map { $0.query("since") } == ["\(start)", "\(start)"])
        }
    }
}
