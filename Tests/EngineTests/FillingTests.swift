import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// A list that is given two records a page, the oldest first, and one line below each record.
private final class LongList: Sendable {
    let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        guard let since = request.number("since") else { return .reply(text: #"[{"id":"x"}]"#) }
        let page = request.number("page") ?? 1
        let list = (1...max(1, count.withLock { $0 })).filter { $0 >= since }
            .dropFirst(2 * (page - 1)).prefix(2)
        let items = list.map { #"{"id":\#($0),"at":\#($0)}"# }
        return .reply(text: "[\(items.joined(separator: ","))]")
    }

    static let paged = """
        query: { since: "${cursor}", page: "${page.number}" } }, key: .id, pages: { number: 1 }, \
        cursor: { from: .at, format: integer, initial: "0", ascending: true }
        """
    static let stream = "{ request: { path: /orders, \(paged) }"
    static let child =
        #"lines: { request: "/lines/${parent.key}", key: .id, parent: { stream: orders } }"#

    /// Where each poll of a list began.
    static func starts(_ api: ChangingAPI, below path: String = "/orders") -> [Int] {
        api.requests.filter { $0.target.hasPrefix(path) }.compactMap { $0.number("since") }
    }
}

/// Records that are written down as parents of other streams, in more polls than one.
@Suite(.timeLimit(.minutes(10))) struct FillingTests {
    private static func text(
        _ api: ChangingAPI, _ streams: [String], folder: TemporaryFolder? = nil,
        time: ManualTime = ManualTime(), pages: Int = 1
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time, folder: folder)
        text.adapter = "retry: { attempts: 1 }\nlimits: { pages: \(pages) }"
        (text.stream, text.streams) = (LongList.stream, streams)
        return text
    }

    @Test func `a first load that needs several polls goes on where it was`() async throws {
        let list = LongList(5)
        let api = try ChangingAPI { list.answer($0) }
        try await Bridge.with(try Self.text(api, [LongList.child])) { bridge in
            for _ in 1...3 { #expect(try await bridge.poll().outcome == "page_budget") }
            #expect(LongList.starts(api) == [0, 2, 3])
            for _ in 1...2 { try await bridge.poll() }
            // The last page, which repeats the end of the one before, is the end.
            #expect(try await bridge.state().liveCount == 5)
            try await bridge.poll(1)
            #expect(try await bridge.live(1) == 5)
        }
    }

    @Test func `a child that is added later has the list read once from its start`() async throws {
        let list = LongList(5)
        let api = try ChangingAPI { list.answer($0) }
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        let alone = try Self.text(api, [], folder: folder, time: time, pages: 9)
        try await Bridge.with(alone) { bridge in
            try await bridge.poll()
            #expect(try await bridge.state().cursor == "integer 5")
        }
        let before = LongList.starts(api).count
        let both = try Self.text(api, [LongList.child], folder: folder, time: time)
        // The process ends between two polls, too.
        for _ in 1...3 {
            try await Bridge.with(both) { bridge in
                let outcome = try await bridge.poll().outcome
                #expect(outcome == "page_budget")
            }
        }
        try await Bridge.with(
            try Self.text(api, [LongList.child], folder: folder, time: time, pages: 9)
        ) {
            bridge in
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.state().marks[StreamMark.filling] == nil)
            let starts = LongList.starts(api).dropFirst(before)
            #expect(starts.prefix(4) == [0, 2, 3, 4])
            try await bridge.poll(1)
            #expect(try await bridge.live(1) == 5)
            #expect(try await bridge.events().isEmpty)
            try await bridge.poll()
            #expect(LongList.starts(api).last == 5)
        }
    }

    @Test func `a list that was read in part for a child that went is read anew when it returns`()
        async throws
    {
        let list = LongList(5)
        let api = try ChangingAPI { list.answer($0) }
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        let poll = { (streams: [String], pages: Int) in
            let text = try Self.text(api, streams, folder: folder, time: time, pages: pages)
            try await Bridge.with(text) { bridge in try await bridge.poll() }
        }
        let other = LongList.child.replacing("stream: orders", with: "stream: orders, when: .id")
        try await poll([LongList.child], 9)
        // The beginning of the list is written down by other rules, and the rest by the old ones.
        try await poll([other], 1)
        try await poll([LongList.child], 9)
        let before = LongList.starts(api).count
        try await poll([other], 9)
        #expect(LongList.starts(api).dropFirst(before).first == 0)
    }

    @Test func `so does what is below a parent and has streams below itself`() async throws {
        let list = LongList(4)
        let api = try ChangingAPI { request in
            request.target.hasPrefix("/orders")
                ? .reply(text: #"[{"id":"a"}]"#) : list.answer(request)
        }
        var text = try Self.text(
            api,
            [
                "lines: { request: { path: \"/lines/${parent.key}\", \(LongList.paged), "
                    + "parent: { stream: orders } }",
                #"notes: { request: "/notes/${parent.id}", key: .id, "#
                    + "parent: { stream: lines, fields: { id: .id } } }",
            ])
        text.stream = "{ request: /orders, key: .id }"
        try await Bridge.with(text) { bridge in
            for _ in 1...4 { try await bridge.pollInTurn() }
            #expect(LongList.starts(api, below: "/lines") == [0, 2, 3, 4])
            try await bridge.pollInTurn()
            #expect(try await bridge.live(2) == 4)
        }
    }

    @Test func `a whole list that is not believed is read again after a while only`() async throws {
        let ids = Mutex(Array(1...40))
        let api = try ChangingAPI { request in
            guard request.target.hasPrefix("/orders") else { return .reply(text: "[]") }
            let since = request.number("since") ?? 0
            let list = ids.withLock { $0 }.filter { $0 >= since }.map {
                #"{"id":\#($0),"at":\#($0)}"#
            }
            return .reply(text: "[\(list.joined(separator: ","))]")
        }
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        for streams in [[], [LongList.child]] {
            var text = try BridgeText(api, time: time, folder: folder)
            text.stream = """
                { request: { path: /orders, query: { since: "${cursor}" } }, key: .id, \
                cursor: { from: .at, format: integer }, reconcile: 1d }
                """
            text.streams = streams
            try await Bridge.with(text) { bridge in
                let whole = { api.requests.filter { $0.target == "/orders" }.count }
                try await bridge.poll()
                guard !streams.isEmpty else { return }
                // The first poll of the new child found too much gone, in two looks.
                #expect(try await bridge.state().isQuarantined)
                #expect(whole() == 3)
                for _ in 1...5 {
                    time.advance(by: .seconds(60))
                    try await bridge.poll()
                }
                #expect(whole() == 3)
                ids.withLock { $0 = Array(1...40) }
                time.advance(by: .seconds(900))
                try await bridge.poll()
                #expect(whole() == 4)
                #expect(try await bridge.parents(of: 1) == 40)
            }
            ids.withLock { $0 = Array(1...20) }
        }
    }
}
